"""One batch on its way: a folder with its files and canaries, its processes, and what they wrote."""

from __future__ import annotations

import math
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from devsecops.contract import Canary, RawOutput, ScanUnit, Spec, ToolRun
from devsecops.engine.batches import Batch, Piece, Planted, lay_out
from devsecops.engine.task import Hit, ParseTask, Task
from devsecops.runner import Ended, Job
from devsecops.subject import ChangedWhileReadingError, Tree


class Lot:
    """A batch in a folder of its own."""

    def __init__(self, batch: Batch, folder: Path) -> None:
        self.batch = batch
        self.root = folder / "in"
        self.scratch = folder / "out"
        self._folder = folder
        self._planted: list[Planted] = []
        self.task: Task | None = None
        self.runs: list[ToolRun] = []
        self.ended: list[Ended] = []
        self.ends_at = math.inf

    def lay_out(
        self,
        trees: Sequence[Tree],
        canaries: Sequence[Canary],
        suffix: Callable[[Piece], str] | None,
        frame: Task,
        lost: Callable[[Piece, str, str], None],
    ) -> Task:
        """Write the files and the canaries and return the batch as the worker gets it.

        Args:
            trees: where the files come from, by the side of a piece.
            canaries: what is planted among them.
            suffix: as for `devsecops.engine.batches.lay_out`.
            frame: what all batches of the scanner have in common.
            lost: told of a file that cannot be written: the file, why, and one sentence.
        """
        self.root.mkdir(parents=True)
        self.scratch.mkdir()
        (self._folder / "home").mkdir()
        units, self._planted = lay_out(self.batch, canaries, suffix)
        shown: list[ScanUnit] = []
        side_of: dict[str, int] = {}
        for piece, unit in units:
            try:
                (self.root / unit.path).parent.mkdir(parents=True, exist_ok=True)
                trees[piece.side].write(piece.entry.path, self.root / unit.path)
            except ChangedWhileReadingError:
                lost(piece, "changed-while-reading", "it changed while it was read")
                continue
            except OSError as error:
                lost(piece, "unreadable", error.strerror or "it cannot be read")
                continue
            shown.append(unit)
            side_of[unit.path] = piece.side
        for planted in self._planted:
            (self.root / planted.path).parent.mkdir(parents=True, exist_ok=True)
            (self.root / planted.path).write_text(planted.canary.files[planted.file], encoding="utf-8")
            shown.append(ScanUnit(id=f"\0{planted.path}", path=planted.path))
        self.task = msgspec.structs.replace(
            frame,
            units=tuple(sorted(shown, key=lambda unit: unit.path)),
            sides=len(trees),
            side_of=side_of if len(trees) > 1 else {},
            root=str(self.root),
            scratch=str(self.scratch),
        )
        return self.task

    def next_job(self, key: str, spec: Spec) -> Job:
        """Return the next process that was planned; `key` is what it is called."""
        number = len(self.ended)
        run = self.runs[number]
        own = {"HOME": str(self._folder / "home"), "TMPDIR": str(self.scratch)}
        limit = max(self.ends_at - time.monotonic(), 1.0)
        return Job(
            key=f"{key}/{self.batch.number}/{number}",
            argv=run.argv,
            cwd=self.root,
            env={**run.env, **run.secrets, **own},
            stdout=self.scratch / f"stdout-{number}",
            stderr=self._folder / f"stderr-{number}",
            deadline_s=min(limit, run.deadline_s or limit),
            memory_mb=spec.memory_mb,
            output_mb=spec.output_mb,
            secrets=tuple(run.secrets.values()),
        )

    def written(self) -> ParseTask:
        """Return the batch with what its processes, all of which ended well, wrote."""
        assert self.task is not None
        raw = [
            RawOutput(
                exit=end.exit or 0,
                path=str(self.scratch / (run.output or f"stdout-{number}")),
                stderr=end.stderr,
                seconds=end.seconds,
            )
            for number, (run, end) in enumerate(zip(self.runs, self.ended, strict=True))
        ]
        return ParseTask(task=self.task, raw=tuple(raw))

    def missed(self, found: Sequence[Hit]) -> str:
        """Return which canary was not found, in a sentence; empty when all were."""
        hits = {(hit.path, hit.rule, hit.line) for hit in found}
        hits |= {(path, rule, None) for path, rule, _ in hits}
        for planted in self._planted:
            for expect in planted.canary.expects:
                place = (f"\0{planted.path}", expect.rule, expect.line)
                if expect.file == planted.file and place not in hits:
                    return f"its canary ({planted.canary.label}, {expect.rule}) was not found"
        return ""

    def remove(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self._folder, ignore_errors=True)
