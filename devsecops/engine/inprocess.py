"""A scanner that works in its own worker: one call over all its units, the control among them."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from devsecops.contract import Attested, Canary, ScanUnit, Spec
from devsecops.engine.layout import CONTROL_FOLDER
from devsecops.engine.task import Finished, Task
from devsecops.model import Control, Problem, ScanResult, Status
from devsecops.model import Tool as ToolFacts
from devsecops.runner import Ended, Runner
from devsecops.subject import Entry, Tree
from devsecops.worker import Worker, decode


class Reading:
    """Reads a tree for a scanner, and keeps in mind what was asked for."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._asked: set[str] = set()

    def __call__(self, path: str) -> bytes | None:
        """Return the content of a file as `Tree.read` does."""
        self._asked.add(path)
        return self._tree.read(path)

    def turn(self, tree: Tree) -> bool:
        """Read `tree` from now on; return whether all that was asked for is the same in it."""
        same = all(self._tree.digest(path) == tree.digest(path) for path in self._asked)
        self._tree = tree
        return same


_NOTHING = Finished()


@dataclass(frozen=True, slots=True)
class _Said:
    """What the scanner said of one tree. `missed` is what speaks against its control."""

    answer: Finished = _NOTHING
    problem: Problem | None = None
    missed: str = ""


class InProcess:
    """The way of one in-process scanner through the run.

    It may look at several trees that have the same `entries`, one after the other. Of one in which all that
    it read is the same as in the tree before, it says the same: it is not asked again.
    """

    def __init__(
        self,
        spec: Spec,
        entries: tuple[Entry, ...],
        *,
        worker: Worker,
        frame: Task,
        reading: Reading | None = None,
        more: Sequence[Tree] = (),
    ) -> None:
        self.spec = spec
        self.worker = worker
        self._reading = reading
        self._more = list(more)
        self._canaries: tuple[Canary, ...] = () if isinstance(spec.controls, Attested) else spec.controls
        self._planted = {
            f"{CONTROL_FOLDER}-{number}/{name}": text
            for number, canary in enumerate(self._canaries)
            for name, text in sorted(canary.files.items())
        }
        self._entries = entries
        units = [ScanUnit(id=entry.path, path=entry.path, size=max(entry.size, 0)) for entry in entries]
        units += [ScanUnit(id=path, path=path, size=len(text)) for path, text in self._planted.items()]
        self._task = msgspec.structs.replace(
            frame, units=tuple(sorted(units, key=lambda unit: unit.id)), planted=self._planted
        )
        self._waiting = True
        self._said: list[_Said] = []
        self._started = 0.0
        self.seconds = 0.0
        self.tools_cpu = 0.0
        self.first_start = math.inf
        self.last_end = 0.0
        self.over = False

    @property
    def running(self) -> int:
        """How many batches are under way, on a core."""
        return int(not self._waiting and not self.over)

    def prepare(self) -> bool:
        """Nothing has to be prepared."""
        return False

    def start_next(self, runner: Runner) -> bool:
        """Start it; False when it is started."""
        if not self._waiting:
            return False
        self._waiting = False
        self._started = time.monotonic()
        self._ask(self.spec.deadline_s)
        return True

    def _ask(self, deadline_s: float) -> None:
        body = msgspec.msgpack.encode(self._task)
        self.worker.call("scan", body, deadline_s=deadline_s, done=self._take)

    def ended(self, key: str, ended: Ended) -> None:
        """It starts no process."""

    def settle(self) -> None:
        """Notice that it is over: nothing to do."""

    def interrupt(self) -> None:
        """Stop where it is."""
        if not self.over:
            self._end(_Said(problem=Problem(code="interrupted", message="the run was interrupted")))

    def _end(self, said: _Said) -> None:
        """Note what is said of every tree that is left."""
        self._said += [said] * (1 + len(self._more))
        self._more.clear()
        self.over = True

    def _take(self, answer: bytes | Problem) -> None:
        if self.over:
            return
        self.seconds = time.monotonic() - self._started
        said = self._judged(answer)
        while self._more and self._reading is not None:
            self._said.append(said)
            if not self._reading.turn(self._more.pop(0)):
                self._ask(self.spec.deadline_s)
                return
        self._end(said)

    def _judged(self, answer: bytes | Problem) -> _Said:
        if isinstance(answer, Problem):
            return _Said(problem=answer)
        try:
            finished: Finished = decode(answer, Finished)
        except ValueError as error:
            return _Said(problem=Problem(code="scanner-failed", message=str(error)))
        return _Said(finished, missed=self._missed(finished))

    def _missed(self, finished: Finished) -> str:
        if isinstance(self.spec.controls, Attested):
            said = finished.attested or finished.problems
            return "" if said else "the service did not attest that it looked"
        hits = {(hit.path, hit.rule, hit.line) for hit in finished.hits}
        hits |= {(path, rule, None) for path, rule, _ in hits}
        missed = ""
        for number, canary in enumerate(self._canaries):
            for expect in canary.expects:
                place = (f"{CONTROL_FOLDER}-{number}/{expect.file}", expect.rule, expect.line)
                if place not in hits:
                    missed = f"its canary ({canary.label}, {expect.rule}) was not found"
        return missed

    def results(self) -> list[ScanResult]:
        """Return what the scanner had to say of each tree."""
        return [self._result(said) for said in self._said]

    def _result(self, said: _Said) -> ScanResult:
        from devsecops.findings.identity import name_findings

        answer = said.answer
        problems: tuple[Problem, ...] = () if said.problem is None else (said.problem,)
        if said.missed:
            problems += (Problem(code="self-test-failed", message=said.missed),)
        covered = {row.unit.id for row in answer.cover if row.unit.kind == "file"}
        gaps = any(row.state not in ("scanned", "accepted", "excluded") for row in answer.cover)
        status: Status = "complete"
        works = not problems and answer.attested is not False
        if not works:
            status = "failed"
        elif answer.problems or gaps or covered != {entry.path for entry in self._entries}:
            status = "partial"
        detail = said.missed or ", ".join(canary.label for canary in self._canaries)
        return ScanResult(
            scanner=self.spec.name,
            kind=self.spec.kind,
            status=status,
            tool=ToolFacts(name=self.spec.name, version=answer.version or "unknown", data=answer.data),
            control=Control(
                kind="attested" if isinstance(self.spec.controls, Attested) else "canary",
                found=works,
                detail=detail,
            ),
            findings=name_findings(answer.findings),
            rules=tuple(sorted(answer.rules, key=lambda rule: (rule.tool, rule.id))),
            cover=tuple(sorted(answer.cover, key=lambda r: (r.unit.kind, r.unit.id, r.state, r.why))),
            problems=problems + answer.problems,
            notes=tuple(sorted(set(answer.notes))),
        )
