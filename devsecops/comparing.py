"""A change judged against its base: which findings are old, what is gone, which gaps were there before."""

from __future__ import annotations

import codecs
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from devsecops.change import Change
from devsecops.findings.complete import file_of
from devsecops.findings.matching import Looked, carried, match
from devsecops.gate.standing import Standing
from devsecops.model import Cover, Finding, Gone, ScanResult, Unit
from devsecops.subject import Tree
from devsecops.subject.ledger import UNTOUCHED, owner


@dataclass(frozen=True, slots=True)
class Comparison:
    """The results of the head, their findings named as on the base, and what became of each."""

    results: tuple[ScanResult, ...]
    standings: dict[str, Standing]
    gone: tuple[Gone, ...]


def compare(
    base: Iterable[ScanResult],
    head: Iterable[ScanResult],
    *,
    change: Change,
    ledger: Iterable[Cover],
    before: Tree,
    after: Tree,
) -> Comparison:
    """Return which findings of the head are on the base as well, scanner by scanner.

    `ledger` is that of the head. What a scanner says of the base counts only where its control was found:
    else all of its findings are new.

    Raises:
        IncompleteError: the repository lacks the content of a file that differs.
    """
    looked: Looked = frozenset(
        (row.scanner, row.unit.id) for row in ledger if row.state == "scanned" and row.scanner
    )
    theirs = {result.scanner: result.findings for result in base if _believed(result)}
    results, standings, gone = [], {}, []
    for result in head:
        known = theirs.get(result.scanner, ())
        places = _touched(change, [*known, *result.findings])
        matching = match(
            known,
            result.findings,
            change,
            looked,
            _texts(before, [pair[0] for pair in places]),
            _texts(after, [pair[1] for pair in places]),
        )
        named = carried(known, result.findings, matching)
        said = {one.finding: one for one in matching.heads}
        for old, new in zip(result.findings, named, strict=True):
            standings[new.id] = Standing(state=said[old.id].state, base=said[old.id].base)
        by_id = {finding.id: finding for finding in known}
        gone += [Gone(finding=by_id[left.base], state=left.state) for left in matching.left]
        results.append(msgspec.structs.replace(result, findings=named))
    gone.sort(key=lambda one: (one.finding.scanner, one.finding.id))
    return Comparison(tuple(results), standings, tuple(gone))


def as_before(
    ledger: Iterable[Cover], base: Iterable[Cover], touched: Collection[str], known: Mapping[str, Unit]
) -> tuple[Cover, ...]:
    """Return the ledger in which a gap in a file that was not touched is ``same-as-base``.

    Only where the very same gap is on the base: a gap that the change made elsewhere stays one. `touched` are
    the ids of the head's files that the change touched, `known` the units of all of them by their ids.
    """
    before = {(row.unit.kind, row.unit.id, row.scanner, row.state, row.why) for row in base}

    def settled(row: Cover) -> Cover:
        if row.state not in ("unresolved", "partial", "failed"):
            return row
        if (row.unit.kind, row.unit.id, row.scanner, row.state, row.why) not in before:
            return row
        if owner(row, known) in touched:
            return row
        note = f"{row.state} on the base as well"
        return msgspec.structs.replace(row, state="same-as-base", note=note, was=row.state)

    return tuple(settled(row) for row in ledger)


def listed(ledger: Iterable[Cover], gaps: Iterable[Cover]) -> tuple[Cover, ...]:
    """Return the ledger in which untouched files tell the gap that a baseline knows of in them."""
    known = {(row.unit.kind, row.unit.id, row.unit.digest, row.scanner): row for row in gaps}

    def told(row: Cover) -> Cover:
        gap = known.get((row.unit.kind, row.unit.id, row.unit.digest, row.scanner))
        if row.why != UNTOUCHED or gap is None:
            return row
        return msgspec.structs.replace(
            row, why=gap.why or "gap", note=f"{gap.was or gap.state} in the baseline"
        )

    return tuple(map(told, ledger))


def _believed(result: ScanResult) -> bool:
    proved = result.control is not None and result.control.found
    return proved and result.status in ("complete", "partial")


Pair = tuple[str | None, str | None]


def _touched(change: Change, findings: Sequence[Finding]) -> list[Pair]:
    """Return both paths of each changed file in which a finding of either side stands."""
    places = {at.path for finding in findings if (at := file_of(finding.location)) is not None}
    return [(file.base, file.head) for file in change.files if places & {file.base, file.head}]


def _texts(tree: Tree, paths: Iterable[str | None]) -> dict[str, str]:
    """Return the texts of files as scanners saw them."""
    out = {}
    for path in paths:
        data = tree.read(path) if path is not None else None
        if path is not None and data is not None:
            out[path] = data.removeprefix(codecs.BOM_UTF8).decode("utf-8", "replace")
    return out
