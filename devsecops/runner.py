"""The only place that starts a tool, and that ends everything a tool started.

Single-threaded: `start` returns at once, `poll` is called when `wakeup_fd` is readable and at the latest
after `next_poll_s()`. The leader of a tool stays a zombie until all of its tree is gone, so that neither
its pid nor its session and group can come to mean somebody else.

Elsewhere than on Linux there is no ``/proc``: only the tool's process group is ended, memory is not
watched, and `os.waitid` asks for Python 3.13. When our own process is killed, the kernel kills the tool
itself; a grandchild in a session of its own may outlive it.
"""

from __future__ import annotations

import contextlib
import errno
import os
import resource
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any, Literal

from devsecops.encode import visible
from devsecops.processes import (
    Process,
    create,
    die_with,
    environment_holds,
    has_ended,
    reap,
    send,
    set_subreaper,
    table,
    with_descendants,
)

Cause = Literal["ended", "deadline", "memory", "output", "not-started", "cancelled"]

ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC", "HOME": "/nonexistent"}
"""What every tool gets; `Job.env` adds to it and may replace it. Nothing of ours is inherited."""
MARK = "DEVSECOPS_RUN"
"""Names the job in the environment of everything it starts."""
SAMPLE_S = 0.25
AFTER_KILL_S = 0.02
GRACE_S = 1.0
"""Between TERM and KILL."""
GIVE_UP_S = 6.0
"""After the first KILL: what is alive then is stuck in the kernel and cannot be ended by anybody."""
STDERR_CHARS = 4000
_STDERR_BYTES = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One process to start. `argv[0]` is an absolute path; memory and output are in MiB."""

    key: str
    argv: tuple[str, ...]
    cwd: Path
    env: dict[str, str]
    stdout: Path
    stderr: Path
    deadline_s: float
    memory_mb: int
    output_mb: int
    secrets: tuple[str, ...] = ()
    """What must not stand in what is kept of its stderr, beside what redaction knows by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What became of a job. `exit` is negative for a signal, None when nothing was started."""

    job: Job
    cause: Cause
    exit: int | None
    seconds: float
    cpu_seconds: float
    """Of the tool and of all its descendants that were waited for."""
    peak_mb: float
    """Resident size of the whole tree, as sampled."""
    stderr: str
    """The last 4,000 characters, redacted and made visible; for `not-started` the reason."""


@dataclass(slots=True, kw_only=True)
class _Running:
    job: Job
    child: subprocess.Popen[bytes]
    streams: tuple[int, int]
    began: float
    cause: Cause = "ended"
    left: bool = False
    kill_at: float | None = None
    """Set once it is being ended."""
    killed_at: float | None = None
    seen: dict[int, int] = field(default_factory=dict)
    """Start time by pid of every process that was found to belong to it."""
    peak: int = 0
    cpu: float = 0.0


class Runner:
    """Starts jobs, watches them, and ends their trees.

    `redact` is applied to what is kept of stderr; without it nothing is kept.
    """

    def __init__(self, *, redact: Callable[[str], str] | None = None) -> None:
        self._redact = redact
        self._us = os.getpid()
        self._session = os.getsid(0)
        self._jobs: dict[str, _Running] = {}
        self._news: list[Ended] = []
        self._spared: set[int] = set()
        self._sampled = 0.0
        self._closed = False
        self.wakeup_fd, self._bell = os.pipe()
        os.set_blocking(self.wakeup_fd, False)
        os.set_blocking(self._bell, False)
        self._handler: Any = signal.signal(signal.SIGCHLD, _nothing)
        self._old_bell = signal.set_wakeup_fd(self._bell, warn_on_full_buffer=False)
        self._reaped_before = set_subreaper(True)

    @property
    def running(self) -> int:
        """How many jobs were started and not yet reported."""
        return len(self._jobs) + len(self._news)

    def protect(self, pid: int) -> None:
        """Leave this child of ours alone: somebody else started it and ends it."""
        self._spared.add(pid)

    def unprotect(self, pid: int) -> None:
        """Forget what `protect` was told; call it once the child was reaped."""
        self._spared.discard(pid)

    def start(self, job: Job) -> int | None:
        """Start a job and return its pid; None: it could not be started, which `poll` tells."""
        if job.key in self._jobs:
            raise ValueError(f"the job {job.key} is running")
        began = time.monotonic()
        streams: list[int] = []
        try:
            if not job.argv or not os.path.isabs(job.argv[0]):  # noqa: PTH117 - text, not a path of ours
                raise OSError(errno.EINVAL, "the command is not an absolute path")
            streams += [create(job.stdout)]
            streams += [create(job.stderr)]
            child = self._spawn(job, streams[0], streams[1])
        except (OSError, subprocess.SubprocessError, ValueError) as error:
            for stream in streams:
                os.close(stream)
            why = (error.strerror if isinstance(error, OSError) else None) or str(error)
            self._news.append(_not_started(job, visible(why)))
            self._ring()
            return None
        pair = (streams[0], streams[1])
        self._jobs[job.key] = _Running(job=job, child=child, streams=pair, began=began)
        return child.pid

    def _spawn(self, job: Job, stdout: int, stderr: int) -> subprocess.Popen[bytes]:
        us, limit = self._us, job.output_mb << 20

        def prepare() -> None:
            die_with(us)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

        return subprocess.Popen(
            job.argv,
            cwd=job.cwd,
            env=ENVIRONMENT | job.env | {MARK: job.key},
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
            close_fds=True,
            # No thread exists in the core, so that code between fork and exec is safe here.
            preexec_fn=prepare,
        )

    def cancel(self, key: str) -> None:
        """End a job; `poll` reports it as cancelled."""
        if key in self._jobs:
            self._end(self._jobs[key], "cancelled")

    def next_poll_s(self) -> float:
        """Return after how many seconds `poll` is due even if `wakeup_fd` stays silent."""
        if self._news:
            return 0.0
        now = time.monotonic()
        due = [self._sampled + SAMPLE_S] if self._jobs else [now + 1.0]
        for run in self._jobs.values():
            if run.left or run.killed_at is not None:
                due.append(now + AFTER_KILL_S)
            else:
                due.append(run.began + run.job.deadline_s if run.kill_at is None else run.kill_at)
        return max(0.0, min(due) - now)

    def poll(self) -> list[Ended]:
        """Look at all jobs; return those of which nothing is left, in the order of their start."""
        self._drain()
        if self._jobs:
            self._look()
        news, self._news = self._news, []
        return news

    def close(self) -> None:
        """End every job and everything any of them left behind; give the signals back. Idempotent."""
        if self._closed:
            return
        self._closed = True
        for run in self._jobs.values():
            self._end(run, "cancelled")
        while self._jobs:
            self.poll()
            time.sleep(0.01)
        self._sweep()
        signal.set_wakeup_fd(self._old_bell)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL if self._handler is None else self._handler)
        set_subreaper(self._reaped_before)
        os.close(self.wakeup_fd)
        os.close(self._bell)

    # --- one look at everything -----------------------------------------------------------------

    def _look(self) -> None:
        now = time.monotonic()
        for run in self._jobs.values():
            run.left = run.left or has_ended(run.child.pid)
        busy = any(run.left or run.kill_at is not None for run in self._jobs.values())
        if busy or now >= self._sampled + SAMPLE_S:
            self._sampled = now
            processes = table()
            for run in list(self._jobs.values()):
                members = self._members(run, processes)
                self._step(run, members, now)
            if not self._jobs:
                self._sweep()
        else:
            for run in self._jobs.values():
                if run.kill_at is None and now >= run.began + run.job.deadline_s:
                    self._end(run, "deadline")

    def _members(self, run: _Running, processes: dict[int, Process]) -> list[Process]:
        """Return the live processes of a job: its session and group, its descendants, its strays."""
        leader = run.child.pid
        roots = {pid for pid, start in run.seen.items() if pid in processes and processes[pid].start == start}
        for process in processes.values():
            if leader in (process.pid, process.session, process.group) or (
                self._is_stray(process) and environment_holds(process.pid, f"{MARK}={run.job.key}".encode())
            ):
                roots.add(process.pid)
        pids = with_descendants(processes, roots) - {self._us} - self._spared
        run.seen = {pid: processes[pid].start for pid in pids}
        for pid in pids - {leader}:
            if not processes[pid].alive and processes[pid].parent == self._us:
                run.cpu += reap(pid)[1]
        return [processes[pid] for pid in sorted(pids) if processes[pid].alive]

    def _is_stray(self, process: Process) -> bool:
        """Tell an orphan that was handed to us from a child that some other part of us started.

        What a tool leaves is never in our session: it was born in the tool's and cannot come back.
        """
        return (
            process.parent == self._us
            and process.session != self._session
            and process.pid not in self._spared
            and not any(process.pid == run.child.pid for run in self._jobs.values())
        )

    def _step(self, run: _Running, members: list[Process], now: float) -> None:
        resident = sum(process.resident for process in members)
        run.peak = max(run.peak, resident)
        if run.kill_at is None:
            limit = run.job.output_mb << 20
            if any(os.fstat(stream).st_size >= limit for stream in run.streams):
                self._end(run, "output", members)
            elif resident > run.job.memory_mb << 20:
                self._end(run, "memory", members)
            elif not run.left and now >= run.began + run.job.deadline_s:
                self._end(run, "deadline", members)
        if run.left and not members:
            self._report(run, now)
        elif (run.left and run.cause == "ended") or (run.kill_at is not None and now >= run.kill_at):
            run.killed_at = run.killed_at or now
            if now > run.killed_at + GIVE_UP_S:
                self._report(run, now)
            else:
                _signal(run, members, signal.SIGKILL)

    def _end(self, run: _Running, cause: Cause, members: list[Process] | None = None) -> None:
        if run.kill_at is not None:
            return
        run.cause = cause
        # What eats memory or disk gets no time to eat more.
        hurry = cause in ("memory", "output")
        run.kill_at = time.monotonic() + (0.0 if hurry else GRACE_S)
        if not hurry:
            _signal(run, self._members(run, table()) if members is None else members, signal.SIGTERM)

    def _report(self, run: _Running, now: float) -> None:
        status, cpu = reap(run.child.pid)
        code = os.waitstatus_to_exitcode(status) if run.left else None
        # Popen must learn that somebody else has reaped its child.
        run.child.returncode = -signal.SIGKILL if code is None else code
        cause = run.cause
        full = any(os.fstat(stream).st_size >= run.job.output_mb << 20 for stream in run.streams)
        if cause == "ended" and (full or code == -signal.SIGXFSZ):
            cause = "output"
        ended = Ended(
            job=run.job,
            cause=cause,
            exit=code,
            seconds=now - run.began,
            cpu_seconds=run.cpu + cpu,
            peak_mb=run.peak / (1 << 20),
            stderr=self._tail(run.streams[1], run.job.secrets),
        )
        for stream in run.streams:
            os.close(stream)
        del self._jobs[run.job.key]
        self._news.append(ended)

    def _tail(self, stream: int, secrets: tuple[str, ...]) -> str:
        if self._redact is None:
            return ""
        size = os.fstat(stream).st_size
        data = os.pread(stream, _STDERR_BYTES, max(0, size - _STDERR_BYTES))
        text = data.decode("utf-8", "replace")
        for secret in sorted(filter(None, secrets), key=len, reverse=True):
            text = text.replace(secret, "***")
        text = self._redact(text)
        return "\n".join(visible(line) for line in text.split("\n"))[-STDERR_CHARS:]

    def _sweep(self) -> None:
        """End the orphans that no job owned up to."""
        end = time.monotonic() + GIVE_UP_S
        while time.monotonic() < end:
            processes = table()
            pids = with_descendants(processes, [p.pid for p in processes.values() if self._is_stray(p)])
            pids -= self._spared
            if not pids:
                return
            for pid in sorted(pids):
                if processes[pid].alive:
                    send(processes[pid], signal.SIGKILL)
                elif processes[pid].parent == self._us:
                    reap(pid)
            time.sleep(0.005)

    def _ring(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.write(self._bell, b"\0")

    def _drain(self) -> None:
        if not self._closed:
            with contextlib.suppress(BlockingIOError):
                while os.read(self.wakeup_fd, 4096):
                    pass


def _nothing(number: int, frame: FrameType | None) -> None:
    """Python writes to the wakeup descriptor only for a signal that has a handler."""


def _not_started(job: Job, why: str) -> Ended:
    return Ended(
        job=job,
        cause="not-started",
        exit=None,
        seconds=0.0,
        cpu_seconds=0.0,
        peak_mb=0.0,
        stderr=why,
    )


def _signal(run: _Running, members: list[Process], number: signal.Signals) -> None:
    # The leader is not reaped yet, so that the group is still this tool's.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(run.child.pid, number)
    for process in members:
        if process.group != run.child.pid:
            send(process, number)
