"""Around a plugin, inside its worker: to record what its tool said, to replace the tool, to watch the code.

An audit hook is no fence against a hostile plugin; it finds what an honest one does by mistake.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from devsecops.contract import ToolRun
from devsecops.engine.task import ParseTask, Task
from devsecops.model import Value
from devsecops.service import PluginError, Service
from devsecops.testing.tools import PROGRAM
from devsecops.worker import Line, Serve

_PROCESS = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "pty.spawn")
_CHANGE = (
    "os.mkdir",
    "os.rename",
    "os.remove",
    "os.rmdir",
    "os.link",
    "os.symlink",
    "os.chmod",
    "os.truncate",
)
_NETWORK = ("socket.connect", "socket.getaddrinfo", "socket.sendto", "socket.bind")
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Recorded(Value, frozen=True, kw_only=True):
    """What one batch's processes were asked and what they said."""

    runs: tuple[ToolRun, ...]
    task: Task
    outputs: tuple[bytes, ...]
    stderrs: tuple[str, ...]
    exits: tuple[int, ...]


def recording(folder: Path) -> Callable[[Service], Serve]:
    """Keep what the tool said in `folder`, a file for each batch."""

    def wrap(service: Service) -> Serve:
        planned: dict[str, tuple[ToolRun, ...]] = {}

        def serve(line: Line, method: str, body: bytes) -> bytes:
            answer = service(line, method, body)
            if method == "plan":
                root = msgspec.msgpack.decode(body, type=Task).root
                planned[root] = msgspec.msgpack.decode(answer, type=tuple[ToolRun, ...])
            if method == "parse":
                given = msgspec.msgpack.decode(body, type=ParseTask)
                kept = Recorded(
                    runs=planned[given.task.root],
                    task=given.task,
                    outputs=tuple(raw.data for raw in given.raw),
                    stderrs=tuple(raw.stderr for raw in given.raw),
                    exits=tuple(raw.exit for raw in given.raw),
                )
                (folder / Path(given.task.root).parent.name).write_bytes(msgspec.msgpack.encode(kept))
            return answer

        return serve

    return wrap


def replacing(script: Path | None) -> Callable[[Service], Serve]:
    """Start a stand-in that does what `script` says instead of what is planned; None: nothing that exists."""

    def wrap(service: Service) -> Serve:
        def serve(line: Line, method: str, body: bytes) -> bytes:
            answer = service(line, method, body)
            if method != "plan":
                return answer
            runs = msgspec.msgpack.decode(answer, type=tuple[ToolRun, ...])
            return msgspec.msgpack.encode(
                tuple(msgspec.structs.replace(run, argv=_stand_in(script, n)) for n, run in enumerate(runs))
            )

        return serve

    return wrap


def _stand_in(script: Path | None, number: int) -> tuple[str, ...]:
    if script is None:
        return ("/nonexistent/tool",)
    return (sys.executable, "-I", str(PROGRAM), str(script), str(number))


def watching(*, network: bool) -> Callable[[Service], Serve]:
    """Ask everything twice, and refuse an answer that differs or that did what plugins leave to the core."""

    def wrap(service: Service) -> Serve:
        watch = _Watch(network)

        def serve(line: Line, method: str, body: bytes) -> bytes:
            task = msgspec.msgpack.decode(body, type=ParseTask).task if method == "parse" else None
            scratch = (task or msgspec.msgpack.decode(body, type=Task)).scratch
            watch.begin(scratch)
            first = service(line, method, body)
            watch.end()
            if watch.seen:
                raise PluginError(f"{method}() {watch.seen[0]}")
            if service(line, method, body) != first:
                raise PluginError(f"{method}() gave two answers to one question")
            return first

        return serve

    return wrap


class _Watch:
    """Notes what happens between `begin` and `end` that is left to the core."""

    def __init__(self, network: bool) -> None:
        self._network = network
        self._on = False
        self._scratch = ""
        self._set = False
        self.seen: list[str] = []

    def begin(self, scratch: str) -> None:
        self._scratch = os.path.realpath(scratch)
        if not self._set:
            self._set = True
            # What the interpreter caches of the plugin's own modules is not the plugin's doing.
            sys.dont_write_bytecode = True
            sys.addaudithook(self._hook)
        self._on = True

    def end(self) -> None:
        self._on = False

    def _hook(self, event: str, given: tuple[Any, ...]) -> None:
        if not self._on:
            return
        if event in _PROCESS:
            self.seen.append(f"starts a process ({event}); only the core does, from a plan")
        elif event in _NETWORK and not self._network:
            self.seen.append(f"uses the network ({event}), and its spec names no host")
        elif event in _CHANGE and self._outside(given[0]):
            self.seen.append(f"changes what is outside of its scratch folder ({event} {given[0]!r})")
        elif (
            event == "open" and isinstance(given[2], int) and given[2] & _WRITING and self._outside(given[0])
        ):
            self.seen.append(f"writes outside of its scratch folder ({given[0]!r})")

    def _outside(self, path: Any) -> bool:
        if not isinstance(path, str | bytes):
            return False  # a descriptor that is open already
        real = os.path.realpath(os.fsdecode(path))
        return real != os.devnull and not (real + "/").startswith(self._scratch + "/")
