"""JUnit: what a reader of CodeBuild's test reports sees."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import msgspec
import pytest
from hypothesis import given, settings

from devsecops.model import Control, Finding, Reason, Report, ScannerSummary, Severity
from devsecops.policy import parse_policy
from devsecops_reports.junit import MOST_CASES, MOST_MESSAGE, MOST_NAME, render
from tests.reports import sample
from tests.reports.anything import any_reports, judged_reports

PAGES = Path(__file__).parent / "pages"
EVERY: list[Callable[..., Report]] = [sample.passing, sample.failing, sample.several, sample.hostile]
ATTRIBUTES = {
    "testsuites": {"name", "tests", "failures", "errors", "skipped", "time"},
    "testsuite": {"name", "tests", "failures", "errors", "skipped", "time"},
    "properties": set(),
    "property": {"name", "value"},
    "testcase": {"classname", "name", "time", "file", "line"},
    "failure": {"message", "type"},
    "error": {"message", "type"},
    "system-out": set(),
}


def outcome(case: ElementTree.Element) -> str:
    (inner,) = case
    return {"failure": "failed", "error": "error", "system-out": "passed"}[inner.tag]


def read(report: Report) -> list[ElementTree.Element]:
    """Return the cases, after holding the document to what every JUnit reader expects and CodeBuild keeps."""
    root = ElementTree.fromstring(render(report))
    for element in root.iter():
        assert set(element.attrib) <= ATTRIBUTES[element.tag]
    (suite,) = root
    cases = suite.findall("testcase")
    outcomes = [outcome(case) for case in cases]
    for counts in (root, suite):
        assert int(counts.attrib["tests"]) == len(cases) <= MOST_CASES
        assert int(counts.attrib["failures"]) == outcomes.count("failed")
        assert int(counts.attrib["errors"]) == outcomes.count("error")
        assert counts.attrib["skipped"] == "0"
        assert float(counts.attrib["time"]) >= 0
    for case in cases:
        assert case.attrib["classname"]
        assert 0 < len(case.attrib["name"].encode()) <= MOST_NAME
        assert float(case.attrib["time"]) >= 0
        (inner,) = case
        assert len((inner.text or "").encode()) <= MOST_MESSAGE
        assert len(inner.get("message", "").encode()) <= MOST_MESSAGE
    return cases


def told(report: Report) -> dict[str, str]:
    root = ElementTree.fromstring(render(report))
    return {element.attrib["name"]: element.attrib["value"] for element in root.iter("property")}


def many(count: int, **more: Any) -> Report:
    severities: tuple[Severity, ...] = ("low", "high", "critical")
    found = [
        sample.bandit(sample.B602, 11, 5, 66, severity=severities[n % 3], message=f"number {n}")
        for n in range(count)
    ]
    return sample.report(sample.result("bandit", *found), sample.advisories(), **more)


@pytest.mark.parametrize("name", ["passing", "failing", "hostile"])
def test_a_small_run_is_one_clean_document(name: str) -> None:
    """Look at the document before you write it anew: DEVSECOPS_WRITE_PAGES=1 pytest tests/reports."""
    report = getattr(sample, name)()
    data = render(report)
    file = PAGES / f"{name}.xml"
    if os.environ.get("DEVSECOPS_WRITE_PAGES"):
        file.write_bytes(data)
    assert data == file.read_bytes() == render(report)
    read(report)


@settings(deadline=None, max_examples=25)
@given(any_reports())
def test_any_report_is_a_document_that_is_red_unless_it_passes(report: Report) -> None:
    cases = read(report)
    statement = report.verdict.statement
    assert (outcome(cases[0]) == "passed") == (statement.verdict == "pass")
    failing = {opinion.finding for opinion in report.judged if opinion.counted}
    budgets = sum(reason.code in ("budget", "check") for reason in statement.reasons)
    bad = sum(finding.id in failing for finding in report.findings)
    assert [outcome(case) for case in cases[1 : bad + 1]] == ["failed"] * bad
    failures = bad + budgets + (statement.verdict != "pass")
    assert sum(outcome(case) == "failed" for case in cases) == failures


@settings(deadline=None, max_examples=150)
@given(judged_reports)
def test_a_document_is_green_exactly_for_a_pass_and_holds_the_sentence(report: Report) -> None:
    statement = report.verdict.statement
    cases = read(report)
    green = all(outcome(case) == "passed" for case in cases)
    assert green == (statement.verdict == "pass")
    assert told(report)["cause"] == statement.cause
    assert statement.cause in "".join(cases[0].itertext())


@pytest.mark.parametrize("make", EVERY)
def test_the_first_case_says_the_sentence(make: Callable[..., Report]) -> None:
    report = make()
    assert read(report)[0].attrib["name"] == report.verdict.statement.cause


def test_an_empty_run_has_one_case_that_says_the_verdict() -> None:
    empty = sample.report(kinds={})
    statement = msgspec.structs.replace(empty.verdict.statement, reasons=())
    verdict = msgspec.structs.replace(empty.verdict, statement=statement)
    (case,) = read(msgspec.structs.replace(empty, verdict=verdict))
    assert case.attrib["name"].startswith("INCOMPLETE: ")
    assert outcome(case) == "failed"


def test_what_fails_comes_before_what_is_open_and_what_is_let_pass_is_last() -> None:
    cases = read(sample.failing())
    assert [outcome(case) for case in cases] == ["failed"] * 3 + ["error"] * 2 + ["passed"] * 3
    assert [case.get("file") for case in cases[1:3]] == ["requirements.txt", "app/db.py"]
    assert [case.get("line") for case in cases[1:3]] == ["2", "11"]
    assert cases[1].attrib["name"].startswith("critical advisories/GHSA-2gwj-7jmv-h26r requirements.txt:2 f")
    assert cases[-1].attrib["name"].startswith("let pass: medium bandit/B608 app/db.py:6:20 f")
    assert "What to do: upgrade django to 3.2.13 or later" in "".join(cases[1].itertext())
    assert "[[coverage.accept]]\npaths = [" in "".join(cases[3].itertext())


def test_of_many_findings_the_worst_are_there_and_the_rest_is_counted() -> None:
    report = many(3000, ledger=sample.failing_ledger())
    cases = read(report)
    assert len(cases) == 500
    names = [case.attrib["name"] for case in cases]
    open_ = [reason for reason in report.verdict.statement.reasons if reason.code != "finding"]
    # The verdict, the reasons, two scanners and the rest: the worst findings have all other places.
    kept = 500 - 1 - len(open_) - 2 - 1
    assert [name.split()[0] for name in names[1 : kept + 1]] == ["critical"] * kept
    assert [outcome(case) for case in cases[kept + 1 : -1]] == ["error"] * len(open_) + ["passed"] * 2
    rest = f"{2000 - kept:,} findings that fail the policy ({1000 - kept} critical, 1,000 high)"
    passed = "1,000 findings that the policy lets pass (1,000 low)"
    assert names[-1].startswith(f"not shown here: {rest}, {passed}; ")
    assert outcome(cases[-1]) == "failed"


@pytest.mark.parametrize("extra", [-1, 0, 1, 2])
def test_five_hundred_cases_fit_and_one_more_is_counted(extra: int) -> None:
    low = [sample.bandit(sample.B608, 6, 20, 79, message=f"number {n}") for n in range(497 + extra)]
    cases = read(sample.report(sample.result("bandit", *low), sample.advisories(), ledger=PASSES))
    assert {outcome(case) for case in cases} == {"passed"}
    assert len(cases) == min(500 + extra, 500)
    counted = f"not shown here: {extra + 1} findings that the policy lets pass"
    assert cases[-1].attrib["name"].startswith(counted) == (extra > 0)


PASSES = (*sample.scanned("bandit", *sample.FILES), *sample.scanned("advisories", "requirements.txt"))


def test_reasons_and_scanners_beyond_measure_leave_room_for_findings() -> None:
    report = many(600)
    reason = Reason(
        code="scanner-failed", scanner="x", message="it failed", units_total=30, units=("a",) * 20
    )
    scanner = ScannerSummary(name="x", kind="sast", required=True, status="complete")
    statement = msgspec.structs.replace(
        report.verdict.statement, reasons=(reason,) * 600, scanners=(scanner,) * 600
    )
    verdict = msgspec.structs.replace(report.verdict, statement=statement)
    cases = read(msgspec.structs.replace(report, verdict=verdict))
    outcomes = [outcome(case) for case in cases]
    assert len(cases) == 500
    assert outcomes == ["failed"] * (1 + 398) + ["error"] * 100 + ["failed"]
    assert "and 10 more" in "".join(cases[400].itertext())
    said = cases[-1].attrib["name"]
    assert "550 reasons, 550 scanners" in said


@pytest.mark.parametrize("required", [True, False])
@pytest.mark.parametrize(
    ("status", "found", "fine"),
    [
        ("complete", True, True),
        ("partial", True, True),
        ("complete", False, False),
        ("complete", None, False),
        ("failed", True, False),
        ("missing", None, False),
        ("not-applicable", None, True),
    ],
)
def test_each_scanner_has_a_case_for_its_control(
    status: Any, found: bool | None, fine: bool, required: bool
) -> None:
    report = sample.passing()
    control = None if found is None else Control(kind="canary", found=found, detail="why")
    one = ScannerSummary(name="lint", kind="sast", required=required, status=status, control=control)
    statement = msgspec.structs.replace(report.verdict.statement, scanners=(one,))
    verdict = msgspec.structs.replace(report.verdict, statement=statement)
    (case,) = [
        c for c in read(msgspec.structs.replace(report, verdict=verdict)) if c.get("classname") == "lint"
    ]
    assert outcome(case) == ("passed" if fine or not required else "error")
    assert case.attrib["name"].endswith(", not required") is not required


def test_another_policy_makes_other_cases_red() -> None:
    """The policy decides, not the severity."""
    audit = parse_policy('schema = 1\npreset = "audit"\n', "p.toml")
    high: Finding = sample.bandit(sample.B602, 11, 5, 66)
    report = sample.report(sample.result("bandit", high), sample.advisories(), ledger=PASSES, policy=audit)
    assert report.verdict.statement.verdict == "pass"
    assert read(report)[-1].attrib["name"].startswith("let pass: high bandit/B602 ")


def test_what_is_waived_passes_and_says_why() -> None:
    (case,) = [one for one in read(sample.waived()) if "B602" in one.get("name", "")]
    assert case.get("name", "").startswith("waived: high bandit/B602")
    assert outcome(case) == "passed"
    (told,) = case
    assert ": our own jobs (ana@example.com)" in (told.text or "")
