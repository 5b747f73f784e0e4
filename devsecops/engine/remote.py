"""A scanner of a running service: one call in its worker, with processes that the core starts for it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from devsecops.contract import Spec, ToolRun
from devsecops.engine.inprocess import InProcess
from devsecops.engine.remotecontext import Looked, Started
from devsecops.engine.story import story
from devsecops.engine.task import Task
from devsecops.findings.redact import redact
from devsecops.remote import Doing
from devsecops.runner import Ended, Job, Runner
from devsecops.worker import Worker, decode

ANSWER_S = 10.0
"""After its deadline, for it to put things in order and to answer."""
LONGEST = 300
"""Characters that are shown of what it is at."""


class Remote(InProcess):
    """The way of one remote scanner through the run. It waits for no core: what it looks at is elsewhere."""

    def __init__(
        self,
        spec: Spec,
        *,
        label: str,
        worker: Worker,
        folder: Path,
        frame: Task,
        runner: Runner,
        secrets: Mapping[str, str],
        paths: tuple[str, ...],
        say: Callable[[str], None],
        doing: Callable[[str, Doing | None], None],
    ) -> None:
        super().__init__(
            spec, (), worker=worker, frame=msgspec.structs.replace(frame, deadline_s=spec.deadline_s)
        )
        self._label = label
        self._folder = folder
        self._runner = runner
        self._secrets = secrets
        self._paths = paths
        self._say = say
        self._doing = doing
        self._ended: dict[str, Ended | None] = {}
        self._cancelled = False
        worker.host = self._serve

    @property
    def running(self) -> int:
        """It takes no core."""
        return 0

    def prepare(self) -> bool:
        """Start it."""
        if self._waiting:
            self._waiting = False
            self._started = self.first_start = time.monotonic()
            self._ask(self.spec.deadline_s + ANSWER_S)
        return False

    def start_next(self, runner: Runner) -> bool:
        """It is started already."""
        return False

    def ended(self, key: str, ended: Ended) -> None:
        """Take a process that ended."""
        self._ended[key] = ended
        self.tools_cpu += ended.cpu_seconds
        self.last_end = time.monotonic()

    def settle(self) -> None:
        """When it is over, end what it left running."""
        if self.over:
            self._doing(self.spec.name, None)
            for key, ended in self._ended.items():
                if ended is None:
                    self._runner.cancel(key)

    def interrupt(self) -> None:
        """Ask it to end; asked again, stop where it is."""
        if self._cancelled or self._waiting:
            super().interrupt()
        self._cancelled = True

    def _serve(self, method: str, body: bytes) -> bytes:
        """Do what the worker asks for. Raises ValueError."""
        if method == "start":
            return self._start(decode(body, ToolRun))
        if method == "look":
            ended = self._ended.get(self._key(body.decode()), None)
            said = "" if ended is None else _how(ended)
            return msgspec.msgpack.encode(Looked(ended=ended is not None, how=said))
        if method == "stop":
            self._runner.cancel(self._key(body.decode()))
            return b""
        if method == "cancelled":
            return b"1" if self._cancelled else b""
        if method == "secret":
            if (secret := self._secrets.get(body.decode())) is None:
                raise ValueError(f"{body.decode()} is not a secret that the policy names, or it is not there")
            return secret.encode()
        if method == "paths":
            return msgspec.msgpack.encode(self._paths)
        if method == "progress":
            self._say(redact(f"{self.spec.name}: {body.decode()}"))
            return b""
        if method == "doing":
            doing = decode(body, Doing)
            what, seen = redact(doing.what[:LONGEST]), redact(doing.seen[:LONGEST])
            self._doing(self.spec.name, msgspec.structs.replace(doing, what=what, seen=seen))
            return b""
        raise ValueError(f"the core knows no {method}")

    def _key(self, number: str) -> str:
        key = f"{self._label}/{number}/0"
        if key not in self._ended:
            raise ValueError("there is no such process")
        return key

    def _start(self, run: ToolRun) -> bytes:
        number = str(len(self._ended))
        key = f"{self._label}/{number}/0"
        left = self._started + self.spec.deadline_s + ANSWER_S - time.monotonic()
        log = self._folder / f"stdout-{number}"
        self._ended[key] = None
        pid = self._runner.start(
            Job(
                key=key,
                argv=run.argv,
                cwd=self._folder,
                env={"HOME": str(self._folder), "TMPDIR": str(self._folder), **run.env, **run.secrets},
                stdout=log,
                stderr=self._folder / f"stderr-{number}",
                deadline_s=max(min(left, run.deadline_s or math.inf), 1.0),
                memory_mb=self.spec.memory_mb,
                output_mb=self.spec.output_mb,
                secrets=tuple(run.secrets.values()),
            )
        )
        return msgspec.msgpack.encode(Started(number=number, pid=pid or 0, log=str(log)))


def _how(ended: Ended) -> str:
    if ended.cause == "ended" and ended.exit == 0:
        return "it ended by itself"
    return story(ended)[1]
