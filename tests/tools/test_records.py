from pathlib import Path

import pytest

from devsecops.tools import records
from devsecops.tools.installer import InstallFailed
from devsecops.tools.locks import Lock, read_lock
from devsecops.tools.missing import ToolMissing
from tests.tools.wheels import make_lock, make_wheel


@pytest.fixture
def installed(wheels: Path, tmp_path: Path) -> tuple[Path, Path, Lock]:
    """An environment as an installer leaves it: (it, its packages, its lock)."""
    import zipfile

    wheel = make_wheel(wheels)
    packages = tmp_path / "env" / "lib" / "python3.11" / "site-packages"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(packages)
    return tmp_path / "env", packages, read_lock(make_lock(wheels, wheel), "tiny")


def test_what_equals_its_record_is_taken(installed: tuple[Path, Path, Lock]) -> None:
    environment, packages, lock = installed
    records.verify(environment, lock)
    assert records.version_of(packages, "Tiny") == "1.0"
    assert records.version_of(packages, "other") is None


@pytest.mark.parametrize(
    ("file", "text", "why"),
    [
        ("tiny/__init__.py", "VERSION = 'other'\n", "differs"),
        ("tiny/more.py", "", "no RECORD"),
        ("sitecustomize.py", "", "no RECORD"),
        ("evil.pth", "import os\n", "every start"),
        ("_virtualenv.pth", "import os\n", "every start"),
        ("tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 2.0\n", "does not pin"),
        ("tiny-1.0.dist-info/RECORD", "../../../../../etc/passwd,sha256=x,1\n", "outside"),
        ("tiny-1.0.dist-info/RECORD", "tiny/gone.py,sha256=x,1\n", "missing"),
        ("tiny-1.0.dist-info/RECORD", "tiny/__init__.py,,\n", "differs"),
    ],
)
def test_anything_else_is_refused(installed: tuple[Path, Path, Lock], file: str, text: str, why: str) -> None:
    environment, packages, lock = installed
    (packages / file).write_text(text)
    with pytest.raises(InstallFailed, match=why):
        records.verify(environment, lock)


def test_a_link_is_refused(installed: tuple[Path, Path, Lock]) -> None:
    environment, packages, lock = installed
    (packages / "more").symlink_to("/usr")
    with pytest.raises(InstallFailed, match="no RECORD"):
        records.verify(environment, lock)


@pytest.mark.parametrize(
    "text",
    [
        "tiny>=1.0 --hash=sha256:" + "0" * 64,
        "tiny==1.0",
        "tiny==1.0 --hash=md5:" + "0" * 32,
        "tiny @ https://example.invalid/tiny.whl --hash=sha256:" + "0" * 64,
        "--index-url https://example.invalid/simple",
        "-r other.txt",
        "./tiny.whl",
    ],
)
def test_a_lock_holds_exact_versions_with_hashes_only(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.lock").write_text(f"# a comment\n{text}\n")
    with pytest.raises(ToolMissing, match="exact version"):
        read_lock(tmp_path / "a.lock", "tiny")


def test_the_locks_that_we_ship_are_such_locks() -> None:
    plugins = Path(__file__).resolve().parents[2] / "plugins"
    locks = sorted(plugins.glob("*/*.lock"))
    assert locks
    for lock in locks:
        assert read_lock(lock, lock.stem).versions[lock.stem]
        assert "://" not in lock.read_text()
