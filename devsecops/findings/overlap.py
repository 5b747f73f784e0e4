"""Which reports of two tools at one place are about one flaw, and how near they are to each other."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple
from urllib.parse import unquote

from devsecops.findings.complete import file_of, package_name
from devsecops.model import Finding, Package, Region

Point = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Report:
    """What one tool says about one place: a finding, or twins, which differ in nothing but their rule."""

    findings: tuple[Finding, ...]
    order: tuple[object, ...]
    """Where it stands among all of its bucket; unique."""

    @property
    def tool(self) -> str:
        """Whose report it is."""
        return self.findings[0].rule.tool


@dataclass(frozen=True, order=True)
class Edge:
    """Two reports that may be one flaw, the nearest pair first."""

    distance: tuple[int, ...]
    orders: tuple[tuple[object, ...], tuple[object, ...]]
    one: Report = field(compare=False)
    other: Report = field(compare=False)


def region_of(finding: Finding) -> Region | None:
    """Return where in its file a finding stands."""
    at = file_of(finding.location)
    return None if at is None else at.region


def edges(reports: Sequence[Report]) -> Iterator[Edge]:
    """Yield pairs of reports of two tools that are about one flaw. All are of one class and in one file.

    Their spans meet; or they begin in one line where neither tool says anything else: one tool marks the
    name that is assigned, the other its value, and some know no columns. Two secrets may stand beside each
    other in a line, so secrets must meet, where both have columns.
    """
    places = sorted((_place(one) for one in reports), key=lambda place: place.report.order)
    starts = Counter((place.tool, place.start[0]) for place in places)
    for number, one in enumerate(places):
        alone = starts[one.tool, one.start[0]] == 1
        for other in islice(places, number + 1, None):
            inside = one.exact and other.start < one.end
            line = alone and other.start[0] == one.start[0]
            if not inside and not line:
                break
            if one.tool == other.tool:
                continue
            meet = inside and other.exact
            if meet or (line and starts[other.tool, other.start[0]] == 1 and _beside(one, other)):
                yield _edge(one.report, other.report, (not meet, *_apart(one, other)))


class _Place(NamedTuple):
    """Where a report stands: its first character and the one after its last, as line and column or 0."""

    start: Point
    end: Point
    exact: bool
    tool: str
    report: Report


def _place(report: Report) -> _Place:
    at = region_of(report.findings[0])
    assert at is not None, "only findings with a region are compared by place"
    start = (at.start_line, at.start_column or 0)
    end = (max(at.start_line, at.end_line or at.start_line), at.end_column or 0)
    return _Place(start, end, bool(at.start_column and at.end_column), report.tool, report)


def _beside(one: _Place, other: _Place) -> bool:
    """Tell whether two reports that share nothing but a line may be about one thing."""
    secret = "secrets" in (one.report.findings[0].kind, other.report.findings[0].kind)
    return not (secret and one.exact and other.exact)


def _apart(one: _Place, other: _Place) -> tuple[int, ...]:
    """Return how far apart the starts of two spans are, then the ends."""
    (a, b), (c, d), (e, f), (g, h) = one.start, other.start, one.end, other.end
    return abs(a - c), abs(b - d), abs(e - g), abs(f - h)


def _edge(one: Report, other: Report, distance: tuple[int, ...]) -> Edge:
    low, high = sorted((one, other), key=lambda report: report.order)
    return Edge(distance, (low.order, high.order), low, high)


def package(finding: Finding) -> str | None:
    """Return the package of a finding by its normal name, such as ``pkg:pypi/flask-login``; None for none."""
    if not isinstance(finding.location, Package):
        return None
    kind, _, name = unquote(package_name(finding.location.purl)).lower().partition("/")
    return f"{kind}/{re.sub(r'[-_.]+', '-', name) if kind == 'pkg:pypi' else name}"


def names(finding: Finding) -> frozenset[str]:
    """Return all names of the advisory that a finding is about."""
    aliases = re.split(r"[,\s]+", finding.evidence.get("aliases", ""))
    return frozenset(name.upper() for name in (finding.rule.id, *aliases) if name)


def same_advisory(one: Finding, other: Finding) -> bool:
    """Tell whether two advisories share a name; where both name CVEs, one of these must be shared."""
    ours, theirs = names(one), names(other)
    cves, their = ({name for name in each if name.startswith("CVE-")} for each in (ours, theirs))
    return bool(ours & theirs) and (not cves or not their or bool(cves & their))


def package_edges(reports: Sequence[Report]) -> Iterator[Edge]:
    """Yield the pairs of reports of two tools about one package in one manifest that share an advisory."""
    by_name: dict[str, list[Report]] = {}
    for one in reports:
        for name in names(one.findings[0]):
            by_name.setdefault(name, []).append(one)
    seen: set[tuple[int, int]] = set()
    for name in sorted(by_name):
        here = by_name[name]
        for number, one in enumerate(here):
            for other in here[number + 1 :]:
                a, b = one.findings[0], other.findings[0]
                if one.tool == other.tool or (id(one), id(other)) in seen or not same_advisory(a, b):
                    continue
                seen.add((id(one), id(other)))
                lines = [(region.start_line if (region := region_of(f)) else 0) for f in (a, b)]
                versions = [getattr(f.location, "purl", "").rpartition("@")[2] for f in (a, b)]
                yield _edge(one, other, (int(versions[0] != versions[1]), abs(lines[0] - lines[1])))
