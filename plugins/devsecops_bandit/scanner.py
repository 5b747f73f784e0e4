"""The scanner: plan, and what bandit's report means."""

from __future__ import annotations

import io
import re
import tokenize
from pathlib import Path
from typing import Literal

from devsecops.api import (
    Canary,
    Context,
    Cover,
    Expect,
    File,
    Finding,
    Parsed,
    RawOutput,
    Reads,
    Region,
    RuleRef,
    Severity,
    Spec,
    ToolError,
    ToolRun,
    ToolSpec,
    Unit,
)
from devsecops_bandit.gaps import CRASH, explain
from devsecops_bandit.output import Output, Result, read_output
from devsecops_bandit.rules import rule

_LAUNCH = str(Path(__file__).with_name("launch.py"))
_REPORT = "bandit.json"
_STDERR_MAY_BE_CUT = 3_500
_MESSAGE_CHARS = 1_000
_HOLDS_THE_LITERAL = ("B105", "B106", "B107")
_COUNTS_CHARACTERS = ("B613",)
"""Alone gives its column in characters from 1; all others count bytes of UTF-8 from 0."""
_SEVERITY: dict[str, Severity] = {"HIGH": "high", "MEDIUM": "medium", "LOW": "low", "UNDEFINED": "unknown"}
_CONFIDENCE: dict[str, Literal["high", "medium", "low"]] = {
    "HIGH": "high", "MEDIUM": "medium", "LOW": "low", "UNDEFINED": "low",
}  # fmt: skip

CANARY = """\
import subprocess
import yaml


def canary(command, text, folder="/tmp/canary"):
    subprocess.call(command, shell=True)
    eval(text)
    return yaml.load(text), folder
"""

SPEC = Spec(
    name="bandit",
    kind="sast",
    both_sides=True,
    reads=Reads(suffixes=(".py", ".pyw"), shebangs=("python", "pypy")),
    tool=ToolSpec(
        name="bandit",
        package="bandit",
        lock=str(Path(__file__).with_name("bandit.lock")),
        interpreter="newest",
    ),
    strips=(".bandit",),
    controls=(
        Canary(
            label="python",
            files={"canary.py": CANARY},
            expects=(
                Expect(rule="B404", file="canary.py", line=1),
                Expect(rule="B108", file="canary.py", line=5),
                Expect(rule="B602", file="canary.py", line=6),
                Expect(rule="B307", file="canary.py", line=7),
                Expect(rule="B506", file="canary.py", line=8),
            ),
        ),
    ),
    deadline_s=900.0,
    memory_mb=2048,
    output_mb=64,
)


class Bandit:
    """bandit over explicit files; its own selection, configuration and marks are switched off."""

    spec = SPEC

    def plan(self, ctx: Context) -> list[ToolRun]:
        """Return the one process that looks at the batch."""
        if ctx.tool is None or ctx.tool.python is None:
            raise ToolError("bandit needs its tool")
        # Warnings about the scanned code would push what bandit logs about itself out of the kept stderr.
        # Without -x '' a path that holds ".git" or "CVS" is left out without a word.
        argv = (
            ctx.tool.python, "-I", "-W", "ignore", _LAUNCH, "-f", "json", "-o", f"{ctx.scratch}/{_REPORT}",
            "-q", "--ignore-nosec", "-n", "1", "-x", "", "--", *(unit.path for unit in ctx.units),
        )  # fmt: skip
        return [ToolRun(argv=argv, output=_REPORT, ok_exits=(0, 1))]

    def parse(self, ctx: Context, raw: list[RawOutput]) -> Parsed:
        """Return what the report says. Raises ToolError for a report that bandit does not write."""
        if len(raw) != 1:
            raise ToolError("one report of bandit was expected")
        paths = {f"./{unit.path}": unit.path for unit in ctx.units}
        output = read_output(raw[0].data, frozenset(paths))
        sources = _Sources(ctx.root)
        findings = tuple(_finding(result, paths[result.filename], sources) for result in output.results)
        help_uris = {result.test_id: result.more_info for result in output.results}
        return Parsed(
            findings=findings,
            cover=tuple(_cover(ctx, output, paths, _crashes(raw[0].stderr), sources)),
            rules=tuple(rule(rule_id, help_uris[rule_id]) for rule_id in sorted(help_uris)),
        )


class _Sources:
    """The batch's files, read once each."""

    def __init__(self, root: str) -> None:
        self._root = Path(root)
        self._lines: dict[str, list[bytes]] = {}

    def read(self, path: str) -> bytes | None:
        """Return a file's content; None when it cannot be read."""
        try:
            return (self._root / path).read_bytes()
        except OSError:
            return None

    def lines(self, path: str) -> list[bytes]:
        """Return the lines as Python counts them."""
        if path not in self._lines:
            data = _as_utf8(self.read(path) or b"")
            self._lines = {path: re.split(rb"\r\n|\r|\n", data)}  # findings come file by file
        return self._lines[path]

    def column(self, path: str, line: int, offset: int) -> int | None:
        """Return the column, in characters from 1, of an offset in bytes; None when it is not in the line."""
        text = self.lines(path)[line - 1]
        if not 0 <= offset <= len(text):
            return None
        try:
            return len(text[:offset].decode()) + 1
        except UnicodeDecodeError:
            return None


def _as_utf8(data: bytes) -> bytes:
    """Return source code in the encoding in which Python counts columns."""
    if data.isascii():
        return data
    try:
        name, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return data.decode(name).encode()
    except (SyntaxError, UnicodeDecodeError, LookupError):
        return data


def _finding(result: Result, path: str, sources: _Sources) -> Finding:
    message = result.issue_text[:_MESSAGE_CHARS]
    if result.test_id in _HOLDS_THE_LITERAL:
        message = message.partition(":")[0]
    return Finding(
        rule=RuleRef(tool="bandit", id=result.test_id),
        kind="sast",
        weakness=None if result.issue_cwe.id is None else f"CWE-{result.issue_cwe.id}",
        severity=_SEVERITY[result.issue_severity],
        confidence=_CONFIDENCE[result.issue_confidence],
        basis=f"bandit severity {result.issue_severity}, confidence {result.issue_confidence}",
        message=message,
        location=File(path=path, region=_region(result, path, sources)),
    )


def _region(result: Result, path: str, sources: _Sources) -> Region:
    start = max(result.line_number, 1)
    end = max([start, *result.line_range])
    count = len(sources.lines(path))
    if start > count:
        raise ToolError("bandit's report names a line that the file does not have")
    end = min(end, count)
    start_column = sources.column(path, start, result.col_offset)
    if result.test_id in _COUNTS_CHARACTERS:
        start_column = max(result.col_offset, 1)
    end_column = sources.column(path, end, result.end_col_offset)
    if start_column is None or end_column is None or (start == end and end_column <= start_column):
        end_column = None
    return Region(start_line=start, start_column=start_column, end_line=end, end_column=end_column)


def _cover(
    ctx: Context, output: Output, paths: dict[str, str], crashes: dict[str, str], sources: _Sources
) -> list[Cover]:
    interpreter = (ctx.tool.interpreter if ctx.tool else None) or "an unknown Python"
    skipped = {skip.filename: skip.reason for skip in output.errors}
    if not paths.keys() >= crashes.keys():
        raise ToolError("bandit speaks of a file that it was never given")
    rows: list[Cover] = []
    for name, path in paths.items():
        unit = Unit(kind="file", id=path)
        if name in skipped:
            why, note = explain(skipped[name], sources.read(path), interpreter)
            rows.append(Cover(unit=unit, state="failed", why=why, note=note))
        elif name in crashes:
            rows.append(Cover(unit=unit, state="partial", why="tool-error", note=crashes[name]))
        elif name in output.metrics:
            rows.append(Cover(unit=unit, state="scanned"))
    return rows


def _crashes(stderr: str) -> dict[str, str]:
    """Return the files in which a single test of bandit crashed; the report does not mention it."""
    if len(stderr) >= _STDERR_MAY_BE_CUT:
        raise ToolError("bandit logged more errors than can be read")
    return {
        name: f"bandit's test {test} crashed at line {line}: what it would have found there is missing"
        for test, name, line in CRASH.findall(stderr)
    }
