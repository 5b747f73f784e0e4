"""What a daemon's log says about its start. The words are those of ZAP 2.11.1 and 2.17.0."""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path

_TAIL = 1 << 16
_TAKEN = re.compile(r"Address already in use|Cannot listen on port")
_HOPELESS = re.compile(
    r"mandatory add-on was not found|DaemonBootstrap - Unsupported option|OutOfMemoryError"
    r"|Failed to start ZAP|Failed to copy the library"
)
"""It lives on after these, and never answers."""
_BROKEN = re.compile(r'Invalid add-on|Declared "\w+" was not found|Failed to copy the library')
_GRAVE = re.compile(r"\b(ERROR|FATAL)\b|Failed |Terminating|OutOfMemory")
_LOST = re.compile(
    r"[^\n]*(?:java\.sql\.SQL\w*Exception|DatabaseException|HsqlException|file input/output error"
    r"|No space left on device|Disk quota exceeded|File too large|java\.lang\.OutOfMemoryError)[^\n]*"
)
"""What it saw is not kept, or a part of it does not go on."""
_MOST = 1 << 22
_PINNED = "in hosts file"
"""A name that it may not resolve, such as the machine's own: nothing is wrong with that."""


def tail(log: str, key: str) -> str:
    """Return the end of a log without the key; empty when it cannot be read."""
    with contextlib.suppress(OSError), open(log, "rb") as file:
        file.seek(max(0, os.fstat(file.fileno()).st_size - _TAIL))
        return file.read().decode("utf-8", "replace").replace(key, "***")
    return ""


class Follower:
    """Reads a log as it grows, for what says that something was lost."""

    def __init__(self, log: str) -> None:
        self._log = log
        self._at = 0

    def lost(self) -> str:
        """Return the first new line that says so; empty when there is none, or no log."""
        try:
            with open(self._log, "rb") as file:
                if os.fstat(file.fileno()).st_size <= self._at:
                    return ""
                file.seek(self._at)
                new = file.read(_MOST)
        except OSError:
            return ""
        whole = new.rfind(b"\n") + 1 or (len(new) if len(new) == _MOST else 0)
        self._at += whole
        found = _LOST.search(new[:whole].decode("utf-8", "replace"))
        return "" if found is None else found[0].rpartition(" - ")[2].strip()[:300]


def port_taken(text: str) -> bool:
    """Tell whether it ended because another listens on its port."""
    return _TAKEN.search(text) is not None


def hopeless(text: str) -> bool:
    """Tell whether it will never answer."""
    return _HOPELESS.search(text) is not None


def broken(log: str) -> tuple[str, ...]:
    """Return what a whole log says about add-ons that did not load."""
    try:
        text = Path(log).read_text("utf-8", "replace")
    except OSError:
        return ()
    found = (line.partition(" - ")[2].strip() for line in text.splitlines() if _BROKEN.search(line))
    return tuple(dict.fromkeys(found))


def why(text: str) -> str:
    """Return the last words that say what went wrong, as the end of a sentence; empty when there are none."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and _PINNED not in line]
    lines = [line for line in lines if not line.startswith(("at ", "WARNING", "..."))]
    found = ([line for line in lines if _GRAVE.search(line)] or lines)[-2:]
    return f"; it said: {' | '.join(found)[:600]}" if found else ""
