"""Which findings count."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from devsecops.model import (
    CONFIDENCES,
    SEVERITIES,
    File,
    Finding,
    Group,
    Http,
    ImageLayer,
    Judged,
    Location,
    Reason,
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


def judge_findings(findings: Iterable[Finding], gate: Gate) -> tuple[tuple[Judged, ...], tuple[Group, ...]]:
    """Return what the gate thinks of each finding; each is a group of its own."""
    judged, groups = [], []
    for finding in findings:
        counted, why = counts(finding, gate)
        judged.append(Judged(finding=finding.id, state="new", group=finding.id, counted=counted, why=why))
        groups.append(
            Group(
                id=finding.id,
                weakness=finding.weakness,
                severity=finding.severity,
                reported_by=(finding.id,),
            )
        )
    return tuple(judged), tuple(groups)


def tally(findings: Sequence[Finding], judged: Sequence[Judged]) -> dict[str, dict[str, int]]:
    """Return severity -> state -> number."""
    out: dict[str, dict[str, int]] = {}
    for finding, opinion in zip(findings, judged, strict=True):
        states = out.setdefault(finding.severity, {})
        states[opinion.state] = states.get(opinion.state, 0) + 1
    return out


def finding_reasons(findings: Sequence[Finding], judged: Sequence[Judged]) -> list[Reason]:
    """Return one reason per severity that counts, worst first."""
    by: dict[str, list[tuple[str, str]]] = {}
    for finding, opinion in zip(findings, judged, strict=True):
        if opinion.counted:
            by.setdefault(finding.severity, []).append((finding.id, opinion.why))
    out = []
    for severity in sorted(by, key=lambda word: (_rank(word, SEVERITIES), word)):
        ids = sorted(name for name, _ in by[severity])
        noun = "finding" if len(ids) == 1 else "findings"
        out.append(
            Reason(
                code="finding",
                severity=severity,  # type: ignore[arg-type]  # the key is a finding's severity
                message=f"{len(ids):,} {noun} of severity {severity}",
                findings=tuple(ids),
                rule=", ".join(sorted({why for _, why in by[severity]})),
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


def worst(findings: Sequence[Finding], judged: Sequence[Judged]) -> Finding | None:
    """Return the finding that is told first: the worst that counts."""
    counted = [finding for finding, opinion in zip(findings, judged, strict=True) if opinion.counted]
    if not counted:
        return None

    def order(finding: Finding) -> tuple[int, str, str, str]:
        rank = _rank(finding.severity, SEVERITIES)
        return (rank, where(finding.location), finding.rule.id, finding.id)

    return min(counted, key=order)
