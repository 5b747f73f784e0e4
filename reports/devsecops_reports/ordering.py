"""Which findings are told, in which order, and where each is: the same in every format for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from devsecops.api import SEVERITIES, File, Finding, ImageLayer, Location, Report


def counted(report: Report) -> set[str]:
    """Return the ids of the findings that fail the policy."""
    return {opinion.finding for opinion in report.judged if opinion.counted}


def waived(report: Report) -> dict[str, str]:
    """Return finding id -> what accepts it, until when, and why."""
    return {
        opinion.finding: f"Waived{f' until {opinion.until}' * bool(opinion.until)} by {opinion.waiver}"
        + f": {opinion.justification}" * bool(opinion.justification)
        for opinion in report.judged
        if opinion.waiver is not None and not opinion.counted
    }


def ordered(report: Report) -> list[Finding]:
    """Return all findings: what fails the policy first, what is waived or old last; then the worst."""
    failing, accepted, known = counted(report), waived(report), old(report)

    def order(finding: Finding) -> tuple[object, ...]:
        return (finding.id not in failing, finding.id in known, finding.id in accepted, *_order(finding))

    return sorted(report.findings, key=order)


def heads(report: Report) -> list[Finding]:
    """Return one finding of each group, the first of it in the order of `ordered`."""
    group = {opinion.finding: opinion.group for opinion in report.judged}
    seen: set[str] = set()
    out = []
    for finding in ordered(report):
        name = group.get(finding.id, finding.id)
        if name not in seen or not name:
            seen.add(name)
            out.append(finding)
    return out


def old(report: Report) -> set[str]:
    """Return the ids of the findings that are on the base as well and do not count."""
    return {opinion.finding for opinion in report.judged if opinion.state == "unchanged"} - counted(report)


class Also(NamedTuple):
    """Who else reports a finding: rules as ``tool/rule``; and whether a running service showed it."""

    rules: tuple[str, ...]
    confirmed: bool = False

    @property
    def words(self) -> str:
        """How a sentence about it begins."""
        return "Confirmed at run time, also reported by" if self.confirmed else "Also reported by"


def also(report: Report) -> dict[str, Also]:
    """Return, for each finding of a group of several, who reports it."""
    several = [group for group in report.groups if len(group.reported_by) > 1]
    if not several:
        return {}
    rules = {finding.id: f"{finding.rule.tool}/{finding.rule.id}" for finding in report.findings}
    return {
        name: Also(
            tuple(sorted({rules[other] for other in group.reported_by if other != name and other in rules})),
            group.confirmed,
        )
        for group in several
        for name in group.reported_by
    }


def advice(report: Report) -> dict[tuple[str, str], str]:
    """Return (tool, rule id) -> what to do, for findings that do not say it themselves."""
    return {(rule.tool, rule.id): rule.help for rule in report.rules}


def by_severity(findings: Iterable[Finding]) -> str:
    """Return ``1 critical, 18 high``, worst first."""
    found = Counter(finding.severity for finding in findings)
    return ", ".join(f"{found[word]:,} {word}" for word in SEVERITIES if found[word])


def file_of(location: Location) -> File | None:
    """Return the file that a place is in; None when it is in none."""
    if isinstance(location, File):
        return location
    return None if isinstance(location, ImageLayer) else location.at


def _rank(word: str, order: Sequence[str]) -> int:
    """Return the place of `word`, worst first; a word that nobody knows is as bad as the worst."""
    return order.index(word) if word in order else 0


def _order(finding: Finding) -> tuple[int, str, int, int, str, str, str]:
    file = file_of(finding.location)
    region = file.region if file is not None else None
    return (
        _rank(finding.severity, SEVERITIES),
        file.path if file is not None else "",
        region.start_line if region is not None else 0,
        (region.start_column or 0) if region is not None else 0,
        finding.rule.tool,
        finding.rule.id,
        finding.id,
    )
