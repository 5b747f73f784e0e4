"""The values: what every room of the house speaks in. Imports nothing of the project.

All are frozen; sequences are tuples, sorted by whoever makes them. The shapes are a contract
(docs/contracts.md): a field may be added with a default, anything else is a version bump.

A *path* in these values is text: the repository-relative path with "/" between parts, in which a
backslash is doubled and a byte that is not UTF-8 stands as ``\\xNN`` (see `devsecops.paths`).
"""

from __future__ import annotations

from typing import Literal

import msgspec

Severity = Literal["critical", "high", "medium", "low", "info", "unknown"]
Confidence = Literal["high", "medium", "low"]
Kind = Literal["sast", "sca", "secrets", "config", "image", "dast", "quality"]
UnitKind = Literal["file", "manifest", "resource", "operation", "url", "package", "layer"]
CoverState = Literal[
    "scanned", "same-as-base", "accepted", "excluded", "unsupported",  # may be green
    "unresolved", "partial", "failed", "not-reached",  # block unless accepted
]  # fmt: skip
Status = Literal["complete", "partial", "failed", "missing", "not-applicable"]
State = Literal["new", "updated", "unchanged", "fixed", "not-looked-at"]
Outcome = Literal["pass", "fail", "incomplete"]
ReasonCode = Literal[
    "finding", "budget", "scanner-missing", "scanner-failed", "self-test-failed", "not-covered",
    "unresolved", "plugin-rejected", "policy-untrusted", "base-missing", "data-stale",
    "scanner-left-out", "interrupted", "output-lost", "shard-missing", "outside-target",
    "phase-unfinished", "version-mismatch", "waiver-invalid", "check",
]  # fmt: skip

SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low", "info", "unknown")
CONFIDENCES: tuple[Confidence, ...] = ("high", "medium", "low")
GREEN_STATES: frozenset[str] = frozenset({"scanned", "same-as-base", "accepted", "excluded", "unsupported"})


class Value(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """Base of all values: frozen, keyword-only, unknown fields refused on reading."""


# --- what is judged -----------------------------------------------------------------------------


class Source(Value, frozen=True, kw_only=True, tag="source", tag_field="type"):
    """A source tree. `tree` is ``git:<oid>`` (a commit's tree) or ``dir:<sha256>`` (what was on disk)."""

    remote: str | None = None
    """The origin's URL without credentials; None when there is none."""
    base: str | None = None
    """Commit id of the merge base, when only the change since was judged."""
    head: str | None = None
    """Commit id; None outside git or before the first commit."""
    tree: str
    dirty: bool = False
    """The tree on disk was judged and differs from `head`."""
    scope: str = ""
    """Path prefix inside the repository that was judged; empty for the whole."""


class Image(Value, frozen=True, kw_only=True, tag="image", tag_field="type"):
    """A container image, by digest."""

    repository: str
    digest: str
    commit: str | None = None


class Target(Value, frozen=True, kw_only=True, tag="target", tag_field="type"):
    """A running service, by the alias the policy gives it."""

    alias: str
    origins: tuple[str, ...]
    version: str | None = None


Part = Source | Image | Target


class Unit(Value, frozen=True, kw_only=True):
    """What coverage counts. `id` of a file is its path; of a package ``<manifest path>#<name>``."""

    kind: UnitKind
    id: str
    digest: str | None = None
    """``git:<blob oid>`` or ``sha256:<hex>``; None for what has no content of its own."""


class Cover(Value, frozen=True, kw_only=True):
    """One row of the ledger: what became of one unit with one scanner."""

    unit: Unit
    scanner: str | None = None
    """None: no scanner reads this unit."""
    state: CoverState
    why: str = ""
    """Reason code of a state other than scanned, such as ``syntax-error``."""
    by: str | None = None
    """The policy rule or built-in rule that decided, such as ``coverage.accept[0]``."""
    note: str = ""
    readers: tuple[str, ...] = ()
    """Of a file that the policy leaves out: the scanners that would read it, by its name."""
    was: str = ""
    """The state that a scanner left it in, where a policy or a base made another of it."""


# --- what scanners say --------------------------------------------------------------------------


class Region(Value, frozen=True, kw_only=True):
    """Lines and columns count from 1; the end column is the one after the last character."""

    start_line: int
    start_column: int | None = None
    end_line: int | None = None
    end_column: int | None = None


class File(Value, frozen=True, kw_only=True, tag="file", tag_field="type"):
    """A place in a file of the subject. The core fills in `snippet`, redacted."""

    path: str
    region: Region | None = None
    snippet: str = ""


class Package(Value, frozen=True, kw_only=True, tag="package", tag_field="type"):
    """A package, and the line of the manifest that asks for it."""

    purl: str
    at: File


class Http(Value, frozen=True, kw_only=True, tag="http", tag_field="type"):
    """An operation of a running service."""

    target: str
    method: str
    template: str
    param: str | None = None
    at: File | None = None


class Resource(Value, frozen=True, kw_only=True, tag="resource", tag_field="type"):
    """A configured resource, by its address in the configuration."""

    address: str
    at: File


class ImageLayer(Value, frozen=True, kw_only=True, tag="layer", tag_field="type"):
    """A package in a layer of an image."""

    digest: str
    layer: str
    package: str


Location = File | Package | Http | Resource | ImageLayer


class RuleRef(Value, frozen=True, kw_only=True):
    """Which rule of which tool."""

    tool: str
    id: str


class Rule(Value, frozen=True, kw_only=True):
    """What a rule is about, once for all its findings."""

    tool: str
    id: str
    name: str = ""
    summary: str = ""
    """One sentence: what is wrong."""
    help: str = ""
    """What to do about it."""
    help_uri: str = ""
    weakness: str | None = None
    severity: Severity = "unknown"
    confidence: Confidence = "medium"


class Finding(Value, frozen=True, kw_only=True):
    """What a scanner said, redacted. It never changes afterwards.

    A plugin leaves `id`, `keys` and the snippets empty: the core fills them in when the finding
    crosses its border.
    """

    id: str = ""
    scanner: str = ""
    rule: RuleRef
    kind: Kind
    weakness: str | None = None
    """``CWE-<n>`` or None."""
    severity: Severity
    score: float | None = None
    """0 to 10, or None when the source gave no score."""
    confidence: Confidence = "medium"
    basis: str = ""
    """Where severity and confidence came from, with the raw values."""
    message: str
    location: Location
    related: tuple[Location, ...] = ()
    keys: dict[str, str] = {}
    """Versioned identity keys: tokens/1, context/1, location/1, github/1, and more per kind."""
    evidence: dict[str, str] = {}
    """Facts beside the message, such as ``aliases`` or ``fixed``; redacted."""
    remedy: str = ""
    """What to do about this finding; the rule's help when empty."""


class Control(Value, frozen=True, kw_only=True):
    """Proof that the scanner works in this run."""

    kind: Literal["canary", "attested"]
    found: bool
    detail: str = ""


class Data(Value, frozen=True, kw_only=True):
    """The data a scanner judged by. `date` is a UTC day, ``YYYY-MM-DD``."""

    digest: str
    date: str


class Tool(Value, frozen=True, kw_only=True):
    """What ran, exactly."""

    name: str
    version: str
    lock: str | None = None
    """sha256 of the lock file of the tool's environment."""
    rules: str | None = None
    interpreter: str | None = None
    data: Data | None = None


class Problem(Value, frozen=True, kw_only=True):
    """Something that kept a scanner, a plugin or an output from its work."""

    code: ReasonCode
    message: str
    """One sentence without the scanner's name."""
    remedy: str = ""


class ScanResult(Value, frozen=True, kw_only=True):
    """All that one scanner has to say."""

    scanner: str
    kind: Kind
    status: Status
    tool: Tool | None = None
    control: Control | None = None
    findings: tuple[Finding, ...] = ()
    rules: tuple[Rule, ...] = ()
    cover: tuple[Cover, ...] = ()
    problems: tuple[Problem, ...] = ()
    """Why the status is not complete; empty when it is."""
    notes: tuple[str, ...] = ()


# --- what the gate thinks -----------------------------------------------------------------------


class Judged(Value, frozen=True, kw_only=True):
    """What the gate thinks of one finding."""

    finding: str
    state: State
    base: str | None = None
    group: str
    waiver: str | None = None
    """What accepts it: ``waiver[ID]`` of the file of waivers, or ``inline: MARK``."""
    justification: str = ""
    """Why, in the words of the waiver or the mark; empty where there are none."""
    until: str = ""
    """The last UTC day that the waiver holds, YYYY-MM-DD; empty when it has none."""
    counted: bool
    why: str
    """The policy rule that counted it or let it be."""


class Gone(Value, frozen=True, kw_only=True):
    """A finding of the base that is none of the head's: ``fixed``, or ``not-looked-at``."""

    finding: Finding
    state: State


class Compared(Value, frozen=True, kw_only=True):
    """What findings were compared with. What became of each finding of the head stands in its `Judged`."""

    against: str
    """In words: ``commit 0123456789``, or which baseline or run."""
    change: bool = False
    """Only what changed since was judged."""
    files: int = 0
    """How many files the change touches."""
    gone: tuple[Gone, ...] = ()


class Group(Value, frozen=True, kw_only=True):
    """Findings of one flaw."""

    id: str
    weakness: str | None = None
    severity: Severity
    reported_by: tuple[str, ...]
    confirmed: bool = False


class Reason(Value, frozen=True, kw_only=True):
    """One reason of the verdict."""

    code: ReasonCode
    severity: Severity | None = None
    scanner: str | None = None
    message: str
    findings: tuple[str, ...] = ()
    units_total: int = 0
    units: tuple[str, ...] = ()
    """At most 20 of them."""
    rule: str | None = None
    remedy: str = ""


class PolicyInForce(Value, frozen=True, kw_only=True):
    """Which rules judged. `source` is ``built-in``, a path or ``REV:PATH``."""

    name: str
    sha256: str
    source: str
    trusted: bool


class ScannerSummary(Value, frozen=True, kw_only=True):
    """One scanner in the verdict."""

    name: str
    kind: Kind
    required: bool
    status: Status
    tool: Tool | None = None
    control: Control | None = None
    cover: dict[str, int] = {}
    findings: int = 0


class LedgerDigest(Value, frozen=True, kw_only=True):
    """The ledger, by digest. `rows` is how many lines it has."""

    sha256: str
    rows: int


class SarifDigest(Value, frozen=True, kw_only=True):
    """results.sarif, by digest."""

    sha256: str


class Shard(Value, frozen=True, kw_only=True):
    """Part `k` of `n` of a sharded run."""

    k: int
    n: int


class Statement(Value, frozen=True, kw_only=True):
    """What the verdict says: the same input gives the same bytes. Nothing in it is volatile."""

    verdict: Outcome
    cause: str
    """THE sentence: the same in every format."""
    subject: tuple[Part, ...]
    evaluated_on: str
    policy: PolicyInForce
    left_out: tuple[str, ...] = ()
    against: str | None = None
    """What findings were compared with; None: with nothing, and all are new."""
    scanners: tuple[ScannerSummary, ...] = ()
    counts: dict[str, dict[str, int]] = {}
    """severity -> state -> number of findings."""
    reasons: tuple[Reason, ...] = ()
    warnings: tuple[Reason, ...] = ()
    ledger: LedgerDigest | None = None
    sarif: SarifDigest | None = None
    part: Shard | None = None
    parts: tuple[Shard, ...] = ()


class CacheUse(Value, frozen=True, kw_only=True):
    """How much was read from the cache."""

    hits: int = 0
    misses: int = 0


class Isolation(Value, frozen=True, kw_only=True):
    """What kept the tools apart in this run."""

    network: str = "not isolated"
    memory: str = ""


class RunFacts(Value, frozen=True, kw_only=True):
    """The volatile part; never hashed."""

    id: str
    started: str
    seconds: float
    cache: CacheUse = CacheUse()
    isolation: Isolation = Isolation()
    scanner_seconds: dict[str, float] = {}
    notes: tuple[str, ...] = ()


class Verdict(Value, frozen=True, kw_only=True):
    """verdict.json."""

    schema: Literal["devsecops.verdict/1"] = "devsecops.verdict/1"
    statement: Statement
    digest: str
    """sha256 of the canonical statement."""
    run: RunFacts
    files: dict[str, str] = {}
    """Other files of the output folder -> sha256: what belongs to this verdict."""


# --- what reporters get -------------------------------------------------------------------------


class View(Value, frozen=True, kw_only=True):
    """How a person wants to read it. Only the text format looks at this."""

    verbose: bool = False
    color: bool = False
    width: int = 100
    gate: bool = True
    """False in a shell with no policy in force."""


class Report(Value, frozen=True, kw_only=True):
    """Everything a reporter may render; a pure function of the saved run."""

    verdict: Verdict
    findings: tuple[Finding, ...]
    judged: tuple[Judged, ...]
    groups: tuple[Group, ...] = ()
    rules: tuple[Rule, ...] = ()
    gaps: tuple[Cover, ...] = ()
    """Ledger rows that are not green, and the accepted ones."""
    aside: dict[str, int] = {}
    """What no scanner had to look at: reason code of the ledger, such as ``symlink`` -> number of units."""
    problems: dict[str, tuple[Problem, ...]] = {}
    """scanner -> what kept it from its work (SARIF notifications)."""
    compared: Compared | None = None
    view: View = View()
