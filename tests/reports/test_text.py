"""The page that a person reads: its promises, and how it looks."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devsecops.encode import one_line
from devsecops.model import Group, Reason, Report, Severity, View
from devsecops_reports.text import render
from tests.reports import sample

PAGES = Path(__file__).parent / "pages"
HEAD = re.compile(r"^(critical|high|medium|low|info|unknown) +\S+/", re.MULTILINE)
EVERY: list[Callable[..., Report]] = [sample.passing, sample.failing, sample.several, sample.hostile]


def page(report: Report, **view: Any) -> str:
    return render(msgspec.structs.replace(report, view=View(**view))).decode()


def many(count: int) -> Report:
    severities: tuple[Severity, ...] = ("low", "high", "medium")
    found = [
        sample.bandit(sample.B602, 11, 5, 66, severity=severities[n % 3], message=f"number {n}")
        for n in range(count)
    ]
    return sample.report(sample.result("bandit", *found), sample.advisories())


@pytest.mark.parametrize("name", ["passing", "failing"])
def test_a_small_run_is_one_clean_page(name: str) -> None:
    """Look at the page before you write it anew: DEVSECOPS_WRITE_PAGES=1 pytest tests/reports."""
    text = page(getattr(sample, name)())
    file = PAGES / f"{name}.txt"
    if os.environ.get("DEVSECOPS_WRITE_PAGES"):
        file.write_text(text)
    assert text == file.read_text()
    assert len(text.splitlines()) <= 60


@pytest.mark.parametrize("make", EVERY)
@pytest.mark.parametrize("view", [{}, {"verbose": True}, {"color": True}, {"width": 40}])
def test_the_last_line_is_the_sentence_and_nothing_else(
    make: Callable[..., Report], view: dict[str, Any]
) -> None:
    report = make()
    assert page(report, **view).split("\n")[-2:] == [report.verdict.statement.cause, ""]


def test_a_sentence_of_several_lines_is_still_the_last_line() -> None:
    report = sample.passing()
    statement = msgspec.structs.replace(report.verdict.statement, cause="PASS: a\nFAIL: b\x1b[2K")
    verdict = msgspec.structs.replace(report.verdict, statement=statement)
    last = page(msgspec.structs.replace(report, verdict=verdict)).splitlines()[-1]
    assert last == "PASS: a FAIL: b\\x1b[2K"


@pytest.mark.parametrize("make", EVERY)
@pytest.mark.parametrize("verbose", [False, True])
def test_nothing_that_a_terminal_obeys_reaches_it(make: Callable[..., Report], verbose: bool) -> None:
    text = page(make(), verbose=verbose)
    assert all(one_line(line) == line for line in text.split("\n"))


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=200))
def test_no_text_of_a_tool_breaks_the_page(text: str) -> None:
    finding = sample.bandit(sample.B602, 11, 5, 66, message=text, remedy=text)
    shown = page(sample.report(sample.result("bandit", finding), sample.advisories()))
    assert all(one_line(line) == line for line in shown.split("\n"))
    assert len(HEAD.findall(shown)) == 1
    assert shown.splitlines()[-1].startswith("FAIL: ")


def test_there_is_colour_only_when_it_is_wanted() -> None:
    assert "\x1b" not in page(sample.failing())
    painted = page(sample.failing(), color=True)
    assert "\x1b[1;31mhigh" in painted
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == page(sample.failing())


def test_what_a_check_and_a_budget_refuse_stands_there() -> None:
    report = sample.failing()
    more = tuple(
        Reason(code="check", message=f"two-eyes: no {n} \x1b[2J", rule="check two-eyes", remedy="Ask first.")
        for n in range(12)
    )
    budget = Reason(
        code="budget", message="21 findings (sast, low and up, new); the policy allows 20", rule="debt"
    )
    statement = msgspec.structs.replace(
        report.verdict.statement, reasons=(*report.verdict.statement.reasons, budget, *more)
    )
    verdict = msgspec.structs.replace(report.verdict, statement=statement)
    shown = page(msgspec.structs.replace(report, verdict=verdict))
    block = shown.partition("Not allowed: 13 reasons\n")[2].partition("\n\n")[0]
    assert block.startswith("  21 findings (sast, low and up, new); the policy allows 20\n  two-eyes: no 0 ")
    assert "    Ask first." in block
    assert block.endswith("3 more reasons: -v shows them.")
    assert "\x1b" not in block
    assert "Not allowed" not in page(report)


def test_fifteen_findings_worst_first_and_the_rest_counted() -> None:
    text = page(many(100))
    shown = HEAD.findall(text)
    assert shown == ["high"] * 15
    assert "85 more findings (18 high, 33 medium, 34 low): all are in results.sarif" in text
    assert "Findings that fail the policy (33)" in text
    told = text.partition("Findings that fail the policy (33)\n")[2].partition("\n\n")[0]
    assert len(told.splitlines()) == 4 * 15
    every = HEAD.findall(page(many(100), verbose=True))
    assert every == ["high"] * 33 + ["medium"] * 33 + ["low"] * 34


def test_what_fails_the_policy_comes_before_what_is_merely_worse() -> None:
    secret = sample.bandit(sample.B608, 6, 20, 79, kind="secrets", severity="low")
    worse = sample.bandit(sample.B602, 11, 5, 66, severity="critical", confidence="low")
    text = page(sample.report(sample.result("bandit", secret, worse), sample.advisories()))
    assert HEAD.findall(text) == ["low", "critical"]


def test_findings_of_one_flaw_are_told_once() -> None:
    report = sample.failing()
    ids = tuple(finding.id for finding in report.findings if finding.scanner == "bandit")
    judged = tuple(
        msgspec.structs.replace(one, group="g") if one.finding in ids else one for one in report.judged
    )
    groups = (Group(id="g", severity="high", reported_by=ids),)
    text = page(msgspec.structs.replace(report, judged=judged, groups=groups))
    assert len(HEAD.findall(text)) == 2
    assert "Also reported by bandit/B608" in text


def test_every_open_reason_is_there_with_its_remedy_to_paste() -> None:
    text = page(sample.failing(), width=60)
    assert "bandit could not read 1 of 5 files: scripts/old.py" in " ".join(text.split())
    assert (
        '      [[coverage.accept]]\n      paths = ["scripts/old.py"]\n      scanners = ["bandit"]\n' in text
    )
    assert '      [data]\n      unpinned = "count"\n' in text


def test_units_of_a_reason_are_at_most_five_and_counted() -> None:
    names = tuple(f"old/{n}.py" for n in range(30))
    ledger = sample.scanned("bandit", *names, state="failed", why="syntax-error")
    report = sample.report(sample.result("bandit", status="partial"), sample.advisories(), ledger=ledger)
    text = page(report)
    assert len(re.findall(r"^    old/", text, re.MULTILINE)) == 5
    assert "and 25 more: devsecops explain coverage" in text


def test_every_scanner_has_its_line_also_one_that_never_ran() -> None:
    report = sample.report(sample.result("bandit", status="failed"), left_out=("advisories",))
    rows = {line.split()[0]: line for line in page(report).splitlines() if line}
    assert "left out" in rows["advisories"]
    assert "failed" in rows["bandit"]


def test_what_was_set_aside_is_counted() -> None:
    text = page(sample.failing())
    assert "Left out: 2 files that no scanner reads, 1 symbolic link." in text
    assert "Data of advisories: 2026-11-20." in text


def test_what_is_waived_stands_apart_with_its_reason_and_last_day() -> None:
    text = page(sample.waived())
    assert "Findings that fail the policy (1)" in text
    below = text.partition("Findings that are waived (2)")[2]
    grave, medium = sample.waived().findings[1:]
    assert below.index(grave.id) < below.index(medium.id)
    assert f"Waived until 2027-01-31 by waiver[{grave.id}]: our own jobs (ana@example.com)" in below
    assert "Waived by inline: nosec B608\n" in below
    assert "the policy lets pass" not in text


def test_what_is_waived_and_not_shown_is_counted() -> None:
    report = many(40)
    judged = tuple(
        msgspec.structs.replace(one, waiver="waiver[0]", counted=False) if not one.counted else one
        for one in report.judged
    )
    waived, shown = sum(not one.counted for one in judged), 15 - sum(one.counted for one in judged)
    assert 0 < shown < waived
    text = page(msgspec.structs.replace(report, judged=judged))
    assert f", {waived - shown:,} of them waived): all are in results.sarif" in text
