"""Where phases work: one context of ZAP with its patterns, in protect mode, all read back."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from devsecops.api import ToolError
from devsecops_zap.adapter import Adapter
from devsecops_zap.addresses import Origin
from devsecops_zap.config.values import Effort
from devsecops_zap.requests import Request


class Ground(msgspec.Struct, frozen=True, kw_only=True):
    """One target as the phases see it."""

    context: str
    """The name of ZAP's context."""
    number: str
    """Its id."""
    origin: Origin
    start: str
    """The URL that the spider and the attack begin with."""
    requests: tuple[Request, ...]
    headers: tuple[tuple[str, str], ...] = ()
    """Sent with every request of ours."""
    effort: Effort
    change_state: bool = False
    rules: tuple[str, ...] = ()
    """The only active rules; empty: all that are on."""


def fence_in(
    zap: Adapter, name: str, pattern: str, excludes: Iterable[str], technologies: tuple[str, ...] = ()
) -> str:
    """Make a context, forbid everything outside of it, and return its id.

    Raises:
        ToolError: ZAP does not say afterwards what was set, or does not know a technology.
        ZapFault: the adapter's.
    """
    number = str(zap.action("context", "newContext", contextName=name))
    zap.action("context", "includeInContext", contextName=name, regex=pattern)
    for one in excludes:
        zap.action("context", "excludeFromContext", contextName=name, regex=one)
        zap.action("spider", "excludeFromScan", regex=one)
        zap.action("ascan", "excludeFromScan", regex=one)
    if technologies:
        _technologies(zap, name, technologies)
    zap.action("core", "setMode", mode="protect")
    mode, included = zap.mode(), zap.view("context", "includeRegexs", contextName=name)
    if mode != "protect" or (included != [pattern] and included != f"[{pattern}]"):
        raise ToolError(f"ZAP did not take the fence: its mode is {mode}, its pattern {str(included)[:200]}")
    return number


def _technologies(zap: Adapter, name: str, wanted: tuple[str, ...]) -> None:
    known = set(map(str, zap.view("context", "technologyList")))
    unknown = sorted(set(wanted) - known)
    if unknown:
        raise ToolError(f"dast.technologies: ZAP {zap.version()} does not know {', '.join(unknown)}")
    zap.action("context", "excludeAllContextTechnologies", contextName=name)
    zap.action("context", "includeContextTechnologies", contextName=name, technologyNames=",".join(wanted))
