"""bandit's JSON as values: whatever bandit does not write when it works is a ToolError."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from devsecops.api import ToolError, read_json
from devsecops_bandit.rules import ids

Level = Literal["HIGH", "MEDIUM", "LOW", "UNDEFINED"]
Line = Annotated[int, Meta(ge=0, le=100_000_000)]
Column = Annotated[int, Meta(ge=-1, le=1_000_000_000)]
Count = Annotated[int, Meta(ge=0, le=1_000_000_000)]
_TOTALS = "_totals"
_LEVELS = ("SEVERITY.HIGH", "SEVERITY.MEDIUM", "SEVERITY.LOW", "SEVERITY.UNDEFINED")


class Weakness(msgspec.Struct, frozen=True):
    """``issue_cwe``; empty when the rule has none."""

    id: Annotated[int, Meta(ge=1, le=99_999)] | None = None


class Result(msgspec.Struct, frozen=True):
    """One finding. Columns count bytes of UTF-8 from 0; -1 is unknown."""

    filename: str
    test_id: str
    issue_severity: Level
    issue_confidence: Level
    issue_text: str
    issue_cwe: Weakness
    line_number: Line
    line_range: list[Line]
    col_offset: Column
    end_col_offset: Column
    more_info: str


class Skipped(msgspec.Struct, frozen=True):
    """A file that bandit gave up on."""

    filename: str
    reason: str


class Output(msgspec.Struct, frozen=True):
    """The whole report."""

    results: list[Result]
    errors: list[Skipped]
    metrics: dict[str, dict[str, Count]]


def read_output(data: bytes, given: frozenset[str]) -> Output:
    """Read a report about the files `given`, by the names that bandit was given.

    Raises:
        ToolError: it is not a report, speaks of other files or rules, or contradicts itself.
    """
    try:
        output: Output = msgspec.convert(read_json(data), Output)
    except (ValueError, RecursionError) as error:
        raise ToolError(f"bandit's report cannot be read: {_short(error)}") from None
    if _TOTALS not in output.metrics:
        raise ToolError("bandit's report has no totals: it did not end")
    named = [r.filename for r in output.results] + [s.filename for s in output.errors]
    if not given.issuperset(named) or not given.issuperset(output.metrics.keys() - {_TOTALS}):
        raise ToolError("bandit's report speaks of a file that it was never given")
    unknown = {r.test_id for r in output.results} - ids()
    if unknown:
        raise ToolError("bandit's report names a rule that bandit 1.9.4 does not have")
    _check_counts(output)
    return output


def _check_counts(output: Output) -> None:
    """bandit counts its findings per file and level while it works: a report that lost one shows it."""
    found: dict[str, Counter[str]] = {}
    for result in output.results:
        found.setdefault(result.filename, Counter())[f"SEVERITY.{result.issue_severity}"] += 1
    skipped = {s.filename for s in output.errors}
    for name, counts in output.metrics.items():
        if name == _TOTALS or name in skipped:
            continue
        here = found.pop(name, Counter())
        if any(counts.get(level, -1) != here[level] for level in _LEVELS):
            raise ToolError("bandit's report does not hold the findings that it counted")
    if found:
        raise ToolError("bandit's report has findings in a file that it did not finish")


def _short(error: Any) -> str:
    return str(error)[:200]
