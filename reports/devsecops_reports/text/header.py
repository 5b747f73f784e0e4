"""The first line: what was judged, and by whose rules."""

from __future__ import annotations

from devsecops.api import Part, Report, Source, Target
from devsecops_reports.text.style import Style, cut, line


def header(report: Report, style: Style) -> str:
    """Return the line: name, subject, policy."""
    statement = report.verdict.statement
    subjects = ", ".join(_subject(part) for part in statement.subject) or "nothing"
    policy = statement.policy
    source = "" if policy.source == policy.name else f" ({policy.source})"
    parts = (style.heading("devsecops"), line(subjects), line(f"policy {policy.name}{source}"))
    return "  ".join(parts)


def _subject(part: Part) -> str:
    if isinstance(part, Target):
        return part.alias
    if not isinstance(part, Source):
        return f"{part.repository}@{part.digest[:19]}"
    name = (
        part.remote.rstrip("/").replace(":", "/").rpartition("/")[2].removesuffix(".git")
        if part.remote
        else ""
    )
    if part.head:
        at = f"commit {part.head[:10]}" + (" with local changes" if part.dirty else "")
    else:
        at = f"folder {part.tree.partition(':')[2][:10]}"
    scope = f" in {part.scope.strip('/')}" if part.scope.strip("/") else ""
    base = f" since {part.base[:10]}" if part.base else ""
    return cut(f"{name} {at}{base}{scope}".strip(), 120)
