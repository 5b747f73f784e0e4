"""The scanner: plan, and what semgrep's report means."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from devsecops.api import (
    Context,
    Cover,
    File,
    Finding,
    Parsed,
    RawOutput,
    Reads,
    Region,
    Rule,
    RuleRef,
    Severity,
    Spec,
    ToolError,
    ToolRun,
    ToolSpec,
    Unit,
)
from devsecops_semgrep.canaries import CANARIES
from devsecops_semgrep.gaps import gaps, timed_out
from devsecops_semgrep.output import Output, Result, read_output
from devsecops_semgrep.pack import digest
from devsecops_semgrep.runs import groups, is_probe, plant, unproved
from devsecops_semgrep.source import Source

_RULE_SECONDS = 60
"""For one rule on one file. Where it is reached depends on the machine: such a file is tried again alone."""
SEVERITY: dict[tuple[str, str], Severity] = {
    ("HIGH", "HIGH"): "critical", ("HIGH", "MEDIUM"): "high", ("MEDIUM", "HIGH"): "high",
    ("HIGH", "LOW"): "medium", ("MEDIUM", "MEDIUM"): "medium", ("LOW", "HIGH"): "medium",
}  # fmt: skip
"""(impact, likelihood); everything else is low."""

SPEC = Spec(
    name="semgrep",
    kind="sast",
    both_sides=True,
    reads=Reads(
        suffixes=(".py", ".pyw", ".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts", ".dockerfile"),
        names=("Dockerfile", "Dockerfile.*", "Containerfile", "Containerfile.*"),
        shebangs=("python", "pypy", "node", "nodejs"),
        # The native engine passes over other names of the same languages without a word.
        shown={
            ".pyw": ".py", ".mjs": ".js", ".cjs": ".js", ".mts": ".ts", ".cts": ".ts",
            "Dockerfile": ".dockerfile", "Dockerfile.*": ".dockerfile",
            "Containerfile": ".dockerfile", "Containerfile.*": ".dockerfile",
            "node": ".js", "nodejs": ".js",
        },
    ),
    tool=ToolSpec(name="semgrep", package="semgrep", lock=str(Path(__file__).with_name("semgrep.lock"))),
    strips=(".semgrepignore", ".semgrep.yml", ".semgrep.yaml", ".semgrepconfig.yml"),
    controls=CANARIES,
    deadline_s=900.0,
    memory_mb=3072,
    output_mb=64,
    rules=digest(),
)  # fmt: skip


class Semgrep:
    """semgrep's native engine over explicit files; its own selection, configuration and marks are off."""

    spec = SPEC

    def plan(self, ctx: Context) -> list[ToolRun]:
        """Return one process for the files in which a rule can match, and one for the others."""
        if ctx.tool is None or ctx.tool.python is None:
            raise ToolError("semgrep needs its tool")
        source = Source(ctx.root)
        # The script only replaces itself by the native engine. It never looks for a newer version or sends
        # anything; without the limits turned off it leaves files out without a word.
        start = (
            ctx.tool.python, "-I", *ctx.tool.script("semgrep"), "scan", "--experimental", "--metrics=off",
            "--disable-version-check", "--json", "--quiet", "--disable-nosem", "--no-git-ignore",
            "--max-target-bytes", "0", "--jobs", "1", "--timeout", str(_RULE_SECONDS),
            "--timeout-threshold", "0",
        )  # fmt: skip
        readable = [unit for unit in ctx.units if not source.encoding(unit.path)]
        runs = []
        for group in groups(readable, source):
            configs = [word for config in group.configs for word in ("--config", str(config))]
            runs.append(ToolRun(argv=(*start, *configs, "--", *group.files, *plant(group, ctx))))
        return runs

    def parse(self, ctx: Context, raw: list[RawOutput]) -> Parsed:
        """Return what the reports say. Raises ToolError for one that semgrep does not write."""
        if not raw or ctx.tool is None:
            raise ToolError("a report of semgrep was expected")
        given = frozenset(unit.path for unit in ctx.units)
        outputs = [_read(ctx, one, given) for one in raw]
        results = [result for output in outputs for result in output.results]
        errors = [error for output in outputs for error in output.errors]
        scanned = {path for output in outputs for path in output.paths.scanned}
        source = Source(ctx.root)
        wrong = gaps(errors)
        return Parsed(
            findings=tuple(_finding(result, source) for result in results),
            cover=tuple(_cover(unit.path, unit.path in scanned, wrong, source) for unit in ctx.units),
            rules=tuple({result.rule: _rule(result) for result in results}.values()),
            again=timed_out(errors),
        )


def _read(ctx: Context, raw: RawOutput, given: frozenset[str]) -> Output:
    """Read one report, without its probes, all of which it must have found."""
    assert ctx.tool is not None
    output = read_output(raw.data, given, ctx.tool.version, lambda path: is_probe(path, ctx))
    missing = unproved(output.paths.scanned, output.probed, ctx)
    if missing:
        raise ToolError(f"a process of semgrep did not find its probe for {missing}")
    return output


def _text(result: Result) -> tuple[str, str]:
    """Return what is wrong, and what to do."""
    wrong, _, remedy = result.extra.message.partition("\nFix: ")
    remedy = " ".join(remedy.split())
    return " ".join(wrong.split()), remedy[:1].upper() + remedy[1:]


def _severity(result: Result) -> Severity:
    metadata = result.extra.metadata
    return SEVERITY.get((metadata.impact, metadata.likelihood), "low")


def _finding(result: Result, source: Source) -> Finding:
    metadata = result.extra.metadata
    return Finding(
        rule=RuleRef(tool="semgrep", id=result.rule),
        kind="sast",
        weakness=metadata.cwe,
        severity=_severity(result),
        confidence=metadata.confidence,
        basis=f"impact {metadata.impact}, likelihood {metadata.likelihood}, confidence {metadata.confidence}",
        message=_text(result)[0],
        location=File(path=result.path, region=_region(result, source)),
    )


def _rule(result: Result) -> Rule:
    wrong, remedy = _text(result)
    return Rule(
        tool="semgrep",
        id=result.rule,
        name=result.rule,
        summary=wrong,
        help=remedy,
        weakness=result.extra.metadata.cwe,
        severity=_severity(result),
        confidence=result.extra.metadata.confidence,
    )


def _region(result: Result, source: Source) -> Region:
    start, end = result.start, result.end
    count = source.lines(result.path)
    if start.line > count or end.line > count or (end.line, end.col) < (start.line, start.col):
        raise ToolError("semgrep's report names a place that the file does not have")
    first = source.column(result.path, start.line, start.col)
    last = source.column(result.path, end.line, end.col)
    if first is None or last is None or (start.line == end.line and last <= first):
        last = None
    return Region(start_line=start.line, start_column=first, end_line=end.line, end_column=last)


def _cover(path: str, scanned: bool, wrong: dict[str, tuple[str, str]], source: Source) -> Cover:
    unit = Unit(kind="file", id=path)
    encoding = source.encoding(path)
    if encoding:
        return Cover(unit=unit, state="failed", why="encoding", note=f"{encoding}; save it as UTF-8")
    if not scanned:
        return Cover(unit=unit, state="failed", why="skipped", note="semgrep did not look at it")
    if path in wrong:
        why, note = wrong[path]
        state: Literal["partial", "failed"] = "failed" if why in ("timeout", "tool-error") else "partial"
        return Cover(unit=unit, state=state, why=why, note=note)
    return Cover(unit=unit, state="scanned")
