"""From what a run came to, to what the scanner says: findings, the ledger's rows, problems."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from devsecops.api import Finding, Parsed, Problem, RemoteContext, Rule, ToolError
from devsecops_zap.adapter import Adapter
from devsecops_zap.alerts import Site, read_alerts
from devsecops_zap.asked import Job
from devsecops_zap.attacking import Attack
from devsecops_zap.coverage import reached, rows
from devsecops_zap.errors import ZapFault
from devsecops_zap.exchange import exchange
from devsecops_zap.handlers import Handlers, find_handlers
from devsecops_zap.hiding import Hiding
from devsecops_zap.levels import counted, levelled
from devsecops_zap.phases import Course, Outcome
from devsecops_zap.wanted import Wanted

_DECLARED = ("path", "header", "cookie")
MOST_EXCHANGES = 200
"""Of so many findings request and response are fetched."""


def problems_of(outcomes: Sequence[Outcome]) -> tuple[Problem, ...]:
    """Return a problem for each phase that is not complete; those that were not begun are one."""
    out = []
    for outcome in outcomes:
        if outcome.state in ("complete", "not begun"):
            continue
        code = "outside-target" if outcome.outside else "phase-unfinished"
        message = f"phase {outcome.phase} {_STATES[outcome.state]}: {outcome.why}"
        out.append(msgspec.convert({"code": code, "message": message, "remedy": outcome.remedy}, Problem))
    idle = [outcome.phase for outcome in outcomes if outcome.state == "not begun"]
    if idle:
        message = f"not begun: {', '.join(idle)}"
        out.append(Problem(code="phase-unfinished", message=message, remedy="remove what ended the run"))
    return tuple(out)


_STATES = {
    "cut short": "was cut short", "sent nothing": "did nothing", "not available": "cannot run",
}  # fmt: skip


def untouched(job: Job, wanted: Wanted, problems: tuple[Problem, ...], version: str = "") -> Parsed:
    """Return what is said when nothing was sent to the target."""
    active = "active" in job.effort.phases
    asked = rows(wanted.seeds, (), () if active else None)
    idle = (msgspec.structs.replace(row, why="not-asked") if row.why == "no-answer" else row for row in asked)
    cover = (*idle, *wanted.excluded_rows())
    return Parsed(cover=cover, problems=problems, version=version, attested=False)


def tell(
    ctx: RemoteContext, job: Job, wanted: Wanted, course: Course, version: str, hiding: Hiding
) -> Parsed:
    """Return all that is said of a target."""
    matcher = wanted.matcher(job.base)
    seen = reached(course.answered, job.origin, matcher)
    done = None
    if "active" in job.effort.phases:
        done = attacked(wanted, course.attack, job)
    site = Site(
        alias=job.alias, origin=job.origin, fallback=job.fallback, document=wanted.path, matcher=matcher
    )
    problems = list(problems_of(course.outcomes))
    findings: tuple[Finding, ...] = ()
    rules: tuple[Rule, ...] = ()
    ignored = 0
    try:
        if course.alerts:
            routes, base = handlers(ctx), wanted.base
            site = msgspec.structs.replace(site, handler=lambda method, path: routes.find(method, path, base))
        alerts, ignored = counted(map(hiding.fields, course.alerts), job.packaged)
        read = read_alerts(alerts, [site])
        found = _with_exchanges(course, read.findings, read.messages, str(job.origin), hiding)
        findings, rules = levelled(found, job.packaged), read.rules
        if read.strangers:
            message = f"ZAP has alerts of {', '.join(read.strangers[:3])}, which is outside of the target"
            problems.append(Problem(code="outside-target", message=message))
    except ToolError as error:
        problems.append(Problem(code="scanner-failed", message=f"its alerts cannot be read: {error}"))
    return Parsed(
        findings=findings,
        rules=rules,
        cover=(*rows(wanted.seeds, seen, done), *wanted.excluded_rows()),
        problems=tuple(problems),
        notes=(*(_note(outcome) for outcome in course.outcomes), *_ignored(ignored)),
        version=version,
        attested=True,
    )


def attacked(wanted: Wanted, attack: Attack | None, job: Job) -> frozenset[str]:
    """Return the operations that were attacked in all places that they have."""
    if attack is None:
        return frozenset()
    everywhere = reached(attack.messages, job.origin, wanted.matcher(job.base))
    missing = set()
    for request in wanted.seeds.requests:
        places = {point.place in _DECLARED for point in request.points}
        declared = True not in places or request.operation in attack.declared
        other = False not in places or request.operation in everywhere
        if not (declared and other):
            missing.add(request.operation)
    return frozenset(request.operation for request in wanted.seeds.requests) - missing


def handlers(ctx: RemoteContext) -> Handlers:
    """Return the route handlers of the tree that is judged beside the service; none without one."""
    paths = [path for path in ctx.paths() if path.endswith(".py")]
    return find_handlers(paths, ctx.read)


def _with_exchanges(
    course: Course, findings: Sequence[Finding], messages: Iterable[str], origin: str, hiding: Hiding
) -> tuple[Finding, ...]:
    """Add request and response to the findings, as long as ZAP answers."""
    out = list(findings)
    zap: Adapter = course.zap
    for place, number in enumerate(messages):
        if place >= MOST_EXCHANGES or not number or course.dead:
            break
        try:
            message = zap.view("core", "message", id=number)
        except ZapFault:
            break
        marks = tuple(out[place].evidence.get(name, "") for name in ("evidence", "attack"))
        told = hiding.fields(message) if isinstance(message, dict) else {}
        found = exchange(told, origin=origin, marks=marks)
        out[place] = msgspec.structs.replace(out[place], evidence={**out[place].evidence, **found})
    return tuple(out)


def _ignored(number: int) -> tuple[str, ...]:
    return (f"{number} alerts are ignored by dast.packaged_rules.",) if number else ()


def _note(outcome: Outcome) -> str:
    return f"Phase {outcome.phase}: {outcome.state}."
