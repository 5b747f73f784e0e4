"""What a remote scanner is given in its worker: the core does for it what a worker may not."""

from __future__ import annotations

import time

import msgspec

from devsecops.contract import ToolError, ToolRun
from devsecops.engine.task import Task, TaskContext
from devsecops.errors import Plain
from devsecops.model import Value
from devsecops.remote import Doing
from devsecops.worker import Line

POLL_S = 0.1


class Started(Value, frozen=True, kw_only=True):
    """A process that was started; `pid` is 0 when it could not be."""

    number: str
    pid: int
    log: str


class Looked(Value, frozen=True, kw_only=True):
    """Whether a process has ended, and how."""

    ended: bool
    how: str = ""


class RemoteTaskContext(TaskContext):
    """`devsecops.contract.RemoteContext`, in the worker."""

    def __init__(self, task: Task, line: Line) -> None:
        super().__init__(task, line)
        self.deadline = time.monotonic() + task.deadline_s

    def ask(self, method: str, body: bytes = b"") -> bytes:
        """Have the core do something. Raises ToolError."""
        try:
            return self._line.request(method, body)
        except Plain as error:
            raise ToolError(str(error)) from None

    def progress(self, text: str) -> None:
        """Show a line."""
        self.ask("progress", text.encode("utf-8", "replace"))

    def doing(self, doing: Doing) -> None:
        """Show what is being done."""
        self.ask("doing", msgspec.msgpack.encode(doing))

    def cancelled(self) -> bool:
        """Return whether the run is to end."""
        return bool(self.ask("cancelled"))

    def secret(self, ref: str) -> str:
        """Return a secret that the policy names. Raises ToolError when there is none."""
        return self.ask("secret", ref.encode()).decode()

    def paths(self) -> tuple[str, ...]:
        """Return the files of the tree."""
        return msgspec.msgpack.decode(self.ask("paths"), type=tuple[str, ...])

    def start(self, run: ToolRun) -> Running:
        """Start a process. Raises ToolError when it cannot be started."""
        started = msgspec.msgpack.decode(self.ask("start", msgspec.msgpack.encode(run)), type=Started)
        process = Running(self, started)
        if not started.pid:
            raise ToolError(process.wait(1.0) or "it could not be started")
        return process


class Running:
    """`devsecops.contract.Process`."""

    def __init__(self, context: RemoteTaskContext, started: Started) -> None:
        self._context = context
        self._number = started.number.encode()
        self.pid = started.pid
        self.log = started.log

    def wait(self, timeout_s: float) -> str | None:
        """Return how it ended, in words; None when it still runs after `timeout_s`."""
        ends = time.monotonic() + timeout_s
        while True:
            looked = msgspec.msgpack.decode(self._context.ask("look", self._number), type=Looked)
            if looked.ended:
                return looked.how
            left = ends - time.monotonic()
            if left <= 0:
                return None
            time.sleep(min(POLL_S, left))

    def stop(self) -> None:
        """End it and everything that it started."""
        self._context.ask("stop", self._number)
