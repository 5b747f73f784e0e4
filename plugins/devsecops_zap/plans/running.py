"""A plan in ZAP: run, watched and bounded. Its exit status is never looked at."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from devsecops.api import Problem, ToolError
from devsecops_zap.adapter import LONGEST_S, SHORTEST_S, Adapter
from devsecops_zap.errors import ZapError
from devsecops_zap.plans.reading import Plan
from devsecops_zap.transport import BASE

_MOST_WORDS = 5
_WHOLE = ("Complete", "Skipped")
"""How ZAP's scan progress calls a rule that is over."""


class PlanEnd(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a plan. `sent` counts the messages that came of it."""

    problems: tuple[Problem, ...]
    notes: tuple[str, ...]
    sent: int


def run_plan(
    zap: Adapter,
    plan: Plan,
    file: Path,
    *,
    deadline: float,
    look: Callable[[int], None] = lambda _: None,
    say: Callable[[str], None] = lambda _: None,
) -> PlanEnd:
    """Run a plan to its end, or to the deadline.

    Args:
        zap: with mode protect set; it must have the add-on `automation`.
        plan: fenced in.
        file: where it is written for ZAP, which must be able to read it.
        deadline: on the monotonic clock.
        look: called at each turn with the messages so far; what it raises ends the plan and goes through.
        say: gets each line that ZAP says about the plan.

    Raises:
        ZapFault: ZAP fails. ToolError: the plan cannot be written.
    """
    before, attacks = zap.messages(), {str(one["id"]) for one in zap.view("ascan", "scans")}
    _write(file, plan)
    try:
        progress = _run(zap, file, deadline, lambda: look(zap.messages() - before), say)
    except ZapError as error:
        if error.code == "does_not_exist":
            return _unreadable(plan)
        raise
    finally:
        file.unlink(missing_ok=True)
    sent = zap.messages() - before
    problems = [*_cut(progress), *_unaccounted(plan, progress), *_complaints(progress)]
    problems += _unfinished(zap, attacks)
    if not sent:
        problems.append(_problem("the plan sent nothing", "See its contexts and jobs."))
    return PlanEnd(problems=tuple(problems), notes=plan.notes, sent=sent)


def _write(file: Path, plan: Plan) -> None:
    """Write the plan as JSON, which is YAML too."""
    try:
        fd = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(fd, "w", encoding="utf-8") as out:
            json.dump(plan.document, out)
    except OSError as error:
        raise ToolError(f"the plan cannot be written for ZAP ({error.strerror})") from None


def _run(
    zap: Adapter, file: Path, deadline: float, look: Callable[[], None], say: Callable[[str], None]
) -> dict[str, Any]:
    number = str(zap.action("automation", "runPlan", filePath=str(file)))
    progress: dict[str, Any] = {}
    try:
        progress = _watched(zap, number, deadline, look, say)
    finally:
        if not progress.get("finished"):
            stop(zap, number)
    return progress


def _watched(
    zap: Adapter, number: str, deadline: float, look: Callable[[], None], say: Callable[[str], None]
) -> dict[str, Any]:
    """Return the last progress; its `finished` is not set when the time was over before."""
    told, pause = 0, SHORTEST_S
    while True:
        found = zap.call(f"{BASE}JSON/automation/view/planProgress/", {"planId": number})
        progress = found if isinstance(found, dict) else {}
        lines = _lines(progress, "info")
        for line in lines[told:]:
            say(f"plan: {line}")
        pause = SHORTEST_S if len(lines) > told else min(pause * 1.5, LONGEST_S)
        told = len(lines)
        look()
        left = deadline - time.monotonic()
        if progress.get("finished") or left <= 0:
            return progress
        time.sleep(min(pause, left))


def stop(zap: Adapter, number: str) -> None:
    """End a plan and what it started. Raises ZapFault."""
    for component, name, query in (
        ("automation", "stopPlan", {"planId": number}),
        ("spider", "stopAllScans", {}),
        ("ascan", "stopAllScans", {}),
    ):
        try:
            zap.action(component, name, **query)
        except ZapError:
            continue


def _lines(progress: dict[str, Any], name: str) -> list[str]:
    found = progress.get(name)
    return [str(line)[:300] for line in found] if isinstance(found, list) else []


def _problem(message: str, remedy: str) -> Problem:
    return Problem(code="phase-unfinished", message=message, remedy=remedy)


def _unreadable(plan: Plan) -> PlanEnd:
    why = "ZAP cannot read the plan: it does not see the files of this machine"
    problem = _problem(why, "Use a ZAP that devsecops starts, or phases instead of a plan.")
    return PlanEnd(problems=(problem,), notes=plan.notes, sent=0)


def _cut(progress: dict[str, Any]) -> Iterator[Problem]:
    if not progress.get("finished"):
        yield _problem(
            "the plan was cut short: its time is used up", "Give it more time (--budget), or ask for less."
        )


def _unaccounted(plan: Plan, progress: dict[str, Any]) -> Iterator[Problem]:
    """Name the jobs of which ZAP does not say that they finished: one that it does not know it leaves out.

    It calls them by their kind; they run in their order.
    """
    lines = _lines(progress, "info")
    left = {
        kind: sum(line.startswith(f"Job {kind} finished") for line in lines)
        for kind in {job.type for job in plan.jobs}
    }
    for job in plan.jobs:
        left[job.type] -= 1
        if left[job.type] < 0:
            yield _problem(
                f"the job {job.type} ({plan.source}:{job.line}) did not run to its end",
                "Use a ZAP that has it ([dast.zap] source), or remove the job.",
            )


def _complaints(progress: dict[str, Any]) -> Iterator[Problem]:
    for name in ("error", "warn"):
        lines = _lines(progress, name)
        if lines:
            yield _problem(
                f"ZAP says of the plan: {' | '.join(lines[:_MOST_WORDS])}",
                "Correct the plan; ZAP's words are its own.",
            )


def _unfinished(zap: Adapter, before: set[str]) -> Iterator[Problem]:
    """Name the rules that a limit of time in the plan ended."""
    for scan in zap.view("ascan", "scans"):
        number = str(scan["id"])
        if number in before:
            continue
        rows = _rules(zap.view("ascan", "scanProgress", scanId=number))
        cut = sorted({name for name, status in rows if not status.startswith(_WHOLE) or "duration" in status})
        if cut:
            yield _problem(
                f"rules of the plan had no time to end: {', '.join(cut[:_MOST_WORDS])}",
                "Raise maxRuleDurationInMins or maxScanDurationInMins of the plan.",
            )


def _rules(found: Any) -> Iterator[tuple[str, str]]:
    """Yield name and status of each rule of a scan."""
    for part in found if isinstance(found, list) else ():
        for one in part.get("HostProcess", ()) if isinstance(part, dict) else ():
            parts = list(map(str, one.get("Plugin", ())))
            if len(parts) > 3:
                yield parts[0], parts[3]
