"""THE sentence: what the last line of every run says, and every report repeats."""

from __future__ import annotations

from collections.abc import Sequence

from devsecops.gate.counting import where, worst
from devsecops.gate.coverage import counted_by_policy, number
from devsecops.gate.outcome import OUTCOME, built_in, question_was_narrowed
from devsecops.model import Cover, Finding, Judged, Outcome, PolicyInForce, Reason, ScanResult
from devsecops.policy.model import Policy


def phrase(reason: Reason) -> str:
    """Return a reason as a part of a sentence."""
    if reason.scanner is None or reason.rule == "data.unpinned":
        return reason.message
    if reason.code in ("not-covered", "unresolved"):
        return f"{reason.scanner} {reason.message}"
    return f"{reason.scanner}: {reason.message}"


def cause(
    verdict: Outcome,
    *,
    findings: Sequence[Finding],
    judged: Sequence[Judged],
    reasons: Sequence[Reason],
    results: Sequence[ScanResult],
    ledger: Sequence[Cover],
    policy: Policy,
    in_force: PolicyInForce,
    left_out: Sequence[str],
    only: Sequence[str],
) -> str:
    """Return the sentence; `reasons` are in the order they are told in."""
    tail = "" if in_force.trusted or built_in(in_force) else " (own policy, not a gate)"
    open_ = [reason for reason in reasons if OUTCOME.get(reason.code) != "fail"]
    if question_was_narrowed(in_force, reasons):
        asked = f"{', '.join(only)} only" if only else f"without {', '.join(left_out)}"
        tail = f" ({asked}: not a gate)"
        open_ = []
        if verdict == "incomplete":
            return f"PASS{tail}"
    if verdict == "pass":
        return f"PASS: {_passed(findings, results, ledger, policy)}{tail}"
    if verdict == "incomplete":
        return f"INCOMPLETE: {_open(open_)}{tail}"
    rest = f", and incomplete: {_open(open_)}" if open_ else ""
    return f"FAIL: {_failed(findings, judged, reasons, policy)}{rest}{tail}"


def _open(reasons: Sequence[Reason]) -> str:
    told = [phrase(reason).rstrip(".") for reason in reasons[:2]]
    more = len(reasons) - len(told)
    return "; ".join(told) + (f"; and {number(more, 'more reason')}" if more else "")


def _failed(
    findings: Sequence[Finding], judged: Sequence[Judged], reasons: Sequence[Reason], policy: Policy
) -> str:
    first = worst(findings, judged)
    if first is None:
        return "; ".join(phrase(reason) for reason in reasons if OUTCOME.get(reason.code) == "fail")
    level = f"gate.fail_on = {policy.gate.fail_on}"
    counted = [opinion for opinion in judged if opinion.counted]
    which = (
        f"at or above {policy.gate.fail_on}"
        if all(opinion.why == level for opinion in counted)
        else "that the policy does not allow"
    )
    name = f"{first.rule.tool}/{first.rule.id} {where(first.location)}"
    lead = "worst: " if len(counted) > 1 else ""
    return f"{number(len(counted), 'finding')} {which} ({lead}{name})"


def _passed(
    findings: Sequence[Finding], results: Sequence[ScanResult], ledger: Sequence[Cover], policy: Policy
) -> str:
    files = {row.unit.id for row in ledger if row.unit.kind in ("file", "manifest")}
    looked = {row.unit.id for row in ledger if row.state in ("scanned", "same-as-base")} & files
    accepted = len({(row.unit.id, row.scanner) for row in ledger if row.state == "accepted"})
    counted = len({row.unit.id for row in ledger if counted_by_policy(row, policy)})
    notes = f", {number(accepted, 'gap')} accepted" if accepted else ""
    notes += f", {number(counted, 'dependency')} without a version not judged" if counted else ""
    scanners = [result for result in results if result.status in ("complete", "partial")]
    if not scanners:
        return f"nothing in scope: no scanner reads any of the {number(len(files), 'file')}{notes}"
    lead = f"{number(len(looked), 'file')}, {number(len(scanners), 'scanner')}"
    if policy.gate.fail_on == "none":
        return f"{lead}, {number(len(findings), 'finding')} reported and none judged{notes}"
    below = f" ({len(findings):,} below)" if findings else ""
    return f"{lead}, nothing at or above {policy.gate.fail_on}{below}{notes}"
