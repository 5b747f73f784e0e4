"""Trees that are hard on a scanner: strange bytes, files that go; and the same tree twice."""

from __future__ import annotations

from collections.abc import Iterator

from devsecops.canonical import canonical, digest
from devsecops.findings.complete import file_of
from devsecops.model import ScanResult
from devsecops.testing.again import Work, elsewhere
from devsecops.testing.bench import Bench, said
from devsecops.testing.inside import watching
from devsecops.testing.says import once, places_of

HOSTILE: dict[str, bytes] = {
    "empty": b"",
    "one-line": b"x = 1; " * 40_000,
    "binary": bytes(range(256)) * 64,
    "latin": b"name = 'caf\xe9'\n",
    "utf-16": "name = 1\n".encode("utf-16"),
    "nul": b"name = 1\0\n",
    "nested": b"[" * 5_000,
    "other-ends": b"first\rsecond\r\nthird\x0b\x0c\xe2\x80\xa8last",
    "controls": "name = '\x1b]0;\x07\u202e\u2066'\n".encode(),
    "surrogate": b"\xed\xa0\x80\xf4\x90\x80\x80",
}


STRANGE_S = 120.0
"""What the strange files may take in all: a tool that hangs on one is ended and the file is found."""


def pure(bench: Bench) -> Iterator[str]:
    """Asked twice it answers the same; it starts no process and writes nothing outside of its scratch."""
    watch = watching(network=bool(bench.spec.network))
    ran = bench.run(bench.samples()[0], wrap=watch)
    if ran.result.status != "complete":
        yield said(ran)


def hostile(bench: Bench) -> Iterator[str]:
    """Files with strange content cost it those files at most: each has one row, the others are looked at."""
    files, expected = bench.samples()
    strange = {
        f"strange-{label}/{name}": content for label, content in HOSTILE.items() for name in bench.names()
    }
    ran = bench.run({**files, **strange}, deadline_s=min(bench.deadline_s, STRANGE_S))
    if ran.result.status not in ("complete", "partial"):
        yield f"strange files took the whole scan with them: {said(ran)}"
        return
    yield from once(ran)
    found = {place for finding in ran.result.findings for place in places_of(finding)}
    for want in expected:
        if (want.path, want.rule, want.line) not in found:
            yield f"beside strange files {want.rule} is not found in {want.path}"


def gone(bench: Bench) -> Iterator[str]:
    """A file that is gone when it is read is not counted as looked at."""
    files = bench.samples()[0]
    lost = f"gone/{bench.names()[0]}"
    ran = bench.run({**files, lost: None})
    states = {row.unit.id: row.state for row in ran.ledger if row.unit.kind == "file"}
    if ran.result.status == "complete" or states.get(lost) == "scanned":
        yield f"its result is {ran.result.status} although a file could not be read"


def same(bench: Bench) -> Iterator[str]:
    """The same files give the same result, in another folder, order and interpreter."""
    first, second = bench.run(_two(bench, "a", "b")), bench.run(_two(bench, "a", "b"))
    if first.result.status not in ("complete", "partial"):
        yield said(first)
        return
    if canonical(first.result) != canonical(second.result):
        yield "two runs over the same files differ"
    work = Work(
        plugin=bench.loaded.asked,
        policy=bench.loaded.policy,
        scanner=bench.spec.name,
        files=_two(bench, "a", "b"),
        offline=bench.offline,
    )
    if elsewhere(work) != digest(canonical(first.result)):
        yield "another interpreter gives another result: is something in the order of a set?"
    if bench.spec.path_sensitive:
        return
    other = bench.run(_two(bench, "y", "x"))
    if _facts(first.result) != _facts(other.result, {"y": "a", "x": "b"}):
        yield "it finds other things when the folders of the same files have other names"


def _two(bench: Bench, one: str, two: str) -> dict[str, str]:
    files = bench.samples()[0]
    quiet = {f"{two}/{name}": text + "\n" for name, text in files.items()}
    return {f"{one}/{name}": text for name, text in files.items()} | quiet


def _facts(result: ScanResult, names: dict[str, str] | None = None) -> list[tuple[str, ...]]:
    facts = []
    for finding in result.findings:
        at = file_of(finding.location)
        top, _, rest = (at.path if at else "").partition("/")
        line = str(at.region) if at else ""
        facts.append(
            ((names or {}).get(top, top), rest, line, finding.rule.id, finding.severity, finding.confidence)
        )
    return sorted(facts)
