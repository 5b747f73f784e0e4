import argparse
from pathlib import Path

import pytest

from devsecops.cli import init
from devsecops.errors import UsageError
from devsecops.policy import default_policy, parse_policy


@pytest.fixture(autouse=True)
def _buildspec(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(init, "buildspec", lambda: b"version: 0.2\n")


def run(path: Path) -> int:
    return init.run(argparse.Namespace(path=str(path)))


def test_it_writes_what_is_missing_and_overwrites_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".gitignore").write_text("*.pyc")
    assert run(tmp_path) == 0
    assert (tmp_path / ".gitignore").read_text() == "*.pyc\ndevsecops-out/\n"
    policy = tmp_path / ".devsecops" / "policy.toml"
    assert parse_policy(policy.read_text(), "p") == default_policy()
    policy.write_text("mine")
    before = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    capsys.readouterr()
    assert run(tmp_path) == 0
    assert before == {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    assert capsys.readouterr().out.count("as it is") == 3


def test_a_library_counts_what_it_does_not_pin(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("")
    assert parse_policy(init.policy_text(tmp_path), "p").data.unpinned == "count"
    assert "This is a library" in init.policy_text(tmp_path)
    (tmp_path / "uv.lock").write_text("")
    assert parse_policy(init.policy_text(tmp_path), "p").data.unpinned == "incomplete"


@pytest.mark.parametrize("name", [".gitignore", ".devsecops", "buildspec.devsecops.yml"])
def test_it_writes_through_no_link(tmp_path: Path, name: str) -> None:
    root, victim = tmp_path / "root", tmp_path / "victim"
    root.mkdir()
    if name == ".devsecops":
        victim.mkdir()
    else:
        victim.write_text("safe")
    (root / name).symlink_to(victim)
    if name == "buildspec.devsecops.yml":
        run(root)
    else:
        with pytest.raises(UsageError):
            run(root)
    assert list(victim.iterdir()) == [] if victim.is_dir() else victim.read_text() == "safe"


def test_no_folder_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        run(tmp_path / "none")
