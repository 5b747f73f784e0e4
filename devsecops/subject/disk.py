"""Reading a tree on disk without following a link, in its last part or in any part above it."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass

_FOLDER = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NOT_THERE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)
_WHOLE = 16 * 1024 * 1024
HEAD = 1024
"""How many bytes of a file's start are kept."""


@dataclass(frozen=True, slots=True)
class Found:
    """What stands at a path. `digest` is hex; None for what is neither a file that can be read nor a link."""

    mode: int
    size: int
    digest: str | None = None
    head: bytes = b""


class Disk:
    """A folder on disk, read by names relative to it.

    `algorithm` is a hash of hashlib; with `as_blob` the digest is git's blob id.
    """

    def __init__(self, root: bytes, algorithm: str, *, as_blob: bool) -> None:
        # By its own name: hashlib.new() looks it up each time, which costs more than a small file's digest.
        self._new = getattr(hashlib, algorithm)
        self._as_blob = as_blob
        self._root = os.open(root, _FOLDER & ~os.O_NOFOLLOW)
        self._open: list[tuple[bytes, int]] = []

    def look(self, raw: bytes) -> Found | None:
        """Return what stands there, its content digested; None when there is nothing, or a folder."""
        try:
            folder, name = self._enter(raw)
            found = os.stat(name, dir_fd=folder, follow_symlinks=False)
        except OSError as error:
            return None if error.errno in _NOT_THERE else Found(stat.S_IFREG, -1)
        kind = stat.S_IFMT(found.st_mode)
        if kind == stat.S_IFDIR:
            return None
        try:
            if kind == stat.S_IFLNK:
                target = os.readlink(name, dir_fd=folder)
                return Found(found.st_mode, len(target), self._hash(target))
            if kind == stat.S_IFREG:
                return self._file(folder, name)
        except OSError:
            pass
        return Found(found.st_mode, found.st_size)

    def read(self, raw: bytes, digest: str) -> bytes | None:
        """Return the content of a regular file; None when its digest is no longer `digest`."""
        try:
            fd, found = _open_file(*self._enter(raw))
            try:
                data = _whole(fd, found.st_size)
            finally:
                os.close(fd)
        except OSError:
            return None
        return data if self._hash(data) == digest else None

    def close(self) -> None:
        """Close the folders."""
        self._leave(0)
        if self._root >= 0:
            os.close(self._root)
            self._root = -1

    def _enter(self, raw: bytes) -> tuple[int, bytes]:
        """Return the folder of `raw`, opened part by part, and the last part."""
        *parts, name = raw.split(b"/")
        same = 0
        for part, (known, _) in zip(parts, self._open, strict=False):
            if part != known:
                break
            same += 1
        self._leave(same)
        at = self._open[-1][1] if self._open else self._root
        for part in parts[same:]:
            at = os.open(part, _FOLDER, dir_fd=at)
            self._open.append((part, at))
        return at, name

    def _leave(self, depth: int) -> None:
        while len(self._open) > depth:
            os.close(self._open.pop()[1])

    def _hash(self, data: bytes) -> str:
        start = b"blob %d\0" % len(data) if self._as_blob else b""
        return str(self._new(start + data, usedforsecurity=False).hexdigest())

    def _file(self, folder: int, name: bytes) -> Found:
        fd, found = _open_file(folder, name)
        try:
            if found.st_size <= _WHOLE:
                data = _whole(fd, found.st_size)
                return Found(found.st_mode, len(data), self._hash(data), data[:HEAD])
            digest = self._new(usedforsecurity=False)
            if self._as_blob:
                digest.update(b"blob %d\0" % found.st_size)
            for chunk in _chunks(fd):
                digest.update(chunk)
            return Found(found.st_mode, found.st_size, digest.hexdigest())
        finally:
            os.close(fd)


def _open_file(folder: int, name: bytes) -> tuple[int, os.stat_result]:
    """Open a regular file that is no link."""
    fd = os.open(name, _FILE, dir_fd=folder)
    found = os.fstat(fd)
    if not stat.S_ISREG(found.st_mode):
        os.close(fd)
        raise OSError("not a regular file")
    return fd, found


def _whole(fd: int, size: int) -> bytes:
    """Return all of a file of about `size` bytes: a buffer larger than that costs more than the read."""
    data = os.read(fd, min(size, _WHOLE) + 1)
    return data if len(data) == size else data + b"".join(_chunks(fd))


def _chunks(fd: int) -> Iterator[bytes]:
    while chunk := os.read(fd, 1 << 20):
        yield chunk
