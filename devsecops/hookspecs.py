"""The hooks, contract 1. A hook collects declarative objects; the core does the work.

A plugin is a module with an entry point in the group ``devsecops``. It imports only `devsecops.api`.
"""

from __future__ import annotations

from collections.abc import Iterable

import pluggy

from devsecops.contract import Check, Reporter, Scanner, ToolEntry

PROJECT = "devsecops"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


class Hooks:
    """Every hook that a plugin may implement."""

    @hookspec
    def devsecops_scanners(self, tools: tuple[ToolEntry, ...]) -> Iterable[Scanner]:
        r"""Return the scanners that this plugin contributes.

        `tools` are the ``[[tool]]`` tables of the trusted policy. An implementation may leave it out.

        Example:
            >>> from devsecops.api import Canary, Expect, Reads, Rule, Spec, finding_at, hookimpl, scan_texts
            >>> LOUD = Rule(tool="shout", id="LOUD", summary="It shouts.", help="Speak low.", severity="low")
            >>> CANARY = Canary(label="text", files={"a.txt": "low\nLOUD\n"},
            ...                 expects=(Expect(rule="LOUD", file="a.txt", line=2),))
            >>> def look(unit, text):
            ...     for number, line in enumerate(text.split("\n"), 1):
            ...         if line.isupper():
            ...             yield finding_at(unit, number, LOUD, kind="quality")
            >>> class Shout:
            ...     spec = Spec(name="shout", kind="quality", reads=Reads(suffixes=(".txt",)),
            ...                 controls=(CANARY,))
            ...     def scan(self, ctx):
            ...         return scan_texts(ctx, look, rules=[LOUD], version="1")
            >>> @hookimpl
            ... def devsecops_scanners():
            ...     return [Shout()]
        """
        raise NotImplementedError  # pluggy never calls a specification

    @hookspec
    def devsecops_reporters(self) -> Iterable[Reporter]:
        """Return the formats that this plugin can write.

        Example:
            >>> from devsecops.api import Report, hookimpl
            >>> class LastLine:
            ...     name, media_type, suffix = "last-line", "text/plain", ".txt"
            ...     def render(self, report: Report) -> bytes:
            ...         return report.verdict.statement.cause.encode()
            >>> @hookimpl
            ... def devsecops_reporters():
            ...     return [LastLine()]
        """
        raise NotImplementedError  # pluggy never calls a specification

    @hookspec
    def devsecops_checks(self) -> Iterable[Check]:
        """Return the checks that this plugin makes of a judged run.

        A check gets the report after the gate and may only add reasons to fail. It runs on every scan, with
        a deadline; one that raises, hangs or answers another type makes the verdict incomplete.

        Example:
            >>> from devsecops.api import Objection, Report, hookimpl
            >>> class AdvisoriesInUse:
            ...     name = "advisories-in-use"
            ...     def check(self, report: Report):
            ...         used = {summary.name for summary in report.verdict.statement.scanners}
            ...         if "advisories" not in used:
            ...             yield Objection(message="no dependency was looked at",
            ...                             remedy="Do not switch advisories off.")
            >>> @hookimpl
            ... def devsecops_checks():
            ...     return [AdvisoriesInUse()]
        """
        raise NotImplementedError  # pluggy never calls a specification
