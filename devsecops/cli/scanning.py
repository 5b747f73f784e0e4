"""The scan command's work: subject, policy, plugins, engine, gate, files, screen, in that order."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections.abc import Callable
from types import FrameType

from devsecops.cli.delivering import Delivery, deliver, facts
from devsecops.cli.narrating import Narrator, can_rewrite
from devsecops.cli.planning import Plan, Subject, folder_of, plan, subject
from devsecops.cli.settling import settle
from devsecops.engine.scan import Scanned, Setting, Side, together
from devsecops.engine.scan import scan as run_scanners
from devsecops.errors import Interrupted
from devsecops.freshness import freshen
from devsecops.gate.judge import unfinished
from devsecops.model import Problem
from devsecops.output import OutputFolder
from devsecops.policy import in_ci
from devsecops.run import seal
from devsecops.subject import Entry
from devsecops.subject.ledger import Assignment


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
    # Out of the environment before any plugin's code runs.
    key = os.environ.pop("DEVSECOPS_IDENTITY_KEY", "").encode("utf-8", "surrogateescape")
    live = can_rewrite(sys.stderr, os.environ.get("TERM", ""), ci=in_ci())
    narrator = Narrator(None if args.quiet else sys.stderr, live=live)
    opened = subject(args)
    try:
        planned = plan(args, opened)
        _introduce(planned, opened, narrator.say)
        with OutputFolder.open(
            folder_of(planned), scanned=[] if opened.target_only else [opened.tree.root]
        ) as folder:
            statement = unfinished(planned.parts, planned.loaded.in_force, planned.today)
            folder.begin(seal(statement, facts(started, Scanned(), ())))
            return _judged(planned, folder, started, stopped, narrator, key)
    finally:
        narrator.close()
        opened.close()


def _introduce(plan: Plan, opened: Subject, say: Callable[[str], None]) -> None:
    if plan.ci and plan.base is None and not plan.target_only:
        say("CI is seen: the commit is judged, by the built-in policy unless --policy names one.")
    if opened.change is not None and not plan.ci and plan.args.head is None:
        say("The change up to HEAD is judged, not what is on disk and not committed.")


def _judged(
    plan: Plan,
    folder: OutputFolder,
    started: float,
    stopped: Signals,
    narrator: Narrator,
    key: bytes,
) -> int:
    sides = [Side(plan.tree, _asked(plan, plan.assignment))]
    if plan.base is not None:
        sides.append(Side(plan.base.tree, _asked(plan, plan.base.assignment)))
    if not plan.ci and not plan.args.offline:
        wanted = [name for name, entries in sides[0].units.items() if entries]
        freshen(
            plan.registry,
            wanted,
            max_age_days=plan.policy.data.max_age_days,
            today=plan.today,
            say=narrator.say,
        )
    stopped.in_order = True
    setting = Setting(
        registry=plan.registry,
        policy=plan.policy,
        today=plan.today,
        offline=plan.args.offline,
        say=narrator.say,
        doing=narrator.doing,
        stopped=stopped,
        key=key,
        asks=plan.aim.asks,
        secrets=plan.aim.secrets,
    )
    scanned = run_scanners(sides, setting)
    for result in scanned[0].results:
        if plan.registry.scanners[result.scanner].unit == "remote":
            for note in result.notes:
                narrator.say(f"{result.scanner}: {note}")
    problems: list[tuple[str | None, Problem]] = [
        (None, Problem(code="plugin-rejected", message=f"plugin {r.name} ({r.distribution}): {r.message}"))
        for r in plan.registry.rejected
    ]
    problems += [(name, NO_TARGET) for name in _without_target(plan)]
    stopped.in_order = stopped()
    if stopped():
        problems.append((None, Problem(code="interrupted", message="the run was interrupted")))
    delivery = Delivery(plan, folder, settle(plan, scanned), together(scanned), started)
    return deliver(delivery, problems, narrator.say)


NO_TARGET = Problem(
    code="scanner-missing", message="no target was named", remedy="Name the service: --target URL"
)


def _without_target(plan: Plan) -> list[str]:
    """Return the scanners of running services that the policy asks for and nobody pointed at one."""
    names = [name for name, rules in plan.policy.scanners.items() if rules.required == "yes"]
    return [name for name in names if name in plan.registry.scanners and name not in plan.kinds]


def _asked(plan: Plan, assignment: Assignment) -> dict[str, tuple[Entry, ...]]:
    left_out = set(plan.left_out)
    return {name: entries for name, entries in assignment.units.items() if name not in left_out}
