"""The table of scanners, and what none of them had to look at."""

from __future__ import annotations

from devsecops.api import GREEN_STATES, Report, ScannerSummary
from devsecops_reports.text.style import Style, cut, line, number

_ASIDE = {
    "untouched": ("file that the change does not touch", "files that the change does not touch"),
    "no-scanner": ("file that no scanner reads", "files that no scanner reads"),
    "symlink": ("symbolic link", "symbolic links"),
    "submodule": ("submodule", "submodules"),
    "not-a-regular-file": ("special file", "special files"),
    "tool-config": ("configuration file of a tool", "configuration files of tools"),
    "changes-state": (
        "operation that changes state (the policy says change_state)",
        "operations that change state (the policy says change_state)",
    ),
    "by-policy": ("file excluded by the policy", "files excluded by the policy"),
    "marker": ("dependency that no Python 3 installs", "dependencies that no Python 3 installs"),
    "bound": ("mere version bound", "mere version bounds"),
    "local": ("dependency on a project of this tree", "dependencies on projects of this tree"),
}
_LEFT_OUT = "left out: "
_NAME = 32


def scanners(report: Report, style: Style) -> list[str]:
    """Return the table: one line a scanner that has run, should have, or was left out."""
    statement = report.verdict.statement
    rows = [_row(summary, report) for summary in statement.scanners]
    told = {summary.name for summary in statement.scanners}
    absent = {reason.scanner: "missing" for reason in statement.reasons if reason.scanner}
    absent |= dict.fromkeys(statement.left_out, "left out")
    absent = {name: status for name, status in absent.items() if name not in told}
    rows += [(cut(line(name), _NAME), "", status, "-", "-", "-", "-", "-") for name, status in absent.items()]
    if not rows:
        return ["No scanner has run."]
    rows.sort()
    head = ("Scanner", "Version", "Status", "Covered", "Not covered", "Accepted", "Findings", "Time")
    keep = [
        place for place in range(len(head)) if place != 5 or any(row[5] not in ("0", "-") for row in rows)
    ]
    table = [tuple(row[place] for place in keep) for row in (head, *rows)]
    widths = [max(len(row[place]) for row in table) for place in range(len(keep))]
    out = []
    for number_, row in enumerate(table):
        cells = [
            f"{cell:<{width}}" if keep[place] < 3 else f"{cell:>{width}}"
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        if number_:
            cells[2] = style.status(cells[2])
        text = "  ".join(cells).rstrip()
        out.append(text if number_ else style.heading(text))
    return out


def _row(summary: ScannerSummary, report: Report) -> tuple[str, ...]:
    cover = summary.cover
    seconds = report.verdict.run.scanner_seconds.get(summary.name)
    return (
        cut(line(summary.name), _NAME),
        cut(line(summary.tool.version), 20) if summary.tool is not None else "",
        summary.status,
        f"{cover.get('scanned', 0):,}",
        f"{sum(count for state, count in cover.items() if state not in GREEN_STATES):,}",
        f"{cover.get('accepted', 0):,}",
        f"{summary.findings:,}",
        f"{seconds:.1f} s" if seconds is not None else "-",
    )


def aside(report: Report, style: Style) -> list[str]:
    """Return the dates of data, what was left alone, and how long it took."""
    statement, run = report.verdict.statement, report.verdict.run
    out = [
        line(f"Data of {summary.name}: {summary.tool.data.date or 'no date'}.")
        for summary in statement.scanners
        if summary.tool is not None and summary.tool.data is not None
    ]
    parts = [
        f"{count:,} {_ASIDE[why][count != 1]}" if why in _ASIDE else line(f"{number(count, 'unit')} ({why})")
        for why, count in sorted(report.aside.items())
    ]
    folders = sum(note.startswith(_LEFT_OUT) for note in run.notes)
    if folders:
        parts.append(number(folders, "folder") + " by a built-in rule")
    if parts:
        out += style.wrap(f"Left out: {', '.join(parts)}.", 0)
    return out
