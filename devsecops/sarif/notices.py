"""Notifications: what a scanner could not do, so that no reader takes silence for an answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from devsecops.encode import one_line, visible
from devsecops.model import GREEN_STATES, Cover, File, Problem
from devsecops.sarif.places import physical
from devsecops.sarif.shape import DescriptorReference, Level, Location, Message, Notification

MOST = 1000
"""Units that are named one by one in a run; the ledger has them all."""


def _blocks(row: Cover) -> bool:
    return row.state not in GREEN_STATES


def successful(problems: Sequence[Problem], gaps: Sequence[Cover], status: str) -> bool:
    """Return whether the scanner did all it had to."""
    return status in _WELL and not problems and not any(_blocks(row) for row in gaps)


def notices(problems: Sequence[Problem], gaps: Sequence[Cover], status: str) -> tuple[Notification, ...]:
    """Return the notifications of a run: its problems, then what was not looked at, what blocks first."""
    gaps = sorted(gaps, key=lambda row: (not _blocks(row), row.unit.kind, row.unit.id, row.state, row.why))
    out = [
        _notice(
            problem.code,
            "error",
            visible(problem.message) or problem.code,
            properties={"remedy": visible(problem.remedy)} if problem.remedy else None,
        )
        for problem in problems
    ]
    out += [_gap(row) for row in gaps[:MOST]]
    if rest := gaps[MOST:]:
        blocking = any(_blocks(row) for row in rest)
        text = f"{len(rest):,} more are listed in ledger.jsonl."
        out.append(_notice(_CODES[blocking], _LEVELS[blocking], text))
    if not out and status not in _WELL:
        text = f"The scanner did not finish: its status is {one_line(status)}."
        out.append(_notice("scanner-failed", "error", text))
    return tuple(out)


_WELL = frozenset({"complete", "not-applicable"})
_CODES = {True: "not-covered", False: "accepted"}
_LEVELS: dict[bool, Level] = {True: "error", False: "note"}


def _notice(code: str, level: Level, text: str, **more: Any) -> Notification:
    return Notification(
        descriptor=DescriptorReference(id=code), level=level, message=Message(text=text), **more
    )


def _gap(row: Cover) -> Notification:
    said = ", ".join(one_line(text) for text in (row.why, row.note, row.by or "") if text)
    path = row.unit.id if row.unit.kind in ("file", "manifest") else row.unit.id.partition("#")[0]
    at = physical(File(path=path)) if row.unit.kind in ("file", "manifest", "package") else None
    text = f"{one_line(row.unit.id)}: {one_line(row.state)}" + (f" ({said})" if said else "")
    return _notice(
        _CODES[_blocks(row)],
        _LEVELS[_blocks(row)],
        text + ".",
        locations=(Location(physical_location=at),) if at is not None else (),
    )
