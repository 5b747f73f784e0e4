"""Doubt: a head finding that looks more like another one of the base than like its pair is a copy, and new.

What is taken for its original would hide it. So a pair that only likeness makes, or a diff that cannot tell a
moved block from a copied one, has to stand a comparison with all that says the same in the base.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterator, Sequence

from devsecops.findings.alike import NEIGHBOURS, Looks, aligned, equal_lines, evidence, half_equal
from devsecops.findings.pairing import Entry, Pairing

_SAME_LINE, _SAME_PLACE = 3, 2 * NEIGHBOURS
"""What the diff's word is worth, in equal lines around. It may bring a copy together with its original, but
hardly where all that stands above, or all that stands below, is equal too."""
_MOST_LOOKS = 1_000
"""Different looks that one finding is compared with. It is left without a pair where there are more."""

_ROUNDS = 3
"""How often another pair is looked for where one is in doubt."""
_MUCH = 3
"""Equal lines on one side by which another one looks much more like a finding."""


class Doubt:
    """What in the base each head finding looks like.

    Args:
        game: the findings of both sides.
    """

    def __init__(self, game: Pairing) -> None:
        self._game = game
        self._like: dict[Hashable, dict[Looks, list[str]]] = {}
        """What says the same beside the same line -> its looks -> ids."""
        self._most: dict[Hashable, float] = {}
        for one in game.all_base:
            for key in _keys(one):
                self._like.setdefault(key, {}).setdefault(one.looks, []).append(one.id)

    def most(self, head: Entry) -> float:
        """Return the most equal lines around `head` and one of the base that says the same, paired or not."""
        key = head.rule, head.looks
        if key not in self._most:
            groups = [self._like.get(one, {}) for one in _keys(head)]
            self._most[key] = (
                float("inf")
                if sum(map(len, groups)) > _MOST_LOOKS
                else max((evidence(looks, head.looks) for group in groups for looks in group), default=0)
            )
        return self._most[key]

    def near(self, base: Entry, head: Entry) -> bool:
        """Tell whether nothing else is more like `head` than `base`, which the diff says it is."""
        equal = evidence(base.looks, head.looks) + word(base, head)
        return equal >= self.most(head) and not self.torn(base, head)

    def aligned(
        self, ours: Sequence[Entry], theirs: Sequence[Entry], points: Callable[[Entry, Entry], int]
    ) -> list[tuple[Entry, Entry]]:
        """Return the pairs of what says the same that are best by their points, without any in doubt.

        Args:
            ours: findings of the base.
            theirs: findings of the head.
            points: what speaks for a pair: twice the equal lines around, and more. 0: it may not be made.
        """
        refused: set[tuple[int, int]] = set()

        def score(row: int, column: int) -> int:
            worth = 0 if (row, column) in refused else points(ours[row], theirs[column])
            return worth if worth >= 2 * self.most(theirs[column]) else 0

        for _ in range(_ROUNDS):
            rows = aligned(len(ours), len(theirs), score)
            taken = {ours[row].id for row, _ in rows}
            torn = {(row, column) for row, column in rows if self.torn(ours[row], theirs[column], taken)}
            if not torn:
                break
            refused |= torn
        return [(ours[row], theirs[column]) for row, column in rows if (row, column) not in torn]

    def torn(self, base: Entry, head: Entry, taken: Collection[str] = ()) -> bool:
        """Tell whether one side of `head` looks much more like another one of the base that has its pair.

        Args:
            base: what `head` is to be paired with.
            head: the finding in doubt.
            taken: ids of the base that are about to have a pair, beside those that are out of the game.
        """
        return any(one in taken or one not in self._game.base for one in self.rivals(base, head))

    def rivals(self, base: Entry, head: Entry) -> Iterator[str]:
        """Yield the ids of others of the base that a side of `head` looks much more like than like `base`."""
        ours, theirs = base.looks, head.looks
        if ours.above == theirs.above and ours.below == theirs.below:
            return
        sides = equal_lines(ours, theirs)
        for looks, others in self._all_like(head):
            if any(a - b >= _MUCH for a, b in zip(equal_lines(looks, theirs), sides, strict=True)):
                yield from (other for other in others if other != base.id)

    def _all_like(self, head: Entry) -> Iterator[tuple[Looks, list[str]]]:
        for key in _keys(head):
            yield from self._like.get(key, {}).items()


def word(base: Entry, head: Entry) -> int:
    """Return what it is worth, in equal lines around, that the diff puts `head` in the line of `base`."""
    return _SAME_PLACE if half_equal(base.looks, head.looks) else _SAME_LINE


def _keys(one: Entry) -> list[Hashable]:
    """Return a key for the nearest line above and one for that below. Unequal ones say: no evidence."""
    looks = one.looks
    if looks.said is None:
        return []
    nearest = [(side, lines[0]) for side, lines in enumerate((looks.above, looks.below)) if lines]
    return [(one.rule, looks.said, *line) for line in nearest]
