"""The end of a scan: judge, render, write, show. What is lost on the way is a reason of the verdict."""

from __future__ import annotations

import datetime
import os
import secrets
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from devsecops.canonical import encode_verdict
from devsecops.checks import run_checks
from devsecops.cli.planning import Plan, Wish
from devsecops.cli.settling import Settled
from devsecops.engine.scan import Scanned
from devsecops.gate import exit_code, judge
from devsecops.model import Isolation, Problem, Reason, Report, RunFacts, Statement, Verdict, View
from devsecops.output import OutputFolder, OutputLost, write_copy
from devsecops.registry import render
from devsecops.run import Run, build_report, plan_digests, seal, write_run
from devsecops.sarif import write as write_sarif
from devsecops.waivers.apply import justified

Problems = Sequence[tuple[str | None, Problem]]


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is to be judged and told, and where to. `started` is `time.monotonic()` of the run's start."""

    plan: Plan
    folder: OutputFolder
    settled: Settled
    scanned: Scanned
    started: float
    objections: tuple[Reason, ...] = ()
    """Of the checks of plugins."""


def deliver(delivery: Delivery, problems: Problems, say: Callable[[str], None]) -> int:
    """Judge, write and show; return the verdict's exit code."""
    statement, text = _finish(delivery, problems)
    if not delivery.plan.args.quiet:
        say(f"The verdict and the saved run: {delivery.folder.path}")
    return _show(delivery.plan, statement, text)


def _finish(delivery: Delivery, problems: Problems) -> tuple[Statement, bytes | Problem | None]:
    """Judge, render and write. What is lost on the way is a reason of the verdict, which is judged again."""
    plan, folder = delivery.plan, delivery.folder
    run = _judge(delivery, problems)
    if plan.registry.checks:
        objections = tuple(run_checks(plan.registry, _report(plan, run)))
        delivery = replace(delivery, objections=objections)
        run = _judge(delivery, problems)
    rendered = render(plan.registry, [wish.name for wish in plan.wishes], _report(plan, run))
    lost = [
        Problem(code="output-lost", message=f"the format {name} could not be written: {data.message}")
        for name, data in sorted(rendered.items())
        if isinstance(data, Problem)
    ]

    def again() -> Run:
        judged = _judge(delivery, [*problems, *((None, problem) for problem in lost)])
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


def _judge(delivery: Delivery, problems: Problems) -> Run:
    plan, settled = delivery.plan, delivery.settled
    judgement = judge(
        subject=plan.parts,
        results=settled.results,
        ledger=settled.ledger,
        policy=plan.policy,
        in_force=plan.loaded.in_force,
        today=plan.today,
        left_out=plan.left_out,
        problems=problems,
        kinds=plan.kinds,
        gate=plan.loaded.gate,
        only=tuple(plan.args.only),
        standings=settled.standings,
        groups=settled.groups,
        compared=settled.compared,
        notices=settled.notices,
        objections=delivery.objections,
    )
    findings = [finding for result in settled.results for finding in result.findings]
    return Run(
        verdict=seal(judgement.statement, facts(delivery.started, delivery.scanned, plan.tree.left_out)),
        results=settled.results,
        ledger=settled.ledger,
        judged=justified(judgement.judged, findings, settled.waived),
        groups=judgement.groups,
        compared=settled.compared,
        problems=tuple(problems),
        notices=settled.notices,
        objections=delivery.objections,
        policy_text=plan.loaded.text,
        rules=plan.policy,
        kinds=dict(sorted(plan.kinds.items())),
        off_by_default=tuple(plan.registry.off_by_default()),
        plan=plan_digests(dict(plan.registry.scanners)),
    )


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


def facts(started: float, scanned: Scanned, left_out: Sequence[tuple[str, str]]) -> RunFacts:
    """Return the volatile part of the verdict, as of now."""
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
