"""The hooks, contract 1. A hook collects declarative objects; the core does the work.

A plugin is a module with an entry point in the group ``devsecops``. It imports only `devsecops.api`.
"""

from __future__ import annotations

from collections.abc import Iterable

import pluggy

from devsecops.contract import Reporter, Scanner, ToolEntry

PROJECT = "devsecops"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


class Hooks:
    """Every hook that a plugin may implement."""

    @hookspec
    def devsecops_scanners(self, tools: tuple[ToolEntry, ...]) -> Iterable[Scanner]:
        """Return the scanners that this plugin contributes.

        `tools` are the ``[[tool]]`` tables of the trusted policy. An implementation may leave it out.

        Example:
            >>> from devsecops.api import Canary, Expect, Parsed, Reads, Spec, hookimpl
            >>> class Shout:
            ...     spec = Spec(name="shout", kind="quality", reads=Reads(suffixes=(".txt",)),
            ...                 controls=(Canary(label="text", files={"a.txt": "HELLO"},
            ...                                  expects=(Expect(rule="LOUD", file="a.txt"),)),))
            ...     def scan(self, ctx):
            ...         return Parsed(version="1")
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
