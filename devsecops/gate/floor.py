"""The least that a scanner has to look at: ``coverage.floor``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from devsecops.model import Cover, Reason
from devsecops.policy.model import Policy

RULE = "coverage.floor"
_LOOKED_AT = ("scanned", "same-as-base")


def floor_reasons(ledger: Sequence[Cover], policy: Policy) -> list[Reason]:
    """Return a reason for each scanner that looked at a smaller share of what it reads than the policy asks.

    Gaps that are accepted, counted or excluded by the policy were not looked at: the floor bounds how much of
    that there may be. What a built-in rule leaves out, such as a scanner's own configuration, is not counted.
    Each scanner has to reach the floor by itself, so that one more scanner never hides what another missed.
    """
    looked: Counter[str] = Counter()
    whole: Counter[str] = Counter()
    for row in ledger:
        for name in _readers(row):
            whole[name] += 1
            looked[name] += row.state in _LOOKED_AT
    return [
        _reason(name, looked[name], whole[name], policy.coverage.floor)
        for name in sorted(whole)
        if looked[name] * 100 < policy.coverage.floor * whole[name]
    ]


def _readers(row: Cover) -> tuple[str, ...]:
    if row.scanner is None:
        return row.readers
    return () if row.state == "excluded" and (row.by or "").startswith("built-in:") else (row.scanner,)


def _reason(name: str, looked: int, whole: int, floor: float) -> Reason:
    share = looked * 1000 // whole / 10
    what = f"{looked:,} of {whole:,} files and dependencies, {share:g} %"
    return Reason(
        code="not-covered",
        scanner=name,
        message=f"looked at {what}; the policy asks for {floor:g} %",
        units_total=whole - looked,
        rule=RULE,
        remedy="devsecops explain coverage",
    )
