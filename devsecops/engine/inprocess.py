"""A scanner that works in its own worker: one call over all its units, the control among them."""

from __future__ import annotations

import math
import time

import msgspec

from devsecops.contract import Attested, Canary, ScanUnit, Spec
from devsecops.engine.layout import CONTROL_FOLDER
from devsecops.engine.task import Finished, Task
from devsecops.model import Control, Problem, ScanResult, Status
from devsecops.model import Tool as ToolFacts
from devsecops.runner import Ended, Runner
from devsecops.subject import Entry
from devsecops.worker import Worker, decode


class InProcess:
    """The way of one in-process scanner through the run."""

    def __init__(
        self,
        spec: Spec,
        entries: tuple[Entry, ...],
        *,
        worker: Worker,
        frame: Task,
    ) -> None:
        self.spec = spec
        self.worker = worker
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
        self._answer: Finished | None = None
        self._problem: Problem | None = None
        self._missed = ""
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
        body = msgspec.msgpack.encode(self._task)
        self.worker.call("scan", body, deadline_s=self.spec.deadline_s, done=self._take)
        return True

    def ended(self, key: str, ended: Ended) -> None:
        """It starts no process."""

    def settle(self) -> None:
        """Notice that it is over: nothing to do."""

    def interrupt(self) -> None:
        """Stop where it is."""
        if not self.over:
            self._problem = Problem(code="interrupted", message="the run was interrupted")
            self.over = True

    def _take(self, answer: bytes | Problem) -> None:
        self.over = True
        self.seconds = time.monotonic() - self._started
        if isinstance(answer, Problem):
            self._problem = answer
            return
        try:
            finished: Finished = decode(answer, Finished)
        except ValueError as error:
            self._problem = Problem(code="scanner-failed", message=str(error))
            return
        self._answer = finished
        if isinstance(self.spec.controls, Attested):
            said = finished.attested or finished.problems
            self._missed = "" if said else "the service did not attest that it looked"
            return
        hits = {(hit.path, hit.rule, hit.line) for hit in finished.hits}
        hits |= {(path, rule, None) for path, rule, _ in hits}
        for number, canary in enumerate(self._canaries):
            for expect in canary.expects:
                place = (f"{CONTROL_FOLDER}-{number}/{expect.file}", expect.rule, expect.line)
                if place not in hits:
                    self._missed = f"its canary ({canary.label}, {expect.rule}) was not found"

    def result(self) -> ScanResult:
        """Return what the scanner had to say."""
        from devsecops.findings.identity import name_findings

        answer = self._answer or Finished()
        problems: tuple[Problem, ...] = () if self._problem is None else (self._problem,)
        if self._missed:
            problems += (Problem(code="self-test-failed", message=self._missed),)
        covered = {row.unit.id for row in answer.cover if row.unit.kind == "file"}
        gaps = any(row.state not in ("scanned", "accepted", "excluded") for row in answer.cover)
        status: Status = "complete"
        works = not problems and answer.attested is not False
        if not works:
            status = "failed"
        elif answer.problems or gaps or covered != {entry.path for entry in self._entries}:
            status = "partial"
        detail = self._missed or ", ".join(canary.label for canary in self._canaries)
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
