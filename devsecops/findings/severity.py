"""The order of severities and confidences, and CVSS bands."""

from __future__ import annotations

from devsecops.model import CONFIDENCES, SEVERITIES, Confidence, Severity

_SEVERITY = {name: place for place, name in enumerate(reversed(SEVERITIES))}
_CONFIDENCE = {name: place for place, name in enumerate(reversed(CONFIDENCES))}


def rank(severity: Severity) -> int:
    """Return the place of `severity`: 5 for critical down to 1 for info; 0 for unknown."""
    return _SEVERITY[severity]


def at_least(severity: Severity, level: Severity) -> bool:
    """Tell whether `severity` is known and not below `level`. Unknown is at least unknown alone."""
    return severity == level or (severity != "unknown" and rank(severity) >= rank(level) > 0)


def confidence_rank(confidence: Confidence) -> int:
    """Return the place of `confidence`: 2 for high, 1 for medium, 0 for low."""
    return _CONFIDENCE[confidence]


def confident(confidence: Confidence, level: Confidence) -> bool:
    """Tell whether `confidence` is not below `level`."""
    return confidence_rank(confidence) >= confidence_rank(level)


def worst(severities: tuple[Severity, ...]) -> Severity:
    """Return the highest of `severities`; unknown when there is none."""
    return max(severities, key=rank, default="unknown")


def band(score: float | None) -> Severity:
    """Return the qualitative band of a CVSS base score, 0 to 10; None or anything else is unknown."""
    if score is None or not 0 <= score <= 10:
        return "unknown"
    if score >= 9:
        return "critical"
    if score >= 7:
        return "high"
    if score >= 4:
        return "medium"
    return "low" if score > 0 else "info"
