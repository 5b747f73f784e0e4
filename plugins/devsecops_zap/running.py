"""One run: the settings again, a ZAP, the control, the phases, and what is said of it all."""

from __future__ import annotations

import time
from pathlib import Path

import msgspec

from devsecops.api import Doing, Parsed, Problem, RemoteContext, ToolError
from devsecops_zap.adapter import Adapter
from devsecops_zap.addresses import read_url
from devsecops_zap.arriving import Arrival, NotReadyError
from devsecops_zap.asked import Job, read_job
from devsecops_zap.asking import NoAnswerError, certified
from devsecops_zap.capabilities import Capabilities, probe
from devsecops_zap.checking import REMEDY, impossible
from devsecops_zap.config import Phase
from devsecops_zap.control import LACKS, able, prove
from devsecops_zap.flaws import Control
from devsecops_zap.ground import Ground, fence_in
from devsecops_zap.health import Health
from devsecops_zap.limits import Halted, Watch
from devsecops_zap.phases import Course
from devsecops_zap.planned import NOTHING, run_planned, seeds_only
from devsecops_zap.reach import Reached, new_session, reach
from devsecops_zap.requests import from_urls
from devsecops_zap.resolve import system
from devsecops_zap.seeding import written
from devsecops_zap.telling import tell, untouched
from devsecops_zap.transport import BASE
from devsecops_zap.wanted import Wanted, read_wanted

CONTEXT = "devsecops"
ANSWER_S = 10
"""So long ZAP waits for an answer of the target."""
CLOSE_S = 10.0
"""Kept of the deadline, to put things in order and to answer."""


def scan(ctx: RemoteContext) -> Parsed:
    """Look at the target. Raises ToolError when ZAP could not be used at all."""
    began = time.monotonic()
    job = read_job(ctx.options, system)
    wanted = read_wanted(job, ctx)
    cannot = impossible(job)
    if cannot:
        return untouched(job, wanted, tuple(_unfinished(what) for what in cannot))
    last = ctx.deadline - CLOSE_S
    arrival = Arrival(ctx, job, last - began)

    def ends() -> float:
        return min(began + arrival.waited_s + job.budget_s, last)

    try:
        arrival.before()
        ctx.doing(Doing(what=f"starting ZAP for {job.start}"))
        with reach(ctx, job, ends, arrival.meanwhile, arrival.secrets) as reached:
            return _with(ctx, job, wanted, reached, ends(), arrival)
    except NotReadyError as why:
        return untouched(job, wanted, (why.problem,))


def _with(
    ctx: RemoteContext, job: Job, wanted: Wanted, reached: Reached, ends: float, arrival: Arrival
) -> Parsed:
    zap = reached.zap
    can = probe(zap)
    ctx.progress(can.in_words())
    if job.plan is not None and not can.automation:
        return untouched(
            job, wanted, (_unfinished("the plan cannot run: this ZAP lacks the add-on"),), can.version
        )
    lacking = [phase for phase in job.effort.phases if not able(can, phase)]
    if lacking:
        said = tuple(_unfinished(f"phase {phase} cannot run: {LACKS[phase]}") for phase in lacking)
        return untouched(job, wanted, said, can.version)
    _tune(reached, arrival.heading.agent, passive=can.passive)
    try:
        failed = _control(ctx, can, reached, ends)
    except Halted as halt:
        problem = Problem(
            code="outside-target" if halt.outside else "phase-unfinished",
            message=f"in the control {halt}", remedy=halt.remedy,
        )  # fmt: skip
        return untouched(job, wanted, (problem,), can.version)
    missed = tuple(
        _unfinished(f"phase {p} cannot run: {failed[p]}") for p in job.effort.phases if p in failed
    )
    if missed:
        return untouched(job, wanted, missed, can.version)
    return _target(ctx, job, wanted, can, reached, ends, arrival)


def _unfinished(message: str) -> Problem:
    return Problem(code="phase-unfinished", message=message, remedy=f"{REMEDY}.")


def _tune(reached: Reached, agent: str, *, passive: bool) -> None:
    """Set what holds for everything that is sent; passive rules look at nothing outside."""
    zap = reached.zap
    if passive:
        before = str(zap.view("pscan", "scanOnlyInScope"))
        zap.action("pscan", "setScanOnlyInScope", onlyInScope="true")
        reached.options.later(lambda: zap.action("pscan", "setScanOnlyInScope", onlyInScope=before))
    reached.options.tries("core", "TimeoutInSecs", ANSWER_S)
    reached.options.tries("core", "DefaultUserAgent", agent)


def _control(ctx: RemoteContext, can: Capabilities, reached: Reached, ends: float) -> dict[Phase, str]:
    ctx.doing(Doing(what="control", seen="a service of ours with flaws"))
    with Control(reached.control_host) as service:
        origin = read_url(f"http://{reached.control_host}:{service.port}").origin
        watch = Watch(ctx, reached.zap, alive=reached.alive, allowed=(origin,), ends=ends, requests=1_000_000)
        failed = prove(reached.zap, can, reached.options, watch, service, reached.control_host)
    new_session(reached.zap)
    return failed


def _target(
    ctx: RemoteContext,
    job: Job,
    wanted: Wanted,
    can: Capabilities,
    reached: Reached,
    ends: float,
    arrival: Arrival,
) -> Parsed:
    zap = reached.zap
    number = fence_in(zap, CONTEXT, job.include, job.excludes, job.dast.technologies)
    health = Health(job.origin, job.pinned.addresses, f"{job.base}/", arrival.heading.pairs)
    if health.first:
        problem = Problem(
            code="phase-unfinished", message=f"the target {health.first}".replace(" any more", ""),
            remedy="start it, or wait for it: --wait 5m",
        )  # fmt: skip
        return untouched(job, wanted, (problem,), can.version)
    watch = Watch(
        ctx,
        zap,
        alive=reached.alive,
        allowed=(job.origin,),
        ends=ends,
        requests=job.effort.requests,
        health=health,
    )
    arrival.enter(zap, watch, reached.options)
    if wanted.url is not None:
        wanted = read_wanted(job, ctx, _document(zap, job, wanted.url, arrival.heading.pairs))
    ground = Ground(
        context=CONTEXT, number=number, origin=job.origin, start=job.start, requests=wanted.seeds.requests,
        headers=arrival.heading.pairs, effort=job.effort, change_state=job.table.change_state,
    )  # fmt: skip
    if job.plan is not None:
        job = seeds_only(job, wanted)
    course = Course(job, zap, ground, watch, reached.options)
    course.run(system)
    planned = run_planned(course, Path(ctx.scratch)) if job.plan is not None else NOTHING
    told = tell(ctx, job, wanted, course, can.version, arrival.hiding())
    return msgspec.structs.replace(
        told,
        problems=(*told.problems, *planned.problems, *arrival.afterwards()),
        notes=(*reached.notes, *arrival.notes(), *told.notes, *planned.notes),
    )


def _document(zap: Adapter, job: Job, url: str, headers: tuple[tuple[str, str], ...]) -> bytes:
    """Return the document that the target serves, as who is logged in gets it. Raises ToolError."""
    try:
        certified(job.pinned)  # it says what there is to scan, and ZAP takes it from anybody
    except NoAnswerError as error:
        raise ToolError(f"the document {url} is not asked for: {error}") from None
    (request,) = from_urls([url], job.origin)
    got = zap.call(
        f"{BASE}JSON/core/action/sendRequest/", {}, method="POST",
        body={"request": written(request, headers), "followRedirects": "false"}, within_s=2.0 * ANSWER_S,
    )  # fmt: skip
    (message,) = got["sendRequest"]
    status = str(message.get("responseHeader", "")).split(" ")[1:2]
    if status != ["200"]:
        raise ToolError(f"the document {url} was answered with {''.join(status) or 'nothing'}")
    return str(message.get("responseBody", "")).encode()
