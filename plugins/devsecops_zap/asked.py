"""What is asked for: the policy's ``[dast]`` and the command line, proved before a packet is sent."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

import msgspec

from devsecops.api import Asked, File, Region, ToolError
from devsecops_zap.addresses import AddressError, Origin, read_url
from devsecops_zap.config import (
    Attach,
    ConfigError,
    Dast,
    Installed,
    Login,
    PackagedRules,
    Phase,
    TargetTable,
    ZapSource,
    read_dast,
    read_packaged,
)
from devsecops_zap.config.values import PHASES, PRESETS, Effort
from devsecops_zap.fence import Limits, Pinned, RefusedError, Resolve, pin
from devsecops_zap.patterns import excludes, include, prove
from devsecops_zap.plans import Plan, Scope, read_plan
from devsecops_zap.sources.settings import lost, settings_of
from devsecops_zap.waiting import expected

LOCAL = "local"
"""What a service of this machine is called where no policy names it."""
COMMAND = "the command line"


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One target, and all that may be done to it. `base` is the path before its own, without a slash."""

    ask: Asked
    dast: Dast
    alias: str
    table: TargetTable
    source: ZapSource
    origin: Origin
    base: str
    pinned: Pinned
    include: str
    excludes: tuple[str, ...]
    effort: Effort
    packaged: PackagedRules | None = None
    plan: Plan | None = None
    login: Login | None = None
    login_name: str = ""
    fallback: File | None = None

    @property
    def start(self) -> str:
        """The URL that everything begins with."""
        return f"{self.origin}{self.base}/"

    @property
    def budget_s(self) -> float:
        """Seconds for everything: what was asked for, else the phases' together and two minutes."""
        return self.ask.budget_s or sum(self.effort.budgets[phase] for phase in self.effort.phases) + 120.0


def read_job(options: Mapping[str, Any], resolve: Resolve) -> Job:
    """Return the job. Sends nothing but questions for names.

    Raises:
        ConfigError: the table is wrong.
        ToolError: what was asked does not fit it, or the fence keeps the target out.
    """
    policy = options.get("policy") or {}
    ask = msgspec.convert(options["ask"], Asked)
    table = options.get("dast") or {}
    if not table and not policy.get("shell"):
        raise ToolError(
            f"--target {ask.target}: the policy lists no target; add [dast.targets.NAME] with "
            f'url = "{ask.target}"'
        )
    dast = _local(ask) if not table else read_dast(
        table, text=policy.get("text", ""), source=policy.get("source", "the policy")
    )  # fmt: skip
    alias, target = _target(ask, dast)
    url = read_url(target.url)
    base = url.path.rstrip("/")
    limits = Limits(private=target.private, forbidden=dast.forbidden, shell=not table)
    try:
        pinned = pin(url.origin, limits, resolve)
    except RefusedError as error:
        raise _wrong(dast, f"targets.{alias}.url", str(error)) from None
    pattern = include(url.origin, base)
    if not prove(pattern, url.origin, base).holds:
        raise _wrong(dast, f"targets.{alias}.url", "its pattern matches other addresses too; report it")
    effort, plan = _effort(ask, dast, alias, target, bool(table)), None
    if dast.plan is not None:
        scope = Scope(
            origin=url.origin, base=base, include=pattern, excludes=excludes(url.origin, target.exclude),
            attackable=target.attackable, change_state=target.change_state,
        )  # fmt: skip
        plan = read_plan(_file(dast, "plan", dast.plan, policy.get("files") or {}).encode(), dast.plan, scope)
        effort = msgspec.structs.replace(effort, phases=plan.phases)
    for index, addon in enumerate(dast.addons):
        if why := lost(addon, policy.get("places") or {}):
            raise _wrong(dast, f"addons[{index}].file", why)
    expected(ask.expect_version, target.version)
    name = ask.auth or target.auth or ""
    if name and name not in dast.auth:
        raise ToolError(f"--auth {name}: there is no [dast.auth.{name}] in the policy")
    return Job(
        ask=ask, dast=dast, alias=alias, table=target, source=_source(options, dast),
        origin=url.origin, base=base, pinned=pinned,
        packaged=_packaged(dast, policy.get("files") or {}),
        include=pattern, excludes=excludes(url.origin, target.exclude),
        effort=effort, plan=plan, login=dast.auth.get(name), login_name=name,
        fallback=_place(policy.get("source", ""), dast.line(f"dast.targets.{alias}")) if table else None,
    )  # fmt: skip


def _source(options: Mapping[str, Any], dast: Dast) -> ZapSource:
    """Return where ZAP comes from: in a shell the command line goes before the policy."""
    settings = settings_of(options)
    if not options["ask"].get("zap"):
        return dast.zap
    if not (options.get("policy") or {}).get("shell"):
        raise ToolError("--zap: only in a shell; else the policy says where ZAP comes from: [dast.zap]")
    if settings.source == "attach":
        return Attach(url=settings.url, key=settings.key)
    return Installed(path=settings.path)


def _packaged(dast: Dast, files: Mapping[str, str]) -> PackagedRules | None:
    """Return the rules file that the policy names. Raises ConfigError."""
    name = dast.packaged_rules
    if name is None:
        return None
    return read_packaged(_file(dast, "packaged_rules", name, files), name)


def _file(dast: Dast, key: str, name: str, files: Mapping[str, str]) -> str:
    """Return the text of a file that the policy names. Raises ConfigError."""
    if name not in files:
        raise _wrong(dast, key, f"{name} is not there; put it beside the policy")
    return files[name]


def _local(ask: Asked) -> Dast:
    """Return what holds in a shell where no policy speaks of services: one of this machine."""
    table = {"targets": {LOCAL: {"url": ask.target, "attackable": True}}}
    try:
        return read_dast(table, source=COMMAND)
    except ConfigError as error:
        raise ToolError(f"--target: {error.what}; {error.remedy}") from None


def _target(ask: Asked, dast: Dast) -> tuple[str, TargetTable]:
    """Return the target that the policy lists under the address that was asked for, or under that name."""
    if ask.target in dast.targets:
        return ask.target, dast.targets[ask.target]
    try:
        asked = read_url(ask.target)
    except AddressError as error:
        raise ToolError(f"--target: {error}") from None
    for alias, target in dast.targets.items():
        url = read_url(target.url)
        if url.origin == asked.origin and asked.path.rstrip("/") in ("", url.path.rstrip("/")):
            return alias, target
    known = ", ".join(f"{alias} ({target.url})" for alias, target in sorted(dast.targets.items()))
    raise ToolError(f"--target {ask.target}: the policy does not list it; name one that it lists: {known}")


def _effort(ask: Asked, dast: Dast, alias: str, target: TargetTable, listed: bool) -> Effort:
    phases: tuple[Phase, ...] = dast.effort.phases
    if ask.active and "active" not in phases:
        phases = tuple(phase for phase in PHASES if phase in phases or phase == "active")
    if "active" in phases and not target.attackable:
        what = (
            f"active is asked for and {alias} may not be attacked; write attackable = true, or leave it out"
        )
        raise _wrong(dast, f"targets.{alias}", what)
    if not listed:
        return msgspec.structs.replace(PRESETS["pr"], phases=phases)
    return msgspec.structs.replace(dast.effort, phases=phases)


def _wrong(dast: Dast, key: str, text: str) -> ToolError:
    if dast.source == COMMAND:
        return ToolError(f"--target: {text}")
    what, _, remedy = text.partition("; ")
    return ConfigError(dast.source, dast.line(f"dast.{key}"), f"dast.{key}", what, remedy or "correct it")


def _place(source: str, line: int) -> File | None:
    """Return the policy's place in the repository; None where it stands outside."""
    path = PurePosixPath(source.rpartition(":")[2])
    if not source or path.is_absolute() or ".." in path.parts or not path.suffix:
        return None
    return File(path=str(path), region=Region(start_line=line))
