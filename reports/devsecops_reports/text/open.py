"""Why the answer is open, with what to do about each reason; then the warnings."""

from __future__ import annotations

from collections.abc import Sequence

from devsecops.api import Reason, Report
from devsecops_reports.text.style import Style, cut, line, number

MOST_REASONS = 10
MOST_UNITS = 5
MOST_LINES = 40
"""Of one remedy."""
FAILING = frozenset({"budget", "check"})
"""Codes that fail by themselves, beside the findings."""
_FAIL = FAILING | {"finding"}


def phrase(reason: Reason) -> str:
    """Return a reason as a sentence that names its scanner."""
    if reason.scanner is None or reason.rule == "data.unpinned":
        return reason.message
    joint = " " if reason.code in ("not-covered", "unresolved") else ": "
    return f"{reason.scanner}{joint}{reason.message}"


def incomplete(report: Report, style: Style) -> list[str]:
    """Return the reasons that keep the verdict open."""
    reasons = [reason for reason in report.verdict.statement.reasons if reason.code not in _FAIL]
    if not reasons:
        return []
    out = [style.heading(f"Incomplete: {number(len(reasons), 'reason')}")]
    most = len(reasons) if style.verbose else MOST_REASONS
    for reason in reasons[:most]:
        out += _reason(reason, style)
    if len(reasons) > most:
        out.append(f"  {number(len(reasons) - most, 'more reason')}: devsecops explain coverage, or -v here.")
    return out


def refused(report: Report, style: Style) -> list[str]:
    """Return what fails beside single findings: budgets that are exceeded, checks that object."""
    reasons = [reason for reason in report.verdict.statement.reasons if reason.code in FAILING]
    if not reasons:
        return []
    out = [style.heading(f"Not allowed: {number(len(reasons), 'reason')}")]
    most = len(reasons) if style.verbose else MOST_REASONS
    for reason in reasons[:most]:
        out += _reason(reason, style)
    if len(reasons) > most:
        out.append(f"  {number(len(reasons) - most, 'more reason')}: -v shows them.")
    return out


def _reason(reason: Reason, style: Style) -> list[str]:
    out = style.wrap(phrase(reason), 2)
    if not (reason.units_total == 1 and reason.units and reason.units[0] in reason.message):
        out += _units(reason.units, reason.units_total, style)
    parts = [(prose, text) for prose, block in remedy_parts(reason.remedy) for text in block.split("\n")]
    for prose, text in parts if style.verbose else parts[:MOST_LINES]:
        out += style.wrap(text, 4, most=8) if prose else [f"      {cut(line(text), 4000)}"]
    return out


def remedy_parts(remedy: str) -> list[tuple[bool, str]]:
    """Return a remedy in parts: (True, a line of prose) or (False, lines to be pasted, never wrapped).

    What stands after a line with a colon is there to be pasted, until a line starts with "or".
    """
    out: list[tuple[bool, str]] = []
    block = False
    for text in remedy.split("\n") if remedy else []:
        prose = not block or text.startswith("or ")
        if prose or not out or out[-1][0]:
            out.append((prose, text))
        else:
            out[-1] = (False, f"{out[-1][1]}\n{text}")
        block = text.endswith(":") or (block and not prose)
    return out


def _units(units: Sequence[str], total: int, style: Style) -> list[str]:
    shown = units if style.verbose else units[:MOST_UNITS]
    out = [f"    {cut(line(unit), 160)}" for unit in shown]
    if total > len(shown):
        out.append(f"    and {total - len(shown):,} more: devsecops explain coverage")
    return out


def warnings(report: Report, style: Style) -> list[str]:
    """Return what did not decide the verdict and still wants to be known."""
    found = report.verdict.statement.warnings
    if not found:
        return []
    most = len(found) if style.verbose else MOST_REASONS
    out = [style.heading(f"Warnings ({len(found):,})")]
    for reason in found[:most]:
        out += style.wrap(phrase(reason), 2)
    if len(found) > most:
        out.append(f"  {number(len(found) - most, 'more warning')}: -v shows them.")
    return out
