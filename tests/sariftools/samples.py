"""Batches for the three tools of data/tools.toml, and how to run one of them without an engine."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devsecops.api import RawOutput, ReadyTool, ScanUnit, ToolEntry
from devsecops.policy import parse_policy

DATA = Path(__file__).with_name("data")
ENTRIES = {tool.name: tool for tool in parse_policy((DATA / "tools.toml").read_text(), "tools.toml").tool}
ROOT = "/batch"
"""What stands in the golden files for the folder of the batch."""

WORKFLOW = """\
on: pull_request_target
permissions: {}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4 # zizmor: ignore[unpinned-uses]
      - run: echo "${{ github.event.pull_request.title }}"
"""
FILES: dict[str, dict[str, str]] = {
    "zizmor": {"000001.yml": WORKFLOW, "000002.yml": "on: push\npermissions: {}\njobs: {}\n"},
    "hadolint": {
        "000001": "FROM debian:12\n# hadolint ignore=DL3003\nRUN cd /srv && make\n",
        "000002.dockerfile": "FRO debian\n",
        "000003": "FROM debian:12\n",
    },
    "ruff": {
        "src/app.py": "import json\n\nprint(nmae)  # noqa: F821\n",
        "src/broken.py": "def f(:\n",
        "src/fine.py": "print(1)\n",
    },
}
"""Per tool: path in the batch -> text."""


@dataclass
class Batch:
    """`devsecops.api.Context`, without an engine."""

    name: str
    root: str = ROOT
    scratch: str = "/scratch"
    tool: ReadyTool | None = None
    today: str = "2026-01-01"

    @property
    def units(self) -> tuple[ScanUnit, ...]:
        return tuple(ScanUnit(id=f"repo/{path}", path=path) for path in FILES[self.name])

    @property
    def options(self) -> dict[str, Any]:
        return {}

    def read(self, path: str) -> bytes | None:
        raise AssertionError(path)

    def progress(self, text: str) -> None:
        raise AssertionError(text)


def lay_out(folder: Path, name: str) -> None:
    """Write the sample files of a tool."""
    for path, text in FILES[name].items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


def raw(data: bytes, folder: Path) -> RawOutput:
    """Return what the core gives to `parse` when a tool wrote this."""
    path = folder / "said.sarif"
    path.write_bytes(data)
    return RawOutput(exit=0, path=str(path), stderr="", seconds=1.0)


def really_run(entry: ToolEntry, argv: tuple[str, ...], batch: Batch) -> bytes:
    """Run the real tool as the core does; return its SARIF, the batch's folder named ROOT in it."""
    env = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": "/nonexistent"}
    done = subprocess.run(argv, cwd=batch.root, env=env, capture_output=True, check=False, timeout=60)
    assert done.returncode in entry.ok_exits, done.stderr
    data = (Path(batch.scratch) / entry.output).read_bytes() if entry.output != "stdout" else done.stdout
    return data.replace(batch.root.encode(), ROOT.encode())
