"""Folders of the tool cache: built beside their place, renamed into it, by one run at a time."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from devsecops.api import ToolError


@contextmanager
def held(folder: Path, name: str, deadline: float) -> Iterator[None]:
    """Hold the lock of one thing in `folder`. The kernel drops it when its holder dies.

    Raises:
        ToolError: another run has it until the deadline (monotonic clock), or it cannot be written.
    """
    path = folder / f"{name}.lock"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
    except OSError as error:
        raise ToolError(f"{folder} cannot be written ({error.strerror}); set DEVSECOPS_CACHE") from None
    try:
        while True:
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise ToolError(f"another run holds {path}; end it, or remove that file") from None
                time.sleep(0.05)
        yield
    finally:
        os.close(fd)


@contextmanager
def replace_folder(where: Path) -> Iterator[Path]:
    """Give an empty folder beside `where`, which becomes `where` when all went well.

    Only the holder of its lock may. Raises ToolError when it cannot be written.
    """
    try:
        for left in where.parent.glob(f".{where.name}.*"):
            shutil.rmtree(left)
        beside = where.with_name(f".{where.name}.{os.getpid()}")
        beside.mkdir()
        try:
            yield beside
            if where.exists():
                # Renamed first: a folder that is half removed must not stand under the name of a whole one.
                where.rename(where.with_name(f".{where.name}.doomed"))
            beside.rename(where)
        finally:
            with contextlib.suppress(OSError):
                for left in where.parent.glob(f".{where.name}.*"):
                    shutil.rmtree(left)
    except OSError as error:
        raise ToolError(f"{where} cannot be written ({error.strerror}); set DEVSECOPS_CACHE") from None
