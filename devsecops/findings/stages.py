"""Pairs of findings that stand in lines of one file: the stages, from certain to likely. Doubt means new.

A base finding whose lines are all in the head, without a finding of its rule there, is gone; a head finding
whose lines were all in the base, without one, has appeared. Neither may be taken for another.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from devsecops.findings.alike import aligned, evidence
from devsecops.findings.pairing import Entry, Pairing
from devsecops.findings.route import Way


def settled(game: Pairing) -> tuple[set[str], set[str]]:
    """Return the ids of what is gone and of what has appeared."""
    route = game.route
    return (
        _without_partner(game.base.values(), game.all_head, route.there),
        _without_partner(game.head.values(), game.all_base, route.back),
    )


def _without_partner(ours: Iterable[Entry], theirs: Iterable[Entry], way: Way) -> set[str]:
    """Return the ids of `ours` whose lines are all on the other side, without a finding of their rule."""
    starts = {(e.rule, e.path, e.start) for e in theirs}
    return {
        e.id for e in ours if e.lined and (to := way.lines(*e.lines)) and (e.rule, to[0], to[1]) not in starts
    }


def by_line(game: Pairing, *, sure: bool) -> None:
    """Pair what stands in the same unchanged lines; when `sure`, with the same code around them."""
    there = game.route.there

    def mapped(entry: Entry) -> Hashable:
        to = there.lines(*entry.lines) if entry.lined else None
        return to and (entry.rule, *to)

    def stands(entry: Entry) -> Hashable:
        return (entry.rule, *entry.lines) if entry.lined else None

    for ours, theirs in game.groups(mapped, stands):
        if not sure or ours[0].looks.context == theirs[0].looks.context is not None:
            _beside(game, ours, theirs, "line and context" if sure else "line")


def _beside(game: Pairing, ours: list[Entry], theirs: list[Entry], stage: str) -> None:
    """Pair findings of one rule in the same lines: those of the same column first, then in order."""
    for exact in (True, False):
        for base in [e for e in ours if e.id in game.base]:
            head = next(
                (e for e in theirs if e.id in game.head and (not exact or e.column == base.column)), None
            )
            if head is not None and not _another_secret(base, head):
                game.pair(base, head, stage)


def _another_secret(base: Entry, head: Entry) -> bool:
    """Tell whether keyed hashes say that two secrets differ."""
    said = base.looks.said, head.looks.said
    return base.secret and None not in said and said[0] != said[1]


def by_content(game: Pairing) -> None:
    """Pair the only ones of a file that say the same with the same code around them."""

    def key(entry: Entry, path: str | None) -> Hashable:
        looks = entry.looks
        known = looks.said is not None and looks.context is not None
        return (entry.rule, path, looks.said, looks.context) if known and path and entry.lined else None

    there = game.route.there
    for ours, theirs in game.groups(lambda e: key(e, there.path(e.path)), lambda e: key(e, e.path)):
        if len(ours) == len(theirs) == 1:
            game.pair(ours[0], theirs[0], "content")


def in_order(game: Pairing) -> None:
    """Align what says the same in a file: most equal lines around first, then in order."""
    there = game.route.there

    def key(entry: Entry, path: str | None) -> Hashable:
        said = entry.looks.said
        return (entry.rule, path, said) if said is not None and path and entry.lined else None

    for ours, theirs in game.groups(lambda e: key(e, there.path(e.path)), lambda e: key(e, e.path)):

        def score(row: int, column: int, ours: list[Entry] = ours, theirs: list[Entry] = theirs) -> int:
            return _points(game, ours[row], theirs[column])

        for row, column in aligned(len(ours), len(theirs), score):
            game.pair(ours[row], theirs[column], "order")


def _points(game: Pairing, base: Entry, head: Entry) -> int:
    if base.secret:
        return 1
    route = game.route
    gone, come = route.there.hunks(*base.lines), route.back.hunks(*head.lines)
    together = not set(gone).isdisjoint(come)
    return 2 * evidence(base.looks, head.looks) + together
