"""Pairs of findings that stand in lines of one file: the stages, from certain to likely. Doubt means new.

A base finding whose lines are all in the head, without a finding of its rule there, is gone; a head finding
whose lines were all in the base, without one, has appeared. Neither may be taken for another.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable

from devsecops.change import Hunk
from devsecops.findings.alike import evidence
from devsecops.findings.doubt import Doubt, word
from devsecops.findings.pairing import Entry, Pairing, grouped
from devsecops.findings.route import Way

_ENOUGH = 6
"""Equal lines around that are needed where the diff does not bring two together."""
_SHORT = 60
"""Lines of a hunk that tells something. When all line ends are changed, a hunk is a whole file."""


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


def by_line(game: Pairing, doubt: Doubt, *, sure: bool) -> None:
    """Pair what stands in the same unchanged lines; when `sure`, with the same code above them."""
    there = game.route.there

    def mapped(entry: Entry) -> Hashable:
        to = there.lines(*entry.lines) if entry.lined else None
        return to and (entry.rule, *to)

    def stands(entry: Entry) -> Hashable:
        return (entry.rule, *entry.lines) if entry.lined else None

    for ours, theirs in game.groups(mapped, stands):
        base, head = ours[0].looks, theirs[0].looks
        if not sure or (base.placed == head.placed is not None and not doubt.contested(ours[0], theirs[0])):
            _beside(game, None if sure else doubt, ours, theirs)


def _beside(game: Pairing, doubt: Doubt | None, ours: list[Entry], theirs: list[Entry]) -> None:
    """Pair findings of one rule in the same lines: those of the same column first, then in order."""
    stage = "line and code above" if doubt is None else "line"
    for exact in (True, False):
        for base in [e for e in ours if e.id in game.base]:
            head = next(
                (e for e in theirs if e.id in game.head and (not exact or e.column == base.column)), None
            )
            if head is None or _another_secret(base, head):
                continue
            if doubt is None or doubt.near(base, head):
                game.pair(base, head, stage)


def _another_secret(base: Entry, head: Entry) -> bool:
    """Tell whether keyed hashes say that two secrets differ."""
    said = base.looks.said, head.looks.said
    return base.secret and None not in said and said[0] != said[1]


def by_content(game: Pairing, doubt: Doubt) -> None:
    """Pair the only ones of a file that say the same with the same code around them."""
    _only_ones(game, _in_context, doubt.lured)


def alone(game: Pairing, doubt: Doubt) -> None:
    """Pair the only ones of a file that say the same, whatever stands around them."""
    _only_ones(game, _alone, doubt.torn)


def _only_ones(
    game: Pairing, look: Callable[[Entry, str | None], Hashable], unsure: Callable[[Entry, Entry], bool]
) -> None:
    ours = grouped(game.all_base, lambda e: look(e, game.route.there.path(e.path)))
    theirs = grouped(game.all_head, lambda e: look(e, e.path))
    for key, group in ours.items():
        found = theirs.get(key, [])
        if len(group) != 1 or len(found) != 1:
            continue
        base, head = group[0], found[0]
        if base.id in game.base and head.id in game.head and not unsure(base, head):
            game.pair(base, head, "content")


def _in_context(entry: Entry, path: str | None) -> Hashable:
    looks = entry.looks
    return _said(entry, path) and looks.context and (entry.rule, path, looks.said, looks.context)


def _alone(entry: Entry, path: str | None) -> Hashable:
    return _said(entry, path) if entry.looks.says_much else None


def _said(entry: Entry, path: str | None) -> Hashable:
    said = entry.looks.said
    return (entry.rule, path, said) if said is not None and path and entry.lined else None


def in_order(game: Pairing, doubt: Doubt, *, apart: bool) -> None:
    """Pair what says the same in a file: those with most equal lines around first, then in order.

    Only what the diff brings together, in one line or one hunk; also others when they may be `apart`.
    """
    there = game.route.there
    for ours, theirs in game.groups(lambda e: _said(e, there.path(e.path)), lambda e: _said(e, e.path)):
        for base, head in doubt.aligned(ours, theirs, lambda b, h: _points(game, b, h, apart=apart)):
            if doubt.edited_in_place(base, head):
                continue
            if not apart or not doubt.wanted(base, head, elsewhere=True):
                game.pair(base, head, "order")


def _points(game: Pairing, base: Entry, head: Entry, *, apart: bool) -> int:
    route, equal = game.route, evidence(base.looks, head.looks)
    if base.secret:
        return 1
    if route.there.lines(*base.lines) == head.lines:
        return 2 * (equal + word(base, head))
    hunks = set(route.there.hunks(*base.lines)) & set(route.back.hunks(*head.lines))
    if any(_is_short(route.there.hunk(base.path, place)) for place in hunks):
        return 2 * equal + 1
    return 2 * equal if equal >= _ENOUGH and (apart or hunks) else 0


def _is_short(hunk: Hunk) -> bool:
    return max(hunk.base_count, hunk.head_count) <= _SHORT
