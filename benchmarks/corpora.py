"""The trees of real projects, from their sdists and npm packages, by digest; nothing of them runs.

uv fetches and unpacks the sdist as if to build it, with the index, proxy and certificates that it is set up
for. The build backend that it then finds is ours: it copies the tree and refuses to build. A package of npm
is fetched by the npm of the development dependencies and unpacked here.

    python benchmarks/corpora.py [NAME ...]      prints where each tree is
"""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from devsecops.tools.folders import cache_root  # noqa: E402
from devsecops.tools.installer import child_environment, uv  # noqa: E402
from scripts.validate_sarif import npm  # noqa: E402

BACKENDS = ("setuptools/build_meta", "flit_core/buildapi", "hatchling/build")
_COPY = """\
import os, shutil, sys
def build_wheel(*args, **more):
    shutil.copytree(".", os.environ["CORPUS"], symlinks=True)
    sys.exit("copied, not built")
build_editable = prepare_metadata_for_build_wheel = build_wheel
class __legacy__: build_wheel = staticmethod(build_wheel)
"""


def _pins() -> dict[str, dict[str, str]]:
    return tomllib.loads((HERE / "corpora.toml").read_text())


def names() -> list[str]:
    """Return the names of the three trees that all benchmarks know; others are named by what needs them."""
    return ["django", "flask", "requests"]


def tree(name: str) -> Path:
    """Return the folder that holds the tree of `name`; it is fetched when it is not there yet."""
    return _laid(name, _pins()[name])


def sdist(name: str, version: str, sha256: str) -> Path:
    """Return the folder that holds the tree of one sdist; it is fetched when it is not there yet."""
    return _laid(name, {"version": version, "sha256": sha256})


def _laid(name: str, pin: dict[str, str]) -> Path:
    digest = hashlib.sha256("".join(sorted(pin.values())).encode()).hexdigest()
    place = cache_root() / "corpora" / f"{name}-{pin['version']}-{pin.get('sha256', digest)[:12]}"
    if not place.is_dir():
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place.parent) as folder:
            if "npm" in pin:
                _fetch_npm(pin, Path(folder))
            else:
                _fetch(f"{name}=={pin['version']} --hash=sha256:{pin['sha256']}\n", Path(folder))
            try:
                (Path(folder) / "tree").rename(place)
            except OSError:
                if not place.is_dir():  # otherwise another run was faster
                    raise
    return place


def _fetch(requirement: str, folder: Path) -> None:
    """Lay the sdist's tree into ``folder/tree``."""
    env = child_environment() | {"CORPUS": str(folder / "tree")}
    asked = folder / "asked.txt"
    asked.write_text(requirement)
    python = folder / "venv" / "bin" / "python"
    subprocess.run(
        (uv(), "venv", "--quiet", "--no-project", "--python", sys.executable, str(folder / "venv")),
        env=env, cwd="/", check=True,
    )  # fmt: skip
    (packages,) = (folder / "venv" / "lib").glob("python3.*/site-packages")
    for backend in BACKENDS:
        module = packages / f"{backend}.py"
        module.parent.mkdir()
        (module.parent / "__init__.py").touch()
        module.write_text(_COPY)
    # Without a cache: what our backend does must never pass for a build of the real project.
    done = subprocess.run(
        (uv(), "pip", "install", "--quiet", "--no-cache", "--python", str(python), "--no-build-isolation",
         "--no-deps", "--no-binary", ":all:", "--require-hashes", "--target", str(folder / "none"),
         "--requirement", str(asked)),
        env=env, cwd="/", capture_output=True, text=True, check=False,
    )  # fmt: skip
    if "copied, not built" not in done.stderr or not (folder / "tree" / "PKG-INFO").is_file():
        shutil.rmtree(folder / "tree", ignore_errors=True)
        raise RuntimeError(f"{requirement.split()[0]} could not be fetched: {done.stderr[-500:]}")


def _fetch_npm(pin: dict[str, str], folder: Path) -> None:
    """Lay the package's tree into ``folder/tree``."""
    wanted = f"{pin['npm']}@{pin['version']}"
    done = subprocess.run(
        (*npm(), "pack", "--ignore-scripts", "--silent", "--pack-destination", str(folder), wanted),
        cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    packed = list(folder.glob("*.tgz"))
    if done.returncode or len(packed) != 1:
        raise RuntimeError(f"{wanted} could not be fetched: {done.stderr[-500:]}")
    digest = hashlib.sha512(packed[0].read_bytes()).digest()
    if f"sha512-{base64.b64encode(digest).decode()}" != pin["integrity"]:
        raise RuntimeError(f"{wanted} is not what was pinned")
    with tarfile.open(packed[0]) as archive:
        archive.extractall(folder / "unpacked", filter="data")
    if "without" in pin:
        shutil.rmtree(folder / "unpacked" / "package" / pin["without"])
    (folder / "unpacked" / "package").rename(folder / "tree")


if __name__ == "__main__":
    for wanted in sys.argv[1:] or names():
        print(tree(wanted))
