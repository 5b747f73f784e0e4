"""The plugin contract for scanners of running services: what they are given besides, and what they answer."""

from __future__ import annotations

from typing import Protocol

from devsecops.contract import Context, Installed, Parsed, Scanner, ToolRun
from devsecops.model import Target, Value


class Process(Protocol):
    """A process that a remote scanner had the core start. It ends with the scanner at the latest."""

    @property
    def pid(self) -> int:
        """Its process id."""

    @property
    def log(self) -> str:
        """The absolute path of the file with what it writes to stdout."""

    def wait(self, timeout_s: float) -> str | None:
        """Return how it ended, in words, once all of its tree is gone; None when it still runs."""

    def stop(self) -> None:
        """End it and everything that it started; `wait` says when that is done."""


class Doing(Value, frozen=True, kw_only=True):
    """What a remote scanner is at. The core decides how that is shown, and how often."""

    what: str
    """The part of its work, such as the name of a phase."""
    seen: str = ""
    """How far it has come, such as ``12 URLs, 40 requests``."""
    left_s: float | None = None
    """Seconds that this part may still take."""


class RemoteContext(Context, Protocol):
    """What a scanner whose unit is remote is given besides."""

    @property
    def installed(self) -> Installed | None:
        """What `install` made ready; None for a scanner without one."""

    @property
    def deadline(self) -> float:
        """`time.monotonic()` at which the scanner has to have answered."""

    def doing(self, doing: Doing) -> None:
        """Show what is being done, in place of what was shown before; as often as it changes.

        `progress` is for what should stay to be read.
        """

    def cancelled(self) -> bool:
        """Return whether the run is to end: put back what was changed and answer."""

    def secret(self, ref: str) -> str:
        """Return a secret that the policy names, by ``env:NAME`` or ``file:PATH``.

        Raises ToolError when there is none.
        """

    def paths(self) -> tuple[str, ...]:
        """Return the files of the tree that is judged beside the service, sorted; none without a tree.

        `read` gives their content.
        """

    def start(self, run: ToolRun) -> Process:
        """Start a process in `root`. Raises ToolError when it cannot be started."""


class Asked(Value, frozen=True, kw_only=True):
    """What the command line asks of a scanner of running services: ``ctx.options["ask"]``, as a table.

    ``ctx.options["policy"]`` is the rest: ``text`` and ``source`` of the trusted policy, ``in_a_file``,
    whether it is ``trusted``, ``shell`` where nothing is gated, and of what its table names beside it
    ``files`` (name -> text) and ``places`` (name -> path).
    """

    target: str
    openapi: dict[str, str] | None = None
    """A document: its ``path`` in the tree and its ``text``, or the ``url`` that was given."""
    active: bool = False
    budget_s: float | None = None
    """Seconds for all of it."""
    auth: str | None = None
    wait_s: float | None = None
    """Seconds that the target may take to be there."""
    expect_version: str | None = None
    zap: str | None = None
    zap_key: str | None = None


class Checked(Value, frozen=True, kw_only=True):
    """What a remote scanner says before anything is sent: wrong settings, and what it would do."""

    errors: tuple[str, ...] = ()
    """Each names the key, its place and what to do about it; with one of them nothing is scanned."""
    unable: tuple[str, ...] = ()
    """What was asked for and cannot be done by what is there. A scan says so again, as its problems."""
    target: Target | None = None
    notes: tuple[str, ...] = ()
    """What is fine, a line each."""


class RemoteScanner(Scanner, Protocol):
    """A scanner of a running service (`Spec.unit` ``remote``). Both run in its worker."""

    def check(self, ctx: RemoteContext) -> Checked:
        """Return what is wrong with the settings. Sends nothing to the target and starts nothing."""

    def scan(self, ctx: RemoteContext) -> Parsed:
        """Look at the target. Its control is attested: `Parsed.attested` says whether it found it."""
