"""Processes as ``/proc`` shows them, and what ``prctl`` can ask for. Elsewhere than on Linux: nothing."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import signal
import stat
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_PR_GET_CHILD_SUBREAPER = 37
_PAGE = os.sysconf("SC_PAGE_SIZE")
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True, slots=True)
class Process:
    """One row of ``/proc/<pid>/stat``. A pid names a process only together with its start time."""

    pid: int
    state: str
    """One letter; ``Z`` and ``X`` are dead."""
    parent: int
    group: int
    session: int
    start: int
    """Clock ticks since boot."""
    resident: int
    """Bytes."""
    threads: int

    @property
    def alive(self) -> bool:
        """It can still do something: a process whose first thread has ended shows as Z while others run."""
        return self.state not in "ZXx" or self.threads > 1


def parse_stat(data: bytes) -> Process:
    """Read one ``stat`` line. The name, the second field, may hold spaces and parentheses.

    Raises:
        ValueError: it is not such a line.
    """
    pid, _, rest = data.partition(b" (")
    fields = rest[rest.rindex(b")") + 1 :].split()
    if len(fields) < 22:
        raise ValueError("it has too few fields")
    return Process(
        pid=int(pid),
        state=fields[0].decode("ascii"),
        parent=int(fields[1]),
        group=int(fields[2]),
        session=int(fields[3]),
        start=int(fields[19]),
        resident=int(fields[21]) * _PAGE,
        threads=int(fields[17]),
    )


def read_process(pid: int) -> Process | None:
    """Return the process, or None when there is none (any more)."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return parse_stat(file.read())
    except (OSError, ValueError):
        return None


def table() -> dict[int, Process]:
    """Return all processes by pid; empty where there is no ``/proc``."""
    try:
        names = os.listdir("/proc")  # noqa: PTH208 - on the hot path, names alone are wanted
    except OSError:
        return {}
    found = (read_process(int(name)) for name in names if name.isdigit())
    return {process.pid: process for process in found if process is not None}


def with_descendants(processes: dict[int, Process], roots: Iterable[int]) -> set[int]:
    """Return the pids of `roots` that exist and of all that descend from them."""
    children: dict[int, list[int]] = {}
    for process in processes.values():
        children.setdefault(process.parent, []).append(process.pid)
    found: set[int] = set()
    todo = [pid for pid in roots if pid in processes]
    while todo:
        pid = todo.pop()
        if pid not in found:
            found.add(pid)
            todo += children.get(pid, ())
    return found


def environment_holds(pid: int, assignment: bytes) -> bool:
    """Tell whether the process was started with ``NAME=value`` in its environment."""
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            return assignment in file.read(1 << 20).split(b"\0")
    except OSError:
        return False


def send(process: Process, number: signal.Signals) -> None:
    """Signal this very process; one that took over its pid is left alone."""
    try:
        handle = os.pidfd_open(process.pid)
    except ProcessLookupError:
        return
    except OSError:  # a kernel without it
        handle = -1
    try:
        now = read_process(process.pid)
        if now is None or now.start != process.start:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if handle >= 0:
                signal.pidfd_send_signal(handle, number)
            else:
                os.kill(process.pid, number)
    finally:
        if handle >= 0:
            os.close(handle)


def has_ended(pid: int) -> bool:
    """Tell whether a child has ended, without reaping it."""
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def reap(pid: int) -> tuple[int, float]:
    """Reap a child that has ended; return its wait status and CPU seconds."""
    try:
        _, status, usage = os.wait4(pid, os.WNOHANG)
    except ChildProcessError:
        return 0, 0.0
    return status, usage.ru_utime + usage.ru_stime


def set_subreaper(on: bool) -> bool:
    """Have orphans among our descendants become our children; return what was in force before."""
    if _LIBC is None:
        return False
    before = ctypes.c_int(0)
    _LIBC.prctl(_PR_GET_CHILD_SUBREAPER, ctypes.byref(before), 0, 0, 0)
    _LIBC.prctl(_PR_SET_CHILD_SUBREAPER, int(on), 0, 0, 0)
    return bool(before.value)


def die_with(parent: int) -> None:
    """Between fork and exec: be killed when `parent` ends, even if it has ended already."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(127)


def create(path: Path) -> int:
    """Open an empty regular file. The descriptor is what is read later: a tool may replace the file."""
    flags = os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    stream = os.open(path, flags, 0o600)
    if not stat.S_ISREG(os.fstat(stream).st_mode):
        os.close(stream)
        raise OSError(errno.EINVAL, "its output is not a regular file")
    os.set_blocking(stream, True)
    return stream
