"""How much two findings are alike: what their lines say, and what stands around them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from devsecops.findings.code import TOKEN, Code
from devsecops.findings.complete import file_of
from devsecops.model import File, Finding

NEIGHBOURS = 8
"""Lines of code on each side that are compared."""
CONTEXT = 2
"""Lines of code on each side that must be equal for an equal context, as in the key context/1."""
_TELLING = 3
"""Tokens of a line that says something: `else:`, `try:` and `)` stand everywhere."""
_MUCH = 5
_LONGEST = 1000
_MOST_PAIRS = 250_000
MASKED = "[redacted"


@dataclass(frozen=True, slots=True)
class Looks:
    """One finding as it is compared. Made from the text where it is known, else from the keys."""

    said: object
    """What its lines say. None: not known, or not all of it."""
    context: object
    """The two lines of code above and below. None: not known."""
    above: tuple[str, ...] = ()
    below: tuple[str, ...] = ()
    around: frozenset[str] = field(default=frozenset(), compare=False)
    """The lines of both, in no order."""

    @property
    def placed(self) -> object:
        """What stands above, where the text is known, else the context. None: neither is known."""
        return self.above or self.context

    @property
    def says_much(self) -> bool:
        """Whether what its lines say is more than `pass`."""
        return isinstance(self.said, tuple) and self.said[0].count(" ") + 1 >= _MUCH

    @property
    def telling(self) -> bool:
        """Whether a line around it says something; without one an equal context proves little."""
        return any(map(_tells, (*self.above[:CONTEXT], *self.below[:CONTEXT])))


def _tells(line: str) -> bool:
    return line.count(" ") + 1 >= _TELLING


def looks(finding: Finding, code: Code | None) -> Looks:
    """Return how `finding` looks in its file. `code` is None where the text is not known."""
    at = file_of(finding.location)
    if finding.kind == "secrets":
        # Its line is redacted, and may not be hashed without a key: it says only what the keyed hash says.
        return Looks(finding.keys.get("secret/1"), None)
    if at is None or at.region is None:
        return Looks(None, None)
    start, end = at.region.start_line, max(at.region.end_line or 0, at.region.start_line)
    if code is None:
        said = None if incomparable(at) else finding.keys.get("tokens/1")
        return Looks(said, finding.keys.get("context/1"))
    above, below = code.before(start, NEIGHBOURS), code.after(end, NEIGHBOURS)
    said = " ".join(code.span(start, end)) if end - start < _LONGEST else ""
    return Looks(
        (said,) if said else None, (above[:CONTEXT], below[:CONTEXT]), above, below, frozenset(above + below)
    )


def incomparable(at: File) -> bool:
    """Tell whether the key of what lines say may not stand for all of it, as far as the snippet shows."""
    end = at.region.end_line or 0 if at.region is not None else 0
    more = end - at.region.start_line if at.region is not None else 0
    return MASKED in at.snippet or "…" in at.snippet or at.snippet.count("\n") < more


def evidence(one: Looks, other: Looks) -> int:
    """Return how many telling lines around two findings are equal, without a gap.

    When all lines above are equal they count twice: a copy often has what stands below its original.
    """
    whole = len(one.above) == NEIGHBOURS and one.above == other.above
    above, below = equal_lines(one, other)
    return (2 * NEIGHBOURS if whole else above) + below


def equal_lines(one: Looks, other: Looks) -> tuple[int, int]:
    """Return how many telling lines above two findings are equal without a gap, and how many below."""
    return _run(one.above, other.above), _run(one.below, other.below)


def half_equal(one: Looks, other: Looks) -> bool:
    """Tell whether all the lines above, or all the lines below, are equal."""
    return one.context is not None and (one.above == other.above or one.below == other.below)


def _run(ours: Sequence[str], theirs: Sequence[str]) -> int:
    equal = 0
    for mine, yours in zip(ours, theirs, strict=False):
        if mine != yours:
            break
        equal += _tells(mine)
    return equal


def likeness(one: Looks, other: Looks) -> float:
    """Return the share of equal tokens of what two findings say, 0 to 1."""
    ours, theirs = (TOKEN.findall(str(looks.said)) for looks in (one, other))
    return 2 * (Counter(ours) & Counter(theirs)).total() / max(1, len(ours) + len(theirs))


def shared(ours: Sequence[str], theirs: Sequence[str]) -> float:
    """Return the share of equal lines of the smaller of two files, 0 to 1."""
    equal = (Counter(ours) & Counter(theirs)).total()
    return equal / max(1, min(len(ours), len(theirs)))


def aligned(rows: int, columns: int, score: Callable[[int, int], int]) -> list[tuple[int, int]]:
    """Return pairs (row, column): those that are best for each other, then the others in order.

    Only pairs with a score above 0 are made. What is too much to compare is left without a pair.
    """
    if rows * columns > _MOST_PAIRS:
        return []
    points = [[score(row, column) for column in range(columns)] for row in range(rows)]
    pairs = _best_for_each_other(points)
    left = [row for row in range(rows) if row not in {row for row, _ in pairs}]
    free = [column for column in range(columns) if column not in {column for _, column in pairs}]
    rest = [[points[row][column] for column in free] for row in left]
    return pairs + [(left[row], free[column]) for row, column in _in_order(rest)]


def _best_for_each_other(points: list[list[int]]) -> list[tuple[int, int]]:
    """Return pairs whose score is above all others of their row and of their column."""
    columns = list(zip(*points, strict=True))
    tops = [max(column) for column in columns]
    pairs = []
    for row, line in enumerate(points):
        top = max(line)
        column = line.index(top)
        if top > 0 and line.count(top) == 1 and tops[column] == top and columns[column].count(top) == 1:
            pairs.append((row, column))
    return pairs


def _in_order(points: list[list[int]]) -> list[tuple[int, int]]:
    """Return pairs, none crossing another, with the highest sum of scores."""
    high, wide = len(points), len(points[0]) if points else 0
    best = [[0] * (wide + 1) for _ in range(high + 1)]
    for r in range(high - 1, -1, -1):
        for c in range(wide - 1, -1, -1):
            both = points[r][c] + best[r + 1][c + 1] if points[r][c] > 0 else 0
            best[r][c] = max(both, best[r + 1][c], best[r][c + 1])
    pairs, r, c = [], 0, 0
    while r < high and c < wide:
        if points[r][c] > 0 and best[r][c] == points[r][c] + best[r + 1][c + 1]:
            pairs.append((r, c))
            r, c = r + 1, c + 1
        elif best[r][c] == best[r + 1][c]:
            r += 1
        else:
            c += 1
    return pairs
