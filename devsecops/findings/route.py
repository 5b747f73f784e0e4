"""Where files and lines of the base stand in the head. Pure: the change is a value, texts are given."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping

import msgspec

from devsecops.change import Change, FileChange, Hunk
from devsecops.findings.code import Code
from devsecops.findings.follow import followed

Texts = Mapping[str, str]
"""Path text -> what the file holds, decoded. Without a file's text only its diff can say anything."""
Lines = tuple[str, int, int]
"""Path, first line, last line."""


def _reversed(change: FileChange) -> FileChange:
    hunks = tuple(
        Hunk(
            base_start=hunk.head_start,
            base_count=hunk.head_count,
            head_start=hunk.base_start,
            head_count=hunk.base_count,
        )
        for hunk in change.hunks
    )
    return msgspec.structs.replace(change, base=change.head, head=change.base, hunks=hunks)


def _bare(texts: Texts, path: str) -> bool:
    """Tell whether lines of a file end where git sees no end, so that a tool counts other lines."""
    return "\r" in texts.get(path, "").replace("\r\n", "")


def _touched(change: FileChange, start: int, end: int) -> Iterator[int]:
    """Yield the places of the hunks that change, or add inside of, the base lines `start` to `end`."""
    ends = bisect_left(change.hunks, start, key=lambda h: h.base_start + max(h.base_count - 1, 0))
    for place in range(ends, len(change.hunks)):
        hunk = change.hunks[place]
        if hunk.base_start > end:
            return
        if hunk.base_count or hunk.base_start < end:
            yield place


class Way:
    """One direction of a change: from the base to the head, or back.

    Args:
        files: the changed files, each seen from its `base` side.
        here: the texts of the side that one comes from.
        there: the texts of the other side.
        close: looks at a file closely, as far as its texts are known.
    """

    def __init__(
        self,
        files: list[FileChange],
        here: Texts,
        there: Texts,
        close: Callable[[FileChange], FileChange],
    ) -> None:
        self._files: dict[str, FileChange] = {}
        # A copy has the same file on this side as the file that it is a copy of: that one goes first.
        for change in sorted(files, key=lambda one: one.base == one.head):
            if change.base is not None:
                self._files[change.base] = change
        self._here = here
        self._blind = {
            one.base
            for one in files
            if one.base is not None
            and (not one.text or one.head is None or _bare(here, one.base) or _bare(there, one.head))
        }
        """Files whose lines cannot be followed."""
        self._code: dict[str, Code] = {}
        self._close = close
        self._closely: dict[str, FileChange] = {}

    def _file(self, path: str) -> FileChange | None:
        """Return what differs in a file, looked at closely; None when nothing does."""
        if path in self._files and path not in self._closely:
            change = self._files[path]
            self._closely[path] = change if path in self._blind else self._close(change)
        return self._closely.get(path)

    def code(self, path: str) -> Code | None:
        """Return the code of a file on this side; None without its text."""
        if path not in self._code and path in self._here:
            self._code[path] = Code(self._here[path])
        return self._code.get(path)

    def path(self, path: str) -> str | None:
        """Return the path of a file on the other side; None when it is not there."""
        change = self._files.get(path)
        return path if change is None else change.head

    def line(self, path: str, line: int) -> int | None:
        """Return where a line stands on the other side; None when the change touched it."""
        change = self._file(path)
        return line if change is None else None if path in self._blind else change.to_head(line)

    def lines(self, path: str, start: int, end: int) -> Lines | None:
        """Return where lines stand that the change did not touch; None when it did."""
        change = self._file(path)
        if change is None:
            return path, start, end
        first = self.line(path, start)
        if change.head is None or first is None or next(_touched(change, start, end), None) is not None:
            return None
        return change.head, first, first + end - start

    def hunks(self, path: str, start: int, end: int) -> tuple[int, ...]:
        """Return the places of the hunks that touch the lines `start` to `end`."""
        change = self._file(path)
        return () if change is None or path in self._blind else tuple(_touched(change, start, end))

    def hunk(self, path: str, place: int) -> Hunk:
        """Return the hunk at `place` of a file, seen from this side."""
        change = self._file(path)
        assert change is not None
        return change.hunks[place]


class Route:
    """A change in both directions.

    Args:
        change: what differs.
        base: texts of the changed files of the base.
        head: texts of the changed files of the head.
    """

    def __init__(self, change: Change, base: Texts, head: Texts) -> None:
        self._texts = base, head
        self._closely: dict[FileChange, FileChange] = {}
        self.there = Way(list(change.files), base, head, self._close)
        # Both directions need the same hunks, so the way back looks closely from the base as well.
        self.back = Way(
            [_reversed(one) for one in change.files],
            head,
            base,
            lambda one: _reversed(self._close(_reversed(one))),
        )

    def _close(self, file: FileChange) -> FileChange:
        base, head = self._texts
        if file.base is None or file.head is None or file.base not in base or file.head not in head:
            return file
        if file not in self._closely:
            self._closely[file] = followed(file, base[file.base], head[file.head])
        return self._closely[file]
