"""Doubt: a head finding that looks more like another one of the base than like its pair is a copy, and new.

What is taken for its original would hide it. So a pair that only likeness makes, or a diff that cannot tell a
moved block from a copied one, has to stand a comparison with all that says the same in the base.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Sequence

from devsecops.findings.alike import (
    CONTEXT,
    NEIGHBOURS,
    Looks,
    aligned,
    equal_lines,
    evidence,
    half_equal,
    likeness,
)
from devsecops.findings.pairing import Entry, Pairing, grouped

_SAME_LINE, _SAME_PLACE = 3, 2 * NEIGHBOURS
"""What the diff's word is worth, in equal lines around. It may bring a copy together with its original, but
hardly where all that stands above, or all that stands below, is equal too."""
_MOST_LOOKS = 1_000
"""Different looks that one finding is compared with. It is left without a pair where there are more."""

_TIES = 2 * NEIGHBOURS + 1
"""Lines that are equal somewhere around decide only between what is else worth the same."""
_ROUNDS = 3
"""How often another pair is looked for where one is in doubt."""
EDIT = 0.5
"""Share of equal tokens that makes what lines say an edit of what others said."""
_MUCH, _LITTLE = 3, 1
"""Equal lines on one side by which another one looks much more, or a little more, like a finding."""


class _Side:
    """The findings of one side by what they say and the nearest lines above and below.

    Args:
        entries: the findings.
        more: equal lines by which one of them has to be more like another finding to be its rival.
    """

    def __init__(self, entries: Iterable[Entry], more: int) -> None:
        self._more = more
        self._groups: dict[Hashable, dict[Looks, list[str]]] = {}
        for one in entries:
            for key in self._keys(one):
                self._groups.setdefault(key, {}).setdefault(one.looks, []).append(one.id)

    def _keys(self, one: Entry) -> list[Hashable]:
        """Return a key for the nearest lines above and one for those below. Unequal ones are no rivals."""
        looks = one.looks
        if looks.said is None:
            return []
        sides = [(side, lines[: self._more]) for side, lines in enumerate((looks.above, looks.below))]
        return [(one.rule, looks.said, *nearest) for nearest in sides if len(nearest[1]) == self._more]

    def like(self, one: Entry) -> list[tuple[Looks, list[str]]] | None:
        """Return looks and ids of what says the same beside equal lines; None where it is too much."""
        groups = [self._groups.get(key, {}) for key in self._keys(one)]
        if sum(map(len, groups)) > _MOST_LOOKS:
            return None
        return [item for group in groups for item in group.items()]

    def rivals(self, one: Entry, partner: Entry) -> set[str] | None:
        """Return the ids of what a side of `one` looks more like than like `partner`, which is of here.

        None: it is too much to look at.
        """
        ours, theirs = one.looks, partner.looks
        if ours.above == theirs.above and ours.below == theirs.below:
            return set()
        sides = equal_lines(ours, theirs)
        like = self.like(one)
        if like is None:
            return None
        return {
            name
            for looks, names in like
            if any(a - b >= self._more for a, b in zip(equal_lines(ours, looks), sides, strict=True))
            for name in names
            if name != partner.id
        }


def _nearest(entry: Entry) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the two lines of code above, and the two below, the nearest first."""
    return entry.looks.above[:CONTEXT], entry.looks.below[:CONTEXT]


class Doubt:
    """What each finding looks like on the other side.

    Args:
        game: the findings of both sides.
    """

    def __init__(self, game: Pairing) -> None:
        self._game = game
        self._base, self._head = _Side(game.all_base, _MUCH), _Side(game.all_head, _MUCH)
        self._base_a_little = _Side(game.all_base, _LITTLE)
        self._most: dict[Hashable, float] = {}
        self._places = grouped(game.all_head, lambda one: (one.rule, one.path))

    def most(self, head: Entry) -> float:
        """Return the most equal lines around `head` and one of the base that says the same, paired or not.

        Only of what has some on one side; what has less around it proves nothing.
        """
        key = head.rule, head.looks
        if key not in self._most:
            like = self._base.like(head)
            self._most[key] = (
                float("inf")
                if like is None
                else max((evidence(looks, head.looks) for looks, _ in like), default=0)
            )
        return self._most[key]

    def near(self, base: Entry, head: Entry) -> bool:
        """Tell whether nothing else is more like `head` than `base`, which the diff says it is."""
        equal = evidence(base.looks, head.looks) + word(base, head)
        near = equal >= self.most(head) and not self.torn(base, head)
        return near and not self.edited_in_place(base, head)

    def edited_in_place(self, base: Entry, head: Entry) -> bool:
        """Tell whether another finding looks like `base` after an edit, where `head` does not stand.

        Then `head` may be a copy of what was there: a diff cannot tell where a block went beside an edit.
        """
        ours, theirs = _nearest(base), _nearest(head)
        apart = [side for side, lines in enumerate(ours) if lines and lines[:1] != theirs[side][:1]]
        return bool(apart) and any(
            other.id != head.id
            and other.looks.said != base.looks.said
            and any(_nearest(other)[side] == ours[side] for side in apart)
            and likeness(base.looks, other.looks) >= EDIT
            for other in self._places.get((head.rule, head.path), ())
            if other.id in self._game.head
        )

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
            base, head = ours[row], theirs[column]
            worth = 0 if (row, column) in refused else points(base, head)
            if not worth or worth < 2 * self.most(head):
                return 0
            return _TIES * worth + len(base.looks.around & head.looks.around)

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

        Where the diff puts the two in one line, something else must look much more like `base` as well; then
        it is enough that `head` looks a little more like another.

        Args:
            base: what `head` is to be paired with.
            head: the finding in doubt.
            taken: ids of the base that are about to have a pair, beside those that are out of the game.
        """
        told = self._game.route.there.lines(*base.lines) == head.lines
        if told and self._head.rivals(base, head) == set():
            return False
        rivals = (self._base_a_little if told else self._base).rivals(head, base)
        return rivals is None or any(one in taken or one not in self._game.base for one in rivals)

    def lured(self, base: Entry, head: Entry) -> bool:
        """Tell whether one of the two looks more like another, with a pair or not, than like its only one."""
        return self._base.rivals(head, base) != set() or self.wanted(base, head)

    def contested(self, base: Entry, head: Entry) -> bool:
        """Tell whether both look more like others, so that the diff is not believed before more is known."""
        return self._head.rivals(base, head) != set() and self._base_a_little.rivals(head, base) != set()

    def wanted(self, base: Entry, head: Entry, *, elsewhere: bool = False) -> bool:
        """Tell whether another open one of the head looks more like `base`; `elsewhere`: in another file."""
        equal, like = evidence(base.looks, head.looks), self._head.like(base)
        if like is None:
            return True
        closer = (name for looks, names in like if evidence(base.looks, looks) > equal for name in names)
        others = (self._game.head[name] for name in closer if name != head.id and name in self._game.head)
        return any(not elsewhere or other.path != head.path for other in others)


def word(base: Entry, head: Entry) -> int:
    """Return what it is worth, in equal lines around, that the diff puts `head` in the line of `base`."""
    return _SAME_PLACE if half_equal(base.looks, head.looks) else _SAME_LINE
