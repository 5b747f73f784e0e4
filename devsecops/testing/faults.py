"""A scanner's tool on a bad day: nothing of it may end in a result that is complete."""

from __future__ import annotations

import time
from collections.abc import Iterator

from devsecops.testing.bench import QUICK_S, Bench, said, says_of
from devsecops.testing.engine import Ran
from devsecops.testing.inside import Recorded
from devsecops.testing.outputs import Mutation, mutations
from devsecops.testing.tools import Says

AFTER_S = 10.0
"""What a run may take longer than its deadline."""


def missing(bench: Bench) -> Iterator[str]:
    """A tool that is not there makes it missing."""
    ran = bench.run_without_tool(bench.samples()[0])
    yield from never_complete(ran, "its tool is not there")
    if ran.result.status == "failed":
        yield f"it is failed, not missing: {said(ran)}"


def crash(bench: Bench) -> Iterator[str]:
    """A tool that is killed, or ends with a code of its own, makes it fail."""
    files = bench.samples()[0]
    yield from never_complete(bench.run_with([], files, do="crash"), "its tool was killed")
    for code in (137, 3):
        yield from never_complete(bench.run_with([Says(exit=code)], files), f"its tool ended with {code}")


def hang(bench: Bench) -> Iterator[str]:
    """A tool that hangs is ended by the deadline."""
    began = time.monotonic()
    ran = bench.run_with([], bench.samples()[0], do="hang", deadline_s=QUICK_S)
    yield from never_complete(ran, "its tool hung")
    if time.monotonic() - began > QUICK_S + AFTER_S:
        yield f"it took {time.monotonic() - began:.0f} s with a deadline of {QUICK_S:g} s"


def cancel(bench: Bench) -> Iterator[str]:
    """A run that is interrupted ends at once, and is not complete."""
    began = time.monotonic()
    stop = began + 0.5
    reads = 0

    def reading() -> None:
        nonlocal reads
        reads += 1

    files = bench.samples()[0]
    if bench.spec.tool is not None:
        ran = bench.run_with([], files, do="hang", stopped=lambda: time.monotonic() > stop)
    else:
        ran = bench.run(files, stopped=lambda: reads > 0, reading=reading)
        if reads == 0:
            yield "it reads no file by ctx.read"
            return
    yield from never_complete(ran, "the run was interrupted")
    if time.monotonic() - began > AFTER_S:
        yield f"it took {time.monotonic() - began:.0f} s to end"


def output(bench: Bench) -> Iterator[str]:
    """No changed output of its tool is taken for a good one: empty, cut, garbled, doubled, of other types."""
    files = bench.samples()[0]
    try:
        honest, recorded = bench.record(files)
    except ValueError as error:
        yield f"its tool could not be recorded: {error}"
        return
    again = bench.run_with(says_of(recorded), files, recorded=recorded)
    if again.result.status != "complete":
        yield f"the output that was recorded is refused when it is repeated: {said(again)}"
        return
    names = [unit.path for unit in recorded.task.units]
    for number, data in enumerate(recorded.outputs):
        for mutation in mutations(data, names):
            yield from _changed(bench, files, honest, recorded, number, mutation)


def _changed(
    bench: Bench, files: dict[str, str], honest: Ran, recorded: Recorded, number: int, mutation: Mutation
) -> Iterator[str]:
    says = says_of(recorded, lambda at, data: mutation.data if at == number else data)
    ran = bench.run_with(says, files, recorded=recorded)
    same = (ran.result.findings, ran.result.cover) == (honest.result.findings, honest.result.cover)
    if ran.result.status == "complete" and (mutation.strict or not same):
        yield f"its result is complete although the output was {mutation.name}"


def others(bench: Bench) -> Iterator[str]:
    """The output about other files is not taken for one about these."""
    files = bench.samples("these")[0]
    more = {f"{place}/{name}": text for place in "abcde" for name, text in files.items()}
    try:
        _, recorded = bench.record(bench.samples("those")[0])
    except ValueError as error:
        yield f"its tool could not be recorded: {error}"
        return
    ran = bench.run_with(says_of(recorded), more, recorded=recorded)
    # One that names no file may be as true of these; then it has to say all that is true of these.
    if ran.result.status == "complete" and ran.result.findings != bench.run(more).result.findings:
        yield "its result is complete although the output was of other files"


def never_complete(ran: Ran, why: str) -> Iterator[str]:
    """Yield what is wrong with a result that may not be complete."""
    if ran.result.status in ("complete", "not-applicable"):
        yield f"its result is {ran.result.status} although {why}"
    elif any(row.state == "scanned" for row in ran.result.cover):
        yield f"it says that files were scanned although {why}"
