"""What is compared: our matcher, and three keys that others go by. A key pairs one-to-one, in order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping

from benchmarks.identity.scanning import column, place
from benchmarks.identity.score import Answer
from devsecops.change import Change
from devsecops.findings.matching import match
from devsecops.model import Finding

OURS = "ours"


def ours(
    base: Mapping[str, Finding],
    head: Mapping[str, Finding],
    change: Change,
    looked: frozenset[str],
    texts: tuple[Mapping[str, str], Mapping[str, str]],
) -> Answer:
    """Return what the matcher says. `looked` holds the paths of the head that were scanned."""
    said = match(
        base.values(), head.values(), change, frozenset(("ruff", path) for path in looked), texts[0], texts[1]
    )
    return {
        one.finding: (one.base, "updated" if one.state == "updated" else "unchanged")
        for one in said.heads
        if one.base is not None
    }


def _by_key(
    base: Mapping[str, Finding], head: Mapping[str, Finding], key: Callable[[Finding], object]
) -> Answer:
    waiting = defaultdict(list)
    for one in sorted(base.values(), key=_order):
        waiting[key(one)].append(one.id)
    return {
        one.id: (same.pop(0), "unchanged")
        for one in sorted(head.values(), key=_order)
        if (same := waiting.get(key(one)))
    }


def _order(finding: Finding) -> tuple[object, ...]:
    return (*place(finding), column(finding), finding.id)


def _indexed(findings: Mapping[str, Finding]) -> dict[str, int]:
    """Return the ordinal of each finding among those of its rule in its file."""
    seen: dict[object, int] = defaultdict(int)
    ordinals = {}
    for one in sorted(findings.values(), key=_order):
        group = (one.rule, place(one)[0])
        ordinals[one.id] = seen[group]
        seen[group] += 1
    return ordinals


def rivals(base: Mapping[str, Finding], head: Mapping[str, Finding]) -> dict[str, Answer]:
    """Return what the keys say, by name."""
    before, after = _indexed(base), _indexed(head)

    def index(one: Finding) -> object:
        side = before if base.get(one.id) is one else after
        return (one.rule, place(one)[0], side[one.id])

    def github(one: Finding) -> object:
        # Without a hash (it would be one of a secret) nothing is paired.
        return (one.rule, place(one)[0], one.keys.get("github/1", object()))

    return {
        "line": _by_key(base, head, lambda one: (one.rule, *place(one)[:2])),
        "GitHub hash": _by_key(base, head, github),
        "index": _by_key(base, head, index),
    }
