"""The loop: one thread, all scanners. It waits for workers and processes, and starts what may start."""

from __future__ import annotations

import math
import selectors
import time
from collections.abc import Callable, Mapping

from devsecops.engine.course import Course
from devsecops.engine.inprocess import InProcess
from devsecops.engine.remote import Remote
from devsecops.runner import Runner
from devsecops.worker import Worker

TICK_S = 0.2
LINGER_S = 5.0
"""For a remote scanner, once the run is interrupted: it may have to put back what it changed elsewhere."""
Going = Course | InProcess | Remote


def drive(courses: Mapping[str, Going], runner: Runner, *, cores: int, stopped: Callable[[], bool]) -> None:
    """Run all courses to their end, at most `cores` batches at a time.

    Keys of jobs start with the course's name and a slash. When `stopped` says so every course is
    interrupted; the loop returns when they are over.
    """
    until = math.inf
    with selectors.DefaultSelector() as selector:
        selector.register(runner.wakeup_fd, selectors.EVENT_READ, None)
        for course in courses.values():
            runner.protect(course.worker.pid)
            if course.worker.dead is None:
                selector.register(course.worker.sock, selectors.EVENT_READ, course.worker)
        while True:
            more = _start(courses, runner, cores)
            if all(course.over for course in courses.values()):
                return
            now = time.monotonic()
            if (stopped() and until == math.inf) or now > until:
                until = now + LINGER_S
                for course in courses.values():
                    course.interrupt()
            for key, _ in selector.select(0 if more else min(TICK_S, runner.next_poll_s())):
                if key.data is not None:
                    _watched(selector, key.data, key.data.pump)
            for ended in runner.poll():
                courses[ended.job.key.split("/", 1)[0]].ended(ended.job.key, ended)
            for course in courses.values():
                _watched(selector, course.worker, course.worker.check)


def _start(courses: Mapping[str, Going], runner: Runner, cores: int) -> bool:
    """Start what may start and prepare one batch of each; return whether one was prepared."""
    prepared = False
    for course in courses.values():
        while not course.over and _running(courses) < cores and course.start_next(runner):
            pass
        prepared |= not course.over and course.prepare()
        course.settle()
    return prepared


def _running(courses: Mapping[str, Going]) -> int:
    return sum(course.running for course in courses.values())


def _watched(selector: selectors.BaseSelector, worker: Worker, step: Callable[[], None]) -> None:
    """Do a step with a worker, and stop watching it when it dies of it."""
    if worker.dead is not None:
        return
    fd = worker.sock.fileno()
    step()
    if worker.dead is not None:
        selector.unregister(fd)
