"""Lock files of Python: poetry.lock, uv.lock, pylock.toml, Pipfile.lock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from devsecops_advisories.manifests.lines import Place
from devsecops_advisories.manifests.model import BrokenManifest, Manifest
from devsecops_advisories.manifests.pep508 import can_hold
from devsecops_advisories.manifests.pyproject import items, table

Lines = Mapping[Place, int]


def _packages(raw: dict[str, Any], word: str) -> list[Any]:
    packages = raw.get(word, [])
    if not isinstance(packages, list):
        raise BrokenManifest(f"{word} is not an array of tables")
    return packages


def _one(manifest: Manifest, package: object, place: Place, lines: Lines, *, elsewhere: bool) -> None:
    entry = table(package)
    name, version, marker = entry.get("name"), entry.get("version"), entry.get("marker")
    line = lines.get((*place, "name"), lines.get(place, 1))
    if not isinstance(name, str) or not name:
        manifest.skip("", line, "unparsable", text=".".join(map(str, place)))
    elif isinstance(marker, str) and not can_hold(marker):
        manifest.skip(name, line, "marker")
    elif elsewhere or not isinstance(version, str):
        manifest.skip(name, line, "url" if elsewhere else "unpinned")
    else:
        manifest.pin(name, version, line, lines.get((*place, "version")))


def read_poetry_lock(manifest: Manifest, raw: dict[str, Any], lines: Lines) -> None:
    """Add the packages of a poetry.lock."""
    for number, package in enumerate(_packages(raw, "package")):
        kind = table(table(package).get("source")).get("type", "legacy")
        _one(manifest, package, ("package", number), lines, elsewhere=kind != "legacy")


def read_uv_lock(manifest: Manifest, raw: dict[str, Any], lines: Lines) -> None:
    """Add the packages of a uv.lock but the projects themselves, whose own manifests are judged."""
    for number, package in enumerate(_packages(raw, "package")):
        source = table(table(package).get("source"))
        local = source.get("editable", source.get("virtual"))
        if isinstance(local, str) and not local.startswith(("/", "..")):
            manifest.members.append(local)
            continue
        _one(manifest, package, ("package", number), lines, elsewhere="registry" not in source)


def read_pylock(manifest: Manifest, raw: dict[str, Any], lines: Lines) -> None:
    """Add the packages of a pylock.toml (PEP 751)."""
    for number, package in enumerate(_packages(raw, "packages")):
        elsewhere = any(word in table(package) for word in ("vcs", "directory", "archive"))
        if table(table(package).get("directory")).get("path") == ".":
            continue
        _one(manifest, package, ("packages", number), lines, elsewhere=elsewhere)


def read_pipfile_lock(manifest: Manifest, raw: dict[str, Any], lines: Lines) -> None:
    """Add the packages of a Pipfile.lock, of every category."""
    for category, group in raw.items():
        if category == "_meta":
            continue
        if not isinstance(group, dict):
            raise BrokenManifest(f"{category} is not an object")
        for name, details in group.items():
            entry, line = table(details), lines.get((category, name), 1)
            version, marker = entry.get("version"), entry.get("markers")
            if isinstance(marker, str) and not can_hold(marker):
                manifest.skip(name, line, "marker")
            elif isinstance(version, str) and version.startswith("=="):
                exact = version.lstrip("=").strip()
                manifest.pin(name, exact, line, lines.get((category, name, "version")))
            else:
                manifest.skip(name, line, "unpinned" if items(entry.get("hashes")) else "url")
