"""All waivers on all findings of a run: what is accepted, and what is to be said about the waivers."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec

from devsecops.findings.marks import LABEL, REASON
from devsecops.model import Finding, Judged, Reason
from devsecops.subject.globs import matches
from devsecops.waivers.finding import Heads, History, meant, path_of
from devsecops.waivers.model import Applied, Waived, Waiver


def apply(
    waivers: Sequence[Waiver],
    findings: Sequence[Finding],
    *,
    today: str,
    max_days: int,
    warn_days: int,
    history: History,
    looked: Collection[str] | None = None,
) -> Applied:
    """Return what the waivers accept.

    Args:
        waivers: as they stand in the trusted file.
        findings: of the head, completed and named.
        today: the UTC day that is judged, YYYY-MM-DD.
        max_days: the longest life of a waiver; one with a longer life accepts nothing.
        warn_days: one that expires within so many days is spoken of.
        history: what changed between a commit and the head.
        looked: paths of the files that the run looked at, where it did not look at all of them: a waiver
            of another file is not called unused.
    """
    heads = Heads(findings, history)
    found = {one.label: _accepts(one, findings, heads) for one in waivers if not void(one, today, max_days)}
    accepted: dict[str, Waived] = {}
    # An entry of one finding says more about it than one of a whole folder.
    for waiver in sorted(waivers, key=lambda one: one.id is None):
        for name, how in found.get(waiver.label, {}).items():
            accepted.setdefault(name, _waived(waiver, how))
    notices = []
    for waiver in waivers:
        said = void(waiver, today, max_days)
        if not said:
            used = found[waiver.label]
            said = _soon(waiver, today, warn_days) if used else _unused(waiver, looked)
        if said:
            notices.append(_notice(waiver, said, sorted(found.get(waiver.label, ()))))
    return Applied(by_finding=dict(sorted(accepted.items())), notices=tuple(notices))


def void(waiver: Waiver, today: str, max_days: int) -> str:
    """Return why a waiver accepts nothing, whatever it is about; empty when it may."""
    if waiver.expires < today:
        return f"expired on {waiver.expires}"
    if waiver.created > today:
        return f"was created in the future ({waiver.created})"
    days = _days(waiver.created, waiver.expires)
    if days > max_days:
        return f"lives for {days:,} days, and the policy allows {max_days:,}"
    return ""


def _days(start: str, end: str) -> int:
    return (datetime.date.fromisoformat(end) - datetime.date.fromisoformat(start)).days


def _accepts(waiver: Waiver, findings: Sequence[Finding], heads: Heads) -> dict[str, str]:
    """Return finding id -> what found it."""
    if waiver.id is not None:
        found = meant(waiver, heads)
        return {} if found is None else {found[0].id: found[1]}
    return {finding.id: "path" for finding in findings if in_paths(waiver, finding)}


def in_paths(waiver: Waiver, finding: Finding) -> bool:
    """Tell whether a waiver of a rule in some paths is about a finding."""
    name, rule, path = f"{finding.rule.tool}/{finding.rule.id}", waiver.rule, path_of(finding)
    same = name.startswith(rule[:-1]) if rule.endswith("*") else name == rule
    return same and path != "" and matches(waiver.paths, path)


def _waived(waiver: Waiver, how: str) -> Waived:
    return Waived(
        waiver=waiver.label, reason=waiver.reason, owner=waiver.owner, expires=waiver.expires, how=how
    )


def _soon(waiver: Waiver, today: str, warn_days: int) -> str:
    left = _days(today, waiver.expires)
    return f"expires on {waiver.expires}" if left <= warn_days else ""


def _unused(waiver: Waiver, looked: Collection[str] | None) -> str:
    if looked is not None and (waiver.id is None or waiver.path not in looked):
        return ""
    return "accepts no finding"


def _notice(waiver: Waiver, what: str, findings: Sequence[str]) -> Reason:
    remedy = {
        "accepts": "Remove it, or write it again: devsecops waive ID --reason TEXT --until DAY",
        "expires": "Repair the finding, or write a new one: devsecops waive ID --reason TEXT --until DAY",
    }.get(what.split(" ")[0], "It accepts nothing. Repair the finding, or write a new one.")
    return Reason(
        code="waiver-invalid",
        message=f"{waiver.label} ({waiver.about}, {waiver.owner}) {what}",
        findings=tuple(findings),
        rule=waiver.label,
        remedy=remedy,
    )


def justified(
    judged: Iterable[Judged], findings: Iterable[Finding], accepted: Mapping[str, Waived]
) -> tuple[Judged, ...]:
    """Return opinions with the reasons of what waives their findings: of a waiver, or of an inline mark."""
    marks = {finding.id: finding.evidence.get(REASON, "") for finding in findings}
    out = []
    for opinion in judged:
        why, until = "", ""
        if opinion.waiver is not None and opinion.waiver.startswith(LABEL):
            why = marks.get(opinion.finding, "")
        elif opinion.waiver is not None and (waived := accepted.get(opinion.finding)) is not None:
            why, until = f"{waived.reason} ({waived.owner})", waived.expires
        out.append(msgspec.structs.replace(opinion, justification=why, until=until))
    return tuple(out)
