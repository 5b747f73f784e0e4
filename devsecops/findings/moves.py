"""Pairs of findings that are not where they were: another file, or lines that say something else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable

from devsecops.findings.alike import evidence, likeness, shared
from devsecops.findings.doubt import EDIT, Doubt
from devsecops.findings.pairing import Entry, Pairing, grouped
from devsecops.findings.route import Way

_SAME_FILE = 0.5
"""Share of the smaller file's lines that makes two files one file moved, split or joined."""
_MOST_ALIKE = 10_000
_MOST_FILES = 2_000


def other_file(game: Pairing, doubt: Doubt, left: frozenset[str]) -> None:
    """Pair what says the same in another file. Texts are needed on both sides.

    Args:
        game: what is open in it.
        doubt: what else the head findings look like.
        left: ids of base findings that are known not to be where they were. A flaw that may still be
            there has not moved: what looks like it is a copy.
    """
    ours = {key: group for key, group in grouped(game.all_base, _content).items() if len(group) == 1}
    theirs = grouped(game.all_head, _content)
    for key, (base,) in ours.items():
        found = theirs.get(key, ())
        if len(found) != 1 or base.id not in left or base.id not in game.base or found[0].id not in game.head:
            continue
        if not doubt.torn(base, found[0]) and not doubt.wanted(base, found[0]):
            game.pair(base, found[0], "moved")
    for base_path, head_path in _pairs_of_files(game, left):
        _one_file(game, doubt, left, base_path, head_path)


def _content(entry: Entry) -> Hashable:
    said = _said(entry)
    return said and (said, entry.looks.context)


def _said(entry: Entry) -> Hashable:
    known = entry.lined and not entry.secret and entry.looks.said is not None and entry.looks.telling
    return (entry.rule, entry.looks.said) if known else None


def _pairs_of_files(game: Pairing, left: frozenset[str]) -> list[tuple[str, str]]:
    """Return base and head files with much the same content, those with most findings in common first."""
    ours, theirs = grouped(game.base.values(), _said), grouped(game.head.values(), _said)
    common: Counter[tuple[str, str]] = Counter()
    for key in ours.keys() & theirs.keys():
        bases = Counter(e.path for e in ours[key] if e.id in left)
        heads = Counter(e.path for e in theirs[key])
        if len(bases) * len(heads) <= _MOST_ALIKE:
            for base, some in bases.items():
                common.update({(base, head): min(some, more) for head, more in heads.items()})
    ranked = sorted(common, key=lambda pair: (-common[pair], pair))[:_MOST_FILES]
    return [(base, head) for base, head in ranked if _share(game, base, head) >= _SAME_FILE]


def _share(game: Pairing, base: str, head: str) -> float:
    ours, theirs = game.route.there.code(base), game.route.back.code(head)
    return 0.0 if ours is None or theirs is None else shared(ours.lines, theirs.lines)


def _one_file(game: Pairing, doubt: Doubt, left: frozenset[str], base_path: str, head_path: str) -> None:
    """Align what is open in two files of much the same content."""
    ours = grouped((e for e in game.base.values() if e.path == base_path and e.id in left), _said)
    theirs = grouped((e for e in game.head.values() if e.path == head_path), _said)
    for key in ours.keys() & theirs.keys():
        for base, head in doubt.aligned(ours[key], theirs[key], _points):
            if not doubt.edited_in_place(base, head):
                game.pair(base, head, "moved")


def _points(base: Entry, head: Entry) -> int:
    return 2 * evidence(base.looks, head.looks)


def edited(game: Pairing, doubt: Doubt) -> None:
    """Pair what is left of a rule where lines were edited: the same first line, or the same hunk."""
    there, back = game.route.there, game.route.back
    first = grouped(game.base.values(), lambda e: _first(e, there))
    begins = grouped(game.head.values(), lambda e: (e.rule, e.path, e.start) if _editable(e) else None)
    _edit(game, doubt, first, begins)
    _edit(game, doubt, _by_hunk(game.base.values(), there, there), _by_hunk(game.head.values(), back, None))


def _editable(entry: Entry) -> bool:
    # An edited secret is another secret.
    return entry.lined and not entry.secret


def _first(entry: Entry, there: Way) -> Hashable:
    line = there.line(entry.path, entry.start) if _editable(entry) else None
    return line and (entry.rule, there.path(entry.path), line)


def _by_hunk(entries: Iterable[Entry], way: Way, there: Way | None) -> dict[Hashable, list[Entry]]:
    """Return the findings of each rule and hunk; `there` leads to the paths of the head."""
    groups: dict[Hashable, list[Entry]] = {}
    for one in entries:
        if _editable(one):
            path = one.path if there is None else there.path(one.path)
            for place in way.hunks(*one.lines):
                groups.setdefault((one.rule, path, place), []).append(one)
    return groups


def _edit(
    game: Pairing, doubt: Doubt, ours: dict[Hashable, list[Entry]], theirs: dict[Hashable, list[Entry]]
) -> None:
    """Pair in order where as many are open on both sides and each says much the same."""
    for key, group in ours.items():
        bases = [e for e in group if e.id in game.base]
        heads = [e for e in theirs.get(key, ()) if e.id in game.head]
        if len(bases) == len(heads) and all(
            likeness(base.looks, head.looks) >= EDIT for base, head in zip(bases, heads, strict=True)
        ):
            for base, head in zip(bases, heads, strict=True):
                if base.looks.said is None or base.looks.said != head.looks.said:
                    game.pair(base, head, "edit", "updated")
                elif doubt.near(base, head):
                    game.pair(base, head, "edit")
