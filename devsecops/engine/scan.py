"""From units to results: tools made ready, workers forked, the loop driven, results collected."""

from __future__ import annotations

import math
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from devsecops.contract import Installed, ReadyTool, Spec
from devsecops.engine.course import Course
from devsecops.engine.inprocess import InProcess, Reading
from devsecops.engine.loop import Going, drive
from devsecops.engine.remote import Remote
from devsecops.engine.task import Task
from devsecops.findings.redact import redact
from devsecops.installing import make_ready
from devsecops.model import Problem, ScanResult
from devsecops.policy import Policy, ScannerRules
from devsecops.registry import Registry, worker_for
from devsecops.remote import Doing
from devsecops.runner import Runner
from devsecops.subject import Entry, Tree
from devsecops.tools import ToolMissing, ready
from devsecops.worker import Worker


@dataclass(slots=True)
class Scanned:
    """What the engine gives back of one side; `seconds` is wall time by scanner.

    What a scanner took that looked at several sides together is told of the first of them only.
    """

    results: list[ScanResult] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    tools_cpu: float = 0.0
    first_start: float = math.inf
    """`time.monotonic()` when the first process of a tool was started; infinite when none was."""
    last_end: float = 0.0

    def took(self, name: str, course: Going) -> None:
        """Add what it took one scanner."""
        self.seconds[name] = round(course.seconds, 2)
        self.tools_cpu += course.tools_cpu
        self.first_start = min(self.first_start, course.first_start)
        self.last_end = max(self.last_end, course.last_end)


@dataclass(frozen=True, slots=True)
class Side:
    """One tree to look at, and which of its units each scanner gets."""

    tree: Tree
    units: Mapping[str, tuple[Entry, ...]]


Places = tuple[int, ...]
"""Which of the sides of a run."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What all scanners of a run share. `stopped` is asked several times a second.

    `supply` and `fork` are where the tools and the workers come from: `devsecops.testing` puts faults there.
    `key` is what secrets are identified with; empty: they have no identity outside the run.
    """

    registry: Registry
    policy: Policy
    today: str
    offline: bool
    say: Callable[[str], None]
    stopped: Callable[[], bool]
    key: bytes = b""
    asks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What each remote scanner is asked, laid over its options; one that is asked nothing does not apply."""
    secrets: Mapping[str, str] = field(default_factory=dict)
    """What remote scanners may ask for: reference -> value."""
    doing: Callable[[str, Doing | None], None] = lambda scanner, doing: None
    """Shown what a remote scanner is at; None: it is at nothing any more."""
    supply: Callable[..., ReadyTool] = ready
    fork: Callable[..., Worker] = worker_for


def scan(sides: Sequence[Side], setting: Setting) -> list[Scanned]:
    """Run every scanner over its units of each side at once; return what was found, side by side.

    Results are sorted by scanner. A scanner without units is not applicable.
    """
    out = [Scanned() for _ in sides]
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    with tempfile.TemporaryDirectory(prefix="devsecops-", ignore_cleanup_errors=True) as folder:
        courses: dict[str, tuple[Places, Going]] = {}
        runner = Runner(redact=redact)
        try:
            for name, places in _shares(sides, setting):
                label = f"{name}@{'+'.join(map(str, places))}"
                made = _make(
                    name, label, [sides[place] for place in places], setting, Path(folder), cores, runner
                )
                if isinstance(made, ScanResult):
                    for place in places:
                        out[place].results.append(made)
                else:
                    courses[label] = places, made
            going = {label: course for label, (_, course) in courses.items()}
            drive(going, runner, cores=cores, stopped=setting.stopped)
        finally:
            runner.close()
            for _, course in courses.values():
                course.worker.end()
        for places, course in courses.values():
            out[places[0]].took(course.spec.name, course)
            for place, result in zip(places, course.results(), strict=True):
                out[place].results.append(result)
    for scanned in out:
        scanned.results.sort(key=lambda result: result.scanner)
    return out


def _shares(sides: Sequence[Side], setting: Setting) -> list[tuple[str, Places]]:
    """Return which scanner looks at which sides in one course: each alone, or those with units together.

    A tool that can takes the files of all in one batch; a scanner in process looks once at what is the same.
    """
    shares: list[tuple[str, Places]] = []
    for name in sorted({name for side in sides for name in side.units}):
        places = [place for place, side in enumerate(sides) if name in side.units]
        spec = setting.registry.scanners[name]
        some = tuple(place for place in places if sides[place].units[name])
        if spec.tool is not None:
            one = spec.both_sides and spec.unit == "file"
        else:
            one = len({sides[place].units[name] for place in some}) == 1
        if one and len(some) > 1:
            shares.append((name, some))
            places = [place for place in places if place not in some]
        shares += [(name, (place,)) for place in places]
    return shares


def together(sides: Sequence[Scanned]) -> Scanned:
    """Return what all sides took; the results are those of the first."""
    out = Scanned(results=sides[0].results)
    for side in sides:
        for name, seconds in side.seconds.items():
            out.seconds[name] = round(out.seconds.get(name, 0.0) + seconds, 2)
        out.tools_cpu += side.tools_cpu
        out.first_start = min(out.first_start, side.first_start)
        out.last_end = max(out.last_end, side.last_end)
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
    own = {"dast": policy.dast} if spec.table == "dast" else {}
    return dict(spec.options) | dict(policy.scanners.get(spec.name, ScannerRules()).options) | own


def _make(
    name: str,
    label: str,
    sides: Sequence[Side],
    setting: Setting,
    folder: Path,
    cores: int,
    runner: Runner,
) -> Going | ScanResult:
    policy, tree, entries = setting.policy, sides[0].tree, sides[0].units[name]
    spec = with_rules(setting.registry.scanners[name], policy.scanners.get(name, ScannerRules()))
    if not entries and name not in setting.asks:
        return ScanResult(scanner=name, kind=spec.kind, status="not-applicable")
    tool: ReadyTool | None = None
    installed: Installed | None = None
    options = options_of(spec, policy) | dict(setting.asks.get(name, {}))
    try:
        if spec.tool is not None:
            tool = setting.supply(spec.tool, offline=setting.offline, say=setting.say, exclude=tree.root)
        if spec.installs:
            installed = make_ready(
                setting.registry, name, options, offline=setting.offline, say=setting.say,
                exclude=tree.root, stopped=setting.stopped, supply=setting.supply,
            )  # fmt: skip
    except ToolMissing as error:
        problem = Problem(code="scanner-missing", message=error.message, remedy=error.remedy)
        return ScanResult(scanner=name, kind=spec.kind, status="missing", problems=(problem,))
    reading = Reading(tree)
    worker = setting.fork(setting.registry, name, read=reading)
    own = folder / label
    own.mkdir()
    frame = Task(
        units=(), root=str(own), scratch=str(own), tool=tool, options=options,
        installed=installed, today=setting.today, key=setting.key,
    )  # fmt: skip
    if spec.unit == "remote":
        return Remote(
            spec, label=label, worker=worker, folder=own, runner=runner, secrets=setting.secrets,
            paths=tuple(entry.path for entry in tree.entries if entry.kind == "file"),
            say=setting.say, doing=setting.doing, frame=frame,
        )  # fmt: skip
    if spec.tool is None:
        more = [side.tree for side in sides[1:]]
        return InProcess(spec, entries, worker=worker, frame=frame, reading=reading, more=more)
    looked = [(side.tree, side.units[name]) for side in sides]
    return Course(spec, looked, label=label, worker=worker, folder=own, frame=frame, cores=cores)
