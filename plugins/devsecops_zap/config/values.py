"""The ``[dast]`` table of the policy: targets, presets and budgets."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from devsecops_zap.config.logins import Login
from devsecops_zap.config.sources import Addon, Package, ZapSource

Phase = Literal["seed", "spider", "passive", "active"]
Strength = Literal["low", "medium", "high", "insane"]
Preset = Literal["pr", "nightly", "full"]
PHASES: tuple[Phase, ...] = ("seed", "spider", "passive", "active")
Text = Annotated[str, Meta(min_length=1)]
Duration = Annotated[str, Meta(pattern=r"^[1-9][0-9]{0,5}(s|m|h)$")]
HeaderName = Annotated[str, Meta(pattern=r"^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$")]
HeaderValue = Annotated[str, Meta(pattern=r"^[\t\x20-\x7e]*$", max_length=4_000)]
Path = Annotated[str, Meta(pattern=r"^/[!-~]*$")]


class Table(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the file."""


class VersionCheck(Table, frozen=True, kw_only=True):
    """[dast.targets.NAME.version]: where the service says which version it is; one of the two."""

    path: Annotated[Path, Meta(description="What is asked for it.")] = "/"
    header: Annotated[HeaderName | None, Meta(description="A response header that holds the version.")] = None
    pointer: Annotated[
        Annotated[str, Meta(pattern=r"^(/[^/]*)+$")] | None,
        Meta(description="A JSON pointer (RFC 6901) into the response's body."),
    ] = None


class TargetTable(Table, frozen=True, kw_only=True):
    """[dast.targets.NAME]: a service that may be scanned; NAME is what reports call it."""

    url: Annotated[Text, Meta(description="Scheme, host, port and, where the API has one, its base path.")]
    private: Annotated[
        tuple[Text, ...], Meta(description="Networks that are not public and that it may be in.")
    ] = ()
    attackable: Annotated[bool, Meta(description="Whether the active phase may run.")] = False
    change_state: Annotated[
        bool, Meta(description="Whether operations other than GET, HEAD and OPTIONS are asked for.")
    ] = False
    version: Annotated[VersionCheck | None, Meta(description="Where it says its version.")] = None
    auth: Annotated[Text | None, Meta(description="The name of a login under [dast.auth].")] = None
    openapi: Annotated[
        Text | None,
        Meta(description="A file of the tree, or a URL of this target, with its OpenAPI document."),
    ] = None
    urls: Annotated[tuple[Text, ...], Meta(description="More to begin with: paths or URLs of it.")] = ()
    exclude: Annotated[
        tuple[Text, ...], Meta(description="Paths that get no request: * within a part, ** across parts.")
    ] = ()
    headers: Annotated[
        dict[HeaderName, HeaderValue], Meta(description="Sent with every request; credentials by reference.")
    ] = {}


class BudgetTable(Table, frozen=True, kw_only=True):
    """[dast.budgets]: how long each phase may take, such as ``90s``, ``10m``, ``1h``."""

    seed: Duration | UnsetType = UNSET
    spider: Duration | UnsetType = UNSET
    passive: Duration | UnsetType = UNSET
    active: Duration | UnsetType = UNSET


class DastTable(Table, frozen=True, kw_only=True):
    """[dast]: what is scanned in a running service, and how hard. A key that is not set is the preset's."""

    preset: Annotated[Preset, Meta(description="pr: passive; nightly and full: active too.")] = "pr"
    targets: Annotated[dict[str, TargetTable], Meta(description="What may be scanned.")]
    auth: Annotated[dict[str, Login], Meta(description="How to log in.")] = {}
    zap: Annotated[ZapSource, Meta(description="Where ZAP comes from.")] = Package()
    addons: Annotated[
        tuple[Addon, ...], Meta(description="Add-ons with rules, for a ZAP that we start.")
    ] = ()
    phases: Annotated[
        Annotated[tuple[Phase, ...], Meta(min_length=1)] | UnsetType, Meta(description="What runs.")
    ] = UNSET
    strength: Annotated[Strength | UnsetType, Meta(description="How many attacks for each parameter.")] = (
        UNSET
    )
    threads: Annotated[Annotated[int, Meta(ge=1, le=50)] | UnsetType, Meta(description="For the target.")] = (
        UNSET
    )
    rule_minutes: Annotated[
        Annotated[int, Meta(ge=1, le=1_440)] | UnsetType, Meta(description="Minutes for one active rule.")
    ] = UNSET
    requests: Annotated[
        Annotated[int, Meta(ge=1)] | UnsetType, Meta(description="How many may be sent in all.")
    ] = UNSET
    delay_ms: Annotated[Annotated[int, Meta(ge=0, le=10_000)], Meta(description="Before each request.")] = 0
    budgets: Annotated[BudgetTable, Meta(description="Time for each phase.")] = BudgetTable()
    technologies: Annotated[
        tuple[Text, ...], Meta(description="What the target is made of; ZAP leaves out attacks on others.")
    ] = ()
    forbidden: Annotated[
        tuple[Text, ...], Meta(description="Names (* and ?), addresses and networks never to be reached.")
    ] = ()
    plan: Annotated[
        Text | None, Meta(description="A plan of ZAP's Automation Framework, instead of phases.")
    ] = None
    packaged_rules: Annotated[
        Text | None, Meta(description="A rules file of ZAP's packaged scans (IGNORE, WARN, FAIL).")
    ] = None


class Effort(Table, frozen=True, kw_only=True):
    """What runs and how hard, the policy's values laid over those of the preset. `budgets`: seconds."""

    phases: tuple[Phase, ...]
    strength: Strength
    threads: int
    rule_minutes: int
    requests: int
    delay_ms: int = 0
    budgets: dict[Phase, float]


class Dast(Table, frozen=True, kw_only=True):
    """The whole table, checked. `lines` maps dotted keys to their lines in the policy file."""

    targets: dict[str, TargetTable]
    auth: dict[str, Login]
    zap: ZapSource
    addons: tuple[Addon, ...]
    effort: Effort
    technologies: tuple[str, ...]
    forbidden: tuple[str, ...]
    plan: str | None
    packaged_rules: str | None
    source: str
    lines: dict[str, int]

    def line(self, key: str) -> int:
        """Return the line of a dotted key, or of the nearest table around it; 1 when there is none."""
        while key and key not in self.lines:
            key = key.rpartition(".")[0]
        return self.lines.get(key, 1)


PRESETS: dict[Preset, Effort] = {
    "pr": Effort(
        phases=("seed", "spider", "passive"), strength="low", threads=4, rule_minutes=1, requests=10_000,
        budgets={"seed": 60.0, "spider": 120.0, "passive": 120.0, "active": 300.0},
    ),
    "nightly": Effort(
        phases=PHASES, strength="medium", threads=4, rule_minutes=5, requests=200_000,
        budgets={"seed": 120.0, "spider": 600.0, "passive": 600.0, "active": 2_700.0},
    ),
    "full": Effort(
        phases=PHASES, strength="high", threads=8, rule_minutes=30, requests=2_000_000,
        budgets={"seed": 300.0, "spider": 1_800.0, "passive": 1_800.0, "active": 10_800.0},
    ),
}  # fmt: skip

TECHNOLOGIES = frozenset(
    {
        "Db", "Db.CouchDB", "Db.Firebird", "Db.HypersonicSQL", "Db.IBM DB2", "Db.MariaDB",
        "Db.Microsoft Access",
        "Db.Microsoft SQL Server", "Db.MongoDB", "Db.MySQL", "Db.Oracle", "Db.PostgreSQL", "Db.SAP MaxDB",
        "Db.SQLite", "Db.Sybase", "Language", "Language.ASP", "Language.C", "Language.JSP/Servlet",
        "Language.Java", "Language.JavaScript", "Language.PHP", "Language.Python", "Language.Ruby",
        "Language.XML", "OS", "OS.Linux", "OS.MacOS", "OS.Windows", "SCM", "SCM.Git", "SCM.SVN", "WS",
        "WS.Apache", "WS.IIS", "WS.Tomcat",
    }
)  # fmt: skip
"""Names of technologies in ZAP's core; not every version knows each: its own list has the last word."""
