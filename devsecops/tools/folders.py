"""Where things are kept between runs, and files in it that are whole or absent."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path


def cache_root() -> Path:
    """Return ``$DEVSECOPS_CACHE``, ``$XDG_CACHE_HOME/devsecops`` or ``~/.cache/devsecops``.

    Absolute and without ``..`` and links: an environment in it is checked by where its files are.
    """
    named = os.environ.get("DEVSECOPS_CACHE", "")
    if named:
        return Path(named).expanduser().resolve()
    base = os.environ.get("XDG_CACHE_HOME", "")
    # A relative XDG_CACHE_HOME is to be ignored, says its specification.
    return ((Path(base) if base.startswith("/") else Path.home() / ".cache") / "devsecops").resolve()


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that a reader sees all of it or none. Raises OSError."""
    fd, name = tempfile.mkstemp(prefix=".devsecops-", dir=path.parent)
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
