"""The official archive: downloaded, verified, then unpacked, with nothing that could leave its folder."""

from __future__ import annotations

import os
import shutil
import tarfile
import zlib
from pathlib import Path, PurePosixPath

from devsecops.api import ToolError
from devsecops_zap.sources.cache import held, replace_folder
from devsecops_zap.sources.download import fetch

VERSION = "2.17.0"
URL = "https://github.com/zaproxy/zaproxy/releases/download/v2.17.0/ZAP_2.17.0_Linux.tar.gz"
SHA256 = "efe799aaa3627db683b43f00c9c210aea0b75c00cc8f0a0f0434d12bb3ddde5a"
SIZE = 243_895_361
"""All three as zap-admin's ZapVersions-2.17.xml has them (read in November 2026)."""
LARGEST = 1 << 30
LARGEST_UNPACKED = 2 << 30
MOST_FILES = 20_000


def place(folder: Path, sha256: str) -> Path:
    """Return where the archive with this sha256 is unpacked; whole, or not there."""
    return folder / f"package-{sha256}"


def build(folder: Path, url: str, sha256: str, size: int | None, deadline: float) -> Path:
    """Download, verify and unpack; return where. Whoever comes second waits.

    Raises:
        ToolError: it cannot be had, is another file, or holds what an archive of ZAP does not.
    """
    where = place(folder, sha256)
    with held(folder, where.name, deadline):
        if not where.is_dir():
            archive = folder / f"{sha256}.tar.gz"
            fetch(url, archive, sha256=sha256, size=size, most=LARGEST, deadline=deadline)
            with replace_folder(where) as beside:
                unpack(archive, beside)
            archive.unlink(missing_ok=True)
    return where


def unpack(archive: Path, into: Path) -> None:
    """Unpack regular files and folders; their first folder, which all share, is left out.

    Raises:
        ToolError: an entry is of another kind, leads out of the folder, or there is too much.
    """
    total = count = 0
    try:
        with tarfile.open(archive, "r:gz") as opened:
            for entry in opened:
                total, count = total + entry.size, count + 1
                if total > LARGEST_UNPACKED or count > MOST_FILES:
                    raise ToolError("the archive is too large when unpacked")
                _unpack_one(opened, entry, into)
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise ToolError(f"the archive cannot be unpacked ({type(error).__name__})") from None


def _unpack_one(opened: tarfile.TarFile, entry: tarfile.TarInfo, into: Path) -> None:
    parts = PurePosixPath(entry.name).parts
    if entry.name.startswith("/") or ".." in parts or "\\" in entry.name or "\0" in entry.name:
        raise ToolError(f"the archive holds {entry.name[:80]!r}, which leads out of it")
    target = into.joinpath(*parts[1:])
    if entry.isdir():
        target.mkdir(parents=True, exist_ok=True)
        return
    if not entry.isreg() or len(parts) < 2:
        raise ToolError(f"the archive holds {entry.name[:80]!r}, which is no file in its folder")
    target.parent.mkdir(parents=True, exist_ok=True)
    source = opened.extractfile(entry)
    assert source is not None  # it is a regular file
    mode = 0o755 if entry.mode & 0o100 else 0o644
    try:
        fd = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
    except FileExistsError:
        raise ToolError(f"the archive holds {entry.name[:80]!r} twice") from None
    with os.fdopen(fd, "wb") as file:
        shutil.copyfileobj(source, file, 1 << 20)
