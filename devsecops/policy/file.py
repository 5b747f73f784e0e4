"""The policy as it stands in a file. Every key declares here what it means and which way is stricter.

`order` in a key's metadata lists its values from loose to strict, or says ``fewer``, ``more``, ``smaller`` or
``larger`` for what is stricter, or ``none`` for a key that no verdict depends on by itself. The JSON Schema,
the documentation and the monotonicity test are made from this.
"""

from __future__ import annotations

import datetime
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from devsecops.model import Confidence, Kind, Severity
from devsecops.policy.model import GATING_KINDS, FailOn, Mark, Preset, Required, RuleState

Text = Annotated[str, Meta(min_length=1)]
Texts = Annotated[tuple[Text, ...], Meta(min_length=1)]
Beside = Annotated[str, Meta(pattern=r"^(?!/)(?!(.*/)?\.{1,2}(/|$))[^\x00-\x1f]+$")]
"""A path that does not leave the folder of the policy."""
Direction = Literal["fewer", "more", "smaller", "larger", "none"]


def _key(description: str, order: tuple[str, ...] | Direction) -> Meta:
    return Meta(description=description, extra={"order": order})


class Table(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A table of the file: a key that is not set leaves the preset's value."""


class RuleTable(Table, frozen=True, kw_only=True):
    """[[gate.rule]]: one more way to fail; a flaw that several tools report counts once."""

    name: Annotated[
        Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,59}$")] | UnsetType,
        _key("What reports call it; without one it is gate.rule[N].", "none"),
    ] = UNSET
    kind: Annotated[
        Annotated[tuple[Kind, ...], Meta(min_length=1)],
        _key("Kinds that it counts, also quality.", "more"),
    ] = GATING_KINDS
    severity: Annotated[
        Severity,
        _key(
            "The lowest severity that it counts. Unknown is below info and counted only when it is said.",
            ("critical", "high", "medium", "low", "info", "unknown"),
        ),
    ] = "info"
    confidence: Annotated[
        Confidence, _key("The lowest confidence that it counts.", ("high", "medium", "low"))
    ] = "low"
    state: Annotated[
        Annotated[tuple[RuleState, ...], Meta(min_length=1)],
        _key("States that it counts: new, updated, unchanged.", "more"),
    ] = ("new", "updated")
    max: Annotated[Annotated[int, Meta(ge=0)], _key("How many are allowed.", "smaller")] = 0


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
    rule: Annotated[tuple[RuleTable, ...], _key("More ways to fail, such as budgets.", "more")] = ()


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
    floor: Annotated[
        Annotated[float, Meta(ge=0, le=100)] | UnsetType,
        _key(
            "Percent of what a scanner reads that it has to look at, for each one that is required. "
            "What is accepted, excluded by the policy or counted was not looked at.",
            "larger",
        ),
    ] = UNSET


class WaiversTable(Table, frozen=True, kw_only=True):
    """[waivers]: where waivers stand, and what they and inline marks may do."""

    file: Annotated[Beside | UnsetType, _key("Their file, beside the policy.", "none")] = UNSET
    max_days: Annotated[
        Annotated[int, Meta(ge=1)] | UnsetType, _key("The longest life of a waiver, in days.", "smaller")
    ] = UNSET
    warn_days: Annotated[
        Annotated[int, Meta(ge=0)] | UnsetType,
        _key("A waiver that ends within so many days is a warning.", "none"),
    ] = UNSET
    forbid_marks: Annotated[
        tuple[Mark, ...] | UnsetType,
        _key("Inline marks that never count: nosec, nosemgrep, devsecops.", "more"),
    ] = UNSET


class BaselineTable(Table, frozen=True, kw_only=True):
    """[baseline]: where the findings stand that are known."""

    file: Annotated[Beside | UnsetType, _key("Its file, beside the policy.", "none")] = UNSET


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
    files: Annotated[
        tuple[Text, ...] | UnsetType,
        _key("Python files of plugins, by absolute paths outside of the judged tree.", "none"),
    ] = UNSET


class ReadsTable(Table, frozen=True, kw_only=True):
    """[tool.reads]: which files a tool is given."""

    suffixes: Annotated[
        tuple[Annotated[str, Meta(pattern=r"^\.[^/A-Z]+$")], ...],
        Meta(description="With their dot, lower case."),
    ] = ()
    names: Annotated[
        tuple[Text, ...],
        Meta(description="Patterns: of the file name, or with a slash of the end of the path."),
    ] = ()
    shebangs: Annotated[tuple[Text, ...], Meta(description="Names of interpreters, without a version.")] = ()
    shown: Annotated[
        dict[str, Annotated[str, Meta(pattern=r"^\.[A-Za-z0-9.]+$")]],
        Meta(description="What a file was known by -> the suffix under which the tool sees it."),
    ] = {}


class ExpectTable(Table, frozen=True, kw_only=True):
    """[[tool.canary.expects]]: a result that the tool must give."""

    rule: Annotated[Text, Meta(description="Its rule id, as a report shows it after the slash.")]
    file: Annotated[Text, Meta(description="In which of the files.")]
    line: Annotated[Annotated[int, Meta(ge=1)] | None, Meta(description="On which line.")] = None


class CanaryTable(Table, frozen=True, kw_only=True):
    """[[tool.canary]]: known-bad files that are planted in every batch."""

    label: Annotated[Text, Meta(description="What it proves, such as a language.")]
    files: Annotated[
        Annotated[dict[str, str], Meta(min_length=1)],
        Meta(description="Name, which may hold folders -> text."),
    ]
    expects: Annotated[
        Annotated[tuple[ExpectTable, ...], Meta(min_length=1)], Meta(description="What must be found.")
    ]


class ToolTable(Table, frozen=True, kw_only=True):
    """[[tool]]: a tool that writes SARIF, and how it is run."""

    name: Annotated[
        Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{0,39}$")], Meta(description="The scanner's name.")
    ]
    kind: Annotated[
        Literal["sast", "sca", "secrets", "config", "quality"],
        Meta(description="What its findings are; quality is reported, not judged."),
    ]
    package: Annotated[str | None, Meta(description="From the package index: NAME==VERSION.")] = None
    lock: Annotated[
        Text | None, Meta(description="The package's lock file: absolute, or beside the policy.")
    ] = None
    lock_sha256: Annotated[
        Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")] | None, Meta(description="The sha256 of that file.")
    ] = None
    command: Annotated[Text | None, Meta(description="Instead of a package: an absolute path.")] = None
    script: Annotated[
        Text | None, Meta(description="The package's executable, when it has another name.")
    ] = None
    module: Annotated[Text | None, Meta(description="Or the Python module to run, isolated.")] = None
    args: Annotated[tuple[str, ...], Meta(description="{files}, {root} and {output} are replaced in them.")]
    output: Annotated[Text, Meta(description="stdout, or the name of the file that {output} is.")] = "stdout"
    ok_exits: Annotated[
        Annotated[tuple[Annotated[int, Meta(ge=0, le=255)], ...], Meta(min_length=1)],
        Meta(description="Exit codes of a tool that did its work, with findings or without."),
    ] = (0, 1)
    env: Annotated[
        dict[Annotated[str, Meta(pattern="^[A-Z_][A-Z0-9_]*$")], str],
        Meta(description="All that its environment has besides PATH, HOME, TMPDIR, LANG and TZ."),
    ] = {}
    unit: Annotated[
        Literal["file", "project"],
        Meta(description="file: files by themselves, under other names; project: all, as they lie."),
    ] = "file"
    reads: Annotated[ReadsTable, Meta(description="Which files it is given.")]
    strips: Annotated[
        tuple[Text, ...], Meta(description="Names of its own configuration files: never given to it.")
    ] = ()
    unread: Annotated[
        tuple[Text, ...], Meta(description="Rules by which it says that it could not read a file.")
    ] = ()
    canary: Annotated[
        Annotated[tuple[CanaryTable, ...], Meta(min_length=1)], Meta(description="What it must find.")
    ]


class PolicyFile(Table, frozen=True, kw_only=True):
    """.devsecops/policy.toml"""

    schema: Annotated[Literal[1], Meta(description="The version of this format.")] = 1
    preset: Annotated[Preset, _key("What a key that is not set means.", ("audit", "default", "strict"))] = (
        "default"
    )
    extends: Annotated[
        Text | UnsetType,
        _key("A policy that this one is laid over: a path from the folder of this file.", "none"),
    ] = UNSET
    gate: Annotated[GateTable, Meta(description="Which findings fail.")] = GateTable()
    scope: Annotated[ScopeTable, Meta(description="What is judged.")] = ScopeTable()
    coverage: Annotated[CoverageTable, Meta(description="Which gaps are taken.")] = CoverageTable()
    scanners: Annotated[dict[str, ScannerTable], Meta(description="Rules per scanner.")] = {}
    data: Annotated[DataTable, Meta(description="What is asked of data.")] = DataTable()
    plugins: Annotated[PluginsTable, Meta(description="Which plugins run.")] = PluginsTable()
    waivers: Annotated[WaiversTable, Meta(description="What waivers may do.")] = WaiversTable()
    baseline: Annotated[BaselineTable, Meta(description="Where known findings stand.")] = BaselineTable()
    tool: Annotated[tuple[ToolTable, ...], _key("Tools that write SARIF.", "more")] = ()
    dast: Annotated[
        dict[str, Any], Meta(description="Running services that may be scanned; read by their scanner.")
    ] = {}


TABLES: dict[str, type[Table]] = {
    "": PolicyFile, "gate": GateTable, "gate.rule": RuleTable, "scope": ScopeTable,
    "scope.exclude": ExcludeTable, "coverage": CoverageTable, "coverage.accept": AcceptTable,
    "data": DataTable, "plugins": PluginsTable, "waivers": WaiversTable, "baseline": BaselineTable,
    "tool": ToolTable, "tool.reads": ReadsTable, "tool.canary": CanaryTable,
    "tool.canary.expects": ExpectTable,
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
