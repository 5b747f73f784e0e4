"""A rules file of ZAP's packaged scans as policy: what it ignores is left out, what it fails on is high."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from devsecops.api import Finding, Severity
from devsecops_zap.config import PackagedRules

_WORST: dict[str, Severity] = {"info": "info", "warn": "medium"}
_ORDER: tuple[Severity, ...] = ("critical", "high", "medium", "low", "info", "unknown")


def counted(
    alerts: Iterable[Mapping[str, object]], rules: PackagedRules | None
) -> tuple[list[Mapping[str, object]], int]:
    """Return the alerts that count, and how many the file ignores."""
    every = list(alerts)
    if rules is None:
        return every, 0
    kept = [one for one in every if rules.level(_rule(one), str(one.get("url", ""))) != "ignore"]
    return kept, len(every) - len(kept)


def _rule(alert: Mapping[str, object]) -> str:
    return str(alert.get("alertRef") or alert.get("pluginId") or "")


def levelled(findings: Iterable[Finding], rules: PackagedRules | None) -> tuple[Finding, ...]:
    """Return the findings, as grave as the file says: FAIL at least high, WARN at most medium, INFO info."""
    return tuple(findings) if rules is None else tuple(_levelled(one, rules) for one in findings)


def _levelled(finding: Finding, rules: PackagedRules) -> Finding:
    level = rules.level(finding.rule.id, "")
    if level is None or level == "ignore":
        return finding
    if level == "fail":
        severity = min(finding.severity, "high", key=_ORDER.index)
    else:
        severity = max(finding.severity, _WORST[level], key=_ORDER.index)
    basis = f"{finding.basis}; {level.upper()} by the rules file"
    return msgspec.structs.replace(finding, severity=severity, basis=basis)
