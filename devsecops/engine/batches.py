"""Batches: which units one process of a tool gets, and under which names."""

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
"""Bytes below which the start of another process costs more than it saves: there is one process, or one for
each core."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Units of one scanner; none: the control alone. `number` names its folders."""

    number: int
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Planted:
    """A canary's file under its neutral name."""

    canary: Canary
    file: str
    path: str


def cut(entries: Sequence[Entry], cores: int, *, whole: bool = False) -> list[list[Entry]]:
    """Cut the units into batches, in the order of their start. A pure function of its arguments.

    With `whole` there is one. Else:

    Of much, three rounds for each core, small, large, small: the start of a process is paid seldom, the first
    ones are laid out soon, no core waits long for another, and little is left to read when the last process
    ends.
    """
    if not entries:
        return []
    if whole:
        return [sorted(entries, key=lambda e: e.raw)]
    total = sum(max(entry.size, 1) for entry in entries)
    if total <= _SMALL or len(entries) == 1 or cores == 1:
        shares = [1.0]
    elif total <= _MIDDLING:
        shares = [1.0] * cores
    else:
        shares = [1.5] * cores + [8.0] * cores + [1.0] * cores
    while len(entries) * max(shares) / sum(shares) > UNITS_AT_MOST:
        shares += shares
    batches: list[list[Entry]] = [[] for _ in shares]
    weight = [0.0] * len(shares)
    for entry in sorted(entries, key=lambda e: (-e.size, e.raw)):
        place = min(range(len(shares)), key=lambda n: (weight[n] / shares[n], n))
        batches[place].append(entry)
        weight[place] += max(entry.size, 1)
    return [sorted(batch, key=lambda e: e.raw) for batch in batches if batch]


def lay_out(
    batch: Batch, canaries: Sequence[Canary], suffix: Callable[[Entry], str] | None
) -> tuple[list[tuple[Entry, ScanUnit]], list[Planted]]:
    """Give every unit and every canary file a neutral name: a number and a kind that `suffix` chooses.

    Without `suffix` they are those of a project: see `lay_out_project`.
    """
    if suffix is None:
        return lay_out_project(batch, canaries)
    units: list[tuple[Entry, ScanUnit]] = []
    planted: list[Planted] = []
    files = [(canary, name) for canary in canaries for name in sorted(canary.files)]
    # The canaries stand at a place that only the batch decides, not first and not last.
    at = len(batch.entries) // 2
    number = 0
    for index in range(len(batch.entries) + 1):
        if index == at:
            for canary, name in files:
                number += 1
                path = f"{number:06}{posixpath.splitext(name)[1]}"
                planted.append(Planted(canary, name, path))
        if index < len(batch.entries):
            number += 1
            entry = batch.entries[index]
            path = f"{number:06}{suffix(entry)}"
            units.append((entry, ScanUnit(id=entry.path, path=path, size=max(entry.size, 0))))
    return units, planted


def lay_out_project(
    batch: Batch, canaries: Sequence[Canary]
) -> tuple[list[tuple[Entry, ScanUnit]], list[Planted]]:
    """Give every unit its own path as far as that is harmless; each canary a folder that no unit is in."""
    units = [
        (entry, ScanUnit(id=entry.path, path=sane(entry.raw), size=max(entry.size, 0)))
        for entry in batch.entries
    ]
    tops = {unit.path.partition("/")[0] for _, unit in units}
    planted: list[Planted] = []
    number = 0
    for canary in canaries:
        while (folder := f"{CONTROL_FOLDER}-{number}") in tops:
            number += 1
        tops.add(folder)
        planted += [Planted(canary, name, f"{folder}/{name}") for name in sorted(canary.files)]
    return units, planted
