"""A batch without an engine: for tests that call `plan`, `parse` or `scan` directly."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from devsecops.contract import Installed, ReadyTool, ScanUnit

TODAY = "2026-01-01"
NO_TOOL = ReadyTool(
    name="none",
    version="0",
    command="/nonexistent/bin",
    python="/nonexistent/bin/python",
    interpreter="CPython 3",
)
"""A tool that cannot be started, for plans that nobody runs."""


@dataclass(frozen=True, slots=True)
class FilesContext:
    """`devsecops.api.Context` over given files. What `progress` is told is kept in `said`."""

    units: tuple[ScanUnit, ...]
    root: str
    scratch: str
    tool: ReadyTool | None
    options: dict[str, Any]
    today: str
    content: Mapping[str, bytes]
    installed: Installed | None = None
    said: list[str] = field(default_factory=list)

    def read(self, path: str) -> bytes | None:
        """Return the content of one of the files; None when there is none of that name."""
        return self.content.get(path)

    def progress(self, text: str) -> None:
        """Keep what is said."""
        self.said.append(text)


def context(
    files: Mapping[str, str | bytes],
    *,
    options: Mapping[str, Any] | None = None,
    tool: ReadyTool | None = NO_TOOL,
    folder: str | Path | None = None,
    today: str = TODAY,
) -> FilesContext:
    """Return a context whose batch is `files` (path -> content).

    Args:
        files: they are read by `ctx.read`; with `folder` they are also written into ``folder/in``, which
            is then `ctx.root`, and `ctx.scratch` is ``folder/out``.
        options: all options of the scanner; the engine would lay the policy's over `Spec.options`.
        tool: what the scanner is told to start. Nothing is started.
        folder: a temporary folder; without one `ctx.root` and `ctx.scratch` do not exist.
        today: the UTC day that is judged.
    """
    content = {name: data.encode() if isinstance(data, str) else data for name, data in files.items()}
    base = Path(folder) if folder is not None else Path(tempfile.gettempdir(), "devsecops-nowhere")
    root, scratch = base / "in", base / "out"
    if folder is not None:
        scratch.mkdir(parents=True, exist_ok=True)
        for name, data in content.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(data)
    return FilesContext(
        units=tuple(ScanUnit(id=name, path=name, size=len(content[name])) for name in sorted(content)),
        root=str(root),
        scratch=str(scratch),
        tool=tool,
        options=dict(options or {}),
        today=today,
        content=content,
    )
