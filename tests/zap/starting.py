"""Processes as `ctx.start` gives them, without an engine."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import subprocess
import time
from pathlib import Path

from devsecops.api import ToolRun

ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC", "HOME": "/nonexistent"}


class Started:
    """One process in a session of its own."""

    def __init__(self, run: ToolRun, log: Path, file_mb: float) -> None:
        limit = int(file_mb * (1 << 20))

        def prepare() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

        self.log = str(log)
        with log.open("wb") as out:
            self.child = subprocess.Popen(
                run.argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                env=ENVIRONMENT | run.env | run.secrets, start_new_session=True, preexec_fn=prepare,
            )  # fmt: skip
        self.pid = self.child.pid

    def wait(self, timeout_s: float) -> str | None:
        ends = time.monotonic() + timeout_s
        while (code := self.child.poll()) is None:
            if time.monotonic() >= ends:
                return None
            time.sleep(0.02)
        if code == 0:
            return "it ended by itself"
        return f"it ended with exit code {code}" if code > 0 else f"it was ended by signal {-code}"

    def stop(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self.child.wait(10)


class Starter:
    """`ctx.start`. `file_mb` is the most that a process may write into one file."""

    def __init__(self, folder: Path, file_mb: float = 64) -> None:
        self.folder = folder
        self.file_mb = file_mb
        self.runs: list[ToolRun] = []
        self.started: list[Started] = []

    def __call__(self, run: ToolRun) -> Started:
        self.runs.append(run)
        self.started.append(Started(run, self.folder / f"stdout-{len(self.runs)}", self.file_mb))
        return self.started[-1]
