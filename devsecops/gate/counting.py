"""Which findings count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from devsecops.gate.standing import Standing
from devsecops.model import (
    CONFIDENCES,
    SEVERITIES,
    File,
    Finding,
    Gone,
    Group,
    Http,
    ImageLayer,
    Judged,
    Location,
    Reason,
    State,
)
from devsecops.policy.model import GATING_KINDS, Gate


def _rank(word: str, order: Sequence[str]) -> int:
    """Return the place of `word`, worst first; a word that nobody knows is as bad as the worst."""
    return order.index(word) if word in order else 0


def counts(finding: Finding, gate: Gate) -> tuple[bool, str]:
    """Return whether a finding fails the gate, and the policy rule that says so."""
    if gate.fail_on == "none":
        return False, "gate.fail_on = none"
    if finding.kind not in GATING_KINDS:
        return False, f"{finding.kind} is reported, not judged"
    if finding.kind == "secrets":
        return True, "a secret always fails"
    if _rank(finding.confidence, CONFIDENCES) > _rank(gate.confidence, CONFIDENCES):
        return False, f"gate.confidence = {gate.confidence}"
    if finding.severity == "unknown":
        fails = finding.kind in gate.unknown
        return fails, f"gate.unknown.{finding.kind} = {'fail' if fails else 'pass'}"
    fails = _rank(finding.severity, SEVERITIES) <= _rank(gate.fail_on, SEVERITIES)
    return fails, f"gate.fail_on = {gate.fail_on}"


def stands_out(standing: Standing) -> str:
    """Return why a finding does not count whatever it says; empty when it may count."""
    if standing.waiver is not None:
        return standing.waiver
    # An updated one counts as new: its code is not what it was (docs/contracts.md).
    return "it is on the base as well" if standing.state == "unchanged" else ""


def judge_findings(
    findings: Iterable[Finding],
    gate: Gate,
    standings: Mapping[str, Standing],
    groups: Iterable[Group],
    by_rule: Mapping[str, str],
) -> tuple[Judged, ...]:
    """Return what the gate thinks of each finding.

    `by_rule` holds, for each finding that a rule of the policy counts, the name of the rule.
    """
    group_of = {member: group.id for group in groups for member in group.reported_by}
    judged = []
    for finding in findings:
        standing = standings.get(finding.id, Standing())
        why = stands_out(standing)
        counted, told = (False, why) if why else counts(finding, gate)
        if not counted and standing.waiver is None and finding.id in by_rule:
            counted, told = True, by_rule[finding.id]
        judged.append(
            Judged(
                finding=finding.id,
                state=standing.state,
                base=standing.base,
                group=group_of.get(finding.id, finding.id),
                waiver=standing.waiver,
                counted=counted,
                why=told,
            )
        )
    return tuple(judged)


def alone(findings: Iterable[Finding]) -> tuple[Group, ...]:
    """Return one group for each finding."""
    return tuple(
        Group(id=one.id, weakness=one.weakness, severity=one.severity, reported_by=(one.id,))
        for one in findings
    )


_STATES: tuple[State, ...] = ("new", "updated", "unchanged", "not-looked-at", "fixed")


def tally(
    groups: Iterable[Group], judged: Iterable[Judged], gone: Iterable[Gone]
) -> dict[str, dict[str, int]]:
    """Return severity -> state -> number: of flaws, each of which several scanners may report."""
    states = {opinion.finding: opinion.state for opinion in judged}
    out: dict[str, dict[str, int]] = {}

    def add(severity: str, state: str) -> None:
        row = out.setdefault(severity, {})
        row[state] = row.get(state, 0) + 1

    for group in groups:
        add(group.severity, min((states[member] for member in group.reported_by), key=_STATES.index))
    for one in gone:
        add(one.finding.severity, one.state)
    return out


def counted_groups(groups: Iterable[Group], judged: Iterable[Judged]) -> list[tuple[Group, list[Judged]]]:
    """Return the groups with a finding that counts, each with what the gate thinks of those."""
    counted = {opinion.finding: opinion for opinion in judged if opinion.counted}
    told = ((group, [counted[m] for m in group.reported_by if m in counted]) for group in groups)
    return [(group, opinions) for group, opinions in told if opinions]


def finding_reasons(
    groups: Iterable[Group], judged: Iterable[Judged], by_rule: Mapping[str, str]
) -> list[Reason]:
    """Return one reason per severity that counts, worst first; what only `by_rule` counts has its own."""
    by: dict[str, list[list[Judged]]] = {}
    level = [opinion for opinion in judged if opinion.why != by_rule.get(opinion.finding)]
    for group, opinions in counted_groups(groups, level):
        by.setdefault(group.severity, []).append(opinions)
    out = []
    for severity in sorted(by, key=lambda word: (_rank(word, SEVERITIES), word)):
        flaws = by[severity]
        noun = "finding" if len(flaws) == 1 else "findings"
        out.append(
            Reason(
                code="finding",
                severity=severity,  # type: ignore[arg-type]  # the key is a group's severity
                message=f"{len(flaws):,} {noun} of severity {severity}",
                findings=tuple(sorted(opinion.finding for opinions in flaws for opinion in opinions)),
                rule=", ".join(sorted({opinion.why for opinions in flaws for opinion in opinions})),
                remedy="devsecops explain FINDING-ID",
            )
        )
    return out


def where(location: Location) -> str:
    """Return a place as one reads it: ``app/db.py:41``."""
    if isinstance(location, Http):
        return f"{location.method} {location.template}"
    if isinstance(location, ImageLayer):
        return location.package
    file = location if isinstance(location, File) else location.at
    return f"{file.path}:{file.region.start_line}" if file.region is not None else file.path


def worst(findings: Iterable[Finding], judged: Iterable[Judged]) -> Finding | None:
    """Return the finding that is told first: the worst that counts."""
    ids = {opinion.finding for opinion in judged if opinion.counted}
    counted = [finding for finding in findings if finding.id in ids]
    if not counted:
        return None

    def order(finding: Finding) -> tuple[int, str, str, str]:
        rank = _rank(finding.severity, SEVERITIES)
        return (rank, where(finding.location), finding.rule.id, finding.id)

    return min(counted, key=order)
