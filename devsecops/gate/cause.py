"""THE sentence: what the last line of every run says, and every report repeats."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from devsecops.gate.counting import counted_groups, where, worst
from devsecops.gate.coverage import counted_by_policy, noun, number
from devsecops.gate.outcome import OUTCOME, built_in, question_was_narrowed
from devsecops.model import (
    Compared,
    Cover,
    Finding,
    Group,
    Judged,
    Outcome,
    PolicyInForce,
    Reason,
    ScanResult,
)
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
    groups: Sequence[Group],
    compared: Compared | None,
    reasons: Sequence[Reason],
    results: Sequence[ScanResult],
    ledger: Sequence[Cover],
    policy: Policy,
    in_force: PolicyInForce,
    left_out: Sequence[str],
    only: Sequence[str],
) -> str:
    """Return the sentence; `reasons` are in the order they are told in."""
    # In a shell the tree's own waivers, marks and baseline count: whoever wrote the tree wrote them.
    own = not built_in(in_force) or any(opinion.waiver is not None for opinion in judged)
    own = own or (compared is not None and not compared.change)
    tail = " (own policy, not a gate)" if own and not in_force.trusted else ""
    open_ = [reason for reason in reasons if OUTCOME.get(reason.code) != "fail"]
    if question_was_narrowed(in_force, reasons):
        asked = f"{', '.join(only)} only" if only else f"without {', '.join(left_out)}"
        tail = f" ({asked}: not a gate)"
        open_ = []
        if verdict == "incomplete":
            return f"PASS{tail}"
    lead = _lead(compared)
    if verdict == "pass":
        change = compared is not None and compared.change
        told = _nothing if compared is not None and change and not compared.files else _passed
        return f"PASS: {lead}{told(groups, judged, results, ledger, policy, change)}{tail}"
    if verdict == "incomplete":
        return f"INCOMPLETE: {lead}{_open(open_)}{tail}"
    rest = f", and incomplete: {_open(open_)}" if open_ else ""
    return f"FAIL: {lead}{_failed(findings, judged, groups, reasons, policy)}{rest}{tail}"


def _lead(compared: Compared | None) -> str:
    """Return what was judged, where it was not the whole: with a colon and a space."""
    if compared is None:
        return ""
    if not compared.change:
        return f"against {compared.against}: "
    return f"change of {number(compared.files, 'file')} since {compared.against}: "


def _open(reasons: Sequence[Reason]) -> str:
    told = [phrase(reason).rstrip(".") for reason in reasons[:2]]
    more = len(reasons) - len(told)
    return "; ".join(told) + (f"; and {number(more, 'more reason')}" if more else "")


def _failed(
    findings: Sequence[Finding],
    judged: Sequence[Judged],
    groups: Sequence[Group],
    reasons: Sequence[Reason],
    policy: Policy,
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
    flaws = len(counted_groups(groups, judged))
    lead = "worst: " if flaws > 1 else ""
    return f"{number(flaws, 'finding')} {which} ({lead}{name})"


def _nothing(*_: object) -> str:
    return "there is nothing to judge"


def _passed(
    groups: Sequence[Group],
    judged: Sequence[Judged],
    results: Sequence[ScanResult],
    ledger: Sequence[Cover],
    policy: Policy,
    change: bool,
) -> str:
    files = {row.unit.id for row in ledger if row.unit.kind in ("file", "manifest")}
    looked = {row.unit.id for row in ledger if row.state == "scanned"} & files
    untouched = {row.unit.id for row in ledger if row.state == "same-as-base"} & files - looked
    accepted = len({(row.unit.id, row.scanner) for row in ledger if row.state == "accepted"})
    counted = len({row.unit.id for row in ledger if counted_by_policy(row, policy)})
    notes = f", {number(accepted, 'gap')} accepted" if accepted else ""
    notes += f", {number(counted, 'dependency')} without a version not judged" if counted else ""
    notes += f"; {number(len(untouched), 'untouched file')} not judged" if untouched else ""
    scanners = [result for result in results if result.status in ("complete", "partial")]
    if not scanners:
        what = "any file of it" if change else f"any of the {number(len(files), 'file')}"
        return f"nothing in scope: no scanner reads {what}{notes}"
    lead = f"{', '.join(_looked_at(ledger, looked))}, {number(len(scanners), 'scanner')}"
    if policy.gate.fail_on == "none":
        return f"{lead}, {number(len(groups), 'finding')} reported and none judged{notes}"
    return f"{lead}, nothing{' new' * change} at or above {policy.gate.fail_on}{_rest(groups, judged)}{notes}"


def _looked_at(ledger: Sequence[Cover], files: Collection[str]) -> list[str]:
    """Return how many files, operations and URLs were looked at: what there is none of is not told."""
    told = [number(len(files), "file")] if files else []
    for kind in ("operation", "url"):
        units = {row.unit.id for row in ledger if row.unit.kind == kind and row.state == "scanned"}
        told += [number(len(units), noun({kind}))] if units else []
    return told or [number(0, "file")]


def _rest(groups: Sequence[Group], judged: Sequence[Judged]) -> str:
    """Return how many findings there are that do not count, and why, in brackets."""
    of = {opinion.finding: opinion for opinion in judged}
    waived = old = 0
    for group in groups:
        opinions = [of[member] for member in group.reported_by]
        waived += all(opinion.waiver is not None for opinion in opinions)
        old += all(opinion.waiver is None and opinion.state == "unchanged" for opinion in opinions)
    below = len(groups) - waived - old
    told = [
        f"{count:,} {word}" for count, word in ((below, "below"), (old, "old"), (waived, "waived")) if count
    ]
    return f" ({', '.join(told)})" if told else ""
