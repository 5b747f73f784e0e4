"""Waivers as the command writes them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from devsecops.change import Change
from devsecops.findings.complete import complete
from devsecops.findings.identity import name_findings
from devsecops.model import Finding, Kind, Location, RuleRef
from devsecops.waivers.apply import apply
from devsecops.waivers.file import read_waivers
from devsecops.waivers.model import Applied, Waiver
from devsecops.waivers.text import entry, lines_for

TODAY = "2026-11-25"
COMMIT = "b" * 40


def text_of(
    *findings: Finding, commit: str | None = COMMIT, created: str = "2026-11-01", expires: str = "2027-01-31"
) -> str:
    """The file that the command would write for findings."""
    return "\n".join(
        entry(lines_for(one, commit), reason="known", owner="team", created=created, expires=expires)
        for one in findings
    )


def waivers(*findings: Finding, **more: Any) -> tuple[Waiver, ...]:
    return read_waivers(text_of(*findings, **more).encode(), "waivers.toml")


def applied(
    entries: Sequence[Waiver], heads: Iterable[Finding], since: Change | None = None, **more: Any
) -> Applied:
    """`since` is what changed since `COMMIT`; None: the clone does not know it."""
    asked: dict[str, Any] = {"today": TODAY, "max_days": 180, "warn_days": 14}
    return apply(entries, list(heads), history=lambda commit, path: since, **{**asked, **more})


def completed(location: Location, rule: str = "R", aliases: str = "", kind: Kind = "sca") -> Finding:
    """One finding without a source text, named."""
    raw = Finding(
        scanner="tool",
        rule=RuleRef(tool="tool", id=rule),
        kind=kind,
        severity="high",
        message="m",
        location=location,
        evidence={"aliases": aliases} if aliases else {},
    )
    return name_findings([complete(raw, None)])[0]
