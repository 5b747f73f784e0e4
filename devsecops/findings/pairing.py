"""Base and head findings that wait for their pair. One-to-one: what has a pair is out of the game."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass

from devsecops.findings.alike import MASKED, Looks, looks
from devsecops.findings.complete import file_of
from devsecops.findings.route import Lines, Route, Way
from devsecops.model import File, Finding, State, Value


class Matched(Value, frozen=True, kw_only=True):
    """What became clear about one finding of the head."""

    finding: str
    state: State
    """``unchanged``, ``updated`` (what its lines say is not the same: gates as new) or ``new``."""
    base: str | None = None
    """The id of the base finding that it is."""
    stage: str = ""
    """What paired the two."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One finding, and its place in its own side."""

    finding: Finding
    path: str
    start: int
    """0: it stands in no line."""
    end: int
    column: int
    looks: Looks

    @property
    def id(self) -> str:
        """The finding's id."""
        return self.finding.id

    @property
    def rule(self) -> tuple[str, str]:
        """The tool and its rule."""
        return self.finding.rule.tool, self.finding.rule.id

    @property
    def order(self) -> tuple[str, int, int, int, str, str]:
        """The order among equals."""
        return self.path, self.start, self.column, self.end, self.finding.message, self.id

    @property
    def lines(self) -> Lines:
        """Its file and lines."""
        return self.path, self.start, self.end

    @property
    def lined(self) -> bool:
        """Whether lines are its place, in a file that has a name of its own."""
        return self.start > 0 and isinstance(self.finding.location, File) and MASKED not in self.path

    @property
    def secret(self) -> bool:
        """Whether it is a secret, which has no content that may be compared."""
        return self.finding.kind == "secrets"


def entry(finding: Finding, way: Way) -> Entry:
    """Return `finding` as it waits; `way` starts at its side."""
    at = file_of(finding.location)
    path = "" if at is None else at.path
    region = None if at is None else at.region
    start = 0 if region is None else max(region.start_line, 0)
    end = start if region is None else max(region.end_line or start, start)
    column = 0 if region is None else region.start_column or 0
    return Entry(finding, path, start, end, column, looks(finding, way.code(path)))


def entries(findings: Iterable[Finding], way: Way) -> list[Entry]:
    """Return the entries of one side, in order. Raises ValueError when two have the same id."""
    found = sorted((entry(finding, way) for finding in findings), key=lambda e: e.order)
    if len({e.id for e in found}) < len(found):
        raise ValueError("two findings of one side have the same id")
    return found


class Pairing:
    """The game. `base` and `head` hold what is still open, by id, in order."""

    def __init__(self, route: Route, base: list[Entry], head: list[Entry]) -> None:
        self.route = route
        self.all_base, self.all_head = base, head
        self.base, self.head = {e.id: e for e in base}, {e.id: e for e in head}
        self.found: dict[str, Matched] = {}
        """Head id -> its pair."""

    def pair(self, base: Entry, head: Entry, stage: str, state: State = "unchanged") -> None:
        """Make a pair of two open findings."""
        del self.base[base.id], self.head[head.id]
        self.found[head.id] = Matched(finding=head.id, state=state, base=base.id, stage=stage)

    def drop(self, base: Iterable[str], head: Iterable[str]) -> None:
        """Take findings out that will have no pair."""
        for one in base:
            del self.base[one]
        for one in head:
            del self.head[one]

    def groups(
        self, base: Callable[[Entry], Hashable], head: Callable[[Entry], Hashable]
    ) -> list[tuple[list[Entry], list[Entry]]]:
        """Return the open findings of both sides with an equal key, where both have some."""
        ours, theirs = grouped(self.base.values(), base), grouped(self.head.values(), head)
        return [(ours[key], theirs[key]) for key in ours if key in theirs]


def grouped(entries: Iterable[Entry], key: Callable[[Entry], Hashable]) -> dict[Hashable, list[Entry]]:
    """Return entries by their key, in order; those with the key None are left out."""
    groups: dict[Hashable, list[Entry]] = {}
    for one in entries:
        name = key(one)
        if name is not None:
            groups.setdefault(name, []).append(one)
    return groups
