"""What a ZAP can do: found by asking it, whatever it was made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from devsecops_zap.adapter import Adapter
from devsecops_zap.errors import ZapError

LACKING = frozenset({"no_implementor", "bad_view", "bad_action"})
"""What ZAP answers about a part that it does not have."""


@dataclass(frozen=True, slots=True)
class ScanRule:
    """A rule that ZAP holds. `enabled` as the default policy has it."""

    id: str
    name: str
    enabled: bool


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a ZAP can do. The rules of a passive engine that is not there are none."""

    version: str
    spider: bool
    passive: bool
    active: bool
    automation: bool
    scripts: bool
    addons: tuple[tuple[str, str], ...]
    """Id and version, sorted."""
    active_rules: tuple[ScanRule, ...]
    passive_rules: tuple[ScanRule, ...]

    def in_words(self) -> str:
        """Return one line for a person."""
        parts = {
            "spider": self.spider,
            f"passive ({len(self.passive_rules)} rules)": self.passive,
            f"active ({len(self.active_rules)} rules)": self.active,
            "automation": self.automation,
            "scripts": self.scripts,
        }
        can = ", ".join(name for name, there in parts.items() if there) or "nothing"
        return f"ZAP {self.version}: {can}"


def probe(zap: Adapter) -> Capabilities:
    """Ask a ZAP what it can do. Changes nothing. Raises the adapter's errors."""

    def has(component: str, view: str, **query: str) -> bool:
        return _there(lambda: zap.view(component, view, **query))

    passive, active = has("pscan", "recordsToScan"), has("ascan", "scans")
    return Capabilities(
        version=zap.version(),
        spider=has("spider", "scans"),
        passive=passive,
        active=active,
        # There is no view without a plan: an unknown plan is refused, but not for want of an implementor.
        automation=has("automation", "planProgress", planId="-1"),
        scripts=has("script", "listEngines"),
        addons=_addons(zap),
        active_rules=_rules(zap.view("ascan", "scanners")) if active else (),
        passive_rules=_rules(zap.view("pscan", "scanners")) if passive else (),
    )


def _there(ask: Callable[[], Any]) -> bool:
    try:
        ask()
    except ZapError as error:
        return error.code not in LACKING
    return True


def _addons(zap: Adapter) -> tuple[tuple[str, str], ...]:
    try:
        found = zap.view("autoupdate", "installedAddons")
    except ZapError as error:
        if error.code in LACKING:
            return ()
        raise
    return tuple(sorted((str(one["id"]), str(one.get("version", ""))) for one in found))


def _rules(found: Any) -> tuple[ScanRule, ...]:
    rules = (ScanRule(str(r["id"]), str(r["name"]), str(r.get("enabled")) == "true") for r in found)
    return tuple(sorted(rules, key=lambda rule: int(rule.id)))
