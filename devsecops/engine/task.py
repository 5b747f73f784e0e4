"""What happens to one batch inside the scanner's worker: plan, parse or scan, then the border.

At the border paths are mapped back, the control's findings are taken out, and every finding is completed
and redacted from its source: nothing unredacted leaves the worker.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from devsecops.contract import Installed, Parsed, RawOutput, ReadyTool, ScanUnit, Spec, ToolError, ToolRun
from devsecops.engine.sides import split
from devsecops.findings.complete import SourceText, complete, file_of
from devsecops.findings.marks import Marks, unmarked
from devsecops.findings.redact import redact
from devsecops.model import (
    Cover,
    Data,
    File,
    Finding,
    Http,
    Location,
    Package,
    Problem,
    Resource,
    Rule,
    Value,
)
from devsecops.remote import Checked
from devsecops.worker import Line


class Task(Value, frozen=True, kw_only=True):
    """One batch as the worker gets it."""

    units: tuple[ScanUnit, ...]
    sides: int = 1
    """How many trees the scanner looks at together."""
    side_of: dict[str, int] = {}
    """For more than one: the path of a unit -> the place of its tree. A control has none."""
    root: str
    scratch: str
    tool: ReadyTool | None = None
    installed: Installed | None = None
    options: dict[str, Any] = {}
    today: str
    planted: dict[str, str] = {}
    """Control files: path -> content, for a scanner that reads through the core."""
    deadline_s: float = 0.0
    """For a remote scanner: seconds from the call on."""
    key: bytes = b""
    """What secrets are identified with. The plugin is not given it."""


class ParseTask(Value, frozen=True, kw_only=True):
    """A batch and what its processes gave."""

    task: Task
    raw: tuple[RawOutput, ...]


class Hit(Value, frozen=True, kw_only=True):
    """A finding in a control file."""

    path: str
    rule: str
    line: int | None = None


class Finished(Value, frozen=True, kw_only=True):
    """What crosses the border."""

    findings: tuple[Finding, ...] = ()
    cover: tuple[Cover, ...] = ()
    rules: tuple[Rule, ...] = ()
    notes: tuple[str, ...] = ()
    hits: tuple[Hit, ...] = ()
    again: tuple[str, ...] = ()
    """Ids of units to look at once more, alone."""
    attested: bool | None = None
    data: Data | None = None
    version: str = ""
    problems: tuple[Problem, ...] = ()

    def without(self, units: set[str]) -> Finished:
        """Return it without what it says about the files `units`."""
        return msgspec.structs.replace(
            self,
            findings=tuple(
                f for f in self.findings if (at := file_of(f.location)) is None or at.path not in units
            ),
            cover=tuple(row for row in self.cover if row.unit.id not in units),
        )


def oldest_data(batches: Iterable[Finished]) -> Data | None:
    """Return what data was judged by: the oldest, when it was replaced between two batches."""
    used = [batch.data for batch in batches if batch.data is not None]
    return min(used, key=lambda data: (data.date, data.digest), default=None)


class TaskContext:
    """`devsecops.contract.Context`, in the worker."""

    def __init__(self, task: Task, line: Line) -> None:
        self._task = task
        self._line = line
        self.units = task.units
        self.root = task.root
        self.scratch = task.scratch
        self.tool = task.tool
        self.installed = task.installed
        self.options = task.options
        self.today = task.today
        self.seen: set[str] = set()
        """What was read: a file of the tree may be spoken of although it is no unit."""

    def read(self, path: str) -> bytes | None:
        """Return the content of a regular file of the subject, or of a control.

        Raises ToolError where the batch is of several trees.
        """
        if self._task.sides > 1:
            raise ToolError("it reads the subject although its spec says both_sides")
        if path in self._task.planted:
            return self._task.planted[path].encode()
        data = self._line.read(path)
        if data is not None:
            self.seen.add(path)
        return data

    def progress(self, text: str) -> None:
        """Nothing is shown yet."""


def serve(
    scanner: Any,
    line: Line,
    method: str,
    body: bytes,
    context_of: Callable[[Task, Line], TaskContext] = TaskContext,
) -> bytes:
    """Answer the engine's calls for one scanner."""
    if method == "plan":
        task = msgspec.msgpack.decode(body, type=Task)
        return msgspec.msgpack.encode(_typed(scanner.plan(TaskContext(task, line)), tuple[ToolRun, ...]))
    if method == "parse":
        given = msgspec.msgpack.decode(body, type=ParseTask)
        context = TaskContext(given.task, line)
        return msgspec.msgpack.encode(
            _border(scanner, context, given.task, scanner.parse(context, list(given.raw)))
        )
    task = msgspec.msgpack.decode(body, type=Task)
    context = context_of(task, line)
    if method == "settings":
        return msgspec.msgpack.encode(_typed(scanner.check(context), Checked))
    (finished,) = _border(scanner, context, task, scanner.scan(context))
    return msgspec.msgpack.encode(finished)


def _typed(value: Any, kind: Any) -> Any:
    """Return the value as its declared type says, or say where it does not keep to it."""
    try:
        return msgspec.msgpack.decode(msgspec.msgpack.encode(value), type=kind)
    except (msgspec.MsgspecError, TypeError, ValueError, RecursionError) as error:
        raise ToolError(f"it answered with a wrong type: {error}") from error


def _border(scanner: Any, context: TaskContext, task: Task, answer: Any) -> list[Finished]:
    """Return what crosses the border, for each of the task's trees."""
    parsed: Parsed = _typed(answer, Parsed)
    spec: Spec = scanner.spec
    if task.sides > 1:
        names = _Names(task, ())
        return [
            finish(part, task, spec.name, _Sources(context, _laid_out(task, side)), names)
            for side, part in enumerate(split(parsed, task.sides, names.side))
        ]
    # What a remote scanner looks at is no file: where it points at one, it names it as the subject does.
    named = str if spec.unit == "remote" else _Names(task, context.seen)
    # A scanner in process reads through the core.
    paths = _laid_out(task, 0) if spec.unit == "file" and spec.tool is not None else {}
    return [finish(parsed, task, spec.name, _Sources(context, paths), named)]


def _laid_out(task: Task, side: int) -> dict[str, str]:
    """Return id -> path of the units of one tree that lie in the batch's folder."""
    return {unit.id: unit.path for unit in task.units if task.side_of.get(unit.path, side) == side}


class _Sources:
    """The source text of units, read once each: of those at `paths` from there, else through the core."""

    def __init__(self, context: TaskContext, paths: Mapping[str, str]) -> None:
        self._context = context
        self._paths = paths
        self._seen: dict[str, SourceText | None] = {}

    def __call__(self, unit: str) -> SourceText | None:
        if unit not in self._seen:
            data: bytes | None
            if unit in self._paths:
                data = (Path(self._context.root) / self._paths[unit]).read_bytes()
            else:
                data = self._context.read(unit)
            self._seen[unit] = None if data is None else SourceText(data.decode("utf-8", "replace"))
        return self._seen[unit]


class _Names:
    """From what a tool calls a file to what the ledger calls it."""

    def __init__(self, task: Task, seen: Collection[str]) -> None:
        self._seen = frozenset(seen)
        self._root = task.root.rstrip("/") + "/"
        self._ids = {unit.id: unit.id for unit in task.units} | {unit.path: unit.id for unit in task.units}
        self._side_of = task.side_of

    def side(self, said: str) -> int | None:
        """Return the place of the file's tree; None for a control."""
        path = self._relative(said)
        if path not in self._side_of and not self(said).startswith("\0"):
            raise ToolError("it names a file by its id, which may be that of two")
        return self._side_of.get(path)

    def _relative(self, said: str) -> str:
        return said.removeprefix(self._root).removeprefix("./")

    def __call__(self, said: str) -> str:
        path = self._relative(said)
        if path in self._seen and path not in self._ids:
            return redact(path)
        if path not in self._ids:
            raise ToolError(f"it speaks of a file that it was never given: {redact(path)[:100]}")
        return self._ids[path]


def finish(
    parsed: Parsed,
    task: Task,
    scanner: str,
    sources: _Sources,
    names: Callable[[str], str] | None = None,
) -> Finished:
    """Map, split off the control, complete and redact. `names` is how a tool's word for a file is read."""
    names = _Names(task, ()) if names is None else names
    marks: dict[str, Marks] = {}
    called = {(rule.tool, rule.id): rule.name for rule in parsed.rules}
    control = {unit.id for unit in task.units if not unit.id or unit.id in task.planted}
    findings: list[Finding] = []
    hits: list[Hit] = []
    for finding in parsed.findings:
        at = file_of(finding.location)
        if at is None:
            plain = msgspec.structs.replace(unmarked(finding), scanner=scanner)
            findings.append(complete(plain, None, task.key))
            continue
        unit = names(at.path)
        line = at.region.start_line if at.region else None
        if unit in control or unit.startswith("\0"):
            hits.append(Hit(path=unit, rule=finding.rule.id, line=line))
            continue
        source = sources(unit)
        moved = msgspec.structs.replace(
            finding,
            scanner=scanner,
            location=_move(finding.location, unit),
            related=tuple(_moved(finding.related, names)),
        )
        if source is None:
            findings.append(complete(unmarked(moved), None, task.key))
            continue
        if unit not in marks:
            marks[unit] = Marks(source, unit)
        name = called.get((finding.rule.tool, finding.rule.id), "")
        findings.append(complete(marks[unit].on(moved, name), source, task.key))
    return Finished(
        findings=tuple(findings),
        cover=tuple(_cover(parsed.cover, names, control, scanner)),
        rules=parsed.rules,
        notes=tuple(redact(note) for note in parsed.notes),
        hits=tuple(hits),
        again=tuple(names(path) for path in parsed.again),
        attested=parsed.attested,
        data=parsed.data,
        version=parsed.version,
        problems=tuple(_shown(problem) for problem in parsed.problems),
    )


def _shown(problem: Problem) -> Problem:
    """Return it redacted; a remedy may hold more than one line."""
    message = redact(" ".join(problem.message.split()))[:500]
    return msgspec.structs.replace(problem, message=message, remedy=redact(problem.remedy)[:2_000])


def _cover(
    rows: Iterable[Cover], names: Callable[[str], str], control: set[str], scanner: str
) -> Iterable[Cover]:
    for row in rows:
        unit = row.unit
        if unit.kind == "file":
            unit = msgspec.structs.replace(unit, id=names(unit.id))
            if unit.id in control or unit.id.startswith("\0"):
                continue
        else:
            owner, hash_, rest = unit.id.partition("#")
            if names(owner) in control:
                continue
            unit = msgspec.structs.replace(unit, id=redact(f"{names(owner)}{hash_}{rest}"))
        yield msgspec.structs.replace(row, unit=unit, scanner=scanner, note=redact(row.note)[:500])


def _move(location: Location, path: str) -> Location:
    if isinstance(location, File):
        return msgspec.structs.replace(location, path=path)
    if isinstance(location, Package | Resource | Http) and location.at is not None:
        return msgspec.structs.replace(location, at=msgspec.structs.replace(location.at, path=path))
    return location


def _moved(locations: Iterable[Location], names: Callable[[str], str]) -> Iterable[Location]:
    for location in locations:
        at = file_of(location)
        yield location if at is None else _move(location, names(at.path))
