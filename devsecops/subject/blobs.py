"""Blobs of a repository: their ids, and one child that reads them."""

from __future__ import annotations

import functools
import hashlib
import os
from typing import TYPE_CHECKING

from devsecops.errors import IncompleteError
from devsecops.subject.git import DEADLINE_S, Git, environment, shown

if TYPE_CHECKING:
    from subprocess import Popen

LFS_START = b"version https://git-lfs.github.com/spec/v1"
LFS_SMALLEST, LFS_LARGEST = 100, 1024


def oid(data: bytes, object_format: str = "sha1") -> str:
    """Return the id that git gives a blob with this content, in hex."""
    return hashlib.new(object_format, b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def is_lfs_pointer(data: bytes) -> bool:
    """Return whether a file's content is a pointer to content that is not in the repository."""
    return len(data) < LFS_LARGEST and data.startswith(LFS_START)


class Blobs:
    """Reads blobs by id through one ``git cat-file --batch`` that starts when it is first needed.

    The child ends with `close`, and with the process that started it. After a fork each process has a child
    of its own.
    """

    def __init__(self, git: Git) -> None:
        self._git = git
        self._child: Popen[bytes] | None = None
        self._owner = 0
        self._left: list[Popen[bytes]] = []

    def read(self, blob: str, path: str) -> bytes:
        """Return a blob's content; `path` is what an error calls it.

        Raises:
            IncompleteError: the repository does not hold it, or not undamaged.
        """
        child = self._started()
        assert child.stdin is not None
        try:
            os.write(child.stdin.fileno(), blob.encode("ascii") + b"\n")
            kind, data = self._answer(child)
        except (OSError, EOFError, ValueError):
            self.close()
            raise missing_blob(self._git, path) from None
        if kind != b"blob" or oid(data, self._git.object_format) != blob:
            raise IncompleteError(f"{path} is damaged in the repository: its content is not that of {blob}.")
        return data

    def close(self) -> None:
        """End the child. May be called twice, and before another `read`."""
        child, self._child = self._child, None
        if child is None:
            return
        for pipe in (child.stdin, child.stdout):
            assert pipe is not None
            pipe.close()
        if self._owner == os.getpid():
            child.kill()
            child.wait()
        else:
            self._left.append(child)

    def _started(self) -> Popen[bytes]:
        if self._child is not None and self._owner != os.getpid():
            self.close()
        if self._child is None:
            import subprocess

            from devsecops.processes import die_with

            self._owner = os.getpid()
            self._child = subprocess.Popen(
                self._git.argv("cat-file", "--batch"),
                env=environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                process_group=0,  # a Ctrl-C is ours to answer
                preexec_fn=functools.partial(die_with, self._owner),
            )
        return self._child

    def _answer(self, child: Popen[bytes]) -> tuple[bytes, bytes]:
        """Return kind and content. One question is asked at a time: all that comes is its answer."""
        start = self._some(child)
        while b"\n" not in start:
            start += self._some(child)
        head, _, body = start.partition(b"\n")
        _, kind, size = head.split(b" ")
        parts, have, wanted = [body], len(body), int(size) + 1
        while have < wanted:
            parts.append(self._some(child))
            have += len(parts[-1])
        return kind, b"".join(parts)[:-1]

    @staticmethod
    def _some(child: Popen[bytes]) -> bytes:
        import select

        assert child.stdout is not None
        pipe = child.stdout.fileno()
        news = select.poll()
        news.register(pipe, select.POLLIN)
        if not news.poll(DEADLINE_S * 1000):
            raise TimeoutError
        data = os.read(pipe, 1 << 16)
        if not data:
            raise EOFError
        return data


def missing_blob(git: Git, path: str) -> IncompleteError:
    """Return the error for a blob that the clone does not hold."""
    return IncompleteError(
        f"{shown(git.top)} does not hold the content of {path}: the clone is partial or damaged; "
        "make a clone without --filter."
    )
