"""What tests of logins share: a way to a target, and a ZAP that may reach it alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from devsecops.api import ToolError, ToolRun
from devsecops_zap.adapter import Adapter
from devsecops_zap.addresses import read_url
from devsecops_zap.daemon import Running, Start
from devsecops_zap.fence import Limits, Pinned, Resolved
from devsecops_zap.login import Way
from devsecops_zap.patterns import excludes, include
from tests.targets import walled
from tests.zap.starting import Starter

KNOWN = {
    "env:ZUSER": walled.USER,
    "env:ZPASS": walled.PASSWORD,
    "env:WRONG": "not-the-password",
    "env:ID": walled.CLIENT_ID,
    "env:SECRET": walled.CLIENT_SECRET,
    "env:EMPTY": " ",
    "env:BROKEN": "two\r\nX-More: lines",
}


def secret(ref: str) -> str:
    if ref not in KNOWN:
        raise ToolError(f"{ref} is not a secret that the policy names, or it is not there")
    return KNOWN[ref]


def not_started(run: ToolRun) -> Running:
    raise ToolError(f"{run.argv[0]}: nothing is started here")


def unknown(host: str) -> Resolved:
    raise OSError(host)


def pinned(origin: str) -> Pinned:
    """Return a target of this machine, whatever name it has."""
    return Pinned(origin=read_url(origin).origin, addresses=("127.0.0.1",))


def way_to(
    origin: str,
    *,
    secrets: Callable[[str], str] = secret,
    start: Start = not_started,
    base: str = "",
    seconds: float = 10.0,
) -> Way:
    return Way(
        pinned=pinned(origin), base=base, secrets=secrets, start=start, limits=Limits(), resolve=unknown,
        seconds=seconds,
    )  # fmt: skip


def starter(folder: Path) -> Starter:
    folder.mkdir(exist_ok=True)
    return Starter(folder)


def enter(zap: Adapter, origin: str) -> str:
    """Begin anew, with one context around `origin` and mode protect; return the context's name."""
    zap.action("core", "newSession", name="", overwrite="true")
    target = read_url(origin).origin
    zap.action("context", "newContext", contextName="devsecops")
    zap.action("context", "includeInContext", contextName="devsecops", regex=include(target))
    for pattern in excludes(target):
        zap.action("context", "excludeFromContext", contextName="devsecops", regex=pattern)
    zap.action("core", "setMode", mode="protect")
    return "devsecops"
