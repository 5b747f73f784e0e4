"""The course of one scanner through a run: a small state machine that the loop drives.

A batch is planned in the worker, its processes run, its output is parsed in the worker, and its control is
checked. A batch that dies is halved until the file is found; but first, while no batch has proved that the
scanner works at all, the control runs alone: a scanner that fails that is failed as a whole.
"""

from __future__ import annotations

import math
import time
from pathlib import Path

import msgspec

from devsecops.contract import Attested, Canary, RawOutput, ScanUnit, Spec, ToolRun
from devsecops.engine.batches import Batch, Planted, cut, lay_out
from devsecops.engine.collecting import collect
from devsecops.engine.story import story
from devsecops.engine.task import Finished, ParseTask, Task
from devsecops.model import Control, Cover, Problem, ScanResult, Unit
from devsecops.runner import Ended, Job, Runner
from devsecops.subject import ChangedWhileReadingError, Entry, Tree
from devsecops.subject.applies import Shown
from devsecops.worker import Worker, decode

PROBE_DEADLINE_S = 60.0
CALL_DEADLINE_S = 120.0
AHEAD = 2


class Lot:
    """One batch on its way."""

    def __init__(self, batch: Batch, root: Path, scratch: Path) -> None:
        self.batch = batch
        self.root = root
        self.scratch = scratch
        self.task: Task | None = None
        self.planted: list[Planted] = []
        self.runs: list[ToolRun] = []
        self.ended: list[Ended] = []
        self.ends_at = math.inf


class Course:
    """One scanner that starts a tool. A project is one batch, which is never halved."""

    def __init__(
        self,
        spec: Spec,
        entries: tuple[Entry, ...],
        *,
        label: str,
        worker: Worker,
        tree: Tree,
        folder: Path,
        frame: Task,
        cores: int,
    ) -> None:
        self.spec = spec
        self.worker = worker
        self._label = label
        self._tree = tree
        self._folder = folder
        self._frame = frame
        self._canaries: tuple[Canary, ...] = () if isinstance(spec.controls, Attested) else spec.controls
        self._shown = Shown(spec.reads)
        self._numbers = 0
        self._entries = {entry.path: entry for entry in entries}
        self._whole = spec.unit == "project"
        batches = cut(entries, cores, whole=self._whole)
        self.waiting: list[Batch] = [self._batch(batch) for batch in batches]
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
        self._done: list[Finished] = []
        self._rows: list[Cover] = []
        self._control = Control(kind="canary", found=False, detail="it never ran")
        self._lots: dict[str, tuple[Lot, Runner]] = {}
        self.seconds = 0.0
        self.tools_cpu = 0.0
        self.first_start = math.inf
        self.last_end = 0.0
        self.over = False

    def _batch(self, entries: list[Entry]) -> Batch:
        self._numbers += 1
        return Batch(self._numbers, tuple(entries))

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
        if self.waiting[0].entries and ahead and (not self.running or ahead >= AHEAD):
            return False
        if not self._started:
            self._started = time.monotonic()
            self._ends_at = self._started + self.spec.deadline_s
        if self._remaining() <= 0:
            self._give_up("scanner-failed", f"its {self.spec.deadline_s:g} s were over")
            return False
        lot = self._lay_out(self.waiting.pop(0))
        self._open += 1
        self._planning += 1
        body = msgspec.msgpack.encode(lot.task)
        self.worker.call("plan", body, deadline_s=self._call_deadline(), done=lambda a: self._planned(lot, a))
        return True

    def start_next(self, runner: Runner) -> bool:
        """Start the next batch that is planned; False when there is none.

        While the control runs alone nothing else is started: it says whether that would be any use.
        """
        ready = [lot for lot in self._ready if not (self._probing and lot.batch.entries)]
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
        raw = [
            RawOutput(
                exit=end.exit or 0,
                path=str(lot.scratch / (run.output or f"stdout-{number}")),
                stderr=end.stderr,
                seconds=end.seconds,
            )
            for number, (run, end) in enumerate(zip(lot.runs, lot.ended, strict=True))
        ]
        assert lot.task is not None
        body = msgspec.msgpack.encode(ParseTask(task=lot.task, raw=tuple(raw)))
        self.worker.call("parse", body, deadline_s=self._call_deadline(), done=lambda a: self._parsed(lot, a))

    def settle(self) -> None:
        """Notice that it is over."""
        if not self.over and not self._open and not self.waiting and not self._held:
            self.over = True
            self.seconds = time.monotonic() - self._started if self._started else 0.0

    # --- steps ----------------------------------------------------------------------------------

    def _lay_out(self, batch: Batch) -> Lot:
        base = self._folder / f"{batch.number:05}"
        lot = Lot(batch, base / "in", base / "out")
        lot.root.mkdir(parents=True)
        lot.scratch.mkdir()
        (base / "home").mkdir()
        units, lot.planted = lay_out(batch, self._canaries, None if self._whole else self._suffix)
        shown: list[ScanUnit] = []
        for entry, unit in units:
            try:
                (lot.root / unit.path).parent.mkdir(parents=True, exist_ok=True)
                self._tree.write(entry.path, lot.root / unit.path)
            except ChangedWhileReadingError:
                self._row(entry, "failed", "changed-while-reading", "it changed while it was read")
                continue
            except OSError as error:
                self._row(entry, "failed", "unreadable", error.strerror or "it cannot be read")
                continue
            shown.append(unit)
        for planted in lot.planted:
            (lot.root / planted.path).parent.mkdir(parents=True, exist_ok=True)
            (lot.root / planted.path).write_text(planted.canary.files[planted.file], encoding="utf-8")
            shown.append(ScanUnit(id=f"\0{planted.path}", path=planted.path))
        lot.task = msgspec.structs.replace(
            self._frame,
            units=tuple(sorted(shown, key=lambda unit: unit.path)),
            root=str(lot.root),
            scratch=str(lot.scratch),
        )
        return lot

    def _suffix(self, entry: Entry) -> str:
        return self._shown(entry.raw, lambda: self._tree.read(entry.path))

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
        if not lot.batch.entries:
            limit = min(limit, PROBE_DEADLINE_S)
        lot.ends_at = time.monotonic() + limit
        self._run_next(lot, runner)

    def _run_next(self, lot: Lot, runner: Runner) -> None:
        """Start the next process of a batch: one at a time, for it is batches that share the cores."""
        number = len(lot.ended)
        run = lot.runs[number]
        key = f"{self._label}/{lot.batch.number}/{number}"
        own = {"HOME": str(lot.root.parent / "home"), "TMPDIR": str(lot.scratch)}
        limit = max(lot.ends_at - time.monotonic(), 1.0)
        self._lots[key] = (lot, runner)
        runner.start(
            Job(
                key=key,
                argv=run.argv,
                cwd=lot.root,
                env={**run.env, **run.secrets, **own},
                stdout=lot.scratch / f"stdout-{number}",
                stderr=lot.root.parent / f"stderr-{number}",
                deadline_s=min(limit, run.deadline_s or limit),
                memory_mb=self.spec.memory_mb,
                output_mb=self.spec.output_mb,
                secrets=tuple(run.secrets.values()),
            )
        )

    def _parsed(self, lot: Lot, answer: bytes | Problem) -> None:
        if isinstance(answer, Problem):
            if self.worker.dead is not None:
                self._give_up(answer.code, answer.message)
                self._close(lot)
                return
            self._dead(lot, "bad-output", answer.message)
            return
        try:
            finished: Finished = decode(answer, Finished)
        except ValueError as error:
            self._dead(lot, "bad-output", str(error))
            return
        missed = self._missed(lot, finished)
        if missed:
            self._dead(lot, "self-test-failed", missed)
            return
        self._proved = True
        self._control = Control(kind="canary", found=True, detail=", ".join(c.label for c in self._canaries))
        if not lot.batch.entries:
            self._probing = False
            self._halve_held()
        else:
            self._done.append(self._without_again(lot, finished))
        self._close(lot)

    def _without_again(self, lot: Lot, finished: Finished) -> Finished:
        """Take out what is to be looked at once more, and queue each of it alone."""
        again = [entry for entry in lot.batch.entries if entry.path in finished.again]
        if not again or len(lot.batch.entries) == 1 or self._whole:
            return finished
        self.waiting += [self._batch([entry]) for entry in again]
        return finished.without({entry.path for entry in again})

    def _missed(self, lot: Lot, finished: Finished) -> str:
        if isinstance(self.spec.controls, Attested):
            return "" if finished.attested else "the service did not attest that it looked"
        hits = {(hit.path, hit.rule, hit.line) for hit in finished.hits}
        hits |= {(path, rule, None) for path, rule, _ in hits}
        for planted in lot.planted:
            for expect in planted.canary.expects:
                place = (f"\0{planted.path}", expect.rule, expect.line)
                if expect.file == planted.file and place not in hits:
                    return f"its canary ({planted.canary.label}, {expect.rule}) was not found"
        return ""

    def _dead(self, lot: Lot, why: str, message: str) -> None:
        """A batch died: find out whether the scanner or a file is to blame."""
        if not lot.batch.entries:
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
        entries = list(batch.entries)
        if len(entries) == 1 or self._whole:
            for entry in entries:
                self._row(entry, "failed", why, message)
            return
        middle = len(entries) // 2
        self.waiting += [self._batch(entries[:middle]), self._batch(entries[middle:])]

    def _halve_held(self) -> None:
        held, self._held = self._held, []
        for batch, why, message in held:
            self._halve(batch, why, message)

    def _close(self, lot: Lot) -> None:
        import shutil

        self._open -= 1
        if self._proved and self._held:
            self._halve_held()
        shutil.rmtree(lot.root.parent, ignore_errors=True)

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

    def _row(self, entry: Entry, state: str, why: str, note: str) -> None:
        unit = Unit(kind="file", id=entry.path, digest=entry.digest)
        self._rows.append(
            msgspec.convert(
                {"unit": unit, "scanner": self.spec.name, "state": state, "why": why, "note": note[:500]},
                Cover,
            )
        )

    def result(self) -> ScanResult:
        """Return what the scanner had to say, in an order that no core count changes."""
        return collect(
            self.spec,
            self._frame.tool,
            self._control,
            done=self._done,
            rows=self._rows,
            expected=set(self._entries),
            problems=self._problems,
        )
