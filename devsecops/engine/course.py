"""The course of one scanner through a run: a small state machine that the loop drives.

It looks at one tree, or at several together: then it has a result for each.

A batch is planned in the worker, its processes run, its output is parsed in the worker, and its control is
checked. A batch that dies is halved until the file is found; but first, while no batch has proved that the
scanner works at all, the control runs alone: a scanner that fails that is failed as a whole.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from devsecops.contract import Attested, Canary, Spec, ToolRun
from devsecops.engine.batches import Batch, Piece, cut
from devsecops.engine.collecting import Told, collect
from devsecops.engine.lot import Lot
from devsecops.engine.story import story
from devsecops.engine.task import Finished, Task
from devsecops.model import Control, Problem, ScanResult
from devsecops.runner import Ended, Runner
from devsecops.subject import Entry, Tree
from devsecops.subject.applies import Shown
from devsecops.worker import Worker, decode

PROBE_DEADLINE_S = 60.0
CALL_DEADLINE_S = 120.0
AHEAD = 2


class Course:
    """One scanner that starts a tool. A project is one batch, which is never halved."""

    def __init__(
        self,
        spec: Spec,
        sides: Sequence[tuple[Tree, Sequence[Entry]]],
        *,
        label: str,
        worker: Worker,
        folder: Path,
        frame: Task,
        cores: int,
    ) -> None:
        self.spec = spec
        self.worker = worker
        self._label = label
        self._trees = [tree for tree, _ in sides]
        self._told = [Told(spec.name, entries) for _, entries in sides]
        self._folder = folder
        self._frame = frame
        self._canaries: tuple[Canary, ...] = () if isinstance(spec.controls, Attested) else spec.controls
        self._shown = Shown(spec.reads)
        self._numbers = 0
        self._whole = spec.unit == "project"
        pieces = [Piece(entry, side) for side, (_, entries) in enumerate(sides) for entry in entries]
        self.waiting: list[Batch] = [self._batch(batch) for batch in cut(pieces, cores, whole=self._whole)]
        self._held: list[tuple[Batch, str, str]] = []
        self._proved = False
        self._probing = False
        self._ends_at = math.inf
        self._started = 0.0
        self._open = 0
        self._planning = 0
        self._ready: list[Lot] = []
        self.running = 0
        """How many batches have a process."""
        self._problems: list[Problem] = []
        self._control = Control(kind="canary", found=False, detail="it never ran")
        self._lots: dict[str, tuple[Lot, Runner]] = {}
        self.seconds = 0.0
        self.tools_cpu = 0.0
        self.first_start = math.inf
        self.last_end = 0.0
        self.over = False

    def _batch(self, pieces: list[Piece]) -> Batch:
        self._numbers += 1
        return Batch(self._numbers, tuple(pieces))

    # --- driven by the loop ---------------------------------------------------------------------

    def prepare(self) -> bool:
        """Lay out and plan a batch ahead of its turn; False when there is none to prepare.

        The worker may be busy with what another batch found: a plan that is asked for late keeps a core idle.
        """
        if not self.waiting:
            return False
        ahead = self._planning + len(self._ready)
        # The control alone waits for nothing: what is ready may itself wait for its word. Else, while the
        # first one is about to start, nothing goes before that.
        if self.waiting[0].pieces and ahead and (not self.running or ahead >= AHEAD):
            return False
        if not self._started:
            self._started = time.monotonic()
            self._ends_at = self._started + self.spec.deadline_s
        if self._remaining() <= 0:
            self._give_up("scanner-failed", f"its {self.spec.deadline_s:g} s were over")
            return False
        batch = self.waiting.pop(0)
        lot = Lot(batch, self._folder / f"{batch.number:05}")
        suffix = None if self._whole else self._suffix
        task = lot.lay_out(self._trees, self._canaries, suffix, self._frame, self._lost)
        self._open += 1
        self._planning += 1
        body = msgspec.msgpack.encode(task)
        self.worker.call("plan", body, deadline_s=self._call_deadline(), done=lambda a: self._planned(lot, a))
        return True

    def start_next(self, runner: Runner) -> bool:
        """Start the next batch that is planned; False when there is none.

        While the control runs alone nothing else is started: it says whether that would be any use.
        """
        ready = [lot for lot in self._ready if not (self._probing and lot.batch.pieces)]
        if not ready:
            return False
        self._ready.remove(ready[0])
        self._launch(ready[0], runner)
        return True

    def ended(self, key: str, ended: Ended) -> None:
        """Take a process that ended: the next one of its batch is started, or all that they wrote is read."""
        lot, runner = self._lots.pop(key)
        run = lot.runs[len(lot.ended)]
        lot.ended.append(ended)
        self.tools_cpu += ended.cpu_seconds
        self.last_end = time.monotonic()
        well = ended.cause == "ended" and ended.exit in run.ok_exits
        if well and len(lot.ended) < len(lot.runs):
            self._run_next(lot, runner)
            return
        self.running -= 1
        if not well:
            self._dead(lot, *story(ended))
            return
        body = msgspec.msgpack.encode(lot.written())
        self.worker.call("parse", body, deadline_s=self._call_deadline(), done=lambda a: self._parsed(lot, a))

    def settle(self) -> None:
        """Notice that it is over."""
        if not self.over and not self._open and not self.waiting and not self._held:
            self.over = True
            self.seconds = time.monotonic() - self._started if self._started else 0.0

    # --- steps ----------------------------------------------------------------------------------

    def _suffix(self, piece: Piece) -> str:
        entry, tree = piece.entry, self._trees[piece.side]
        return self._shown(entry.raw, lambda: tree.read(entry.path))

    def _lost(self, piece: Piece, why: str, note: str) -> None:
        self._told[piece.side].lost(piece.entry, why, note)

    def _planned(self, lot: Lot, answer: bytes | Problem) -> None:
        self._planning -= 1
        if isinstance(answer, Problem):
            self._give_up(answer.code, answer.message)
            self._close(lot)
            return
        try:
            lot.runs = list(decode(answer, tuple[ToolRun, ...]))
        except ValueError as error:
            self._give_up("scanner-failed", str(error))
            self._close(lot)
            return
        if not lot.runs:
            self._give_up("scanner-failed", "it planned nothing for a batch")
        if self._problems:
            self._close(lot)
            return
        self._ready.append(lot)

    def _launch(self, lot: Lot, runner: Runner) -> None:
        self.running += 1
        self.first_start = min(self.first_start, time.monotonic())
        # A quarter, so that what hangs can be halved.
        limit = max(self._remaining() / (1 if self._whole else 4), 1.0)
        if not lot.batch.pieces:
            limit = min(limit, PROBE_DEADLINE_S)
        lot.ends_at = time.monotonic() + limit
        self._run_next(lot, runner)

    def _run_next(self, lot: Lot, runner: Runner) -> None:
        """Start the next process of a batch: one at a time, for it is batches that share the cores."""
        job = lot.next_job(self._label, self.spec)
        self._lots[job.key] = (lot, runner)
        runner.start(job)

    def _parsed(self, lot: Lot, answer: bytes | Problem) -> None:
        if isinstance(answer, Problem):
            if self.worker.dead is not None:
                self._give_up(answer.code, answer.message)
                self._close(lot)
                return
            self._dead(lot, "bad-output", answer.message)
            return
        try:
            finished: tuple[Finished, ...] = decode(answer, tuple[Finished, ...])
        except ValueError as error:
            self._dead(lot, "bad-output", str(error))
            return
        if len(finished) != len(self._told):
            self._dead(lot, "bad-output", "its worker did not answer for each tree")
            return
        missed = self._missed(lot, finished[0])
        if missed:
            self._dead(lot, "self-test-failed", missed)
            return
        self._proved = True
        self._control = Control(kind="canary", found=True, detail=", ".join(c.label for c in self._canaries))
        if not lot.batch.pieces:
            self._probing = False
            self._halve_held()
        else:
            for told, one in zip(self._told, self._without_again(lot, finished), strict=True):
                told.done.append(one)
        self._close(lot)

    def _without_again(self, lot: Lot, finished: Sequence[Finished]) -> Sequence[Finished]:
        """Take out what is to be looked at once more, and queue each of it alone."""
        again = [piece for piece in lot.batch.pieces if piece.entry.path in finished[piece.side].again]
        if not again or len(lot.batch.pieces) == 1 or self._whole:
            return finished
        self.waiting += [self._batch([piece]) for piece in again]
        return [
            one.without({piece.entry.path for piece in again if piece.side == side})
            for side, one in enumerate(finished)
        ]

    def _missed(self, lot: Lot, finished: Finished) -> str:
        """Return what speaks against the control, which is said of every tree alike."""
        if isinstance(self.spec.controls, Attested):
            return "" if finished.attested else "the service did not attest that it looked"
        return lot.missed(finished.hits)

    def _dead(self, lot: Lot, why: str, message: str) -> None:
        """A batch died: find out whether the scanner or a file is to blame."""
        if not lot.batch.pieces:
            code = "self-test-failed" if why == "self-test-failed" else "scanner-failed"
            self._control = Control(kind="canary", found=False, detail=message)
            self._give_up(code, message)
        elif why == "not-started":
            self._give_up("scanner-missing", message)
        elif self._proved:
            self._halve(lot.batch, why, message)
        else:
            self._held.append((lot.batch, why, message))
            if not self._probing:
                self._probing = True
                self.waiting.insert(0, self._batch([]))
        self._close(lot)

    def _halve(self, batch: Batch, why: str, message: str) -> None:
        pieces = list(batch.pieces)
        if len(pieces) == 1 or self._whole:
            for piece in pieces:
                self._lost(piece, why, message)
            return
        middle = len(pieces) // 2
        self.waiting += [self._batch(pieces[:middle]), self._batch(pieces[middle:])]

    def _halve_held(self) -> None:
        held, self._held = self._held, []
        for batch, why, message in held:
            self._halve(batch, why, message)

    def _close(self, lot: Lot) -> None:
        self._open -= 1
        if self._proved and self._held:
            self._halve_held()
        lot.remove()

    def _give_up(self, code: str, message: str) -> None:
        if not self._problems:
            self._problems.append(msgspec.convert({"code": code, "message": message}, Problem))
        self.waiting.clear()
        self._held.clear()
        ready, self._ready = self._ready, []
        for lot in ready:
            self._close(lot)

    def interrupt(self) -> None:
        """Stop where it is."""
        self._give_up("interrupted", "the run was interrupted")
        self.over = True

    def _remaining(self) -> float:
        return self._ends_at - time.monotonic()

    def _call_deadline(self) -> float:
        return max(1.0, min(CALL_DEADLINE_S, self._remaining()))

    def results(self) -> list[ScanResult]:
        """Return what the scanner had to say of each tree, in an order that no core count changes."""
        return [
            collect(self.spec, self._frame.tool, self._control, told, self._problems) for told in self._told
        ]
