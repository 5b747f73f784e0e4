"""Lines of one file that are the same but for the blanks at their ends: what a plain diff calls changed.

When a file is indented otherwise or ends its lines otherwise, git's diff of it is one hunk that says nothing.
Here such a hunk is cut at the lines that stand on both sides, so that the rest tells again what was edited.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

import msgspec

from devsecops.change import FileChange, Hunk

_BLANKS = " \t\r"
_TELLING = 8
"""Characters of a line that says something: `else:` and `)` stand everywhere."""
_MOST_CELLS = 2_500
"""Lines of one side times lines of the other that are compared one by one where none of them is unique."""
_DEEPEST = 50

Pair = tuple[int, int]
"""A line of the base and a line of the head, from 0."""


def followed(file: FileChange, base: str, head: str) -> FileChange:
    """Return `file` with its hunks cut at lines that differ in the blanks at their ends only.

    The hunks stay true: what is outside of them is equal but for these blanks, one below the other.

    Args:
        file: what git says of one file; lines end with a line feed.
        base: the file's text in the base.
        head: its text in the head.
    """
    if not any(hunk.base_count and hunk.head_count for hunk in file.hunks):
        return file
    ours, theirs = ([line.strip(_BLANKS) for line in text.split("\n")] for text in (base, head))
    hunks = [part for hunk in file.hunks for part in _cut(hunk, ours, theirs)]
    return msgspec.structs.replace(file, hunks=tuple(hunks))


def _cut(hunk: Hunk, ours: Sequence[str], theirs: Sequence[str]) -> Iterator[Hunk]:
    """Yield what is left of a hunk."""
    if not hunk.base_count or not hunk.head_count:
        yield hunk
        return
    first, start = hunk.base_start - 1, hunk.head_start - 1
    mine, yours = ours[first : first + hunk.base_count], theirs[start : start + hunk.head_count]
    kept = [run for run in _runs(_equal(mine, yours)) if any(len(mine[row]) >= _TELLING for row, _ in run)]
    ends = [(-1, -1), *(pair for run in kept for pair in run), (hunk.base_count, hunk.head_count)]
    for (row, column), (next_row, next_column) in pairwise(ends):
        gone, come = next_row - row - 1, next_column - column - 1
        if gone or come:
            # A side of no lines names the line before.
            yield Hunk(
                base_start=first + row + 1 + bool(gone),
                base_count=gone,
                head_start=start + column + 1 + bool(come),
                head_count=come,
            )


def _runs(pairs: Sequence[Pair]) -> Iterator[list[Pair]]:
    """Yield pairs that stand one below the other on both sides."""
    run: list[Pair] = []
    for pair in pairs:
        if run and pair != (run[-1][0] + 1, run[-1][1] + 1):
            yield run
            run = []
        run.append(pair)
    if run:
        yield run


def _equal(ours: Sequence[str], theirs: Sequence[str]) -> list[Pair]:
    """Return pairs of equal lines, none crossing another, found by lines that each side has once."""
    pairs: list[Pair] = []
    waiting = [(0, len(ours), 0, len(theirs), 0)]
    while waiting:
        low, high, left, right, depth = waiting.pop()
        while low < high and left < right and ours[low] == theirs[left]:
            pairs.append((low, left))
            low, left = low + 1, left + 1
        while low < high and left < right and ours[high - 1] == theirs[right - 1]:
            high, right = high - 1, right - 1
            pairs.append((high, right))
        if low == high or left == right:
            continue
        anchors = _unique(ours[low:high], theirs[left:right]) if depth < _DEEPEST else []
        if anchors:
            at = [(low + row, left + column) for row, column in anchors]
            pairs += at
            ends = [(low - 1, left - 1), *at, (high, right)]
            waiting += [
                (row + 1, next_row, column + 1, next_column, depth + 1)
                for (row, column), (next_row, next_column) in pairwise(ends)
            ]
        elif (high - low) * (right - left) <= _MOST_CELLS:
            longest = _longest(ours[low:high], theirs[left:right])
            pairs += [(low + row, left + column) for row, column in longest]
    return sorted(pairs)


def _unique(ours: Sequence[str], theirs: Sequence[str]) -> list[Pair]:
    """Return the longest row of pairs, none crossing another, of lines that stand once on each side."""
    once = [{line for line, count in Counter(side).items() if count == 1} for side in (ours, theirs)]
    column = {line: place for place, line in enumerate(theirs)}
    common = [(row, column[line]) for row, line in enumerate(ours) if line in once[0] and line in once[1]]
    tops: list[int] = []
    ends: list[int] = []
    before: list[int | None] = []
    for number, (_, place) in enumerate(common):
        size = bisect_left(tops, place)
        tops[size : size + 1], ends[size : size + 1] = [place], [number]
        before.append(ends[size - 1] if size else None)
    row: list[Pair] = []
    at = ends[-1] if ends else None
    while at is not None:
        row.append(common[at])
        at = before[at]
    return row[::-1]


def _longest(ours: Sequence[str], theirs: Sequence[str]) -> list[Pair]:
    """Return the longest common row of lines; the first of several."""
    best = [[0] * (len(theirs) + 1) for _ in range(len(ours) + 1)]
    for row in range(len(ours) - 1, -1, -1):
        for column in range(len(theirs) - 1, -1, -1):
            if ours[row] == theirs[column]:
                best[row][column] = best[row + 1][column + 1] + 1
            else:
                best[row][column] = max(best[row + 1][column], best[row][column + 1])
    pairs, row, column = [], 0, 0
    while row < len(ours) and column < len(theirs):
        if ours[row] == theirs[column]:
            pairs.append((row, column))
            row, column = row + 1, column + 1
        elif best[row + 1][column] >= best[row][column + 1]:
            row += 1
        else:
            column += 1
    return pairs
