"""A rules file of ZAP's packaged scans as policy."""

from __future__ import annotations

import pytest

from devsecops.api import Severity
from devsecops_zap.alerts import Site, read_alerts
from devsecops_zap.config import read_packaged
from devsecops_zap.levels import counted, levelled
from tests.dast import samples

RULES = read_packaged(
    "10038\tIGNORE\t(CSP)\n40018\tFAIL\t(SQL)\n10020\tWARN\t(Frames)\n10021\tINFO\t(Sniff)\n"
    "*\tOUTOFSCOPE\t.*/legacy/.*\n",
    "rules.tsv",
)


@pytest.mark.parametrize(
    ("rule", "risk", "severity"),
    [
        ("40018", "Low", "high"), ("40018", "High", "high"), ("10020", "High", "medium"),
        ("10020", "Low", "low"), ("10021", "High", "info"), ("6", "Medium", "medium"),
        ("10020-1", "High", "medium"),
    ],
)  # fmt: skip
def test_how_grave_a_finding_is(rule: str, risk: str, severity: Severity) -> None:
    alerts, ignored = counted([samples.new(pluginId=rule, alertRef=rule, risk=risk)], RULES)
    read = read_alerts(alerts, [Site(alias="shop", origin=samples.TARGET)])
    (finding,) = levelled(read.findings, RULES)
    assert (finding.severity, ignored) == (severity, 0)
    assert ("by the rules file" in finding.basis) == (rule != "6")
    assert levelled(read.findings, None) == read.findings


def test_what_is_ignored_is_counted() -> None:
    raw = [
        samples.new(pluginId="10038", alertRef="10038-1"), samples.new(url=f"{samples.TARGET}/legacy/x"),
        samples.new(),
    ]  # fmt: skip
    alerts, ignored = counted(raw, RULES)
    assert (alerts, ignored) == ([raw[2]], 2)
    assert counted(raw, None) == (raw, 0)
