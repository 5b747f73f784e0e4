"""One scanner on the bench: its canaries as ordinary files, its tool, and what the tool really said."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec

from devsecops.contract import Attested, Canary, ReadyTool, Spec, ToolSpec
from devsecops.policy import ScannerRules
from devsecops.subject.applies import Applies
from devsecops.testing.context import NO_TOOL
from devsecops.testing.engine import Files, Loaded, Ran, run, with_limits
from devsecops.testing.inside import Recorded, recording, replacing
from devsecops.testing.tools import Do, Says, write_script
from devsecops.tools import ToolMissing, ready

QUICK_S = 4.0
"""The deadline of a scanner whose tool hangs."""


@dataclass(frozen=True, slots=True)
class Expected:
    """A finding that has to be there."""

    path: str
    rule: str
    line: int | None


class Bench:
    """Runs one scanner in many ways. `folder` is temporary."""

    def __init__(self, loaded: Loaded, scanner: str, folder: Path, *, offline: bool) -> None:
        self.loaded = loaded
        self.spec: Spec = loaded.registry.scanners[scanner]
        self.folder = folder
        self.offline = offline
        self._scripts = 0

    @property
    def deadline_s(self) -> float:
        """Its deadline, the policy's before its own."""
        return (
            self.loaded.policy.scanners.get(self.spec.name, ScannerRules()).deadline_s or self.spec.deadline_s
        )

    @property
    def canaries(self) -> tuple[Canary, ...]:
        """The canaries; none of a scanner that attests."""
        return () if isinstance(self.spec.controls, Attested) else self.spec.controls

    def samples(self, label: str = "sample") -> tuple[dict[str, str], list[Expected]]:
        """Return the canaries as ordinary files in folders of their own, and what is to be found in them.

        Of a scanner that attests: empty files.
        """
        files: dict[str, str] = {f"{label}/{name}": "" for name in self.names() if not self.canaries}
        expected: list[Expected] = []
        for number, canary in enumerate(self.canaries):
            paths = {name: f"{label}-{number}/{self.path_of(canary, name)}" for name in canary.files}
            files |= {paths[name]: text for name, text in canary.files.items()}
            expected += [Expected(paths[e.file], e.rule, e.line) for e in canary.expects if e.file in paths]
        return files, expected

    def path_of(self, canary: Canary, name: str) -> str:
        """Return the path of a canary's file as an ordinary one: what the scanner would read."""
        return self.readable(name, canary.files[name]) or name

    def readable(self, name: str, text: str) -> str | None:
        """Return a path under which the scanner reads such a file; None when there is none.

        It is the file's own name, or, where only the suffix of that counts, another one that is read.
        """
        applies = Applies([self.spec])
        if applies.by_name(f"a/{name}".encode()) or applies.by_content(text.encode()[:256]):
            return name
        suffix = posixpath.splitext(name)[1]
        others = [other for other in self.names() if posixpath.splitext(other)[1] == suffix]
        if self.spec.unit != "file" or not others:
            return None
        return f"{name.replace('/', '-')}/{others[0]}"

    def names(self) -> list[str]:
        """Return file names that the scanner reads, one for each way in which it says so."""
        reads = self.spec.reads
        names = [f"file{suffix}" for suffix in reads.suffixes]
        names += [
            name.replace("*", "x").replace("?", "x") for name in reads.names if not set(name) & set("[]")
        ]
        return names or [posixpath.basename(name) for canary in self.canaries for name in canary.files]

    @cached_property
    def tool(self) -> ReadyTool | ToolMissing | None:
        """The real tool, or why it cannot be had; None when the scanner works in process."""
        if self.spec.tool is None:
            return None
        try:
            return ready(self.spec.tool, offline=self.offline, say=lambda _: None)
        except ToolMissing as missing:
            return missing

    def run(self, files: Files, *, deadline_s: float | None = None, **more: Any) -> Ran:
        """Run it over `files` with its real tool."""
        limits = {} if deadline_s is None else {"deadline_s": deadline_s}
        rules = with_limits(self.spec, self.loaded.policy, **limits)
        more.setdefault("supply", self._supply)
        return run(self.loaded, self.spec.name, files, rules=rules, offline=self.offline, **more)

    def _supply(self, asked: ToolSpec) -> ReadyTool:
        if isinstance(self.tool, ToolMissing):
            raise self.tool
        assert self.tool is not None
        return self.tool

    def stand_in(self, asked: ToolSpec) -> ReadyTool:
        """Return the real tool, else something to plan with: for runs that start another one."""
        return self.tool if isinstance(self.tool, ReadyTool) else NO_TOOL

    def run_with(
        self,
        says: Sequence[Says],
        files: Files,
        *,
        do: Do = "write",
        recorded: Recorded | None = None,
        **more: Any,
    ) -> Ran:
        """Run it with a stand-in for every process that it plans."""
        self._scripts += 1
        folders = {"root": recorded.task.root, "scratch": recorded.task.scratch} if recorded else {}
        script = write_script(self.folder / f"script-{self._scripts}.json", says, do=do, folders=folders)
        return self.run(files, supply=self.stand_in, wrap=replacing(script), **more)

    def run_without_tool(self, files: Files) -> Ran:
        """Run it with a plan whose program does not exist."""
        return self.run(files, supply=self.stand_in, wrap=replacing(None))

    def record(self, files: Files) -> tuple[Ran, Recorded]:
        """Run it with its real tool and return what the tool said.

        Raises:
            ValueError: it was not one good batch.
        """
        self._scripts += 1
        folder = self.folder / f"recorded-{self._scripts}"
        folder.mkdir()
        ran = self.run(files, wrap=recording(folder))
        kept = sorted(folder.iterdir())
        if ran.result.status != "complete" or len(kept) != 1:
            raise ValueError(said(ran))
        return ran, msgspec.msgpack.decode(kept[0].read_bytes(), type=Recorded)


def says_of(recorded: Recorded, change: Callable[[int, bytes], bytes] = lambda _, data: data) -> list[Says]:
    """Return what a stand-in writes to repeat a recording, each output changed by `change(number, data)`."""
    out = []
    for number, run_ in enumerate(recorded.runs):
        data = change(number, recorded.outputs[number])
        stderr, code = recorded.stderrs[number].encode(), recorded.exits[number]
        if run_.output is None:
            out.append(Says(stdout=data, stderr=stderr, exit=code))
        else:
            out.append(Says(output=data, name=run_.output, stderr=stderr, exit=code))
    return out


def said(ran: Ran) -> str:
    """Return why a result is not complete, in a few words."""
    result = ran.result
    if result.problems:
        return result.problems[0].message
    gaps = [row for row in ran.ledger if row.scanner == result.scanner and row.state != "scanned"]
    return (
        f"{gaps[0].unit.id} is {gaps[0].state} ({gaps[0].why})" if gaps else f"its result is {result.status}"
    )
