"""The findings: worst first, those that fail the policy before all others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

from devsecops.api import Compared, Finding, Http, ImageLayer, Location, Report
from devsecops_reports.ordering import Also, advice, also, by_severity, counted, file_of, heads, old, waived
from devsecops_reports.text.style import Style, cut, line, number

MOST = 15
ROOMY = 5
"""Up to so many findings stand apart from each other; more of them have to fit on a screen."""
_PATH = 160
_HEADINGS = ("fail the policy", "the policy lets pass", "are waived")


def findings(report: Report, style: Style) -> Iterable[list[str]]:
    """Yield blocks, a heading and findings: what fails the policy, what it lets pass, what is waived."""
    failing, accepted, known = counted(report), waived(report), set() if style.verbose else old(report)
    every = [finding for finding in heads(report) if finding.id not in known]
    help_of, others = advice(report), also(report)
    shown = every if style.verbose else every[:MOST]
    dense = len(shown) > ROOMY
    for words in _HEADINGS:
        chosen = [finding for finding in shown if _heading(finding, failing, accepted) == words]
        if not chosen:
            continue
        total = sum(_heading(finding, failing, accepted) == words for finding in every)
        heading = style.heading(f"Findings that {words} ({total:,})")
        blocks = [
            _finding(finding, help_of.get((finding.rule.tool, finding.rule.id), ""), others, style, not dense)
            + style.wrap(accepted.get(finding.id, ""), 2)
            for finding in chosen
        ]
        if dense:
            yield [heading, *(text for block in blocks for text in block)]
        else:
            yield [heading]
            yield from blocks
    if rest := every[len(shown) :]:
        hidden = sum(_heading(finding, failing, accepted) == _HEADINGS[2] for finding in rest)
        waived_too = f", {hidden:,} of them waived" if hidden else ""
        yield [
            f"{number(len(rest), 'more finding')} ({by_severity(rest)}{waived_too}): "
            "all are in results.sarif; -v shows them here."
        ]
    if report.compared is not None and (told := _compared(report, report.compared)):
        yield [told]


def _compared(report: Report, compared: Compared) -> str:
    """Return how many findings are old, gone, or may be gone."""
    known = old(report)
    count = len({opinion.group for opinion in report.judged if opinion.finding in known})
    gone = Counter(one.state for one in compared.gone)
    told = [f"{number(count, 'finding')} there before, not counted (-v)"] if count else []
    told += [f"{gone['fixed']:,} fixed"] if gone["fixed"] else []
    told += [f"{gone['not-looked-at']:,} not looked at"] if gone["not-looked-at"] else []
    return f"Against {line(compared.against)}: {', '.join(told)}." if told else ""


def _heading(finding: Finding, failing: Collection[str], accepted: Collection[str]) -> str:
    return _HEADINGS[0 if finding.id in failing else 2 if finding.id in accepted else 1]


def where(location: Location) -> str:
    """Return a place as editors take it: ``app/db.py:41:9``."""
    if isinstance(location, Http):
        return f"{location.method} {location.template} of {location.target}"
    file = file_of(location)
    if file is None:
        return location.package if isinstance(location, ImageLayer) else ""
    region = file.region
    if region is None:
        return cut(line(file.path), _PATH)
    column = f":{region.start_column}" if region.start_column is not None else ""
    return f"{cut(line(file.path), _PATH)}:{region.start_line}{column}"


def _finding(finding: Finding, help_: str, others: dict[str, Also], style: Style, marks: bool) -> list[str]:
    name = cut(line(f"{finding.rule.tool}/{finding.rule.id}"), 80)
    head = f"{style.severity(finding.severity)}  {style.heading(name)}  {line(where(finding.location))}"
    out = [f"{head}  {style.paint(line(finding.id), 'dim')}".rstrip()]
    out += style.wrap(finding.message, 2)
    out += _code(finding.location, style, marks)
    if handlers := [where(one) for one in finding.related if isinstance(finding.location, Http)]:
        out += style.wrap(f"Answered by {', '.join(handlers[:2])}", 2)
    if advice := finding.remedy or help_:
        out += style.wrap(f"What to do: {advice}", 2, most=3)
    if finding.id in others:
        out += style.wrap(f"{others[finding.id].words} {', '.join(others[finding.id].rules)}", 2)
    if style.verbose and finding.basis:
        out += style.wrap(f"Severity by: {finding.basis}", 2)
    return out


def _code(location: Location, style: Style, marks: bool) -> list[str]:
    """Return the lines of code with their numbers, with `marks` under what a region of one line means."""
    file = file_of(location)
    if file is None or not file.snippet.strip():
        return []
    region = file.region
    lines = [_plain(text) for text in file.snippet.split("\n")[:3]]
    shift = min((len(text) - len(text.lstrip(" ")) for text in lines if text.strip()), default=0)
    first = region.start_line if region is not None else None
    out = []
    for place, text in enumerate(lines):
        gutter = f"{first + place:>6} | " if first is not None else f"{'':>6} | "
        out.append(style.paint(gutter, "dim") + _end(text[shift:], style.width - len(gutter)))
    if marks and region is not None and region.start_column and region.end_column and len(lines) == 1:
        start, end = region.start_column - 1 - shift, region.end_column - 1 - shift
        same = lines[0] == file.snippet and lines[0].isascii() and region.end_line in (None, first)
        a_part = end - start < len(lines[0].rstrip()) - shift
        if same and a_part and 0 <= start < end <= min(len(lines[0]) - shift, style.width - 9):
            out.append(
                style.paint(f"{'':>6} | ", "dim") + " " * start + style.paint("^" * (end - start), "red")
            )
    return out


def _plain(text: str) -> str:
    """Return a line of code with tabs as four spaces and nothing that a terminal obeys."""
    return line(text.replace("\t", "    "))


def _end(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 3]}..."
