"""Notifications: what a scanner could not do, so that no reader takes silence for an answer."""

from __future__ import annotations

from collections.abc import Sequence

from devsecops.encode import one_line, visible
from devsecops.model import GREEN_STATES, Cover, File, Problem
from devsecops.sarif.places import physical
from devsecops.sarif.shape import Descriptor, DescriptorReference, Level, Location, Message, Notification

MOST = 1000
"""Units that are named one by one in a run; the ledger has them all."""
_MEANING = {
    "accepted": "A part of the tree was not looked at; the trusted policy accepts that.",
    "not-covered": "A part of the tree that should have been looked at was not.",
}


def _blocks(row: Cover) -> bool:
    return row.state not in GREEN_STATES


def successful(problems: Sequence[Problem], gaps: Sequence[Cover], status: str) -> bool:
    """Return whether the scanner did all it had to."""
    return status in ("complete", "not-applicable") and not problems and not any(_blocks(row) for row in gaps)


def notices(
    problems: Sequence[Problem], gaps: Sequence[Cover], status: str
) -> tuple[tuple[Descriptor, ...], tuple[Notification, ...]]:
    """Return the descriptors and the notifications of a run."""
    gaps = sorted(gaps, key=lambda row: (not _blocks(row), row.unit.kind, row.unit.id, row.state, row.why))
    unexplained = not problems and not gaps and status not in ("complete", "not-applicable")
    codes = sorted(
        {problem.code for problem in problems}
        | {"not-covered" if _blocks(row) else "accepted" for row in gaps}
        | ({"scanner-failed"} if unexplained else set())
    )
    at = {code: DescriptorReference(id=code, index=index) for index, code in enumerate(codes)}
    out = [
        Notification(
            descriptor=at[problem.code],
            level="error",
            message=Message(text=visible(problem.message) or problem.code),
            properties={"remedy": visible(problem.remedy)} if problem.remedy else None,
        )
        for problem in problems
    ]
    out += [_gap(row, at["not-covered" if _blocks(row) else "accepted"]) for row in gaps[:MOST]]
    if len(gaps) > MOST:
        word = "not-covered" if any(_blocks(row) for row in gaps[MOST:]) else "accepted"
        text = f"{len(gaps) - MOST:,} more are listed in ledger.jsonl."
        out.append(Notification(descriptor=at[word], level=_LEVELS[word], message=Message(text=text)))
    if unexplained:
        text = f"The scanner did not finish: its status is {one_line(status)}."
        out.append(Notification(descriptor=at["scanner-failed"], level="error", message=Message(text=text)))
    return tuple(_descriptor(code) for code in codes), tuple(out)


_LEVELS: dict[str, Level] = {"not-covered": "error", "accepted": "note"}


def _descriptor(code: str) -> Descriptor:
    meaning = _MEANING.get(code, "Something kept the scanner from its work.")
    return Descriptor(
        id=code, short_description=Message(text=meaning), full_description=Message(text=meaning)
    )


def _gap(row: Cover, descriptor: DescriptorReference) -> Notification:
    said = ", ".join(one_line(text) for text in (row.why, row.note, row.by or "") if text)
    path = row.unit.id if row.unit.kind in ("file", "manifest") else row.unit.id.partition("#")[0]
    at = physical(File(path=path)) if row.unit.kind in ("file", "manifest", "package") else None
    text = f"{one_line(row.unit.id)}: {one_line(row.state)}" + (f" ({said})" if said else "")
    return Notification(
        descriptor=descriptor,
        level="error" if _blocks(row) else "note",
        message=Message(text=text + "."),
        locations=(Location(physical_location=at),) if at is not None else (),
    )
