"""A tree: what is judged, entry by entry, and its content on demand."""

from __future__ import annotations

import codecs
import errno
import functools
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal, Protocol

from devsecops import paths
from devsecops.model import Source

EntryKind = Literal["file", "symlink", "submodule", "lfs", "other"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One name of the tree. `raw` is relative to the tree's root.

    `path` is its unit id: the path text, redacted; one that redaction changed ends in ``#`` and its place
    in the tree. `digest` is ``git:<oid>``, or ``sha256:<hex>`` outside git, None where nothing was read.
    `size` is in bytes, -1 when it is not known.
    """

    raw: bytes
    path: str
    kind: EntryKind
    executable: bool
    digest: str | None
    size: int
    unreadable: bool = False
    """A regular file (of kind other, then) that could not be opened."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry before it has its unit id; `mode` is git's, in octal."""

    raw: bytes
    kind: EntryKind
    mode: bytes
    digest: str | None
    size: int
    unreadable: bool = False


class Content(Protocol):
    """Where the content of entries comes from."""

    def read(self, entry: Entry) -> bytes | None:
        """Return the content of an entry of kind file; None when it is no longer what was listed."""

    def close(self) -> None:
        """Let go of what is open."""


class ChangedWhileReadingError(OSError):
    """A file is no longer what it was when the tree was listed."""

    def __init__(self, path: str) -> None:
        super().__init__(errno.ESTALE, "it changed while the tree was read", path)


class Tree:
    """What is judged.

    `root` is the repository's root, or the folder. `entries` are those in scope, sorted by `raw`.
    `left_out` are folders of a tree without git that were not looked into, with the rule that says so.
    """

    def __init__(
        self,
        *,
        part: Source,
        root: Path,
        in_git: bool,
        listed: Sequence[Listed],
        content: Content,
        scope: bytes = b"",
        left_out: Sequence[tuple[str, str]] = (),
    ) -> None:
        self.part = part
        self.name = paths.from_os(root.name) or "root"
        self.root = root
        self.in_git = in_git
        self.left_out = tuple(sorted(left_out))
        self._content = content
        every = named(listed)
        self._by_path = {entry.path: entry for entry in every}
        for entry in every:
            self._by_path.setdefault(paths.to_text(entry.raw), entry)
        self.entries = tuple(entry for entry in every if in_scope(entry.raw, scope))

    def read(self, path: str) -> bytes | None:
        """Return the content of a regular file of the tree, in scope or not, by unit id or path text.

        None for everything else, and for a file that changed since the tree was listed.

        Raises:
            IncompleteError: the repository lacks the content.
        """
        entry = self._by_path.get(path)
        return self._content.read(entry) if entry is not None and entry.kind == "file" else None

    def digest(self, path: str) -> str | None:
        """Return the digest of what `read` returns; None where it returns None."""
        entry = self._by_path.get(path)
        return entry.digest if entry is not None and entry.kind == "file" else None

    def write(self, path: str, dest: Path) -> None:
        """Write the content of a regular file of the tree to `dest`, which must not exist.

        A UTF-8 byte order mark is left out: semgrep 1.182.0 finds nothing in the statement behind one.

        Raises:
            ChangedWhileReadingError: it is not what was listed, or no regular file.
            OSError: `dest` cannot be written.
            IncompleteError: the repository lacks the content.
        """
        data = self.read(path)
        if data is None:
            raise ChangedWhileReadingError(path)
        fd = os.open(dest, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(fd, "wb", buffering=0) as file:
            left = memoryview(data.removeprefix(codecs.BOM_UTF8))
            while left:
                left = left[file.write(left) :]

    def close(self) -> None:
        """End what reads for it. May be called twice."""
        self._content.close()

    def __enter__(self) -> Tree:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def in_scope(raw: bytes, scope: bytes) -> bool:
    """Return whether `raw` is `scope` or under it; everything is in the empty scope."""
    return not scope or raw == scope or raw.startswith(scope + b"/")


@functools.lru_cache(maxsize=1 << 16)
def _masked(text: str) -> str:
    """Return a path text redacted: the two trees of a change have most of them in common."""
    from devsecops.findings.redact import redact

    return redact(text)


def named(listed: Sequence[Listed]) -> tuple[Entry, ...]:
    """Return the entries with their unit ids, sorted by `raw`, no id twice."""
    ordered = sorted(listed, key=lambda item: item.raw)
    texts = [paths.to_text(item.raw) for item in ordered]
    ids = [_masked(text) for text in texts]
    taken = {new for new, text in zip(ids, texts, strict=True) if new == text}
    for place, (new, text) in enumerate(zip(ids, texts, strict=True)):
        if new != text:
            ids[place] = f"{new}#{place + 1}"
            while ids[place] in taken:
                ids[place] += "#"
            taken.add(ids[place])
    return tuple(
        Entry(
            raw=item.raw,
            path=unit,
            kind=item.kind,
            executable=item.mode == b"100755",
            digest=item.digest,
            size=item.size,
            unreadable=item.unreadable,
        )
        for item, unit in zip(ordered, ids, strict=True)
    )
