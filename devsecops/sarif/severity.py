"""Severity as readers of SARIF know it, both ways."""

from __future__ import annotations

import math

from devsecops.findings.severity import band
from devsecops.model import Severity
from devsecops.sarif.shape import Level

LEVELS: dict[Severity, Level] = {
    "critical": "error", "high": "error", "medium": "warning", "low": "note", "info": "note",
    "unknown": "note",
}  # fmt: skip
_SCORES: dict[Severity, float] = {"critical": 9.5, "high": 8.0, "medium": 5.5, "low": 2.5}
_FROM_LEVEL: dict[str, Severity] = {"error": "high", "warning": "medium", "note": "low", "none": "info"}


def score(severity: Severity, own: float | None) -> float | None:
    """Return the score that stands for a severity: its own where that lies in the same band.

    None for info and unknown: a number would make them a severity for those who read only that.
    """
    if severity not in _SCORES:
        return None
    if own is None or band(own) != severity:
        return _SCORES[severity]
    return max(own, 9.1) if severity == "critical" else own  # GitHub takes 9.0 for high, CVSS for critical


def from_level(level: str) -> Severity:
    """Return the severity of a SARIF level; unknown for a word that is none."""
    return _FROM_LEVEL.get(level, "unknown")


def from_score(text: object) -> tuple[Severity, float] | None:
    """Return the severity and score of a ``security-severity``; None when it is no number of 0 to 10."""
    if isinstance(text, bool) or not isinstance(text, str | int | float):
        return None
    try:
        number = float(text)
    except (ValueError, OverflowError):
        return None
    if not math.isfinite(number) or not 0 <= number <= 10:
        return None
    return band(number), number
