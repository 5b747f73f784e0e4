"""Make the locks of the ZAP that is put together from published Java artifacts: path, size and sha256.

Usage: uv run --no-project --with jgo==3.2.0 python scripts/lock_zap.py

Everything is resolved here, once; `devsecops tools sync zap` only downloads and checks. What a lock means
is said in `plugins/devsecops_zap/sources/lock.py`.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import urllib.request
import xml.etree.ElementTree as ElementTree
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ROOT / "plugins/devsecops_zap/locks"
REPOSITORY = os.environ.get("DEVSECOPS_MAVEN", "https://repo.maven.apache.org/maven2").rstrip("/")
LOG4J = "2.24.3"
"""For core 2.11.1, which asks for 2.15.0: that one has known flaws."""

Name = tuple[str, str, str, str]
"""Group, artifact, version, classifier."""


class Repository:
    """Resolves coordinates and looks at files."""

    def __init__(self, folder: Path) -> None:
        from jgo.maven import MavenContext

        self._context = MavenContext(
            repo_cache=folder / "m2", local_repos=[], remote_repos={"one": REPOSITORY}
        )
        self._folder = folder
        self.files: dict[str, dict[str, Any]] = {}

    def runtime(self, coordinate: str) -> list[Name]:
        """Return what a program with this dependency needs at run time, itself first."""
        wanted = self._context.create_dependency(coordinate)
        inputs, found = self._context.resolver.resolve([wanted])
        rest = [d for d in found if d.scope in ("compile", "runtime") and not d.optional]
        return [(d.groupId, d.artifactId, _version(d, found), d.classifier) for d in [*inputs, *rest]]

    def take(self, name: Name) -> str:
        """Lock a file; return its path in the repository."""
        group, artifact, version, classifier = name
        file = f"{artifact}-{version}{'-' if classifier else ''}{classifier}.jar"
        path = f"{group.replace('.', '/')}/{artifact}/{version}/{file}"
        if path not in self.files:
            data = self.local(path).read_bytes()
            self.files[path] = {"sha256": sha256(data).hexdigest(), "size": len(data)}
        return path

    def local(self, path: str) -> Path:
        """Return the downloaded file of a path."""
        file = self._folder / path.rpartition("/")[2]
        if not file.exists():
            with urllib.request.urlopen(f"{REPOSITORY}/{path}", timeout=60) as reply:
                file.write_bytes(reply.read())
        return file


def _version(dependency: Any, found: list[Any]) -> str:
    """Return the version; one module's parent names it by a property that the resolver leaves as it is."""
    if not dependency.version.startswith("$"):
        return str(dependency.version)
    return next(str(d.version) for d in found if d.groupId == dependency.groupId and d.version[0] != "$")


def core(repository: Repository, version: str, log4j: str | None = None) -> list[Name]:
    """Return ZAP's core and what it needs on the class path."""
    names = repository.runtime(f"org.zaproxy:zap:{version}")
    if log4j is not None:
        names = [(g, a, log4j if "log4j" in g else v, c) for g, a, v, c in names]
    return names


def addon(repository: Repository, coordinate: str, on_class_path: set[tuple[str, str]]) -> dict[str, Any]:
    """Return how an add-on's file is put together.

    The libraries that its manifest names lie in it as files, all others unpacked; what the core has on its
    class path already is left out.
    """
    own, *rest = repository.runtime(coordinate)
    jar = repository.take(own)
    with zipfile.ZipFile(repository.local(jar)) as opened:
        manifest = ElementTree.fromstring(opened.read("ZapAddOn.xml"))
    named = {lib.text.rpartition("/")[2] for lib in manifest.findall("libs/lib") if lib.text}
    paths = {repository.take(name) for name in rest if name[:2] not in on_class_path}
    libs = sorted(path for path in paths if path.rpartition("/")[2] in named)
    if len(libs) != len(named):
        sys.exit(f"{coordinate}: its manifest names {sorted(named)}, found {libs}")
    status = manifest.findtext("status")
    return {
        "file": f"{own[1]}-{status}-{own[2]}.zap",
        "jar": jar,
        "libs": libs,
        "unpacked": sorted(paths - set(libs)),
    }


def write(path: Path, repository: Repository, **more: Any) -> None:
    """Write a lock; its files are sorted, so that the same answer gives the same bytes."""
    lock = {"format": 1, **more, "files": dict(sorted(repository.files.items()))}
    path.write_text(json.dumps(lock, indent=1) + "\n", encoding="utf-8")
    size = sum(file["size"] for file in repository.files.values())
    print(f"{path.relative_to(ROOT)}: {len(repository.files)} files, {size:,} bytes")


def newest(folder: Path) -> None:
    """Lock 2.17.0: the core does not start without add-ons, two of which are not published."""
    repository = Repository(folder)
    names = core(repository, "2.17.0")
    path = [repository.take(name) for name in names]
    taken = {name[:2] for name in names}
    coordinates = ("network:0.25.0", "commonlib:1.40.0", "automation:0.60.0", "spider:0.6.0")
    addons = [addon(repository, f"org.zaproxy.addon:{one}", taken) for one in coordinates]
    write(
        LOCKS / "zap-2.17.0.json", repository, name="zap", version="2.17.0",
        class_path=path, addons=addons, stand_ins=["callhome", "database"],
    )  # fmt: skip


def all_in_one(folder: Path) -> None:
    """Lock 2.11.1: the last core that holds everything itself."""
    repository = Repository(folder)
    path = [repository.take(name) for name in core(repository, "2.11.1", LOG4J)]
    write(
        LOCKS / "zap-2.11.1.json", repository, name="zap", version="2.11.1",
        class_path=path, addons=[], stand_ins=[],
    )  # fmt: skip


def compiler(folder: Path) -> None:
    """Lock the compiler of the tests' rules."""
    repository = Repository(folder)
    path = [repository.take(name) for name in repository.runtime("org.eclipse.jdt:ecj:3.38.0")]
    write(
        ROOT / "tests/zap/ecj-3.38.0.json", repository, name="ecj", version="3.38.0",
        class_path=path, addons=[], stand_ins=[],
    )  # fmt: skip


def main() -> int:
    """Make every lock."""
    for make in (newest, all_in_one, compiler):
        with tempfile.TemporaryDirectory() as folder:
            make(Path(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
