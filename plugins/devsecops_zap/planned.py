"""A plan as a part of the run: after the seeds, under the same watch."""

from __future__ import annotations

from pathlib import Path

import msgspec

from devsecops.api import Problem, ToolError
from devsecops_zap.asked import Job
from devsecops_zap.config import Phase
from devsecops_zap.errors import ZapFault
from devsecops_zap.limits import CutShort, Halted, still_there
from devsecops_zap.phases import Course
from devsecops_zap.plans import PlanEnd, run_plan
from devsecops_zap.resolve import system
from devsecops_zap.wanted import Wanted

NOTHING = PlanEnd(problems=(), notes=(), sent=0)
NOTE = "The plan says what is attacked; the ledger says what was asked for before it."


def seeds_only(job: Job, wanted: Wanted) -> Job:
    """Return a job whose only phase is the seeds, where there are any: all else is the plan's."""
    phases: tuple[Phase, ...] = ("seed",) if wanted.seeds.requests else ()
    return msgspec.structs.replace(job, effort=msgspec.structs.replace(job.effort, phases=phases))


def run_planned(course: Course, folder: Path) -> PlanEnd:
    """Run the plan of a course whose seeds are through, and take its alerts. Never raises what it came to."""
    plan, watch = course.job.plan, course.watch
    if plan is None or any(outcome.state != "complete" for outcome in course.outcomes):
        return _cut("the plan was not begun", "remove what ended the seeds")
    try:
        still_there(course.job.pinned, system)
        watch.begin("plan", watch.ends)
        end = run_plan(
            course.zap, plan, folder / "plan.json", deadline=watch.ends + 1.0, look=watch.look,
            say=watch.ctx.progress,
        )  # fmt: skip
        watch.end(end.sent)
        course.read()
    except CutShort as cut:
        return _halted(course, cut)
    except ZapFault as fault:
        course.dead = True
        return _cut(f"the plan was cut short: {fault}", "run it again")
    except ToolError as error:
        return _cut(f"the plan cannot run: {error}", "see what is wrong")
    return msgspec.structs.replace(end, notes=(*end.notes, NOTE))


def _halted(course: Course, cut: CutShort) -> PlanEnd:
    outside = isinstance(cut, Halted) and cut.outside
    try:
        course.read()
    except ZapFault:
        course.dead = True
    problem = Problem(
        code="outside-target" if outside else "phase-unfinished",
        message=f"the plan was cut short: {cut}", remedy=cut.remedy,
    )  # fmt: skip
    return PlanEnd(problems=(problem,), notes=(), sent=0)


def _cut(message: str, remedy: str) -> PlanEnd:
    problem = Problem(code="phase-unfinished", message=message, remedy=f"{remedy}.")
    return PlanEnd(problems=(problem,), notes=(), sent=0)
