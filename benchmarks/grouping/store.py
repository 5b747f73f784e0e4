"""The labelled pairs, and what stands around them, so that grouping can be scored without a scan.

`labels.toml` is written by hand: what a pair is, and why. `findings.jsonl` holds the pairs' findings and all
that reach into the same lines, by any tool: rule, weakness, severity, region, and for advisories package and
aliases; nothing of the code.
"""

from __future__ import annotations

import json
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from devsecops.model import File, Finding, Package, Region, RuleRef

HERE = Path(__file__).parent
LABELS, FINDINGS = HERE / "labels.toml", HERE / "findings.jsonl"


@dataclass(frozen=True)
class Label:
    """A pair, as a person saw it."""

    tree: str
    file: str
    digest: str
    """sha256 of the file, its first 16 digits."""
    one: str
    other: str
    """``tool/rule start:column:end:column``."""
    same: bool
    """They are about one flaw: one repair settles both."""
    why: str

    @property
    def tools(self) -> tuple[str, str]:
        """Who reports them."""
        return self.one.partition("/")[0], self.other.partition("/")[0]


def region_of(finding: Finding) -> Region:
    """Return where a finding stands. Raises ValueError when it has no line."""
    at = finding.location.at if isinstance(finding.location, Package) else finding.location
    if not isinstance(at, File) or at.region is None:
        raise ValueError(f"{finding.id} has no line")
    return at.region


def told(finding: Finding) -> str:
    """Return rule and region, as the labels name a finding."""
    at = region_of(finding)
    ends = (at.start_line, at.start_column, at.end_line, at.end_column)
    return f"{finding.rule.tool}/{finding.rule.id} {':'.join('' if n is None else str(n) for n in ends)}"


def labels() -> list[Label]:
    """Return all labelled pairs."""
    return [Label(**row) for row in tomllib.loads(LABELS.read_text(encoding="utf-8"))["label"]]


def findings() -> dict[tuple[str, str], list[Finding]]:
    """Return the stored findings by tree and file."""
    out: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for line in FINDINGS.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        out[row["tree"], row["file"]].append(_read(row))
    return dict(out)


def _read(row: dict[str, Any]) -> Finding:
    ends = dict(zip(("start_line", "start_column", "end_line", "end_column"), row["region"], strict=True))
    at = File(path=row["file"], region=Region(**ends))
    return Finding(
        id=row["id"],
        scanner=row["tool"],
        rule=RuleRef(tool=row["tool"], id=row["rule"]),
        kind=row["kind"],
        weakness=row["weakness"],
        severity=row["severity"],
        message="",
        location=Package(purl=row["purl"], at=at) if "purl" in row else at,
        evidence={"aliases": row["aliases"]} if "aliases" in row else {},
    )


def row(tree: str, finding: Finding) -> str:
    """Return a finding as a line of the store."""
    at = region_of(finding)
    package = finding.location if isinstance(finding.location, Package) else None
    file = package.at if package is not None else finding.location
    said: dict[str, Any] = {
        "tree": tree,
        "file": getattr(file, "path", ""),
        "id": finding.id,
        "tool": finding.rule.tool,
        "rule": finding.rule.id,
        "kind": finding.kind,
        "weakness": finding.weakness,
        "severity": finding.severity,
        "region": [at.start_line, at.start_column, at.end_line, at.end_column],
    }
    if package is not None:
        said |= {"purl": package.purl, "aliases": finding.evidence.get("aliases", "")}
    return json.dumps(said)


def around(marked: Iterable[Finding], here: Sequence[Finding]) -> list[Finding]:
    """Return a file's findings that reach into the lines of `marked`, of one that does, and so on."""

    def span(finding: Finding) -> tuple[int, int]:
        at = region_of(finding)
        return at.start_line, max(at.start_line, at.end_line or at.start_line)

    reached: set[str] = {one.id for one in marked}
    while True:
        spans = [span(one) for one in here if one.id in reached]
        more = {
            one.id
            for one in here
            if any(span(one)[0] <= last and first <= span(one)[1] for first, last in spans)
        }
        if more <= reached:
            return [one for one in here if one.id in reached]
        reached |= more


def entry(label: Label) -> str:
    """Return a label as TOML."""
    facts = msgspec.to_builtins(label)
    return "\n".join(["[[label]]", *(f"{name} = {json.dumps(value)}" for name, value in facts.items())])
