"""All that can be checked without a packet to the target."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec

from devsecops.api import Checked, RemoteContext, Target, ToolError
from devsecops_zap.asked import Job, read_job
from devsecops_zap.config import Artifacts, Attach
from devsecops_zap.identifying import references as header_references
from devsecops_zap.login import references
from devsecops_zap.reach import occupied
from devsecops_zap.resolve import system
from devsecops_zap.sources.attach import attach
from devsecops_zap.sources.settings import settings_of
from devsecops_zap.wanted import read_wanted

REMEDY = (
    "use another source of ZAP ([dast.zap] source), add rules ([[dast.addons]]), or ask for other phases "
    "([dast] phases)"
)


def check(ctx: RemoteContext) -> Checked:
    """Return what is wrong with the settings, what cannot be done, and what would be."""
    lacking = [name for name in ("zapv2", "yaml") if find_spec(name) is None]
    if lacking:
        return Checked(errors=("zap needs more packages; pip install 'devsecops[zap]'.",))
    try:
        job = read_job(ctx.options, system)
        wanted = read_wanted(job, ctx)
        if isinstance(job.source, Attach):
            occupied(attach(settings_of(ctx.options), ctx.secret), job.source)
    except ToolError as error:
        return Checked(errors=(f"{str(error).rstrip('.')}.",))
    missing = tuple(_missing(job, ctx))
    if missing:
        return Checked(errors=missing)
    unable = tuple(f"{what}; {REMEDY}." for what in impossible(job))
    return Checked(
        unable=unable,
        target=Target(alias=job.alias, origins=(str(job.origin),)),
        notes=(*_notes(job), *wanted.notes()),
    )


def _missing(job: Job, ctx: RemoteContext) -> Iterator[str]:
    """Yield what is wrong with the secrets of the login and of the target's headers."""
    wanted = [
        (f"dast.auth.{job.login_name}", ref)
        for ref in (references(job.login) if job.login is not None else ())
    ]
    named = header_references(job.table.headers)
    wanted += [(f"dast.targets.{job.alias}.headers.{name}", ref) for name, ref in named.items()]
    for key, ref in wanted:
        try:
            ctx.secret(ref)
        except ToolError:
            place = f"{job.dast.source}:{job.dast.line(key)}: {key}"
            yield f"{place}: {ref} is not there; set it where devsecops runs."


def impossible(job: Job) -> list[str]:
    """Return the phases that this source can never run, a sentence each without a full stop."""
    out: list[str] = []
    source, addons = job.source, job.dast.addons
    if not isinstance(source, Artifacts):
        return out
    phases = job.effort.phases
    if job.plan is not None and source.core == "2.11.1":
        out.append("dast.plan: ZAP 2.11.1 of source artifacts has no Automation Framework")
    if "passive" in phases and source.core != "2.11.1":
        out.append(f"passive: ZAP {source.core} of source artifacts has no passive engine")
    elif "passive" in phases and not addons:
        out.append("passive: ZAP of source artifacts has no rules of its own, and no add-on brings any")
    if "active" in phases and not addons:
        out.append("active: ZAP of source artifacts has no rules of its own, and no add-on brings any")
    return out


def _notes(job: Job) -> list[str]:
    addresses = ", ".join(job.pinned.addresses)
    return [
        f"Target {job.alias}: {job.start} at {addresses}.",
        f"Phases: {', '.join(job.effort.phases)}; at most {job.effort.requests:,} requests and "
        f"{job.budget_s:,.0f} s.",
        f"Login: {job.login_name or 'none'}.",
        *(job.plan.notes if job.plan is not None else ()),
    ]
