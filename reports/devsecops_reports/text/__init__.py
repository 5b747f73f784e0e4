"""The text format: findings, scanners, what is open, and the verdict's sentence as the last line."""

from __future__ import annotations

from devsecops.api import Report
from devsecops_reports.text.findings import findings
from devsecops_reports.text.header import header
from devsecops_reports.text.open import incomplete, refused, warnings
from devsecops_reports.text.scanners import aside, scanners
from devsecops_reports.text.style import Style, line


def render(report: Report) -> bytes:
    """Return the page: sections with an empty line between them, then the sentence alone."""
    style = Style(report.view)
    blocks = [
        [header(report, style)],
        *findings(report, style),
        [*scanners(report, style), *aside(report, style)],
        refused(report, style),
        incomplete(report, style),
        warnings(report, style),
        [line(report.verdict.statement.cause)],
    ]
    text = "\n\n".join("\n".join(block) for block in blocks if block)
    return (text + "\n").encode("utf-8")
