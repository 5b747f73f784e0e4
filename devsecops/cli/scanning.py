"""The scan command's work: subject, policy, plugins, engine, gate, files, screen, in that order."""

from __future__ import annotations

import argparse
import datetime
import os
import secrets
import shutil
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType

from devsecops.canonical import encode_verdict
from devsecops.config import read_config, tighten
from devsecops.encode import one_line
from devsecops.engine.scan import Scanned
from devsecops.engine.scan import scan as run_scanners
from devsecops.errors import Interrupted, UsageError
from devsecops.freshness import freshen
from devsecops.gate import exit_code, judge
from devsecops.gate.judge import unfinished
from devsecops.model import Isolation, Problem, Report, RunFacts, Statement, Verdict, View
from devsecops.output import OutputFolder, OutputLost, check_copy, default_folder, write_copy
from devsecops.policy import Loaded, Policy, at_hand, check_scanners, in_ci, load_policy, with_fail_on
from devsecops.policy.parse import nearest
from devsecops.registry import Registry, discover, render
from devsecops.run import Run, build_report, plan_digests, seal, sort_results, write_run
from devsecops.sarif import write as write_sarif
from devsecops.subject import Tree, open_tree, read_at
from devsecops.subject.ledger import Assignment, assign, close_ledger


@dataclass(frozen=True, slots=True)
class Wish:
    """One --report: a format, and where to. `path` None is the output folder, "-" is stdout."""

    name: str
    path: str | None


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that is settled before the first tool starts."""

    args: argparse.Namespace
    tree: Tree
    loaded: Loaded
    registry: Registry
    wishes: tuple[Wish, ...]
    left_out: tuple[str, ...]
    assignment: Assignment
    today: str
    ci: bool

    @property
    def policy(self) -> Policy:
        """The policy in force."""
        return self.loaded.policy


class Signals:
    """SIGINT and SIGTERM end the run: at once, or while tools run by asking the loop to stop in order.

    The verdict on disk says that the run did not finish until all of it is there.
    """

    def __init__(self) -> None:
        self.got = False
        self.in_order = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._take)

    def _take(self, number: int, frame: FrameType | None) -> None:
        first, self.got = not self.got, True
        if first and not self.in_order:
            raise Interrupted(f"interrupted by {signal.Signals(number).name}")

    def __call__(self) -> bool:
        """Return whether one came."""
        return self.got


def scan(args: argparse.Namespace) -> int:
    """Scan, judge, write, show; return the verdict's exit code."""
    started = time.monotonic()
    stopped = Signals()
    say = _quiet if args.quiet else _say
    tree = _subject(args)
    try:
        plan = _plan(args, tree)
        if plan.ci:
            say("CI is seen: the commit is judged, by the built-in policy unless --policy names one.")
        where = _folder(args, plan)
        with OutputFolder.open(where, scanned=[tree.root]) as folder:
            statement = unfinished((tree.part,), plan.loaded.in_force, plan.today)
            folder.begin(seal(statement, _facts(started, Scanned(), ())))
            return _judged(plan, folder, started, stopped, say)
    finally:
        tree.close()


def _judged(
    plan: Plan, folder: OutputFolder, started: float, stopped: Signals, say: Callable[[str], None]
) -> int:
    left_out = set(plan.left_out)
    units = {name: entries for name, entries in plan.assignment.units.items() if name not in left_out}
    if not plan.ci and not plan.args.offline:
        wanted = [name for name, entries in units.items() if entries]
        freshen(plan.registry, wanted, max_age_days=plan.policy.data.max_age_days, today=plan.today, say=say)
    stopped.in_order = True
    scanned = run_scanners(
        plan.tree,
        units,
        plan.registry,
        plan.policy,
        today=plan.today,
        offline=plan.args.offline,
        say=say,
        stopped=stopped,
    )
    problems: list[tuple[str | None, Problem]] = [
        (None, Problem(code="plugin-rejected", message=f"plugin {r.name} ({r.distribution}): {r.message}"))
        for r in plan.registry.rejected
    ]
    stopped.in_order = stopped()
    if stopped():
        problems.append((None, Problem(code="interrupted", message="the run was interrupted")))
    statement, text = _finish(plan, folder, scanned, problems, started)
    if not plan.args.quiet:
        say(f"The verdict and the saved run: {folder.path}")
    return _show(plan, statement, text)


def _finish(
    plan: Plan,
    folder: OutputFolder,
    scanned: Scanned,
    problems: list[tuple[str | None, Problem]],
    started: float,
) -> tuple[Statement, bytes | Problem | None]:
    """Judge, render and write. What is lost on the way is a reason of the verdict, which is judged again."""
    run = _judge(plan, scanned, problems, started)
    rendered = render(plan.registry, [wish.name for wish in plan.wishes], _report(plan, run))
    lost = [
        Problem(code="output-lost", message=f"the format {name} could not be written: {data.message}")
        for name, data in sorted(rendered.items())
        if isinstance(data, Problem)
    ]

    def again() -> Run:
        judged = _judge(plan, scanned, [*problems, *((None, problem) for problem in lost)], started)
        fine = [name for name, data in rendered.items() if not isinstance(data, Problem)]
        rendered.update(render(plan.registry, fine, _report(plan, judged)))
        return judged

    if lost:
        run = again()
    try:
        verdict = _write(plan, plan.wishes, folder, run, rendered)
    except OutputLost as error:
        lost.append(Problem(code="output-lost", message=str(error).rstrip(".")))
        without_copies = tuple(wish for wish in plan.wishes if wish.path in (None, "-"))
        verdict = _write(plan, without_copies, folder, again(), rendered)
    return verdict.statement, rendered.get("text")


def _judge(
    plan: Plan, scanned: Scanned, problems: Sequence[tuple[str | None, Problem]], started: float
) -> Run:
    results = sort_results(scanned.results)
    skipped = set(plan.left_out)
    ledger = close_ledger(
        _without(plan.assignment, skipped), results, plan.policy.coverage.accept, plan.today
    )
    judgement = judge(
        subject=(plan.tree.part,),
        results=results,
        ledger=ledger,
        policy=plan.policy,
        in_force=plan.loaded.in_force,
        today=plan.today,
        left_out=plan.left_out,
        problems=problems,
        kinds={name: spec.kind for name, spec in plan.registry.scanners.items()},
        gate=plan.loaded.gate,
        only=tuple(plan.args.only),
    )
    return Run(
        verdict=seal(judgement.statement, _facts(started, scanned, plan.tree.left_out)),
        results=results,
        ledger=ledger,
        judged=judgement.judged,
        groups=judgement.groups,
        problems=tuple(problems),
        policy_text=plan.loaded.text,
        plan=plan_digests(dict(plan.registry.scanners)),
    )


def _without(assignment: Assignment, names: set[str]) -> Assignment:
    units = {name: entries for name, entries in assignment.units.items() if name not in names}
    return replace(assignment, units=units)


def _write(
    plan: Plan,
    wishes: Sequence[Wish],
    folder: OutputFolder,
    run: Run,
    rendered: dict[str, bytes | Problem],
) -> Verdict:
    """Write the folder, then the copies: of what the folder always holds, exactly that."""
    for wish in wishes:
        data = rendered.get(wish.name)
        if wish.path is None and isinstance(data, bytes) and wish.name not in ("sarif", "json"):
            folder.write(f"report-{wish.name}{plan.registry.reporters[wish.name].suffix}", data)
    sarif = write_sarif(_report(plan, run))

    def copy(verdict: Verdict) -> None:
        held = {"sarif": sarif, "json": encode_verdict(verdict)}
        for wish in wishes:
            data = held.get(wish.name, rendered.get(wish.name))
            if wish.path not in (None, "-") and isinstance(data, bytes):
                write_copy(Path(str(wish.path)), data)

    verdict = write_run(folder, run, sarif=sarif, first=copy)
    for wish in wishes:
        data = {"sarif": sarif, "json": encode_verdict(verdict)}.get(wish.name, rendered.get(wish.name))
        if wish.path == "-" and wish.name != "text" and isinstance(data, bytes):
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
    return verdict


def _show(plan: Plan, statement: Statement, text: bytes | Problem | None) -> int:
    """Show the text, whose last line is the cause; without it at least that line."""
    out = sys.stderr if any(w.path == "-" and w.name != "text" for w in plan.wishes) else sys.stdout
    if plan.args.quiet or not isinstance(text, bytes):
        print(statement.cause, file=out)
    else:
        out.flush()
        out.buffer.write(text)
        out.buffer.flush()
    code = exit_code(statement)
    return 0 if code == 1 and plan.args.exit_zero else code


def _report(plan: Plan, run: Run) -> Report:
    color = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else View().width
    view = View(verbose=plan.args.verbose, color=color, width=width, gate=plan.loaded.gate)
    return build_report(run, view)


# --- before the first tool ----------------------------------------------------------------------


def _subject(args: argparse.Namespace) -> Tree:
    if args.base is not None:
        raise UsageError("--base: judging a change is not there yet; leave it out to judge the whole tree.")
    return open_tree(Path(args.path), head=args.head, commit=args.head is not None or in_ci())


def _plan(args: argparse.Namespace, tree: Tree) -> Plan:
    ci = in_ci()
    loaded = load_policy(
        option=args.policy or os.environ.get("DEVSECOPS_POLICY") or None,
        tree_root=tree.root,
        ci=ci,
        read_at=read_at,
    )
    config = read_config(tree.read("devsecops.toml"))
    policy = tighten(loaded.policy, config)
    if args.fail_on is not None:
        policy = with_fail_on(policy, args.fail_on, in_a_file=loaded.in_a_file)
    loaded = loaded.judging_by(policy)
    free = not ci and not loaded.in_a_file
    registry = discover(None if free else policy.plugins.allow, policy.plugins.files, at_hand(policy.tool))
    known = {name: spec.options for name, spec in registry.scanners.items()}
    check_scanners(policy, known, loaded.in_force.source, registry.taken)
    # In a shell where no policy speaks, --only does. What the policy in force is called does not change.
    named = args.only if free else ()
    policy = policy.switching_off(name for name in registry.off_by_default() if name not in named)
    loaded = replace(loaded, policy=policy)
    wishes = [_wish(text) for text in args.report] + [Wish(name, None) for name in config.report]
    if all(wish.name != "text" for wish in wishes):
        wishes.append(Wish("text", "-"))
    _check_wishes(wishes, registry)
    off = {name for name in registry.scanners if policy.required(name) == "off"}
    left_out = _left_out(args, registry)
    specs = [spec for name, spec in sorted(registry.scanners.items()) if name not in off]
    assignment = assign(tree, specs, policy.scope.exclude)
    return Plan(args, tree, loaded, registry, tuple(wishes), left_out, assignment, _today(args.as_of), ci)


def _left_out(args: argparse.Namespace, registry: Registry) -> tuple[str, ...]:
    known = sorted(registry.scanners)
    for option, names in (("--only", args.only), ("--skip", args.skip)):
        for name in names:
            if name not in known:
                raise UsageError(f"{option} {name}: no such scanner; {nearest(name, known)}.")
    only = set(args.only) or set(known)
    return tuple(name for name in known if name not in only or name in args.skip)


def _wish(text: str) -> Wish:
    name, equals, path = text.partition("=")
    if equals and not path:
        raise UsageError(f"--report {text}: give a path after the =, or - for stdout.")
    return Wish(name, path or None)


def _check_wishes(wishes: Sequence[Wish], registry: Registry) -> None:
    for wish in wishes:
        if wish.name != "text" and wish.name not in registry.reporters:
            known = sorted(registry.reporters)
            raise UsageError(f"--report {wish.name}: no such format; {nearest(wish.name, known)}.")
        if wish.path not in (None, "-"):
            check_copy(Path(str(wish.path)))
    if sum(wish.path == "-" and wish.name != "text" for wish in wishes) > 1:
        raise UsageError("Only one format can go to stdout; give the others a PATH.")


def _folder(args: argparse.Namespace, plan: Plan) -> Path:
    named = args.output or os.environ.get("DEVSECOPS_OUTPUT")
    if named:
        return Path(named)
    return Path("devsecops-out") if plan.ci else default_folder(plan.tree.root)


def _today(as_of: str | None) -> str:
    if as_of is None:
        return datetime.datetime.now(datetime.UTC).date().isoformat()
    try:
        return datetime.date.fromisoformat(as_of).isoformat()
    except ValueError:
        raise UsageError(f"--as-of {as_of}: give a day as YYYY-MM-DD.") from None


def _facts(started: float, scanned: Scanned, left_out: Sequence[tuple[str, str]]) -> RunFacts:
    now = datetime.datetime.now(datetime.UTC)
    end = time.monotonic()
    began = now - datetime.timedelta(seconds=end - started)
    notes = [f"left out: {path} ({rule})" for path, rule in left_out]
    if scanned.last_end:
        notes += [
            f"tools-cpu-seconds: {scanned.tools_cpu:.2f}",
            f"first-tool-after: {scanned.first_start - started:.2f}",
            f"after-last-tool: {end - scanned.last_end:.2f}",
        ]
    return RunFacts(
        id=secrets.token_hex(8),
        started=began.isoformat(timespec="seconds"),
        seconds=round(end - started, 2),
        isolation=Isolation(memory="resident size of each tool's processes; address space of workers"),
        scanner_seconds=scanned.seconds,
        notes=tuple(notes),
    )


def _say(text: str) -> None:
    print(one_line(text), file=sys.stderr, flush=True)


def _quiet(text: str) -> None:
    """Say nothing."""
