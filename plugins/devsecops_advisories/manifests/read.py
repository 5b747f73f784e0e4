"""Which reader a file needs, by its name."""

from __future__ import annotations

import fnmatch
import posixpath
import tomllib
from typing import Any

from devsecops.api import read_json
from devsecops_advisories.manifests import locks, npm, pyproject
from devsecops_advisories.manifests.lines import json_lines, toml_lines
from devsecops_advisories.manifests.model import BrokenManifest, Manifest, Read
from devsecops_advisories.manifests.requirements import read_requirements

LARGEST = 32 << 20
"""Bytes of a manifest; real locks are far below."""

REQUIREMENTS = (
    "requirements*.txt", "*requirements.txt", "requirements/*.txt",
    "requirements*.in", "*requirements.in", "requirements/*.in",
)  # fmt: skip
TOML = {
    "pyproject.toml": pyproject.read_pyproject,
    "Pipfile": pyproject.read_pipfile,
    "poetry.lock": locks.read_poetry_lock,
    "uv.lock": locks.read_uv_lock,
    "pylock.toml": locks.read_pylock,
    "pylock.*.toml": locks.read_pylock,
}
JSON = {
    "Pipfile.lock": ("PyPI", locks.read_pipfile_lock),
    "package.json": ("npm", npm.read_package_json),
    "package-lock.json": ("npm", npm.read_package_lock),
    "npm-shrinkwrap.json": ("npm", npm.read_package_lock),
}
LOCKS = frozenset(
    ("poetry.lock", "uv.lock", "pylock.toml", "Pipfile.lock", "package-lock.json", "npm-shrinkwrap.json")
)
NAMES = (*REQUIREMENTS, *TOML, *JSON)


def _parse_toml(data: bytes) -> tuple[dict[str, Any], dict[Any, int]]:
    try:
        text = data.decode("utf-8").replace("\r\n", "\n")
        return tomllib.loads(text), toml_lines(text)
    except UnicodeDecodeError:
        raise BrokenManifest("it is not UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise BrokenManifest(f"it is not TOML: {error}") from None
    except RecursionError:
        raise BrokenManifest("it is nested too deeply") from None


def _parse_json(data: bytes) -> tuple[dict[str, Any], dict[Any, int]]:
    try:
        data = data.removeprefix(b"\xef\xbb\xbf")
        raw = read_json(data)
    except (ValueError, RecursionError) as error:
        raise BrokenManifest(f"it is not JSON: {error}") from None
    if not isinstance(raw, dict):
        raise BrokenManifest("it is not a JSON object")
    return raw, json_lines(data.decode("utf-8"))


def read_manifest(path: str, data: bytes, read: Read, manifests: frozenset[str]) -> Manifest:
    """Return what the manifest at `path` asks for.

    Raises:
        BrokenManifest: it is not what its name says.
    """
    if len(data) > LARGEST:
        raise BrokenManifest(f"it is larger than {LARGEST >> 20} MB")
    name = posixpath.basename(path)
    for pattern, toml_reader in TOML.items():
        if fnmatch.fnmatchcase(name, pattern):
            manifest = Manifest(path, "PyPI", is_lock=pattern.startswith("pylock") or name in LOCKS)
            raw, lines = _parse_toml(data)
            toml_reader(manifest, raw, lines)
            return manifest
    if name in JSON:
        ecosystem, json_reader = JSON[name]
        manifest = Manifest(path, ecosystem, is_lock=name in LOCKS)
        raw, lines = _parse_json(data)
        json_reader(manifest, raw, lines)
        return manifest
    return read_requirements(path, data, read, manifests)
