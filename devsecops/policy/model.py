"""The trusted policy as values. The rules that a run is judged by, whatever file they came from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import msgspec

from devsecops.contract import ToolEntry
from devsecops.model import Confidence, Kind, Severity, Value

FailOn = Literal["critical", "high", "medium", "low", "info", "none"]
RuleState = Literal["new", "updated", "unchanged"]
Mark = Literal["devsecops", "nosec", "nosemgrep"]
Preset = Literal["default", "strict", "audit"]
Required = Literal["auto", "yes", "off"]

GATING_KINDS: tuple[Kind, ...] = ("config", "dast", "image", "sast", "sca", "secrets")
"""Kinds that a verdict counts; `quality` is reported only."""


class GateRule(Value, frozen=True, kw_only=True):
    """One more way to fail: more than `max` flaws of these kinds, states, this severity and confidence.

    It only adds reasons. `severity` and `confidence` are the lowest that are counted; ``unknown`` is below
    ``info``, so a finding of unknown severity is counted only by a rule that says ``unknown``.
    """

    name: str = ""
    kind: tuple[Kind, ...] = GATING_KINDS
    severity: Severity = "info"
    confidence: Confidence = "low"
    state: tuple[RuleState, ...] = ("new", "updated")
    max: int = 0


class Gate(Value, frozen=True, kw_only=True):
    """Which findings fail."""

    fail_on: FailOn = "high"
    confidence: Confidence = "medium"
    """The lowest confidence that counts."""
    unknown: tuple[Kind, ...] = ("sca",)
    """Kinds of which a finding of unknown severity fails. A secret always fails."""
    rule: tuple[GateRule, ...] = ()


class Exclude(Value, frozen=True, kw_only=True):
    """Paths that are not judged."""

    paths: tuple[str, ...]
    reason: str


class Scope(Value, frozen=True, kw_only=True):
    """What is judged."""

    exclude: tuple[Exclude, ...] = ()


class Accept(Value, frozen=True, kw_only=True):
    """An accepted coverage gap. `expires` is the last UTC day it holds, YYYY-MM-DD."""

    paths: tuple[str, ...]
    scanners: tuple[str, ...]
    reason: str
    expires: str


class Coverage(Value, frozen=True, kw_only=True):
    """Which gaps are known and taken."""

    accept: tuple[Accept, ...] = ()
    unsupported: Literal["count", "incomplete"] = "count"
    """What a file of code means that no scanner reads."""
    floor: float = 0.0
    """Percent of what a scanner reads that it has to look at, for every scanner that a verdict needs."""


class Waivers(Value, frozen=True, kw_only=True):
    """Where waivers stand and what they may say. `file` is a path beside the policy; the others are days."""

    file: str = "waivers.toml"
    max_days: int = 180
    warn_days: int = 14
    forbid_marks: tuple[Mark, ...] = ()
    """Inline marks that never count."""


class Baseline(Value, frozen=True, kw_only=True):
    """Where the known findings stand: `file` is a path beside the policy."""

    file: str = "baseline.json"


class ScannerRules(Value, frozen=True, kw_only=True):
    """What the policy says about one scanner; None leaves the scanner's own limit."""

    required: Required = "auto"
    deadline_s: float | None = None
    memory_mb: int | None = None
    output_mb: int | None = None
    options: dict[str, Any] = {}


class Data(Value, frozen=True, kw_only=True):
    """What is asked of the data that scanners judge by."""

    max_age_days: int = 30
    unpinned: Literal["incomplete", "count"] = "incomplete"
    """What a dependency without an exact version and without a lock means."""


class Plugins(Value, frozen=True, kw_only=True):
    """Which third-party plugins run: installed ones by name, and Python files."""

    allow: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


class Policy(Value, frozen=True, kw_only=True):
    """The rules of one run."""

    preset: Preset = "default"
    gate: Gate = Gate()
    scope: Scope = Scope()
    coverage: Coverage = Coverage()
    scanners: dict[str, ScannerRules] = {}
    data: Data = Data()
    plugins: Plugins = Plugins()
    waivers: Waivers = Waivers()
    baseline: Baseline = Baseline()
    tool: tuple[ToolEntry, ...] = ()
    """Locks are named as the policy names them: a digest of it is the same on every machine."""
    dast: dict[str, Any] = {}
    """As it stands in the file: the scanner whose `Spec.table` it is reads it."""

    def required(self, scanner: str) -> Required:
        """Return what the policy asks of `scanner`."""
        rules = self.scanners.get(scanner)
        return rules.required if rules is not None else "auto"

    def judges(self, kind: Kind | None) -> bool:
        """Return whether findings of `kind` can fail: of a gating kind, or one that a rule counts."""
        return kind in GATING_KINDS or any(kind in rule.kind for rule in self.gate.rule)

    def without(self, scanners: Iterable[str]) -> Policy:
        """Return the policy in which each of `scanners` is off, whatever it says of it."""
        off = {name: ScannerRules(required="off") for name in scanners}
        return msgspec.structs.replace(self, scanners={**self.scanners, **off})

    def switching_off(self, scanners: Iterable[str]) -> Policy:
        """Return the policy in which each of `scanners` that it has no table for is off."""
        off = {name: ScannerRules(required="off") for name in scanners if name not in self.scanners}
        return msgspec.structs.replace(self, scanners={**self.scanners, **off})


PRESETS: dict[Preset, Policy] = {
    "default": Policy(),
    "strict": Policy(
        preset="strict",
        gate=Gate(fail_on="medium", confidence="low", unknown=GATING_KINDS),
        coverage=Coverage(unsupported="incomplete"),
        # These two marks name no reason, no owner and no last day.
        waivers=Waivers(max_days=90, forbid_marks=("nosec", "nosemgrep")),
    ),
    "audit": Policy(preset="audit", gate=Gate(fail_on="none")),
}
