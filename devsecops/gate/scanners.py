"""What keeps a scanner's word from counting: it is missing, failed, untested, or judged by old data."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence

from devsecops.gate.coverage import as_before, blocking
from devsecops.model import Cover, Kind, Problem, Reason, ScanResult
from devsecops.policy.model import Policy

_PROVED_BY_LEDGER = ("not-covered", "unresolved")


def required(name: str, kind: Kind | None, policy: Policy) -> bool:
    """Return whether a verdict needs `name`: every scanner of a kind that is judged, unless switched off."""
    asked = policy.required(name)
    return asked == "yes" or (asked == "auto" and policy.judges(kind))


def from_problem(scanner: str | None, problem: Problem) -> Reason:
    """Return the reason that a problem is."""
    return Reason(code=problem.code, scanner=scanner, message=problem.message, remedy=problem.remedy)


def result_reasons(result: ScanResult, rows: Sequence[Cover], policy: Policy, today: str) -> list[Reason]:
    """Return every reason not to believe a result. `rows` are its rows of the ledger."""
    name = result.scanner
    shown_gaps = any(blocking(row) or row.state == "accepted" or as_before(row) for row in rows)
    problems = [
        problem for problem in result.problems if not (shown_gaps and problem.code in _PROVED_BY_LEDGER)
    ]
    out = [from_problem(name, problem) for problem in problems]
    if result.status == "not-applicable":
        if any(row.state not in ("excluded", "accepted", "same-as-base", "unsupported") for row in rows):
            out.append(_failed(name, "it says that nothing applies to it, and the ledger says otherwise"))
        return out
    if result.status in ("complete", "partial"):
        if result.control is None or not result.control.found:
            detail = result.control.detail if result.control is not None else ""
            out.append(
                Reason(
                    code="self-test-failed",
                    scanner=name,
                    message="it did not find the flaws that were planted for it"
                    + (f": {detail}" * bool(detail)),
                    remedy="devsecops doctor",
                )
            )
        if not rows:
            out.append(_failed(name, "it says that it is done, and looked at nothing"))
        if result.status == "partial" and not out and not shown_gaps:
            out.append(_failed(name, "it did not finish"))
        return out + _data_reasons(result, policy, today)
    if not out:
        if result.status == "missing":
            message = "it could not be started"
            out.append(
                Reason(code="scanner-missing", scanner=name, message=message, remedy="devsecops tools sync")
            )
        else:
            known = result.status == "failed"
            out.append(_failed(name, "it failed" if known else f"its status {result.status!r} is not known"))
    return out


def _failed(name: str, message: str) -> Reason:
    return Reason(code="scanner-failed", scanner=name, message=message, remedy="devsecops doctor")


def _data_reasons(result: ScanResult, policy: Policy, today: str) -> list[Reason]:
    data = result.tool.data if result.tool is not None else None
    if data is None:
        return []
    limit = policy.data.max_age_days
    try:
        age = (datetime.date.fromisoformat(today) - datetime.date.fromisoformat(data.date)).days
    except ValueError:
        message = "its data has no date"
    else:
        if 0 <= age <= limit:
            return []
        old = f"its data is of {data.date}, {age:,} days old; the policy allows {limit:,}"
        message = old if age > 0 else f"its data is of {data.date}, in the future"
    return [
        Reason(
            code="data-stale",
            scanner=result.scanner,
            message=message,
            rule="data.max_age_days",
            remedy="devsecops advisories update",
        )
    ]


def absent_reasons(
    names: Sequence[str],
    results: Sequence[ScanResult],
    left_out: Sequence[str],
    excused: set[str],
    kinds: Mapping[str, Kind],
) -> list[Reason]:
    """Return a reason for each scanner of `names` (all required) that said nothing or was not asked."""
    answered = [result.scanner for result in results]
    out = [
        _failed(name, "it answered more than once")
        for name in sorted(set(answered))
        if answered.count(name) > 1
    ]
    for name in names:
        if name in left_out:
            message = "it was left out of this run"
            out.append(Reason(code="scanner-left-out", scanner=name, message=message))
        elif name not in answered and name not in excused:
            registered = name in kinds
            message = "it gave no result" if registered else "it is not installed"
            remedy = "devsecops doctor" if registered else "Install its plugin and name it in plugins.allow."
            out.append(Reason(code="scanner-missing", scanner=name, message=message, remedy=remedy))
    return out
