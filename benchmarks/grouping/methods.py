"""Ours and what it is compared with: which pairs of findings are one flaw."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from benchmarks.grouping.store import region_of
from devsecops.findings.grouping import group
from devsecops.model import Finding, Package

OURS = "groups"
Answer = frozenset[frozenset[str]]
"""Pairs of ids."""


def ours(here: Sequence[Finding]) -> Answer:
    """Return the pairs that the product puts into one group."""
    return frozenset(
        frozenset((one, other))
        for together in group(here)
        for one in together.reported_by
        for other in together.reported_by
        if one != other
    )


def by_lines(here: Sequence[Finding]) -> Answer:
    """Return the pairs of two tools whose lines overlap."""
    return _pairs(here, lambda one, other: True)


def by_number(here: Sequence[Finding]) -> Answer:
    """Return the pairs of two tools whose lines overlap and whose CWE number is the same."""
    return _pairs(here, lambda one, other: one.weakness is not None and one.weakness == other.weakness)


def _pairs(here: Sequence[Finding], same: Callable[[Finding, Finding], bool]) -> Answer:
    return frozenset(
        frozenset((one.id, other.id))
        for one in here
        for other in here
        if one.rule.tool < other.rule.tool and _overlap(one, other) and same(one, other)
    )


def _overlap(one: Finding, other: Finding) -> bool:
    a, b = region_of(one), region_of(other)
    if isinstance(one.location, Package) != isinstance(other.location, Package):
        return False
    return a.start_line <= (b.end_line or b.start_line) and b.start_line <= (a.end_line or a.start_line)


METHODS = {OURS: ours, "same CWE and overlapping lines": by_number, "overlapping lines": by_lines}
