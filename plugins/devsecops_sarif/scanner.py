"""The scanner of one tool: how it is started, and what its SARIF means."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from devsecops.api import (
    Context,
    Cover,
    Finding,
    Parsed,
    RawOutput,
    Rule,
    RuleRef,
    Spec,
    ToolEntry,
    ToolError,
    ToolRun,
    ToolSpec,
    Unit,
    sarif,
)
from devsecops_sarif.places import Places

ATTESTED = "by the control and the exit code; SARIF does not list the files that were read"
"""The note of every file that counts as scanned: this is all that such a tool proves."""
_NOTES = 20
_NOTE_CHARS = 300


class SarifTool:
    """A tool that writes SARIF 2.1.0, as the policy describes it."""

    def __init__(self, entry: ToolEntry) -> None:
        self._entry = entry
        self.spec = Spec(
            name=entry.name,
            kind=entry.kind,
            reads=entry.reads,
            unit=entry.unit,
            tool=ToolSpec(name=entry.name, package=entry.package, lock=entry.lock, command=entry.command),
            strips=entry.strips,
            controls=entry.canary,
        )

    def plan(self, ctx: Context) -> list[ToolRun]:
        """Return the one process that looks at the batch."""
        entry, tool = self._entry, ctx.tool
        if tool is None:
            raise ToolError("it needs its tool")
        start = tool.module(entry.module) if entry.module else tool.script(entry.script or entry.package)
        output = None if entry.output == "stdout" else entry.output
        argv = (*start, *(word for argument in entry.args for word in self._filled(argument, ctx)))
        return [ToolRun(argv=argv, output=output, ok_exits=entry.ok_exits, env=entry.env)]

    def _filled(self, argument: str, ctx: Context) -> Iterator[str]:
        if argument == "{files}":
            # With ./ in front no name is taken for an option.
            yield from (f"./{unit.path}" for unit in ctx.units)
            return
        output = f"{ctx.scratch}/{self._entry.output}"
        yield argument.replace("{root}", ctx.root).replace("{output}", output)

    def parse(self, ctx: Context, raw: list[RawOutput]) -> Parsed:
        """Return what its SARIF says. Raises ToolError for one that a tool does not write when it works."""
        if len(raw) != 1:
            raise ToolError("one SARIF log was expected")
        try:
            runs = sarif.read(raw[0].data, scanner=self.spec.name, kind=self.spec.kind, root=ctx.root)
        except ValueError as error:
            raise ToolError(f"its SARIF cannot be read: {str(error)[:200]}") from None
        if not runs:
            raise ToolError("its SARIF holds no run")
        places = Places(ctx)
        findings: list[Finding] = []
        failed: dict[str, tuple[str, str]] = {}
        notes: set[str] = set()
        for run in runs:
            notices = [(note.level, places.text(note.text), note.path) for note in run.notices]
            failed |= _failures(notices, places, successful=run.successful is not False)
            notes |= {f"{level}: {text[:_NOTE_CHARS]}" for level, text, _ in notices if text}
            for result in run.findings:
                finding = self._own(result, places)
                if result.rule.id in self._entry.unread:
                    failed[places.file(finding).path] = ("not-read", finding.message)
                else:
                    findings.append(finding)
        return Parsed(
            findings=tuple(findings),
            cover=tuple(_row(unit.path, failed) for unit in ctx.units),
            rules=tuple(self._rule(rule) for run in runs for rule in run.rules),
            notes=tuple(sorted(notes)[:_NOTES]),
            version=runs[0].tool.version,
        )

    def _own(self, found: Finding, places: Places) -> Finding:
        """Return a finding as one of this scanner: what a log may say of itself is not taken over."""
        return replace(
            found,
            id="",
            keys={},
            kind=self.spec.kind,
            rule=RuleRef(tool=self.spec.name, id=found.rule.id),
            message=places.text(found.message),
            location=places.moved(found.location),
            related=tuple(places.moved(at) for at in found.related if places.names_a_file(at)),
        )

    def _rule(self, rule: Rule) -> Rule:
        # Many tools repeat what is wrong where a reader expects what to do about it.
        return replace(rule, tool=self.spec.name, help="" if rule.help == rule.summary else rule.help)


def _failures(
    notices: list[tuple[str, str, str]], places: Places, *, successful: bool
) -> dict[str, tuple[str, str]]:
    """Return the files that a run says it failed on. Raises ToolError when it says so of all its work."""
    errors = [(text, path) for level, text, path in notices if level == "error"]
    lost = [text for text, path in errors if not path]
    if not successful or lost:
        said = (lost or [text for text, _ in errors] or [""])[0][:200]
        raise ToolError("its SARIF says that it failed" + (f": {said}" if said else ""))
    return {places.path(path): ("tool-error", text) for text, path in errors}


def _row(path: str, failed: dict[str, tuple[str, str]]) -> Cover:
    unit = Unit(kind="file", id=path)
    if path in failed:
        why, note = failed[path]
        return Cover(unit=unit, state="failed", why=why, note=note[:_NOTE_CHARS])
    return Cover(unit=unit, state="scanned", note=ATTESTED)
