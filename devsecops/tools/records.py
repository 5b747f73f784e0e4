"""What was installed, file by file: equal to its RECORD, nothing beside it, nothing that runs by itself."""

from __future__ import annotations

import base64
import csv
import os
from hashlib import file_digest
from pathlib import Path

from devsecops.tools.installer import InstallFailed
from devsecops.tools.locks import Lock, normal

_OF_UV = {"_virtualenv.pth": b"import _virtualenv", "_virtualenv.py": None}
"""What uv itself puts into an environment of an older Python; None: any content."""


def packages_of(environment: Path) -> Path:
    """Return the folder of the environment's packages. Raises InstallFailed."""
    found = sorted((environment / "lib").glob("python3.*/site-packages"))
    if len(found) != 1:
        raise InstallFailed("the environment has no folder of packages")
    return found[0]


def version_of(packages: Path, package: str) -> str | None:
    """Return the version of an installed distribution as its own metadata says; None: not installed."""
    for name, version in _installed(packages):
        if normal(name) == normal(package):
            return version
    return None


def verify(environment: Path, lock: Lock) -> None:
    """Check what was installed.

    Raises:
        InstallFailed: a file that differs from its RECORD, is missing, is in none, or lies outside; a
            distribution that the lock does not pin; a ``.pth`` file, which Python would obey at start.
    """
    packages = packages_of(environment)
    for name, version in _installed(packages):
        if version not in lock.versions.get(normal(name), ()):
            raise InstallFailed(f"it holds {name} {version}, which the lock does not pin")
    listed: set[str] = set()
    for record in sorted(packages.glob("*.dist-info/RECORD")):
        listed.add(str(record))
        for row in csv.reader(record.read_text(encoding="utf-8").splitlines()):
            listed.add(_check(environment, packages, row, record))
    for folder, folders, files in os.walk(packages):
        for name in [*files, *(f for f in folders if (Path(folder) / f).is_symlink())]:
            file = Path(folder) / name
            ours = folder == str(packages) and name in _OF_UV and _of_uv(file)
            if name.endswith(".pth") and not ours:
                raise InstallFailed(f"it holds {name}, which would run at every start")
            if str(file) not in listed and not ours:
                raise InstallFailed(f"{file.relative_to(packages)} is in no RECORD")


def _of_uv(file: Path) -> bool:
    content = _OF_UV[file.name]
    return file.is_file() and (content is None or file.read_bytes().strip() == content)


def _check(environment: Path, packages: Path, row: list[str], record: Path) -> str:
    if len(row) != 3:
        raise InstallFailed(f"{record.parent.name} has a broken RECORD")
    file = Path(os.path.normpath(packages / row[0]))
    if not file.is_relative_to(environment) or file.is_symlink() or not file.is_file():
        raise InstallFailed(f"{row[0]} is missing or lies outside the environment")
    kind, _, digest = row[1].partition("=")
    if not digest and file == record:
        return str(file)
    with file.open("rb") as content:
        real = base64.urlsafe_b64encode(file_digest(content, "sha256").digest()).rstrip(b"=").decode()
    if kind != "sha256" or digest != real:
        raise InstallFailed(f"{row[0]} differs from its RECORD")
    return str(file)


def _installed(packages: Path) -> list[tuple[str, str]]:
    out = []
    for metadata in sorted(packages.glob("*.dist-info/METADATA")):
        fields: dict[str, str] = {}
        for line in metadata.read_text(encoding="utf-8", errors="replace").splitlines():
            if not line.strip():
                break
            key, _, value = line.partition(":")
            fields.setdefault(key.lower(), value.strip())
        out.append((fields.get("name", ""), fields.get("version", "")))
    return out
