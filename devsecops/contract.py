"""The plugin contract: what a scanner declares, what it gets, what it gives back. Contract 1.

A plugin sees no cores, no cache and no policy: the engine cuts batches, plants the controls, retries a
dead batch by halving, and merges. `plan` and `parse` are pure, so a plugin is tested without its tool.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

from devsecops.errors import Plain
from devsecops.model import Cover, Data, Finding, Kind, Problem, Report, Rule, Value

CONTRACT = 1
"""Raised when a type below changes its meaning; adding a hook or a field with a default does not."""


class ToolError(Plain):
    """A tool's output is not what the tool writes when it works. Raise it from `parse`."""


class Reads(Value, frozen=True, kw_only=True):
    """Which files a scanner applies to.

    `suffixes` with their dot, lower case. `names` are shell patterns: without a slash for the file
    name, with one for the end of the path. `shebangs` are interpreter names without a version.

    A scanner whose unit is the file sees neutral names: a number and a suffix. `shown` maps what a file
    was recognised by (an item of the other three) to that suffix; without it a file keeps its own
    suffix, or has the first of `suffixes`.
    """

    suffixes: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    shebangs: tuple[str, ...] = ()
    shown: dict[str, str] = {}


class Expect(Value, frozen=True, kw_only=True):
    """A finding that a canary must give: the rule id, in which of its files, and where."""

    rule: str
    file: str
    line: int | None = None


class Canary(Value, frozen=True, kw_only=True):
    """Known-bad files that are planted in every batch. `files` maps a name to its text.

    For a scanner whose unit is the file only the suffix of the name is kept.
    """

    label: str
    files: dict[str, str]
    expects: tuple[Expect, ...]


class Attested(Value, frozen=True, kw_only=True):
    """For a service that cannot be given a canary: `parse` or `scan` returns its own `control`."""

    label: str


class ToolSpec(Value, frozen=True, kw_only=True):
    """The tool that a scanner starts: a locked Python environment, or an absolute command.

    `lock` is the absolute path of a requirements file with exact versions and sha256 hashes;
    `package` is the distribution in it that is the tool. `interpreter` ``newest`` asks for the newest
    Python that answers; ``own`` for the one that runs devsecops.
    """

    name: str
    package: str = ""
    lock: str | None = None
    command: str | None = None
    interpreter: Literal["newest", "own"] = "own"


class ToolEntry(Value, frozen=True, kw_only=True):
    """A tool that writes SARIF, as a ``[[tool]]`` table of the trusted policy describes it.

    It is either `package` (a distribution) at `version` with a `lock` file, or an absolute `command`. A
    plugin gets `lock` as the absolute path of a file with the sha256 `lock_sha256`.
    """

    name: str
    kind: Kind
    package: str = ""
    version: str = ""
    lock: str | None = None
    lock_sha256: str = ""
    command: str | None = None
    script: str = ""
    """Which executable of the package's environment; empty: the one with the package's name."""
    module: str = ""
    """Which Python module to run instead."""
    args: tuple[str, ...]
    """``{files}`` stands for the files, ``{root}`` for their folder, ``{output}`` for the output file."""
    output: str = "stdout"
    """``stdout``, or the name of the file that the tool writes."""
    ok_exits: tuple[int, ...] = (0, 1)
    env: dict[str, str] = {}
    unit: Literal["file", "project"] = "file"
    reads: Reads
    strips: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    """Rules by which the tool says that it could not read a file."""
    canary: tuple[Canary, ...]


class ReadyTool(Value, frozen=True, kw_only=True):
    """A tool that can be started. `python` is None when it is a plain command."""

    name: str
    version: str
    command: str
    """Absolute path of the command, or of the folder with the environment's scripts."""
    python: str | None = None
    lock: str | None = None
    interpreter: str | None = None

    def module(self, name: str) -> tuple[str, ...]:
        """Return the start of an argv that runs module `name` of the environment, isolated."""
        if self.python is None:
            raise ToolError(f"{self.name} has no Python of its own")
        return (self.python, "-I", "-m", name)

    def script(self, name: str) -> tuple[str, ...]:
        """Return the start of an argv that runs the executable `name` of the environment."""
        return (str(Path(self.command) / name),) if self.python is not None else (self.command,)


class Spec(Value, frozen=True, kw_only=True):
    """What a scanner is and needs. `options` is the JSON-ready default of its own policy options."""

    name: str
    kind: Kind
    reads: Reads
    unit: Literal["file", "project", "remote"] = "file"
    path_sensitive: bool = False
    both_sides: bool = False
    """One batch may hold files of both trees of a change: two may have one `id`, so it names them by `path`,
    notes speak of no file, and there is no one tree to `read` from. For unit file with a tool."""
    tool: ToolSpec | None = None
    strips: tuple[str, ...] = ()
    """Names of the tool's own configuration files: never shown to it."""
    controls: tuple[Canary, ...] | Attested
    network: tuple[str, ...] = ()
    """Hosts it may speak to; empty for none."""
    deadline_s: float = 900.0
    """For the whole scanner."""
    memory_mb: int = 2048
    """Resident size of one process tree of the tool."""
    output_mb: int = 64
    """Every file one tool process writes."""
    options: dict[str, str | int | float | bool | tuple[str, ...]] = {}
    data: bool = False
    """It judges by data that ages: it has `data()` and `refresh()`."""
    installs: bool = False
    """It needs something that no Python environment can hold: it has `install()`."""
    rules: str | None = None
    """sha256 of the rules that the tool is given, when they are not the tool's own."""
    table: str = ""
    """A table of the policy that is its own (``dast``): it is given it as an option of that name."""
    default: Literal["on", "off"] = "on"
    """Off: it runs only when the policy has a table for it, such as ``[scanners.NAME] required = "yes"``."""
    contract: int = CONTRACT


class ScanUnit(Value, frozen=True, kw_only=True):
    """A unit as the scanner sees it: `path` is relative to `ctx.root`; `id` is what the ledger calls it."""

    id: str
    path: str
    size: int = 0


class ToolRun(Value, frozen=True, kw_only=True):
    """One planned process. It runs with `ctx.root` as its working folder and nothing of our environment.

    `output` is a path relative to `ctx.scratch`, or None for what it writes to stdout.
    """

    argv: tuple[str, ...]
    output: str | None = None
    ok_exits: tuple[int, ...] = (0,)
    env: dict[str, str] = {}
    secrets: dict[str, str] = {}
    """More of its environment: values that are kept nowhere, also when the tool says them."""
    deadline_s: float | None = None


class RawOutput(Value, frozen=True, kw_only=True):
    """What came back from one ToolRun that ended by itself with one of its `ok_exits`."""

    exit: int
    path: str
    stderr: str
    """The last 4,000 characters, already made visible and redacted."""
    seconds: float

    @property
    def data(self) -> bytes:
        """The bytes of the output file; empty when the tool wrote none."""
        try:
            return Path(self.path).read_bytes()
        except FileNotFoundError:
            return b""


class Parsed(Value, frozen=True, kw_only=True):
    """What a scanner makes of one batch.

    `cover` needs one row for each unit that was looked at: what has no row counts as not reached.
    Rows and locations may name a unit by `ScanUnit.path` as the tool does, or by its `id`.
    """

    findings: tuple[Finding, ...] = ()
    cover: tuple[Cover, ...] = ()
    rules: tuple[Rule, ...] = ()
    notes: tuple[str, ...] = ()
    again: tuple[str, ...] = ()
    """Units that a limit of time cut short: they are looked at once more, each alone. What is said here
    about one of them counts only where that was this time."""
    attested: bool | None = None
    """Only for Attested controls."""
    data: Data | None = None
    version: str = ""
    """For a scanner without a tool: its own version."""
    problems: tuple[Problem, ...] = ()
    """What kept it from a part of its work, such as ``phase-unfinished``: the verdict is no pass, and what
    was found counts."""


class Refresh(Value, frozen=True, kw_only=True):
    """A request to replace the data. `source` is a zip, a folder or an https URL; None: the default."""

    ecosystems: tuple[str, ...] = ()
    source: str | None = None
    deadline_s: float = 300.0
    today: str = ""
    """UTC day of the request, YYYY-MM-DD."""


class Install(Value, frozen=True, kw_only=True):
    """A request to make ready what a scanner needs and no Python environment can hold.

    With `build` false nothing is fetched and nothing is written: only what is there is told.
    """

    options: dict[str, Any]
    """The spec's options with the policy's values laid over them."""
    folder: str
    """Absolute; the scanner's part of the tool cache, which may not exist yet."""
    build: bool
    exclude: str | None = None
    """The scanned tree, absolute: nothing in it is taken for a tool."""
    tools: dict[str, ReadyTool] = {}
    """The locked environments that an earlier answer needed, by name."""
    deadline_s: float


class Installed(Value, frozen=True, kw_only=True):
    """What is there of it. The core shows it; a scan is given it as `ctx.installed`."""

    name: str
    version: str = ""
    ready: bool = True
    message: str = ""
    """When it is not ready: what is missing, in one sentence without a full stop."""
    remedy: str = ""
    """When it is not ready and building it cannot help: what to do."""
    needs: tuple[ToolSpec, ...] = ()
    """Locked environments that it cannot do without. The core makes them ready and asks again with them."""
    command: str = ""
    """The absolute path of what is started, or where it runs."""
    interpreter: str = ""
    """What runs it, such as ``Java 17.0.15``."""
    lock: str | None = None
    """sha256 of what pins it."""
    notes: tuple[str, ...] = ()
    """What a person has to know about it, a sentence each."""
    state: dict[str, Any] = {}
    """For the scanner itself: anything that is JSON."""


class Context(Protocol):
    """What `plan`, `parse` and `scan` are given. All paths are absolute unless said otherwise."""

    @property
    def units(self) -> tuple[ScanUnit, ...]:
        """One batch; its control is already in it, under a name like any other."""

    @property
    def root(self) -> str:
        """The folder that holds the batch."""

    @property
    def scratch(self) -> str:
        """A folder for the tool's output."""

    @property
    def tool(self) -> ReadyTool | None:
        """The tool that the spec asked for, ready to start."""

    @property
    def options(self) -> dict[str, Any]:
        """The spec's options with the policy's values laid over them."""

    @property
    def today(self) -> str:
        """The UTC day that is judged, YYYY-MM-DD."""

    def read(self, path: str) -> bytes | None:
        """Return the content of a regular file of the subject by its path; None when there is none."""

    def progress(self, text: str) -> None:
        """Say what is being done."""


@runtime_checkable
class Scanner(Protocol):
    """A scanner: `spec`, then either `plan` and `parse` (a tool), or `scan` (in process)."""

    @property
    def spec(self) -> Spec:
        """What it is and needs."""


class ToolScanner(Scanner, Protocol):
    """A scanner that starts a tool."""

    def plan(self, ctx: Context) -> list[ToolRun]:
        """Return the processes that look at the batch. Pure, but for what it writes into `ctx.scratch`."""

    def parse(self, ctx: Context, raw: list[RawOutput]) -> Parsed:
        """Return what they said, in the order of `plan`. Pure. Raises ToolError on a broken output."""


class InProcessScanner(Scanner, Protocol):
    """A scanner that works in its own worker."""

    def scan(self, ctx: Context) -> Parsed:
        """Look at all units at once."""


class DataScanner(InProcessScanner, Protocol):
    """A scanner whose data ages (`Spec.data`); one that starts a tool may have these two as well."""

    def data(self) -> Data | None:
        """Return what data it would judge by; None when there is none that can be read."""

    def refresh(self, request: Refresh) -> str:
        """Replace the data, all or nothing; return one sentence about it. Raises ToolError."""


class InstallingScanner(Scanner, Protocol):
    """A scanner that makes ready what it needs (`Spec.installs`), besides what every scanner has."""

    def install(self, request: Install) -> Installed:
        """Make it ready, all or nothing, or tell what is there; nothing outlives it. Raises ToolError."""


class Reporter(Protocol):
    """A format. `render` is pure: the core writes the bytes."""

    @property
    def name(self) -> str:
        """What follows ``--report``."""

    @property
    def media_type(self) -> str:
        """Its media type."""

    @property
    def suffix(self) -> str:
        """The suffix of its file, with the dot."""

    def render(self, report: Report) -> bytes:
        """Return the report's bytes."""


class Objection(Value, frozen=True, kw_only=True):
    """Why a verdict must not pass, in one sentence. `findings` are ids of findings of the report."""

    message: str
    findings: tuple[str, ...] = ()
    remedy: str = ""


class Check(Protocol):
    """A rule of one's own about a judged run: it only adds reasons to fail, and `check` is pure."""

    name: str  # lower-case letters, digits and dashes

    def check(self, report: Report) -> Iterable[Objection]:
        """Return what speaks against a pass; nothing when nothing does."""
