"""Workers: forked processes in which all code of plugins runs.

The core forks one for each scanner, while it has no thread, and speaks with it in frames: eight bytes of
length, then a msgpack value. A worker that ends before it answered has rejected itself.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import socket
import struct
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, Protocol

import msgspec

from devsecops.errors import Plain
from devsecops.model import Problem, Value

FRAME_LIMIT = 1 << 30
_HEADER = struct.Struct("<Q")


class Call(Value, frozen=True, kw_only=True):
    """What the core asks for."""

    method: str
    body: bytes


class Answer(Value, frozen=True, kw_only=True, tag="answer"):
    """The worker's word on one call; `error` is one sentence when it failed."""

    body: bytes = b""
    error: str | None = None


class Ask(Value, frozen=True, kw_only=True, tag="ask"):
    """The worker wants the content of a file; the core sends a `Content`."""

    path: str


class Content(Value, frozen=True, kw_only=True):
    """The content of a file, or None."""

    data: bytes | None


class Request(Value, frozen=True, kw_only=True, tag="request"):
    """The worker wants something done that only the core may do; the core sends a `Reply`."""

    method: str
    body: bytes


class Reply(Value, frozen=True, kw_only=True):
    """What came of it; `error` is one sentence when nothing did."""

    body: bytes = b""
    error: str | None = None


class Line(Protocol):
    """The worker's end: how plugin code reaches the core."""

    def read(self, path: str) -> bytes | None:
        """Return the content of a file of the subject."""

    def request(self, method: str, body: bytes) -> bytes:
        """Have the core do something. Raises Plain with what kept it from it."""


Serve = Callable[[Line, str, bytes], bytes]
"""Answers one call inside the worker: (line, method, body) -> body."""


def _send(sock: socket.socket, value: Value) -> None:
    body = msgspec.msgpack.encode(value)
    sock.sendall(_HEADER.pack(len(body)) + body)


def _receive(sock: socket.socket) -> bytes:
    def exactly(count: int) -> bytes:
        parts = bytearray()
        while len(parts) < count:
            part = sock.recv(min(count - len(parts), 1 << 20))
            if not part:
                raise EOFError
            parts += part
        return bytes(parts)

    return exactly(_HEADER.unpack(exactly(_HEADER.size))[0])


class _Line:
    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def read(self, path: str) -> bytes | None:
        _send(self._sock, Ask(path=path))
        return msgspec.msgpack.decode(_receive(self._sock), type=Content).data

    def request(self, method: str, body: bytes) -> bytes:
        _send(self._sock, Request(method=method, body=body))
        reply = msgspec.msgpack.decode(_receive(self._sock), type=Reply)
        if reply.error is not None:
            raise Plain(reply.error)
        return reply.body


def _live(sock: socket.socket, serve: Serve) -> None:
    line = _Line(sock)
    while True:
        try:
            call = msgspec.msgpack.decode(_receive(sock), type=Call)
        except (EOFError, OSError):
            return
        try:
            answer = Answer(body=serve(line, call.method, call.body))
        except Exception as error:  # noqa: BLE001 - plugin isolation: whatever a plugin raises is its answer
            answer = Answer(error=_said(error))
        _send(sock, answer)


def _said(error: Exception) -> str:
    """Return an exception as one sentence; its type goes first unless it is meant to be read."""
    from devsecops.findings.redact import redact

    words = redact(" ".join(str(error).split()))[:500]
    if isinstance(error, Plain) and words:
        return words
    return f"{type(error).__name__}: {words}" if words else type(error).__name__


def _become(memory_mb: int, core: int) -> None:
    """Leave the core's terminal, signals, streams and memory behind; end when it ends."""
    import resource

    from devsecops.processes import die_with

    os.setsid()
    die_with(core)
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    limit = memory_mb << 20
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class Worker:
    """The core's end of one worker. `done` of a call gets the answer's body or a Problem."""

    def __init__(
        self,
        name: str,
        serve: Serve,
        *,
        read: Callable[[str], bytes | None] | None = None,
        memory_mb: int = 3072,
        prepare: Callable[[], None] | None = None,
    ) -> None:
        self.name = name
        self.dead: Problem | None = None
        self.host: Callable[[str, bytes], bytes] | None = None
        """Does what the worker asks for. Raises ValueError with one sentence when it does not."""
        self._read = read
        self._calls: deque[tuple[Call, float, Callable[[bytes | Problem], None]]] = deque()
        self._ends_at: float | None = None
        self._buffer = bytearray()
        ours, theirs = socket.socketpair()
        core = os.getpid()
        self.pid = os.fork()
        if self.pid == 0:
            code = 1
            try:
                ours.close()
                _become(memory_mb, core)
                if prepare is not None:
                    prepare()
                _live(theirs, serve)
                code = 0
            finally:
                # Never unwind into the core's frames, whatever the plugin raised.
                os._exit(code)
        theirs.close()
        self.sock = ours

    def call(
        self, method: str, body: bytes, *, deadline_s: float, done: Callable[[bytes | Problem], None]
    ) -> None:
        """Queue a call; the worker answers one after the other. `deadline_s` counts from its start."""
        if self.dead is not None:
            done(self.dead)
            return
        self._calls.append((Call(method=method, body=body), deadline_s, done))
        if len(self._calls) == 1:
            self._start()

    def _start(self) -> None:
        call, deadline_s, _ = self._calls[0]
        self._ends_at = time.monotonic() + deadline_s
        try:
            _send(self.sock, call)
        except OSError:
            self._die(Problem(code="plugin-rejected", message="its worker ended before it answered"))

    def pump(self) -> None:
        """Take what the worker sent. Call it when `sock` is readable."""
        try:
            part = self.sock.recv(1 << 20)
        except OSError:
            part = b""
        if not part:
            self._die(Problem(code="plugin-rejected", message="its worker ended before it answered"))
            return
        self._buffer += part
        while self.dead is None and len(self._buffer) >= _HEADER.size:
            size = _HEADER.unpack_from(self._buffer)[0]
            if size > FRAME_LIMIT:
                self._die(Problem(code="plugin-rejected", message="its worker answered with too much"))
                return
            if len(self._buffer) < _HEADER.size + size:
                return
            frame = bytes(self._buffer[_HEADER.size : _HEADER.size + size])
            del self._buffer[: _HEADER.size + size]
            self._take(frame)

    def _take(self, frame: bytes) -> None:
        try:
            message: Answer | Ask | Request = msgspec.msgpack.decode(frame, type=Answer | Ask | Request)
        except msgspec.DecodeError:
            self._die(Problem(code="plugin-rejected", message="its worker did not keep to the protocol"))
            return
        if not isinstance(message, Answer):
            try:
                _send(self.sock, self._served(message))
            except OSError:
                self._die(Problem(code="plugin-rejected", message="its worker ended before it answered"))
            return
        if not self._calls:
            self._die(Problem(code="plugin-rejected", message="its worker answered what nobody asked"))
            return
        _, _, done = self._calls.popleft()
        self._ends_at = None
        if self._calls:
            self._start()
        if message.error is None:
            done(message.body)
        else:
            done(Problem(code="scanner-failed", message=message.error))

    def _served(self, message: Ask | Request) -> Content | Reply:
        if isinstance(message, Ask):
            return Content(data=self._read(message.path) if self._read else None)
        if self.host is None:
            return Reply(error="only a remote scanner may ask for that")
        try:
            return Reply(body=self.host(message.method, message.body))
        except ValueError as error:
            return Reply(error=str(error))

    def check(self) -> None:
        """End the worker when its call is past the deadline."""
        if self._ends_at is not None and time.monotonic() > self._ends_at:
            seconds = self._calls[0][1]
            self._die(Problem(code="scanner-failed", message=f"no answer within {seconds:g} s"))

    def _die(self, problem: Problem) -> None:
        if self.dead is not None:
            return
        self.dead = problem
        self.end()
        calls, self._calls = self._calls, deque()
        for _, _, done in calls:
            done(problem)

    def end(self) -> None:
        """Kill the worker and reap it; safe to call again."""
        if self.dead is None:
            self.dead = Problem(code="interrupted", message="the run ended first")
        self._ends_at = None
        with contextlib.suppress(OSError):
            self.sock.close()
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.pid, 0)


def wait_for(workers: Iterable[Worker], pending: Callable[[], bool]) -> None:
    """Pump the workers until nothing is pending; each call ends by its deadline."""
    with selectors.DefaultSelector() as selector:
        for worker in workers:
            if worker.dead is None:
                selector.register(worker.sock, selectors.EVENT_READ, worker)
        while pending():
            for key, _ in selector.select(0.05):
                # The fd is dropped first: a dead worker has closed it.
                worker = key.data
                selector.unregister(key.fileobj)
                worker.pump()
                if worker.dead is None:
                    selector.register(worker.sock, selectors.EVENT_READ, worker)
            for key in list(selector.get_map().values()):
                worker = key.data
                worker.check()
                if worker.dead is not None:
                    selector.unregister(key.fd)


def decode(body: bytes, kind: Any) -> Any:
    """Return the value of type `kind` in a worker's answer.

    Raises:
        ValueError: the worker answered with another type.
    """
    try:
        return msgspec.msgpack.decode(body, type=kind)
    except msgspec.DecodeError as error:
        raise ValueError(f"it answered with a wrong type: {error}") from error
