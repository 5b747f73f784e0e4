"""The policy as it stands in a file. Every key declares here what it means and which way is stricter.

`order` in a key's metadata lists its values from loose to strict, or says ``fewer`` or ``smaller`` for
what is stricter, or ``none`` for a key that no verdict depends on by itself. The JSON Schema, the
documentation and the monotonicity test are made from this.
"""

from __future__ import annotations

import datetime
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from devsecops.model import Confidence, Kind
from devsecops.policy.model import FailOn, Preset, Required

Text = Annotated[str, Meta(min_length=1)]
Texts = Annotated[tuple[Text, ...], Meta(min_length=1)]


def _key(description: str, order: tuple[str, ...] | Literal["fewer", "smaller", "none"]) -> Meta:
    return Meta(description=description, extra={"order": order})


class Table(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A table of the file: a key that is not set leaves the preset's value."""


class GateTable(Table, frozen=True, kw_only=True):
    """[gate]: which findings fail."""

    fail_on: Annotated[
        FailOn | UnsetType,
        _key("The lowest severity that fails.", ("none", "critical", "high", "medium", "low", "info")),
    ] = UNSET
    confidence: Annotated[
        Confidence | UnsetType, _key("The lowest confidence that counts.", ("high", "medium", "low"))
    ] = UNSET
    unknown: Annotated[
        dict[Kind, Literal["fail", "pass"]] | UnsetType,
        _key("What a finding of unknown severity does, per kind.", ("pass", "fail")),
    ] = UNSET


class ExcludeTable(Table, frozen=True, kw_only=True):
    """[[scope.exclude]]: paths that are not judged."""

    paths: Annotated[Texts, Meta(description="Path patterns: * within a part, ** across parts.")]
    reason: Annotated[Text, Meta(description="Why.")]


class ScopeTable(Table, frozen=True, kw_only=True):
    """[scope]: what is judged."""

    exclude: Annotated[
        tuple[ExcludeTable, ...] | UnsetType, _key("Paths that are not judged, each with a reason.", "fewer")
    ] = UNSET


class AcceptTable(Table, frozen=True, kw_only=True):
    """[[coverage.accept]]: a gap that is known and taken until a day."""

    paths: Annotated[Texts, Meta(description="Path patterns: * within a part, ** across parts.")]
    scanners: Annotated[Texts, Meta(description="Names of scanners.")]
    reason: Annotated[Text, Meta(description="Why.")]
    expires: Annotated[datetime.date, Meta(description="The last day it holds.")]


class CoverageTable(Table, frozen=True, kw_only=True):
    """[coverage]: which gaps are known and taken."""

    accept: Annotated[tuple[AcceptTable, ...] | UnsetType, _key("Accepted coverage gaps.", "fewer")] = UNSET
    unsupported: Annotated[
        Literal["count", "incomplete"] | UnsetType,
        _key("What a file of code means that no scanner reads.", ("count", "incomplete")),
    ] = UNSET


class ScannerTable(Table, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """[scanners.NAME]: one scanner, and its own options beside these keys."""

    required: Annotated[
        Required | UnsetType,
        _key(
            "auto: when it applies and is installed; yes: always; off: never. "
            "A scanner that is off by default runs once it has a table here.",
            ("off", "auto", "yes"),
        ),
    ] = UNSET
    deadline_s: Annotated[
        Annotated[float, Meta(gt=0)] | UnsetType, _key("Seconds for the whole scanner.", "none")
    ] = UNSET
    memory_mb: Annotated[
        Annotated[int, Meta(ge=16)] | UnsetType,
        _key("Resident size of one process tree of its tool.", "none"),
    ] = UNSET
    output_mb: Annotated[
        Annotated[int, Meta(ge=1)] | UnsetType, _key("Every file that one tool process writes.", "none")
    ] = UNSET


class DataTable(Table, frozen=True, kw_only=True):
    """[data]: what is asked of the data that scanners judge by."""

    max_age_days: Annotated[
        Annotated[int, Meta(ge=1)] | UnsetType, _key("Older data makes the verdict incomplete.", "smaller")
    ] = UNSET
    unpinned: Annotated[
        Literal["incomplete", "count"] | UnsetType,
        _key("What a dependency without an exact version and a lock means.", ("count", "incomplete")),
    ] = UNSET


class PluginsTable(Table, frozen=True, kw_only=True):
    """[plugins]: which third-party plugins run."""

    allow: Annotated[tuple[Text, ...] | UnsetType, _key("Installed plugins, by name.", "none")] = UNSET
    files: Annotated[tuple[Text, ...] | UnsetType, _key("Python files of plugins.", "none")] = UNSET


class PolicyFile(Table, frozen=True, kw_only=True):
    """.devsecops/policy.toml"""

    schema: Annotated[Literal[1], Meta(description="The version of this format.")] = 1
    preset: Annotated[Preset, _key("What a key that is not set means.", ("audit", "default", "strict"))] = (
        "default"
    )
    gate: Annotated[GateTable, Meta(description="Which findings fail.")] = GateTable()
    scope: Annotated[ScopeTable, Meta(description="What is judged.")] = ScopeTable()
    coverage: Annotated[CoverageTable, Meta(description="Which gaps are taken.")] = CoverageTable()
    scanners: Annotated[dict[str, ScannerTable], Meta(description="Rules per scanner.")] = {}
    data: Annotated[DataTable, Meta(description="What is asked of data.")] = DataTable()
    plugins: Annotated[PluginsTable, Meta(description="Which plugins run.")] = PluginsTable()


NOT_YET: dict[str, tuple[str, ...]] = {"": ("extends", "tool", "waivers", "dast"), "gate": ("rule",)}
"""Keys that this version knows of and does not have."""

TABLES: dict[str, type[Table]] = {
    "": PolicyFile, "gate": GateTable, "scope": ScopeTable, "scope.exclude": ExcludeTable,
    "coverage": CoverageTable, "coverage.accept": AcceptTable, "data": DataTable, "plugins": PluginsTable,
}  # fmt: skip


def orders() -> dict[str, Any]:
    """Return the order of every key that has one, by its dotted name (``scanners.*`` for any scanner)."""
    from msgspec import inspect

    out: dict[str, Any] = {}
    for place, table in {**TABLES, "scanners.*": ScannerTable}.items():
        info = inspect.type_info(table)
        assert isinstance(info, inspect.StructType)
        for field in info.fields:
            extra = getattr(field.type, "extra", None) or {}
            if "order" in extra:
                out[f"{place}.{field.name}".lstrip(".")] = extra["order"]
    return out
