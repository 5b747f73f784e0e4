"""Ends a scan at moments drawn from a seed, and looks at what is on disk. Also used by benchmarks/kill.py.

Two kinds of moments: a time of the clock, from outside; and an act, from inside: just before the program
forks, makes a folder, opens a file for writing, removes or renames one. Both are spread evenly over the
whole run, and the rename of verdict.json, the last act of all, is always among them.
"""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.program import Program

# Runs inside the program when Python starts, because its folder is on PYTHONPATH.
_INSIDE = """
import atexit, os, sys
_pid, _at = os.getpid(), int(os.environ["KILL_AT_ACT"])
_acts = _verdicts = 0
def _hook(event, arguments):
    global _acts, _verdicts
    if event == "open":
        flags = arguments[2]
        act = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    else:
        act = event in ("os.rename", "os.remove", "os.mkdir", "os.fork", "subprocess.Popen", "os.truncate")
    if not act or os.getpid() != _pid:
        return
    _acts += 1
    _verdicts += event == "os.rename" and arguments[1] == "verdict.json"
    if _acts == _at or (_verdicts == 2 and _at == -1):
        os.kill(_pid, int(os.environ["KILL_SIGNAL"]))
def _tell():
    if os.getpid() == _pid:
        acts = _acts
        with open(os.environ["KILL_COUNT"], "w") as file:
            file.write(str(acts))
atexit.register(_tell)
sys.addaudithook(_hook)
"""
FINAL = -1
"""The act that gives verdict.json its final content."""


@dataclass(frozen=True, slots=True)
class Undisturbed:
    """The run that all others are compared with, and how many acts it has."""

    code: int
    digest: str
    seconds: float
    acts: int


@dataclass(frozen=True, slots=True)
class Trial:
    """One run that is ended: at `act` (from 1, or FINAL) or, when that is 0, after `seconds`."""

    number: int
    signal: signal.Signals
    act: int
    seconds: float

    def __str__(self) -> str:
        moment = f"act {self.act} of the program" if self.act else f"{self.seconds:.3f} s"
        return f"trial {self.number}: {self.signal.name} at {moment}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a trial left: the exit code and what verdict.json says (absent, incomplete, equal, or a lie)."""

    code: int
    found: str


class Killing:
    """Kills scans of one tree under one policy."""

    def __init__(self, program: Program, tree: Path, policy: Path) -> None:
        self._program = program
        self._tree = tree
        self._policy = policy
        self._hooks = program.folder / "hooks"
        self._hooks.mkdir()
        (self._hooks / "sitecustomize.py").write_text(_INSIDE)

    def undisturbed(self) -> Undisturbed:
        """Run to the end: to see how long it takes at best, and to count its acts."""
        count = self._program.folder / "acts"
        output = self._program.folder / "undisturbed"
        seconds = 60.0
        for _ in range(3):
            began = time.monotonic()
            code = self._run(output, {})
            seconds = min(seconds, time.monotonic() - began)
        counted = self._program.folder / "counted"
        self._run(counted, self.inside(0, signal.SIGKILL) | {"KILL_COUNT": str(count)})
        verdict = json.loads((output / "verdict.json").read_bytes())
        return Undisturbed(code, verdict["digest"], seconds, int(count.read_text()))

    def trials(self, like: Undisturbed, number: int, seed: int) -> Iterator[Trial]:
        """Draw the moments: each kind in `number` / 2 equal parts of the run, one moment in each part."""
        rng = random.Random(seed)
        half = number // 2
        for k in range(half):
            sign = (signal.SIGKILL, signal.SIGTERM)[k % 2]
            at = like.seconds * 1.05 * (k + rng.random()) / half
            yield Trial(2 * k, sign, 0, at)
            if k == half - 1:
                yield Trial(2 * k + 1, signal.SIGKILL, FINAL, 0)
            else:
                yield Trial(2 * k + 1, sign, 1 + int(like.acts * (k + rng.random()) / half), 0)

    def run(self, trial: Trial, like: Undisturbed) -> Outcome:
        """Do a trial in an output folder of its own."""
        output = self._program.folder / f"killed-{trial.number}"
        if trial.act:
            code = self._run(output, self.inside(trial.act, trial.signal))
        else:
            child = self._program.start(self._tree, policy=self._policy, output=output)
            time.sleep(trial.seconds)
            child.send_signal(trial.signal)
            code = child.wait(30)
        return Outcome(code, self._found(output / "verdict.json", like))

    def _found(self, path: Path, like: Undisturbed) -> str:
        try:
            verdict = json.loads(path.read_bytes())
        except FileNotFoundError:
            return "absent"
        except ValueError:
            return "a lie: it is no JSON"
        if verdict["statement"]["verdict"] == "incomplete":
            return "incomplete"
        return "equal" if verdict["digest"] == like.digest else f"a lie: {verdict['statement']['cause']}"

    def inside(self, act: int, number: signal.Signals) -> dict[str, str]:
        """Return the environment in which the program ends itself before `act`; 0 for never."""
        hooks = {"PYTHONPATH": str(self._hooks), "KILL_AT_ACT": str(act)}
        return hooks | {"KILL_SIGNAL": str(int(number)), "KILL_COUNT": os.devnull}

    def _run(self, output: Path, env: dict[str, str]) -> int:
        child = self._program.start(self._tree, policy=self._policy, output=output, env=env)
        return child.wait(60)


def complaint(trial: Trial, outcome: Outcome, like: Undisturbed) -> str:
    """Return what is wrong about an outcome; empty when nothing is."""
    if outcome.found not in ("absent", "incomplete", "equal"):
        return f"{trial}: {outcome.found}"
    if outcome.code == like.code and outcome.found != "equal":
        return f"{trial}: exit {outcome.code}, and the verdict on disk is {outcome.found}"
    # Before Python has set our handlers, and after they are gone, the signal's own way is taken.
    if outcome.code not in (3, like.code, -trial.signal):
        return f"{trial}: exit {outcome.code}"
    return ""
