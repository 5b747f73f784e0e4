"""Whatever plugin code does in its worker, the core gets a problem and goes on."""

import os
import re
import sys
import time
from collections.abc import Callable

import pytest

from devsecops.model import Problem
from devsecops.worker import Line, Serve, Worker, wait_for


def ask(serve: Serve, *, deadline_s: float = 5.0, memory_mb: int = 3072) -> bytes | Problem:
    got: list[bytes | Problem] = []
    worker = Worker("w", serve, read={"a.txt": b"text"}.get, memory_mb=memory_mb)
    worker.call("do", b"x", deadline_s=deadline_s, done=got.append)
    wait_for([worker], lambda: not got)
    worker.end()
    with pytest.raises(ChildProcessError):
        os.waitpid(worker.pid, os.WNOHANG)
    return got[0]


def _raises(line: Line, method: str, body: bytes) -> bytes:
    raise RuntimeError("broken\nplugin")


def _leaves(line: Line, method: str, body: bytes) -> bytes:
    os._exit(0)


def _sys_exit(line: Line, method: str, body: bytes) -> bytes:
    sys.exit(0)


def _regex(line: Line, method: str, body: bytes) -> bytes:
    return bytes(str(re.match(r"(a+)+$", "a" * 64 + "b")), "ascii")


def _memory(line: Line, method: str, body: bytes) -> bytes:
    return bytes(bytearray(1 << 33))


@pytest.mark.parametrize(
    ("serve", "words"),
    [
        (_raises, "RuntimeError: broken plugin"),
        (_leaves, "ended before it answered"),
        (_sys_exit, "ended before it answered"),
        (_regex, "no answer within 1 s"),
        (_memory, "MemoryError"),
    ],
)
def test_a_broken_plugin_is_a_problem(serve: Callable[[Line, str, bytes], bytes], words: str) -> None:
    started = time.monotonic()
    answer = ask(serve, deadline_s=1.0)
    assert isinstance(answer, Problem)
    assert words in answer.message
    assert time.monotonic() - started < 5


def test_a_worker_reads_through_the_core() -> None:
    def serve(line: Line, method: str, body: bytes) -> bytes:
        return (line.read("a.txt") or b"") + str(line.read("none")).encode()

    assert ask(serve) == b"textNone"


def test_no_secret_leaves_a_worker_in_what_it_raises() -> None:
    secret = "AKIA" + "Q7Z5X3C1V9B7N5M3"

    def serve(line: Line, method: str, body: bytes) -> bytes:
        raise ValueError(f"cannot read {secret}")

    answer = ask(serve)
    assert isinstance(answer, Problem)
    assert answer.message.startswith("ValueError: cannot read ")
    assert secret not in answer.message
