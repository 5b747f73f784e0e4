"""What each reason makes of a verdict, and what a verdict makes of the exit code."""

from __future__ import annotations

from collections.abc import Iterable

from devsecops.model import Outcome, PolicyInForce, Reason, ReasonCode, Statement

OUTCOME: dict[ReasonCode, Outcome] = {
    "finding": "fail",
    "budget": "fail",
    "scanner-missing": "incomplete",
    "scanner-failed": "incomplete",
    "self-test-failed": "incomplete",
    "not-covered": "incomplete",
    "unresolved": "incomplete",
    "plugin-rejected": "incomplete",
    "policy-untrusted": "incomplete",
    "base-missing": "incomplete",
    "data-stale": "incomplete",
    "scanner-left-out": "incomplete",
    "interrupted": "incomplete",
    "output-lost": "incomplete",
    "shard-missing": "incomplete",
    "outside-target": "incomplete",
    "phase-unfinished": "incomplete",
    "version-mismatch": "incomplete",
    "waiver-invalid": "incomplete",
    "check": "fail",
}
"""Closed and append-only."""

# Which incomplete reason is told first: what ended the run, then scanners, then single units.
_ORDER: tuple[ReasonCode, ...] = (
    "finding", "budget", "check", "interrupted", "output-lost", "policy-untrusted", "base-missing",
    "outside-target", "plugin-rejected", "scanner-missing", "scanner-failed", "self-test-failed",
    "version-mismatch", "shard-missing", "phase-unfinished", "data-stale", "waiver-invalid", "not-covered",
    "unresolved", "scanner-left-out",
)  # fmt: skip


def outcome_of(reasons: Iterable[Reason]) -> Outcome:
    """Return the verdict: one reason to fail is a fail, any other reason is incomplete."""
    outcomes = {OUTCOME.get(reason.code, "incomplete") for reason in reasons}
    if "fail" in outcomes:
        return "fail"
    return "incomplete" if outcomes else "pass"


def place(reason: Reason) -> int:
    """Return where a reason stands among others."""
    return _ORDER.index(reason.code) if reason.code in _ORDER else -1


def built_in(policy: PolicyInForce) -> bool:
    """Return whether no policy file is in force."""
    return policy.source == "built-in" or policy.source.startswith("built-in (")


def question_was_narrowed(policy: PolicyInForce, reasons: Iterable[Reason]) -> bool:
    """Return whether a shell with no policy in force asked about some scanners only, and got its answer."""
    codes = {reason.code for reason in reasons} - {"finding", "budget", "check"}
    return codes == {"scanner-left-out"} and built_in(policy) and not policy.trusted


def exit_code(statement: Statement) -> int:
    """Return 0 for a pass, 1 for a fail, 3 for incomplete, from the statement alone.

    A run that left scanners out is incomplete, but in a shell with no policy in force (the policy is
    built-in and not trusted) what was left out defines the question: then 0 when nothing else is open.
    """
    if statement.verdict == "pass":
        return 0
    if statement.verdict == "fail":
        return 1
    return 0 if question_was_narrowed(statement.policy, statement.reasons) else 3
