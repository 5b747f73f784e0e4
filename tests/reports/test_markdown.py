"""Markdown: a comment that always fits, says the sentence first, and in which nobody else speaks."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from markdown_it import MarkdownIt
from markdown_it.token import Token

from devsecops.encode import one_line
from devsecops.model import Cover, Group, Problem, Report, Rule
from devsecops_reports.markdown import LIMIT, render
from tests.reports import sample
from tests.reports.anything import HOSTILE, MARK, any_reports, judged_reports, sendable
from tests.reports.test_junit import many

PAGES = Path(__file__).parent / "pages"
EVERY: list[Callable[..., Report]] = [sample.passing, sample.failing, sample.several, sample.hostile]
READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
KINDS = {
    f"{name}_{side}"
    for name in ("heading", "paragraph", "bullet_list", "list_item", "strong")
    for side in ("open", "close")
} | {"inline", "text", "code_inline", "fence"}


def page(report: Report) -> str:
    return render(report).decode()


def tokens(text: str) -> Iterator[Token]:
    for token in READER.parse(text):
        yield token
        yield from token.children or ()


def read(report: Report) -> list[Token]:
    """Return what a reader of Markdown finds, after holding it to the promises about any comment."""
    data = render(report)
    assert len(data) <= LIMIT
    text = data.decode()
    assert all(one_line(line) == line for line in text.replace("\t", " ").split("\n"))
    found = list(tokens(text))
    assert {token.type for token in found} <= KINDS
    for token in found:
        if token.type == "text":
            assert re.fullmatch(r"[A-Za-z0-9 ,.:;()]*", token.content), token.content
            assert MARK not in token.content
            assert not re.search(r"www\.|://", token.content)
        if token.type == "fence":
            assert token.info == ""
    return found


def sentence(found: list[Token]) -> str:
    assert [token.type for token in found[:2]] == ["heading_open", "inline"]
    assert found[0].tag == "h3"
    assert found[1].children is not None
    (span,) = found[1].children
    assert span.type == "code_inline"
    return span.content


@pytest.mark.parametrize("name", ["passing", "failing", "hostile"])
def test_a_small_run_is_one_clean_comment(name: str) -> None:
    """Look at the comment before you write it anew: DEVSECOPS_WRITE_PAGES=1 pytest tests/reports."""
    report = getattr(sample, name)()
    text = page(report)
    file = PAGES / f"{name}.markdown"
    if os.environ.get("DEVSECOPS_WRITE_PAGES"):
        file.write_text(text)
    assert text == file.read_text() == page(report)


@settings(deadline=None, max_examples=25)
@given(any_reports())
def test_any_report_fits_and_nobody_else_speaks(report: Report) -> None:
    read(report)


@settings(deadline=None, max_examples=150)
@given(judged_reports)
def test_the_sentence_stands_first_and_whole(report: Report) -> None:
    assert sentence(read(report)) == report.verdict.statement.cause


@settings(deadline=None, max_examples=100)
@given(sendable)
def test_no_text_of_a_tool_or_a_tree_gets_out_of_its_code(text: str) -> None:
    rule = Rule(tool="bandit", id=text, help=text)
    finding = sample.bandit(rule, 11, 5, 66, severity="high", message=text, remedy=text)
    broken = Problem(code="scanner-failed", message=text, remedy=f"{text}\nSay:\n{text}\nor {text}:\n{text}")
    ledger: tuple[Cover, ...] = sample.scanned("bandit", text, f"{text}2", state="failed", why="syntax-error")
    report = sample.report(
        sample.result("bandit", finding, rules=(rule,)),
        sample.result(text, status="failed", problems=(broken,)),
        ledger=ledger,
    )
    found = read(report)
    assert sum(token.type == "list_item_open" for token in found) >= 3


def with_cause(cause: str) -> Report:
    report = sample.several()
    statement = msgspec.structs.replace(report.verdict.statement, cause=cause)
    return msgspec.structs.replace(
        report, verdict=msgspec.structs.replace(report.verdict, statement=statement)
    )


@pytest.mark.parametrize("char", ["a", "é", "世", "😀"])
def test_a_sentence_is_whole_up_to_its_limit_and_shows_where_it_was_cut(char: str) -> None:
    most = (7_990 - len("FAIL: ")) // len(char.encode())
    whole = f"FAIL: {char * most}"
    assert sentence(read(with_cause(whole))) == whole
    cut = sentence(read(with_cause(whole * 3)))
    assert cut.startswith("FAIL: ")
    assert "..." in cut
    assert len(cut.encode()) > 7_900


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_hostile_sentence_of_any_length_leaves_a_comment_that_fits(piece: str) -> None:
    assert sentence(read(with_cause(f"FAIL: {one_line(piece * 5000)}"))).startswith("FAIL: ")


def test_the_worst_come_first_and_the_rest_is_counted() -> None:
    text = page(many(3000))
    items = re.findall(r"^- \*\*(\w+)\*\* ", text, re.MULTILINE)
    assert len(items) > 40
    assert items == ["critical"] * len(items)
    assert "**Findings that fail the policy (2,000)**" in text
    rest = f"- {2000 - len(items):,} more ({1000 - len(items)} critical, 1,000 high)"
    assert f"{rest}: all are in `results.sarif`." in text.splitlines()
    assert "The policy lets 1,000 findings pass (1,000 low)." in text
    assert LIMIT - 1500 < len(text) <= LIMIT


def test_many_reasons_are_told_first_to_last_and_the_rest_is_counted() -> None:
    problems = tuple(
        (None, Problem(code="plugin-rejected", message=f"plugin p{n:03} broke", remedy="Mend it."))
        for n in range(200)
    )
    text = page(sample.report(sample.result("bandit"), sample.advisories(), problems=problems))
    shown = re.findall(r"^- `plugin p(\d+) broke`$", text, re.MULTILINE)
    assert shown == [f"{n:03}" for n in range(len(shown))]
    (total,) = re.findall(r"Incomplete: (\d+) reasons", text)
    more = int(total) - len(shown)
    assert f"- {more} more reasons: all are in `verdict.json`." in text


def test_findings_and_reasons_and_scanners_all_have_a_place() -> None:
    """Each of them alone would fill the comment."""
    problems = tuple((None, Problem(code="plugin-rejected", message="x" * 500)) for _ in range(50))
    scanners = [sample.result(f"scanner-{n:03}") for n in range(100)]
    found = [sample.bandit(sample.B602, 11, 5, 66, message=f"{n}" + "y" * 400) for n in range(100)]
    report = sample.report(sample.result("bandit", *found), *scanners, problems=problems)
    read(report)
    text = page(report)
    assert text.count("- **high** ") >= 5
    assert text.count("xxx`\n") >= 4
    assert text.count("\nscanner-") >= 10


def test_remedies_are_blocks_to_paste_and_none_is_cut() -> None:
    report = sample.failing()
    blocks = [token.content for token in read(report) if token.type == "fence"]
    assert blocks[0].startswith('[[coverage.accept]]\npaths = ["scripts/old.py"]\n')
    assert '[data]\nunpinned = "count"\n' in blocks
    names = [f"a/{'long' * 60}{n}.py" for n in range(30)]
    gaps = sample.report(
        sample.result("bandit"),
        ledger=(*sample.scanned("bandit", *names, state="failed", why="syntax-error"),),
    )
    text = page(gaps)
    assert "What to do is too long for a comment; `devsecops report` shows it." in text
    assert "[[coverage.accept]]" not in text


def test_findings_of_one_flaw_are_told_once() -> None:
    report = sample.failing()
    ids = tuple(finding.id for finding in report.findings if finding.scanner == "bandit")
    judged = tuple(
        msgspec.structs.replace(one, group="g") if one.finding in ids else one for one in report.judged
    )
    groups = (Group(id="g", severity="high", reported_by=ids),)
    text = page(msgspec.structs.replace(report, judged=judged, groups=groups))
    assert len(re.findall(r"^- \*\*", text, re.MULTILINE)) == 2
    assert "Also reported by `bandit/B608`" in text


@pytest.mark.parametrize("count", [0, 1, 5, 60, 75, 90, 400])
def test_every_failing_finding_is_shown_or_counted(count: int) -> None:
    text = page(many(count))
    failing = count - (count + 2) // 3
    shown = len(re.findall(r"^- \*\*", text, re.MULTILINE))
    more = re.search(r"^- ([\d,]+) more \(", text, re.MULTILINE)
    assert shown + (int(more[1].replace(",", "")) if more else 0) == failing


def test_what_is_waived_is_counted_apart() -> None:
    text = render(sample.waived()).decode()
    assert "Waived: 2 findings." in text
    assert "lets" not in text
    assert "B602" not in text
