"""Findings of one flaw by several tools become one group: nothing is deleted, the highest severity wins.

In source: same file, same class of weakness (`devsecops.findings.weaknesses`), spans that meet. For packages:
same manifest, same package, a common name of the advisory. What a running service shows joins the one flaw of
its class in the handler that answered (`devsecops.findings.confirming`).

Each tool has at most one part in a group, that which is nearest. Every two parts of a group belong together
by themselves: no third tool keeps them together, so that switching one off does not take apart what the other
two say.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from devsecops.findings.confirming import Flaw, confirm, handler_of
from devsecops.findings.overlap import Edge, Report, edges, package, package_edges, region_of
from devsecops.findings.severity import rank
from devsecops.findings.weaknesses import weakness_class, weakness_of
from devsecops.model import File, Finding, Group, Http, Package

Bucket = tuple[str, ...]


def group(findings: Sequence[Finding]) -> tuple[Group, ...]:
    """Return the groups of `findings`, sorted by id; each finding is in exactly one.

    A group's id is that of its first member by severity, tool, rule and id. The order of `findings` does not
    matter. Their ids must be unique.
    """
    buckets: dict[Bucket | None, list[Finding]] = defaultdict(list)
    for finding in findings:
        buckets[_bucket(finding)].append(finding)
    groups = [_group((finding,), None) for finding in buckets.pop(None, ())]
    for bucket, members in buckets.items():
        assert bucket is not None
        groups += [
            _group(flaw, bucket[2] if bucket[0] == "source" else None) for flaw in _flaws(bucket, members)
        ]
    return tuple(sorted(groups, key=lambda one: one.id))


def _bucket(finding: Finding) -> Bucket | None:
    """Return what two findings of one flaw have in common; None for one that stands alone."""
    where = handler_of(finding) or finding.location
    if isinstance(where, File) and where.region is not None:
        name = weakness_class(finding)
        return None if name is None else ("source", where.path, name)
    if isinstance(where, Package):
        return ("package", where.at.path, package(finding) or "")
    return None


def _flaws(bucket: Bucket, members: Sequence[Finding]) -> list[Flaw]:
    """Return the members of a bucket, those of one flaw together."""
    served = [one for one in members if isinstance(one.location, Http)]
    said = [one for one in members if not isinstance(one.location, Http)] if served else members
    flaws = _together(said, source=bucket[0] == "source") if said else []
    return confirm(flaws, served) if served else flaws


def _together(members: Sequence[Finding], *, source: bool) -> list[Flaw]:
    """Return findings of one bucket that tools report of its files, those of one flaw together."""
    if len({one.rule if source else one.rule.tool for one in members}) == 1:
        return [(one,) for one in members]
    reports = _reports(members, twins=source)
    found = edges(reports) if source else package_edges(reports)
    return [
        tuple(finding for report in clique for finding in report.findings)
        for clique in _cliques(reports, _nearest(found))
    ]


def _reports(members: Sequence[Finding], *, twins: bool) -> list[Report]:
    """Return what each tool says at each place.

    Rules of one tool that mark exactly the same characters as the same class are twins: bandit reports each
    mark_safe() as B308 and as B703. Two findings of one rule never are.
    """
    places: dict[tuple[object, ...], list[Finding]] = defaultdict(list)
    times: Counter[tuple[tuple[object, ...], str]] = Counter()
    for one in sorted(members, key=lambda finding: (finding.rule.tool, finding.rule.id, finding.id)):
        place = _place(one)
        exact = twins and 0 not in place[:4]
        places[(*place, times[place, one.rule.id]) if exact else (*place, one.rule.id, one.id)].append(one)
        times[place, one.rule.id] += 1
    return [Report(tuple(said), place) for place, said in places.items()]


def _place(one: Finding) -> tuple[int, int, int, int, str]:
    """Return where a finding stands and whose it is; 0 for what is not known."""
    at = region_of(one)
    if at is None:
        return (0, 0, 0, 0, one.rule.tool)
    ends = (at.start_line, at.start_column or 0, at.end_line or at.start_line, at.end_column or 0)
    return (*ends, one.rule.tool)


def _nearest(found: Iterable[Edge]) -> list[Edge]:
    """Return a one-to-one choice for every two tools, the nearest first. No other tool has a say in it."""
    taken: set[tuple[int, str]] = set()
    chosen = []
    for edge in sorted(found):
        ends = {(id(edge.one), edge.other.tool), (id(edge.other), edge.one.tool)}
        if not ends & taken:
            taken |= ends
            chosen.append(edge)
    return chosen


def _cliques(reports: Sequence[Report], chosen: Sequence[Edge]) -> list[list[Report]]:
    """Return the reports, joined along the edges as long as every two of a group have an edge."""
    joined = {id(one): [one] for one in reports}
    pairs = {frozenset((id(edge.one), id(edge.other))) for edge in chosen}
    for edge in chosen:
        ours, theirs = joined[id(edge.one)], joined[id(edge.other)]
        if ours is not theirs and all(frozenset((id(a), id(b))) in pairs for a in ours for b in theirs):
            ours += theirs
            joined |= {id(one): ours for one in theirs}
    return list({id(clique): clique for clique in joined.values()}.values())


def _group(members: Sequence[Finding], name: str | None) -> Group:
    ordered = members
    served = sum(isinstance(one.location, Http) for one in members)
    if served == len(members):
        name = None  # a class is read off the source; what only a service shows keeps its own number
    if len(members) > 1:
        ordered = sorted(members, key=lambda one: (-rank(one.severity), one.rule.tool, one.rule.id, one.id))
    said = [one.weakness for one in ordered if one.weakness is not None]
    return Group(
        id=ordered[0].id,
        weakness=weakness_of(name) if name is not None else next(iter(said), None),
        severity=ordered[0].severity,
        reported_by=tuple(sorted([one.id for one in members])),
        confirmed=0 < served < len(members),
    )
