"""package.json, package-lock.json and npm-shrinkwrap.json."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from devsecops_advisories.manifests.lines import Place
from devsecops_advisories.manifests.model import BrokenManifest, Manifest
from devsecops_advisories.manifests.pyproject import table

Lines = Mapping[Place, int]
_ELSEWHERE = re.compile(r"(?:[a-z+]+:|[\w.-]+/[\w.-]+(?:#|$)|\.{0,2}/)", re.IGNORECASE)
_EXACT = re.compile(r"[v=\s]*(\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?)\s*")


def _aliased(name: str, version: str) -> tuple[str, str]:
    """Return the real name and version behind ``npm:<name>@<version>``."""
    if version.startswith("npm:"):
        real, at, wanted = version[4:].rpartition("@")
        return (real, wanted) if at and real else (version[4:], "*")
    return name, version


def read_package_json(manifest: Manifest, raw: dict[str, Any], lines: Lines) -> None:
    """Add what a package.json asks for; peers are the choice of whoever installs it."""
    for word in ("dependencies", "devDependencies", "optionalDependencies"):
        group = raw.get(word, {})
        if not isinstance(group, dict):
            raise BrokenManifest(f"{word} is not an object")
        for key, wanted in group.items():
            line = lines.get((word, key), 1)
            if not isinstance(wanted, str):
                manifest.skip(key, line, "unparsable", text=key)
                continue
            name, version = _aliased(key, wanted)
            exact = _EXACT.fullmatch(version)
            if exact:
                manifest.pin(name, exact.group(1), line)
            elif _ELSEWHERE.match(version):
                manifest.skip(name, line, "url")
            else:
                manifest.skip(name, line, "unpinned", specifier=version)


def _locked(manifest: Manifest, name: str, entry: object, place: Place, lines: Lines) -> None:
    details, line = table(entry), lines.get(place, 1)
    version, resolved = details.get("version"), details.get("resolved")
    if isinstance(resolved, str) and resolved.startswith(("git", "file:")):
        manifest.skip(name, line, "url")
    elif not isinstance(version, str):
        manifest.skip(name, line, "unpinned")
    elif _ELSEWHERE.match(version) and not version.startswith("npm:"):
        manifest.skip(name, line, "url")
    else:
        real, exact = _aliased(name, version)
        manifest.pin(real, exact, line, lines.get((*place, "version")))


def _tree(manifest: Manifest, group: object, place: Place, lines: Lines) -> None:
    waiting: list[tuple[object, Place]] = [(group, place)]
    while waiting:
        group, place = waiting.pop(0)
        for name, entry in table(group).items():
            _locked(manifest, name, entry, (*place, name), lines)
            waiting.append((table(entry).get("dependencies"), (*place, name, "dependencies")))


def read_package_lock(manifest: Manifest, raw: dict[str, Any], lines: Lines) -> None:
    """Add the packages of a package-lock.json, versions 1 to 3."""
    packages = raw.get("packages")
    if packages is None:
        if not isinstance(raw.get("dependencies", {}), dict):
            raise BrokenManifest("dependencies is not an object")
        _tree(manifest, raw.get("dependencies"), ("dependencies",), lines)
        return
    if not isinstance(packages, dict):
        raise BrokenManifest("packages is not an object")
    for key, entry in packages.items():
        _, found, name = key.rpartition("node_modules/")
        if not found:
            manifest.members.append(key)
            continue
        if table(entry).get("link") is True:
            continue  # a workspace, which has a package.json of its own
        real = table(entry).get("name")
        _locked(manifest, real if isinstance(real, str) else name, entry, ("packages", key), lines)
