"""Lock files that a policy names: read where the policy was read, checked, and kept by their digest.

So the bytes of a lock belong to the policy, wherever it came from: a revision's lock is that revision's.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import msgspec

from devsecops.contract import ToolEntry
from devsecops.errors import UsageError
from devsecops.policy.model import Policy
from devsecops.tools.folders import cache_root, write_whole
from devsecops.tools.locks import normal, parse_lock
from devsecops.tools.missing import ToolMissing


def keep_locks(policy: Policy, source: str, read: Callable[[str], bytes | None]) -> None:
    """Check the lock of every tool of the policy and keep it in the cache.

    `read` returns the bytes of a lock by the name that the policy gives it; None when there is none.

    Raises:
        UsageError: no such lock, another digest than the policy says, or not a lock of that package.
    """
    for place, entry in enumerate(policy.tool):
        if entry.lock is None:
            continue
        data = read(entry.lock)
        wrong = f"{entry.lock} cannot be read" if data is None else _wrong(entry, data)
        if data is None or wrong:
            key = "lock" if data is None else "lock_sha256"
            raise UsageError(f"{source}: tool[{place}].{key}: {wrong}.")
        _keep(_place(entry), data)


def _wrong(entry: ToolEntry, data: bytes) -> str:
    found = sha256(data).hexdigest()
    if found != entry.lock_sha256:
        return f"{entry.lock} has the sha256 {found}, not the one that the policy names"
    try:
        lock = parse_lock(data, Path(str(entry.lock)), entry.name)
    except ToolMissing as error:
        return error.message
    pinned = lock.versions.get(normal(entry.package), frozenset())
    if pinned != {entry.version}:
        what = ", ".join(sorted(pinned)) or "no version"
        return f"{entry.lock} pins {what} of {entry.package}, not {entry.version}"
    return ""


def _keep(path: Path, data: bytes) -> None:
    # A cache that cannot be written is told where the tool is made ready: the lock is missing there.
    with contextlib.suppress(OSError):
        if path.is_file() and path.read_bytes() == data:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, data)


def _place(entry: ToolEntry) -> Path:
    return cache_root() / "locks" / f"{entry.lock_sha256}.lock"


def at_hand(tools: tuple[ToolEntry, ...]) -> tuple[ToolEntry, ...]:
    """Return the tools with the absolute paths of their locks, as `keep_locks` kept them."""
    return tuple(
        tool if tool.lock is None else msgspec.structs.replace(tool, lock=str(_place(tool))) for tool in tools
    )
