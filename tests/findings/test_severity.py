"""The order of severities, and where a score falls."""

from __future__ import annotations

import pytest

from devsecops.findings.severity import at_least, band, confident, rank, worst
from devsecops.model import SEVERITIES, Severity


def test_severities_are_in_order_and_unknown_is_apart() -> None:
    assert [rank(s) for s in SEVERITIES] == [5, 4, 3, 2, 1, 0]
    assert at_least("critical", "high")
    assert not at_least("medium", "high")
    assert not any(at_least("unknown", level) for level in SEVERITIES if level != "unknown")
    assert worst(("low", "unknown", "medium")) == "medium"
    assert worst(()) == "unknown"
    assert confident("medium", "low")
    assert not confident("low", "medium")


@pytest.mark.parametrize(
    ("score", "severity"),
    [
        (10.0, "critical"),
        (9.0, "critical"),
        (8.9, "high"),
        (7.0, "high"),
        (6.9, "medium"),
        (4.0, "medium"),
        (3.9, "low"),
        (0.1, "low"),
        (0.0, "info"),
        (None, "unknown"),
        (11.0, "unknown"),
        (float("nan"), "unknown"),
    ],
)
def test_bands_are_those_of_cvss(score: float | None, severity: Severity) -> None:
    assert band(score) == severity
