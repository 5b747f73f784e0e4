"""Fake tools: what they write, how they end, and whether they end at all, is said beforehand."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from devsecops.contract import ReadyTool

Do = Literal["write", "hang", "crash"]
PROGRAM = Path(__file__).with_name("stand_in.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class Says:
    """What one process of a fake tool does before it ends with `exit`.

    `output` goes to the file `name` in the scratch folder; None: it writes none.
    """

    stdout: bytes = b""
    stderr: bytes = b""
    output: bytes | None = None
    name: str = ""
    exit: int = 0


def write_script(
    path: Path, says: Sequence[Says], *, do: Do = "write", folders: Mapping[str, str] | None = None
) -> Path:
    """Write what a fake tool does, for `stand_in.py`; process n does what `says[n]` says."""
    runs = [
        {
            "stdout": one.stdout.decode("latin-1"),
            "stderr": one.stderr.decode("latin-1"),
            "output": None if one.output is None else one.output.decode("latin-1"),
            "name": one.name,
            "exit": one.exit,
        }
        for one in says or [Says()]
    ]
    path.write_text(json.dumps({"do": do, "folders": dict(folders or {}), "runs": runs}), encoding="utf-8")
    return path


def fake_tool(
    folder: str | Path, *says: Says, do: Do = "write", names: Sequence[str] = ("tool",), version: str = "0"
) -> ReadyTool:
    """Return a tool that can be started and does only what it is told.

    Args:
        folder: an empty folder for its executables.
        says: what the first, second... process of a batch does; the last one's word goes for the rest.
        do: ``write`` what is said and end; ``hang`` and ignore TERM; ``crash``: be killed by a signal.
        names: the executables that `ReadyTool.script` may ask for; ``python`` for `ReadyTool.module`
            is always there.
        version: what the tool calls itself.
    """
    base = Path(folder)
    base.mkdir(parents=True, exist_ok=True)
    script = write_script(base / "script.json", says, do=do)
    line = shlex.join([sys.executable, "-I", str(PROGRAM), str(script)])
    for name in {*names, "python"}:
        (base / name).write_text(f'#!/bin/sh\nexec {line} "${{DEVSECOPS_RUN##*/}}"\n')
        (base / name).chmod(0o755)
    return ReadyTool(
        name=names[0],
        version=version,
        command=str(base),
        python=str(base / "python"),
        interpreter="CPython 3",
    )
