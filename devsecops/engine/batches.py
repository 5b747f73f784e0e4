"""Batches: which units one process of a tool gets, and under which names.

A batch may hold files of several trees, the sides of a change: two of them may have one path.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from devsecops.contract import Canary, ScanUnit
from devsecops.engine.layout import CONTROL_FOLDER, sane
from devsecops.subject import Entry

UNITS_AT_MOST = 1_500
"""Keeps an argv below the system's limit."""
_SMALL, _MIDDLING = 512 * 1024, 4 * 1024 * 1024
"""Bytes that are worth the start of a process, and bytes up to which no core has more than one."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One file to look at, and the place of its tree among those that the scanner looks at."""

    entry: Entry
    side: int = 0


@dataclass(frozen=True, slots=True)
class Batch:
    """Files of one scanner; none: the control alone. `number` names its folders."""

    number: int
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Planted:
    """A canary's file under its neutral name."""

    canary: Canary
    file: str
    path: str


def cut(pieces: Sequence[Piece], cores: int, *, whole: bool = False) -> list[list[Piece]]:
    """Cut the files into batches, in the order of their start. A pure function of its arguments.

    With `whole` there is one. Else:

    Of much, three rounds for each core, small, large, small: the start of a process is paid seldom, the first
    ones are laid out soon, no core waits long for another, and little is left to read when the last process
    ends.
    """
    if not pieces:
        return []
    if whole:
        return [sorted(pieces, key=_by_name)]
    total = sum(max(piece.entry.size, 1) for piece in pieces)
    if total <= _MIDDLING or len(pieces) == 1 or cores == 1:
        shares = [1.0] * max(1, min(cores, total // _SMALL))
    else:
        shares = [1.5] * cores + [8.0] * cores + [1.0] * cores
    while len(pieces) * max(shares) / sum(shares) > UNITS_AT_MOST:
        shares += shares
    batches: list[list[Piece]] = [[] for _ in shares]
    weight = [0.0] * len(shares)
    for piece in sorted(pieces, key=lambda p: (-p.entry.size, *_by_name(p))):
        place = min(range(len(shares)), key=lambda n: (weight[n] / shares[n], n))
        batches[place].append(piece)
        weight[place] += max(piece.entry.size, 1)
    return [sorted(batch, key=_by_name) for batch in batches if batch]


def _by_name(piece: Piece) -> tuple[bytes, int]:
    return piece.entry.raw, piece.side


def lay_out(
    batch: Batch, canaries: Sequence[Canary], suffix: Callable[[Piece], str] | None
) -> tuple[list[tuple[Piece, ScanUnit]], list[Planted]]:
    """Give every file and every canary file a neutral name: a number and a kind that `suffix` chooses.

    Without `suffix` they are those of a project: see `lay_out_project`.
    """
    if suffix is None:
        return lay_out_project(batch, canaries)
    units: list[tuple[Piece, ScanUnit]] = []
    planted: list[Planted] = []
    files = [(canary, name) for canary in canaries for name in sorted(canary.files)]
    # The canaries stand at a place that only the batch decides, not first and not last.
    at = len(batch.pieces) // 2
    number = 0
    for index in range(len(batch.pieces) + 1):
        if index == at:
            for canary, name in files:
                number += 1
                path = f"{number:06}{posixpath.splitext(name)[1]}"
                planted.append(Planted(canary, name, path))
        if index < len(batch.pieces):
            number += 1
            piece = batch.pieces[index]
            units.append((piece, _unit(piece, f"{number:06}{suffix(piece)}")))
    return units, planted


def lay_out_project(
    batch: Batch, canaries: Sequence[Canary]
) -> tuple[list[tuple[Piece, ScanUnit]], list[Planted]]:
    """Give every file its own path as far as that is harmless; each canary a folder that no file is in."""
    units = [(piece, _unit(piece, sane(piece.entry.raw))) for piece in batch.pieces]
    tops = {unit.path.partition("/")[0] for _, unit in units}
    planted: list[Planted] = []
    number = 0
    for canary in canaries:
        while (folder := f"{CONTROL_FOLDER}-{number}") in tops:
            number += 1
        tops.add(folder)
        planted += [Planted(canary, name, f"{folder}/{name}") for name in sorted(canary.files)]
    return units, planted


def _unit(piece: Piece, path: str) -> ScanUnit:
    return ScanUnit(id=piece.entry.path, path=path, size=max(piece.entry.size, 0))
