"""Markdown for a comment on a pull request, small enough for CodeCommit whatever the run found.

Every word of a tool or a tree stands in a code span or a fenced block, where no reader looks for markup,
links, mentions, issue numbers or HTML: an entity such as ``&#64;`` is no help, since some look for these
after they have read it. Headings, bold words, lists and code are all that is used.
"""

from __future__ import annotations

from collections.abc import Sequence

from devsecops.api import SEVERITIES, Finding, Reason, Report, View, encode
from devsecops_reports.ordering import advice, also, by_severity, counted, heads, waived
from devsecops_reports.sizes import cut_bytes, size
from devsecops_reports.text.findings import where
from devsecops_reports.text.header import header
from devsecops_reports.text.open import FAILING, phrase, remedy_parts
from devsecops_reports.text.scanners import scanners
from devsecops_reports.text.style import Style, line, number

LIMIT = 10_240
"""Characters of a CodeCommit comment (CommentContentSizeLimitExceededException); held in bytes."""
_CAUSE, _SUBJECT, _RULE, _PLACE, _TEXT, _REMEDY = 8_000, 300, 100, 200, 300, 1_500
_MOST_FINDINGS, _MOST_REASONS, _MOST_UNITS = 250, 50, 3
_TITLES = 600
"""Kept free for the titles and the last line of each section."""


def render(report: Report) -> bytes:
    """Return the comment: the sentence, what fails, what is open, the scanners, and what was not told."""
    statement = report.verdict.statement
    failing = counted(report)
    every = heads(report)
    bad = [finding for finding in every if finding.id in failing]
    open_ = [reason for reason in statement.reasons if reason.code != "finding"]
    top = f"### {code(statement.cause, _CAUSE)}\n\n{code(header(report, Style(View())), _SUBJECT)}\n\n"
    foot = _foot(every[len(bad) :], report)
    room = LIMIT - _TITLES - size(top) - size(foot)
    findings = _finding_items(bad, report)
    reasons = [_reason(reason) for reason in open_[:_MOST_REASONS]]
    table = scanners(report, Style(View()))
    # A fifth for the scanners, half of the rest for reasons; what findings leave goes to the reasons again.
    rows, room = _table(table, room // 5, room)
    kept = _fitting(reasons, room // 2)
    shown = _fitting(findings, room - _sum(reasons[:kept]))
    kept = _fitting(reasons, room - _sum(findings[:shown]))
    page = top
    if bad:
        page += f"**Findings that fail the policy ({len(bad):,})**\n\n{''.join(findings[:shown])}"
        if rest := bad[shown:]:
            page += f"- {len(rest):,} more ({by_severity(rest)}): all are in `results.sarif`.\n"
        page += "\n"
    if open_:
        title = "Incomplete" if all(reason.code not in FAILING for reason in open_) else "Reasons"
        page += f"**{title}: {number(len(open_), 'reason')}**\n\n{''.join(reasons[:kept])}"
        if len(open_) > kept:
            page += f"- {number(len(open_) - kept, 'more reason')}: all are in `verdict.json`.\n"
        page += "\n"
    return f"{page}{rows}{foot}".encode()


def code(text: str, most: int) -> str:
    """Return text of strangers as a code span of at most `most` bytes, on one line."""
    room = most - 2
    while True:
        span = encode.markdown_code(cut_bytes(line(text), room), cell=False)
        if size(span) <= most:
            return span
        room //= 2  # runs of backticks need longer fences


def _sum(items: Sequence[str]) -> int:
    return sum(map(size, items))


def _fitting(items: Sequence[str], room: int) -> int:
    """Return how many of `items`, from the first, fit in `room` bytes."""
    for place, item in enumerate(items):
        room -= size(item)
        if room < 0:
            return place
    return len(items)


def _finding_items(findings: Sequence[Finding], report: Report) -> list[str]:
    help_of, others = advice(report), also(report)
    out = []
    for finding in findings[:_MOST_FINDINGS]:
        severity = finding.severity if finding.severity in SEVERITIES else "unknown"
        rule = code(f"{finding.rule.tool}/{finding.rule.id}", _RULE)
        item = (
            f"- **{severity}** {rule} {code(where(finding.location), _PLACE)}: {code(finding.message, _TEXT)}"
        )
        if todo := finding.remedy or help_of.get((finding.rule.tool, finding.rule.id), ""):
            item += f" What to do: {code(todo, _TEXT)}"
        if finding.id in others:
            item += f" {others[finding.id].words} {code(', '.join(others[finding.id].rules), _RULE)}"
        out.append(item + "\n")
    return out


def _reason(reason: Reason) -> str:
    """Return a reason with its remedy: prose in spans, what is to be pasted in blocks and never cut."""
    out = f"- {code(phrase(reason), 2 * _TEXT)}"
    if not (reason.units_total == 1 and reason.units and reason.units[0] in reason.message):
        units = [code(unit, _RULE) for unit in reason.units[:_MOST_UNITS]]
        more = reason.units_total - len(units)
        out += f": {', '.join(units)}" * bool(units) + f" and {more:,} more" * (bool(units) and more > 0)
    out += "\n"
    blocks = []
    for prose, text in remedy_parts(reason.remedy):
        blocks.append(code(text, size(text) * 4 + 8) if prose else encode.markdown_block(text))
    told = "".join(f"\n{block}\n" for block in blocks)
    if size(told) > _REMEDY:
        told = "\nWhat to do is too long for a comment; `devsecops report` shows it.\n"
    return f"{out}{told}\n" if told else out


def _table(lines: Sequence[str], most: int, room: int) -> tuple[str, int]:
    """Return the scanners as a block of at most `most` bytes, and what is left of `room`."""
    if len(lines) < 2:
        return "**Scanners**: none has run.\n\n", room
    for kept in range(len(lines), 1, -1):
        block = f"**Scanners**\n\n{encode.markdown_block(chr(10).join(lines[:kept]))}\n\n"
        if len(lines) > kept:
            block += f"{number(len(lines) - kept, 'more scanner')}: all are in `verdict.json`.\n\n"
        if size(block) <= most:
            return block, room - size(block)
    return f"**Scanners**: {len(lines) - 1:,}, all are in `verdict.json`.\n\n", room


def _foot(others: Sequence[Finding], report: Report) -> str:
    told, accepted = [], waived(report)
    passing = [finding for finding in others if finding.id not in accepted]
    if len(others) > len(passing):
        told.append(f"Waived: {number(len(others) - len(passing), 'finding')}.")
    if passing:
        told.append(f"The policy lets {number(len(passing), 'finding')} pass ({by_severity(passing)}).")
    if warnings := report.verdict.statement.warnings:
        told.append(f"{number(len(warnings), 'warning')} in `verdict.json`.")
    told.append("All findings are in `results.sarif`; `devsecops explain` says more.")
    return " ".join(told) + "\n"
