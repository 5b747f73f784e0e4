"""From units to results: tools made ready, workers forked, the loop driven, results collected."""

from __future__ import annotations

import math
import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from devsecops.contract import ReadyTool, Spec
from devsecops.engine.course import Course
from devsecops.engine.inprocess import InProcess
from devsecops.engine.loop import Going, drive
from devsecops.findings.redact import redact
from devsecops.model import Problem, ScanResult
from devsecops.policy import Policy, ScannerRules
from devsecops.registry import Registry, worker_for
from devsecops.runner import Runner
from devsecops.subject import Entry, Tree
from devsecops.tools import ToolMissing, ready
from devsecops.worker import Worker


@dataclass(slots=True)
class Scanned:
    """What the engine gives back; `seconds` is wall time by scanner."""

    results: list[ScanResult] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    tools_cpu: float = 0.0
    first_start: float = math.inf
    """`time.monotonic()` when the first process of a tool was started; infinite when none was."""
    last_end: float = 0.0


def scan(
    tree: Tree,
    units: Mapping[str, tuple[Entry, ...]],
    registry: Registry,
    policy: Policy,
    *,
    today: str,
    offline: bool,
    say: Callable[[str], None],
    stopped: Callable[[], bool],
    supply: Callable[..., ReadyTool] = ready,
    fork: Callable[..., Worker] = worker_for,
) -> Scanned:
    """Run every scanner of `units` and return their results, sorted by name.

    A scanner without units is not applicable. `stopped` is asked several times a second. `supply` and
    `fork` are where the tools and the workers come from: `devsecops.testing` puts faults there.
    """
    out = Scanned()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    with tempfile.TemporaryDirectory(prefix="devsecops-", ignore_cleanup_errors=True) as folder:
        courses: dict[str, Going] = {}
        runner = Runner(redact=redact)
        try:
            for name in sorted(units):
                made = _make(
                    name, units[name], tree, registry, policy, Path(folder), cores, today, offline, say,
                    supply, fork,
                )  # fmt: skip
                if isinstance(made, ScanResult):
                    out.results.append(made)
                else:
                    courses[name] = made
            drive(courses, runner, cores=cores, stopped=stopped)
        finally:
            runner.close()
            for course in courses.values():
                course.worker.end()
        for name, course in courses.items():
            out.results.append(course.result())
            out.seconds[name] = round(course.seconds, 2)
            out.tools_cpu += course.tools_cpu
            out.first_start = min(out.first_start, course.first_start)
            out.last_end = max(out.last_end, course.last_end)
    out.results.sort(key=lambda result: result.scanner)
    return out


def with_rules(spec: Spec, rules: ScannerRules) -> Spec:
    """Return the spec with the policy's limits laid over it."""
    limits = {
        name: value
        for name in ("deadline_s", "memory_mb", "output_mb")
        if (value := getattr(rules, name)) is not None
    }
    return msgspec.structs.replace(spec, **limits)


def options_of(spec: Spec, policy: Policy) -> dict[str, object]:
    """Return the spec's options with the policy's laid over them."""
    return dict(spec.options) | dict(policy.scanners.get(spec.name, ScannerRules()).options)


def _make(
    name: str,
    entries: tuple[Entry, ...],
    tree: Tree,
    registry: Registry,
    policy: Policy,
    folder: Path,
    cores: int,
    today: str,
    offline: bool,
    say: Callable[[str], None],
    supply: Callable[..., ReadyTool],
    fork: Callable[..., Worker],
) -> Going | ScanResult:
    spec = with_rules(registry.scanners[name], policy.scanners.get(name, ScannerRules()))
    if not entries:
        return ScanResult(scanner=name, kind=spec.kind, status="not-applicable")
    tool: ReadyTool | None = None
    if spec.tool is not None:
        try:
            tool = supply(spec.tool, offline=offline, say=say, exclude=tree.root)
        except ToolMissing as error:
            problem = Problem(code="scanner-missing", message=error.message, remedy=error.remedy)
            return ScanResult(scanner=name, kind=spec.kind, status="missing", problems=(problem,))
    options = options_of(spec, policy)
    worker = fork(registry, name, read=tree.read)
    own = folder / name
    own.mkdir()
    if spec.tool is None:
        return InProcess(spec, entries, worker=worker, options=options, today=today, folder=str(own))
    return Course(
        spec,
        entries,
        worker=worker,
        tool=tool,
        tree=tree,
        folder=own,
        options=options,
        today=today,
        cores=cores,
    )
