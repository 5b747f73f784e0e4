"""Lock files: exact versions with sha256 hashes, and nothing that says where to fetch them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from devsecops.tools.missing import ToolMissing

_PIN = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)==([A-Za-z0-9.!+_-]+)\s*(;.*)?")
_REMEDY = "restore the lock file, or install the plugin again"
_HASH = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock file that was read. `versions` maps a normalised name to the versions pinned for it."""

    path: Path
    digest: str
    versions: dict[str, frozenset[str]]


def normal(name: str) -> str:
    """Return the normalised name of a distribution."""
    return re.sub(r"[-_.]+", "-", name).lower()


def read_lock(path: Path, tool: str) -> Lock:
    """Read a lock file.

    Raises:
        ToolMissing: it cannot be read, or a line of it is not an exact version with hashes.
    """
    try:
        data = path.read_bytes()
    except OSError:
        raise ToolMissing(f"the lock file of {tool} cannot be read: {path}", _REMEDY) from None
    return parse_lock(data, path, tool)


def parse_lock(data: bytes, path: Path, tool: str) -> Lock:
    """Return what the bytes of a lock file say. Raises ToolMissing as `read_lock` does."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise ToolMissing(f"the lock file of {tool} cannot be read: {path}", _REMEDY) from None
    versions: dict[str, set[str]] = {}
    for line in text.replace("\\\n", " ").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        requirement, *hashes = (part.strip() for part in line.split("--hash="))
        pin = _PIN.fullmatch(requirement)
        if pin is None or not hashes or not all(_HASH.fullmatch(one) for one in hashes):
            raise ToolMissing(
                f"the lock file of {tool} has a line that is not an exact version with sha256 hashes: {path}",
                _REMEDY,
            )
        versions.setdefault(normal(pin[1]), set()).add(pin[2])
    frozen = {name: frozenset(pinned) for name, pinned in versions.items()}
    return Lock(path, sha256(data).hexdigest(), frozen)
