"""Identity across a change: which finding of the base a finding of the head is. Pure, no I/O.

One-to-one, in stages from certain to likely: the lines through the diff; the only ones of a file with the
same content; what says the same, aligned in order; another file with the same content; an edited line.
Doubt means new: a flaw that is copied is never hidden by the flaw that it is a copy of. Packages, operations,
resources and secrets go by their own names instead.
"""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Iterable
from hashlib import sha256

import msgspec

from devsecops.change import Change
from devsecops.findings.alike import MASKED
from devsecops.findings.complete import package_name
from devsecops.findings.doubt import Doubt
from devsecops.findings.kinds import moved_resources, named, packages
from devsecops.findings.moves import edited, other_file
from devsecops.findings.pairing import Entry, Matched, Pairing, entries
from devsecops.findings.route import Route, Texts
from devsecops.findings.stages import alone, by_content, by_line, in_order, settled
from devsecops.model import Finding, Http, ImageLayer, Package, Resource, State, Value

Looked = frozenset[tuple[str, str]]
"""(scanner, unit id) of what the run looked at in the head: ledger rows with the state ``scanned``."""


class Left(Value, frozen=True, kw_only=True):
    """A base finding that no head finding is."""

    base: str
    state: State
    """``fixed``, or ``not-looked-at`` where the run did not cover its place."""


class Matching(Value, frozen=True, kw_only=True):
    """What became of every finding of both sides, by id, sorted."""

    heads: tuple[Matched, ...]
    left: tuple[Left, ...]


def match(
    base: Iterable[Finding],
    head: Iterable[Finding],
    change: Change,
    looked: Looked,
    base_texts: Texts | None = None,
    head_texts: Texts | None = None,
) -> Matching:
    """Return which base finding each head finding is, and what became of the other base findings.

    Args:
        base: completed findings of the base, with ids that are unique among them.
        head: those of the head.
        change: all that differs between the two trees.
        looked: what was looked at in the head.
        base_texts: the texts of the changed files of the base. Without them what moved to another file is
            new, and so is what moved and holds something that was redacted.
        head_texts: those of the head.

    Raises:
        ValueError: two findings of one side have the same id.
    """
    route = Route(change, base_texts or {}, head_texts or {})
    ours, theirs = entries(base, route.there), entries(head, route.back)
    game = Pairing(route, ours, theirs)
    seen = frozenset(e.id for e in ours if _seen(e, route, looked))
    _play(game, seen)
    news = (game.found.get(e.id) or Matched(finding=e.id, state="new") for e in theirs)
    paired = {one.base for one in game.found.values()}
    left = (
        Left(base=e.id, state="fixed" if e.id in seen else "not-looked-at")
        for e in ours
        if e.id not in paired
    )
    return Matching(
        heads=tuple(sorted(news, key=lambda one: one.finding)),
        left=tuple(sorted(left, key=lambda one: one.base)),
    )


def _play(game: Pairing, seen: frozenset[str]) -> None:
    doubt = Doubt(game)
    packages(game)
    named(game)
    moved_resources(game)
    game.drop(*settled(game))
    by_line(game, doubt, sure=True)
    by_content(game, doubt)
    in_order(game, doubt, apart=False)
    by_line(game, doubt, sure=False)
    # Before anything is looked for elsewhere: an edit gates, so no copy of what was there before can hide.
    edited(game, doubt)
    alone(game, doubt)
    in_order(game, doubt, apart=True)
    other_file(game, doubt, seen)


def _seen(one: Entry, route: Route, looked: Looked) -> bool:
    """Tell whether the head was looked at where `one` would be, or has no such place any more."""
    where = one.finding.location
    if MASKED in one.path:
        return False
    if isinstance(where, Http):
        units = {f"{where.method} {where.template}"}
    elif isinstance(where, ImageLayer):
        units = {where.package}
    else:
        path = route.there.path(one.path)
        if path is None:
            return True
        units = {path}
        if isinstance(where, Package):
            units.add(f"{path}#{package_name(where.purl).rpartition('/')[2]}")
        elif isinstance(where, Resource):
            units.add(where.address)
    return any((one.finding.scanner, unit) in looked for unit in units)


def carried(base: Iterable[Finding], head: Iterable[Finding], matching: Matching) -> tuple[Finding, ...]:
    """Return `head` with the ids of the base carried forward, and no other finding with an id of the base.

    Also returned where ids do not change; the order is that of `head`. Ids of `matching` are those before.
    """
    pairs = {one.finding: one.base for one in matching.heads}
    taken = {one.id for one in base}
    named = []
    for finding in head:
        name = pairs[finding.id]
        if name is None:
            name, ordinal = finding.id, 0
            while name in taken:
                ordinal += 1
                name = _another(finding.id, ordinal)
            taken.add(name)
        named.append(msgspec.structs.replace(finding, id=name))
    return tuple(named)


def _another(name: str, ordinal: int) -> str:
    raw = f"{name}\0{ordinal}".encode()
    return "f" + b32encode(sha256(raw).digest()[:10]).decode("ascii").lower()[:10]
