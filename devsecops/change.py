"""A change as values: which files and which lines differ between two trees. Pure; git is read elsewhere."""

from __future__ import annotations

from bisect import bisect_right

from devsecops.model import Value


class Hunk(Value, frozen=True, kw_only=True):
    """Lines of the base that lines of the head took the place of.

    As in ``git diff -U0``: lines count from 1; a side of no lines names the line *before* the place.
    """

    base_start: int
    base_count: int
    head_start: int
    head_count: int


class FileChange(Value, frozen=True, kw_only=True):
    """One file that differs. Paths are texts (`devsecops.paths`); None: it is not there on that side."""

    base: str | None
    head: str | None
    hunks: tuple[Hunk, ...] = ()
    """In order. Empty for a pure rename, a change of mode, and a binary file."""
    text: bool = True
    """False for content without lines: no line of it can be followed."""

    def to_head(self, line: int) -> int | None:
        """Return where a line of the base, from 1, stands in the head; None when the change touched it."""
        place = bisect_right(self.hunks, line, key=_first) - 1
        if not self.text:
            return None
        if place < 0:
            return line
        hunk = self.hunks[place]
        if line < hunk.base_start + hunk.base_count:
            return None
        base_end = hunk.base_start + hunk.base_count if hunk.base_count else hunk.base_start + 1
        head_end = hunk.head_start + hunk.head_count if hunk.head_count else hunk.head_start + 1
        return line - base_end + head_end


def _first(hunk: Hunk) -> int:
    """Return the first line of the base that a hunk touches or, when it only adds, stands before."""
    return hunk.base_start if hunk.base_count else hunk.base_start + 1


class Change(Value, frozen=True, kw_only=True):
    """All files that differ between `base` and `head`, commit ids or tree ids, sorted by head, then base."""

    base: str
    head: str
    files: tuple[FileChange, ...] = ()

    @property
    def paths(self) -> frozenset[str]:
        """The paths of both sides that differ."""
        return frozenset(path for file in self.files for path in (file.base, file.head) if path is not None)
