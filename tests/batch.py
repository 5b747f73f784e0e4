"""A batch without an engine, as a scanner that is told nothing but its files sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from devsecops.api import ReadyTool, ScanUnit


@dataclass
class Batch:
    """`devsecops.api.Context` over samples. A scanner that tells how far it is fails the test."""

    root: str
    units: tuple[ScanUnit, ...]
    content: Mapping[str, bytes]
    tool: ReadyTool | None
    scratch: str = "/scratch"
    options: dict[str, Any] = field(default_factory=dict)
    today: str = "2026-01-01"

    def read(self, path: str) -> bytes | None:
        """Return the content of a sample."""
        return self.content.get(path)

    def progress(self, text: str) -> None:
        """Say nothing: these scanners have nothing to tell."""
        raise AssertionError(text)


def tool_of(name: str, version: str, interpreter: str, command: str = "/e/bin", **more: str) -> ReadyTool:
    """Return a tool that nobody starts."""
    return ReadyTool(
        name=name,
        version=version,
        command=command,
        python=f"{command}/python",
        interpreter=interpreter,
        **more,
    )
