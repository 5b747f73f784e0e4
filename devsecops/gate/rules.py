"""The rules of the policy that add a reason to fail: ``[[gate.rule]]``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import get_args

from devsecops.gate.standing import Standing
from devsecops.model import CONFIDENCES, SEVERITIES, Finding, Group, Reason, Severity, State
from devsecops.policy.model import GATING_KINDS, GateRule

_STATES = frozenset(get_args(State))


def rule_reasons(
    findings: Sequence[Finding],
    standings: Mapping[str, Standing],
    groups: Sequence[Group],
    rules: Sequence[GateRule],
) -> tuple[list[Reason], dict[str, str]]:
    """Return a reason for each rule that more flaws match than it allows, and which rule counts a finding.

    A flaw is a group, however many tools report it; a finding that is in no group is one by itself, and one
    without a standing is new. A finding that is waived matches nothing. The second value maps the id of every
    finding that a broken rule counts to the name of the first such rule.
    """
    group_of = {finding: group.id for group in groups for finding in group.reported_by}
    reasons: list[Reason] = []
    why: dict[str, str] = {}
    for number, rule in enumerate(rules):
        matched = [one for one in findings if matches(one, standings.get(one.id, Standing()), rule)]
        flaws = {group_of.get(one.id, one.id) for one in matched}
        if len(flaws) <= rule.max:
            continue
        label = rule.name or f"gate.rule[{number}]"
        reasons.append(_reason(rule, label, matched, len(flaws)))
        for one in matched:
            why.setdefault(one.id, label)
    return reasons, why


def matches(finding: Finding, standing: Standing, rule: GateRule) -> bool:
    """Return whether a rule counts a finding. A word that nobody knows is as bad as the worst."""
    return (
        standing.waiver is None
        and finding.kind in rule.kind
        and (standing.state in rule.state or (standing.state not in _STATES and "new" in rule.state))
        and _rank(finding.severity, SEVERITIES) <= _rank(rule.severity, SEVERITIES)
        and _rank(finding.confidence, CONFIDENCES) <= _rank(rule.confidence, CONFIDENCES)
    )


def _rank(word: str, order: Sequence[str]) -> int:
    return order.index(word) if word in order else 0


def _reason(rule: GateRule, label: str, matched: Sequence[Finding], flaws: int) -> Reason:
    worst: Severity = min((one.severity for one in matched), key=lambda word: _rank(word, SEVERITIES))
    noun = "finding" if flaws == 1 else "findings"
    allowed = f"the policy allows {rule.max:,}" if rule.max else "the policy allows none"
    return Reason(
        code="budget" if rule.max else "finding",
        severity=worst,
        message=f"{flaws:,} {noun} ({_what(rule)}); {allowed}",
        findings=tuple(sorted({one.id for one in matched})),
        rule=label,
        remedy="devsecops explain FINDING-ID",
    )


def _what(rule: GateRule) -> str:
    """Return what a rule counts: ``sast, low and up, new or unchanged``."""
    kinds = "any kind but quality" if rule.kind == GATING_KINDS else " or ".join(rule.kind)
    parts = [kinds]
    if rule.severity == "critical":
        parts.append("critical")
    elif rule.severity == "unknown":
        parts.append("any severity")
    else:
        parts.append(f"{rule.severity} and up")
    if rule.confidence != "low":
        parts.append(f"confidence {rule.confidence}" + (" and up" if rule.confidence == "medium" else ""))
    return f"{', '.join(parts)}, {' or '.join(rule.state)}"
