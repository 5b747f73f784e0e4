"""What most scanners of text do, so that a plugin says only what it looks for."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from devsecops.contract import Context, Parsed, ScanUnit
from devsecops.model import Cover, CoverState, File, Finding, Kind, Region, Rule, RuleRef, Unit

Look = Callable[[ScanUnit, str], Iterable[Finding]]
"""Looks at the text of one unit."""


def finding_at(unit: ScanUnit, line: int, rule: Rule, *, kind: Kind, message: str = "") -> Finding:
    """Return a finding of `rule` at a line of a unit, from 1; the rule's summary when there is no message.

    Severity, confidence and weakness are the rule's.
    """
    return Finding(
        rule=RuleRef(tool=rule.tool, id=rule.id),
        kind=kind,
        weakness=rule.weakness,
        severity=rule.severity,
        confidence=rule.confidence,
        message=message or rule.summary,
        location=File(path=unit.path, region=Region(start_line=line)),
    )


def scan_texts(ctx: Context, look: Look, *, rules: Iterable[Rule], version: str) -> Parsed:
    """Look at every unit that is text, for a scanner that works in process.

    Each unit gets its one row: scanned, or failed when it cannot be read or is not UTF-8. A byte order
    mark is dropped; lines end as they do in the file.
    """
    findings: list[Finding] = []
    cover: list[Cover] = []
    for unit in ctx.units:
        text, why = _text(ctx, unit)
        findings += look(unit, text) if not why else ()
        state: CoverState = "failed" if why else "scanned"
        cover.append(Cover(unit=Unit(kind="file", id=unit.id), state=state, why=why))
    return Parsed(findings=tuple(findings), cover=tuple(cover), rules=tuple(rules), version=version)


def _text(ctx: Context, unit: ScanUnit) -> tuple[str, str]:
    """Return (text, ""), or ("", why there is none)."""
    data = ctx.read(unit.path)
    if data is None:
        return "", "unreadable"
    try:
        return data.decode("utf-8-sig"), ""
    except UnicodeDecodeError:
        return "", "encoding"
