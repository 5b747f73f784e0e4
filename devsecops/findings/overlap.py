"""Which reports of two tools at one place are about one flaw, and how near they are to each other."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
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
    known = [(region, one) for one in reports if (region := region_of(one.findings[0])) is not None]
    known.sort(key=lambda place: place[1].order)
    starts = Counter((one.tool, region.start_line) for region, one in known)
    for number, (at, one) in enumerate(known):
        alone = starts[one.tool, at.start_line] == 1
        for where, other in islice(known, number + 1, None):
            line = where.start_line == at.start_line
            meet = _meet(at, where)
            if not meet and not (line and alone):
                break
            lone = line and alone and starts[other.tool, where.start_line] == 1
            if one.tool != other.tool and (meet or (lone and (meet is None or not _secret(one, other)))):
                yield _edge(one, other, (not meet, *_apart(at, where)))


def _meet(at: Region, where: Region) -> bool | None:
    """Tell whether two spans have a character in common; None when one of them has no columns."""
    if None in (at.start_column, at.end_column, where.start_column, where.end_column):
        return None
    starts, ends = zip(_span(at), _span(where), strict=True)
    return max(starts) < min(ends)


def _span(at: Region) -> tuple[Point, Point]:
    """Return the first character and the one after the last, as line and column; 0 is no column."""
    last = max(at.start_line, at.end_line or at.start_line)
    return (at.start_line, at.start_column or 0), (last, at.end_column or 0)


def _secret(one: Report, other: Report) -> bool:
    return "secrets" in (one.findings[0].kind, other.findings[0].kind)


def _apart(at: Region, where: Region) -> tuple[int, ...]:
    """Return how far apart the starts of two spans are, then the ends."""
    ours, theirs = _span(at), _span(where)
    return tuple(abs(ours[end][n] - theirs[end][n]) for end in (0, 1) for n in (0, 1))


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
