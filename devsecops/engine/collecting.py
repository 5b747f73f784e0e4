"""From the batches of one scanner to its result."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from devsecops.contract import ReadyTool, Spec
from devsecops.engine.task import Finished, oldest_data
from devsecops.findings.marks import MARK
from devsecops.model import Control, Cover, Problem, ScanResult, Status, Tool, Unit
from devsecops.subject import Entry


class Told:
    """What is known so far of one tree that a scanner looks at, `entries` of it."""

    def __init__(self, scanner: str, entries: Iterable[Entry]) -> None:
        self._scanner = scanner
        self.expected = {entry.path for entry in entries}
        self.done: list[Finished] = []
        self.rows: list[Cover] = []
        """Those that the engine made itself."""

    def lost(self, entry: Entry, why: str, note: str) -> None:
        """Note that nobody looked at a file."""
        row = {
            "unit": Unit(kind="file", id=entry.path, digest=entry.digest),
            "scanner": self._scanner,
            "state": "failed",
            "why": why,
            "note": note[:500],
        }
        self.rows.append(msgspec.convert(row, Cover))


def collect(
    spec: Spec, tool: ReadyTool | None, control: Control, told: Told, problems: Sequence[Problem]
) -> ScanResult:
    """Return what the scanner had to say of a tree, in an order that depends on nothing but that."""
    from devsecops.findings.identity import name_findings

    done = told.done
    problems = [*problems, *dict.fromkeys(problem for one in done for problem in one.problems)]
    cover = [*told.rows, *(row for one in done for row in one.cover)]
    rules = {(rule.tool, rule.id): rule for one in done for rule in one.rules}
    findings = [finding for one in done for finding in one.findings]
    marks = sum(MARK in finding.evidence for finding in findings)
    notes = {note for one in done for note in one.notes}
    if marks:
        notes.add(f"{marks} findings have an inline mark: it counts only where the policy was read from")
    return ScanResult(
        scanner=spec.name,
        kind=spec.kind,
        status=_status(cover, told.expected, problems),
        tool=_facts(spec, tool, done),
        control=control,
        findings=name_findings(findings),
        rules=tuple(rules[key] for key in sorted(rules)),
        cover=tuple(sorted(cover, key=lambda r: (r.unit.kind, r.unit.id, r.state, r.why))),
        problems=tuple(problems),
        notes=tuple(sorted(notes)),
    )


def _status(cover: Sequence[Cover], expected: set[str], problems: Sequence[Problem]) -> Status:
    if problems:
        return "missing" if problems[0].code == "scanner-missing" else "failed"
    covered = {row.unit.id for row in cover if row.unit.kind == "file"}
    whole = covered == expected and all(row.state in ("scanned", "excluded") for row in cover)
    return "complete" if whole else "partial"


def _facts(spec: Spec, tool: ReadyTool | None, done: Sequence[Finished]) -> Tool | None:
    if tool is None:
        return None
    return Tool(
        name=tool.name,
        version=tool.version or max((one.version for one in done), default=""),
        lock=tool.lock,
        interpreter=tool.interpreter,
        rules=spec.rules,
        data=oldest_data(done),
    )
