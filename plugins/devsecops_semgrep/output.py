"""semgrep's JSON as values: what its native engine (1.182.0) does not write when it works is a ToolError."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from devsecops.api import ToolError, read_json
from devsecops_semgrep.pack import ids

Level = Literal["HIGH", "MEDIUM", "LOW"]
Place = Annotated[int, Meta(ge=1, le=1_000_000_000)]


class Position(msgspec.Struct, frozen=True):
    """A place in a file: line and column count from 1, the column in bytes of UTF-8."""

    line: Place
    col: Place


class Metadata(msgspec.Struct, frozen=True):
    """What every rule of the pack says about itself."""

    cwe: str
    owasp: str
    impact: Level
    likelihood: Level
    confidence: Literal["high", "medium", "low"]


class Extra(msgspec.Struct, frozen=True):
    """The rest of a result."""

    message: str
    severity: Literal["ERROR", "WARNING", "INFO"]
    metadata: Metadata


class Result(msgspec.Struct, frozen=True):
    """One finding."""

    check_id: str
    path: str
    start: Position
    end: Position
    extra: Extra

    @property
    def rule(self) -> str:
        """The rule's id without the path of its file, which semgrep puts in front of it."""
        return self.check_id.rpartition(".")[2]


class Span(msgspec.Struct, frozen=True):
    """A part of a file that was not understood."""

    start: Position


class Complaint(msgspec.Struct, frozen=True):
    """An entry of ``errors``."""

    type: str | list[Any]
    level: Literal["error", "warn", "info"]
    message: str
    path: str | None = None
    rule_id: str | None = None
    spans: list[Span] = []

    @property
    def kind(self) -> str:
        """Its type's name; some types carry facts in a list behind it."""
        return self.type if isinstance(self.type, str) else str(self.type[0] if self.type else "")


class Paths(msgspec.Struct, frozen=True):
    """What semgrep says that it looked at."""

    scanned: list[str]


class _Report(msgspec.Struct, frozen=True):
    version: str
    results: list[dict[str, Any]]
    errors: list[Complaint]
    paths: Paths
    skipped_rules: list[Any]
    engine_requested: Literal["OSS"]


@dataclass(frozen=True, slots=True)
class Output:
    """A whole report, its probes set apart."""

    results: list[Result]
    errors: list[Complaint]
    paths: Paths
    probed: list[str]
    """Paths of the probes that were found."""


def read_output(data: bytes, given: frozenset[str], version: str, is_probe: Callable[[str], bool]) -> Output:
    """Read a report about the files `given`, by the names that semgrep was given.

    Raises:
        ToolError: it is not a report, speaks of other files or rules, or of a failure of the whole run.
    """
    try:
        # Messages quote the code as it stands, and code may declare an encoding of its own.
        report: _Report = msgspec.convert(read_json(data.decode("utf-8", "replace").encode()), _Report)
        probed = [str(r.get("path")) for r in report.results if is_probe(str(r.get("path")))]
        results = msgspec.convert(
            [r for r in report.results if not is_probe(str(r.get("path")))], list[Result]
        )
    except (ValueError, RecursionError) as error:
        raise ToolError(f"semgrep's report cannot be read: {str(error)[:200]}") from None
    if report.version != version:
        raise ToolError(f"semgrep's report is of version {report.version[:20]}, not of {version}")
    scanned = [path for path in report.paths.scanned if not is_probe(path)]
    named = [result.path for result in results] + scanned
    named += [complaint.path for complaint in report.errors if complaint.path is not None]
    if not given.issuperset(named):
        raise ToolError("semgrep's report speaks of a file that it was never given")
    if {result.rule for result in results} - ids():
        raise ToolError("semgrep's report names a rule that is not in the pack")
    if report.skipped_rules:
        raise ToolError("semgrep left out rules of the pack")
    for complaint in report.errors:
        if complaint.path is None:
            raise ToolError(f"semgrep failed: {complaint.kind[:50]}: {complaint.message[:200]}")
    return Output(results, report.errors, Paths(scanned), probed)
