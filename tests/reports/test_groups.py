"""A flaw that several tools report is told once, under the worst of them, and says who else reports it."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

from msgspec.structs import replace

from devsecops.findings.grouping import group
from devsecops.model import Finding, Report, RuleRef
from devsecops_reports import junit, markdown, text
from devsecops_reports.ordering import also, counted, heads
from tests.reports import sample


def grouped(*findings: Finding) -> Report:
    """Return the report on findings of several tools, with real groups."""
    tools = sorted({one.rule.tool for one in findings})
    results = (sample.result(tool, *(one for one in findings if one.rule.tool == tool)) for tool in tools)
    report = sample.report(*results)
    groups = group(report.findings)
    of = {name: one.id for one in groups for name in one.reported_by}
    judged = tuple(replace(opinion, group=of[opinion.finding]) for opinion in report.judged)
    return replace(report, groups=groups, judged=judged)


def shell(tool: str, rule: str, **more: object) -> Finding:
    found = sample.bandit(sample.B602, 11, 5, 64, **more)
    return replace(found, scanner=tool, rule=RuleRef(tool=tool, id=rule))


THREE = (
    shell("bandit", "B602", severity="high"),
    shell("ruff", "S602", severity="medium"),
    shell("semgrep", "py-os-command-built", severity="critical"),
)


def told(data: bytes, report: Report) -> str:
    """Return a page without the sentence, which names a place as well."""
    return data.decode().replace(report.verdict.statement.cause, "")


def test_a_group_is_told_once_under_its_worst_finding() -> None:
    report = grouped(*THREE, sample.bandit(sample.B608, 6, 20, 79))
    assert len(report.groups) == 2
    assert [one.rule.id for one in heads(report)] == ["py-os-command-built", "B608"]
    said = told(text.render(report), report)
    assert said.count("Also reported by bandit/B602, ruff/S602") == 1
    assert said.count("app/db.py:11:5") == 1
    assert "Findings that fail the policy (1)" in said
    comment = told(markdown.render(report), report)
    assert comment.count("Also reported by `bandit/B602, ruff/S602`") == 1
    assert comment.count("app/db.py:11") == 1


def test_a_list_of_all_findings_lists_every_one_with_who_else_reports_it() -> None:
    report = grouped(*THREE)
    cases = [
        "".join(case.itertext()) for case in ElementTree.fromstring(junit.render(report)).iter("testcase")
    ]
    about = [case for case in cases if "Also reported by" in case]
    assert len(about) == 3
    assert sum("Also reported by bandit/B602, ruff/S602" in one for one in about) == 1
    assert sum("Also reported by ruff/S602, semgrep/py-os-command-built" in one for one in about) == 1


def test_a_group_fails_where_any_of_it_does() -> None:
    sure, unsure = shell("bandit", "B602"), shell("semgrep", "py-os-command-built", severity="critical")
    report = grouped(sure, replace(unsure, confidence="low"))
    (head,) = heads(report)
    assert head.rule.id == "B602"
    assert head.id in counted(report)
    assert report.groups[0].severity == "critical"


def test_an_advisory_that_two_scanners_know_is_told_once() -> None:
    ours = sample.advisory()
    theirs = replace(
        ours,
        scanner="safety",
        rule=RuleRef(tool="safety", id="PYSEC-2022-190"),
        evidence={"aliases": "CVE-2022-28346"},
    )
    report = grouped(ours, theirs)
    assert [one.reported_by for one in report.groups] == [tuple(sorted(one.id for one in report.findings))]
    assert told(text.render(report), report).count("requirements.txt:2") == 1
    assert sorted(one.rules for one in also(report).values()) == [
        ("advisories/GHSA-2gwj-7jmv-h26r",),
        ("safety/PYSEC-2022-190",),
    ]
