"""What a scanner says of a batch that holds files of several trees, told apart by tree. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from devsecops.contract import Parsed
from devsecops.findings.complete import file_of
from devsecops.model import Cover, Location

SideOf = Callable[[str], int | None]
"""From a tool's word for a file to the place of its tree; None for a control, which every tree has."""


def split(parsed: Parsed, sides: int, side_of: SideOf) -> tuple[Parsed, ...]:
    """Return what is said of each of `sides` trees, as if the batch had held no file of another one.

    What is said of no file in particular, such as a problem or a note, is said of every tree.

    Raises:
        ToolError: `side_of` does not know the file.
    """
    return tuple(_of(side, parsed, side_of) for side in range(sides))


def _of(side: int, parsed: Parsed, side_of: SideOf) -> Parsed:
    here = (side, None)
    findings = tuple(finding for finding in parsed.findings if _side(finding.location, side_of) in here)
    # Rules come with findings: one by which only another tree has a finding would not have been named.
    named = {(finding.rule.tool, finding.rule.id) for finding in findings}
    foreign = {(finding.rule.tool, finding.rule.id) for finding in parsed.findings} - named
    return msgspec.structs.replace(
        parsed,
        findings=tuple(
            msgspec.structs.replace(finding, related=tuple(_near(finding.related, here, side_of)))
            for finding in findings
        ),
        cover=tuple(row for row in parsed.cover if side_of(_file(row)) in here),
        rules=tuple(rule for rule in parsed.rules if (rule.tool, rule.id) not in foreign),
        again=tuple(path for path in parsed.again if side_of(path) in here),
    )


def _near(locations: Iterable[Location], here: tuple[int, None], side_of: SideOf) -> Iterable[Location]:
    return (location for location in locations if _side(location, side_of) in here)


def _side(location: Location, side_of: SideOf) -> int | None:
    at = file_of(location)
    return None if at is None else side_of(at.path)


def _file(row: Cover) -> str:
    """Return the file of a row: a unit that is none is named by its file, ``#`` and the rest."""
    return row.unit.id if row.unit.kind == "file" else row.unit.id.partition("#")[0]
