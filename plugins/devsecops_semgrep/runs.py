"""Which process looks at which files, with which rules, and what proves that it did."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from devsecops.api import Context, ScanUnit
from devsecops_semgrep.pack import RULES
from devsecops_semgrep.prefilter import can_match
from devsecops_semgrep.source import Source

PROBE = Path(__file__).with_name("probe.yaml")
_START = 5_000_000
"""What a process costs by itself: as much CPU as choosing whether one rule looks at so many bytes."""
_LANGUAGES = {".py": "python", ".dockerfile": "dockerfile"}
_PROBES = {
    "python": ("probe.py", "devsecops_probe(1)\n"),
    "javascript": ("probe.js", "devsecops_probe(1);\n"),
    "dockerfile": ("probe.dockerfile", "FROM scratch\nLABEL devsecops=probe\n"),
}


@dataclass(frozen=True, slots=True)
class Group:
    """The files of one process, by their paths in the batch, and the rules that it gets."""

    files: tuple[str, ...]
    configs: tuple[Path, ...]
    probes: tuple[str, ...]
    """Names of the probe files, which stand in `ctx.scratch`."""


def language(path: str) -> str:
    """Return the language of a file under its neutral name: a folder of the pack."""
    return _LANGUAGES.get(Path(path).suffix, "javascript")


@dataclass(frozen=True, slots=True)
class _Pile:
    """Files of one language that are looked at together, and the rules that can match in one of them."""

    rules: frozenset[str]
    size: int
    files: tuple[str, ...]

    def __add__(self, other: _Pile) -> _Pile:
        return _Pile(self.rules | other.rules, self.size + other.size, self.files + other.files)

    @property
    def cost(self) -> int:
        return _START + self.size * len(self.rules)


def groups(units: Iterable[ScanUnit], source: Source) -> list[Group]:
    """Cut a batch into processes so that few rules are held against files in which they cannot match.

    A file in which no rule can match is given to semgrep too: it is looked at, not taken for granted.
    """
    sorted_by: dict[str, dict[frozenset[str], _Pile]] = {}
    for unit in units:
        kind, data = language(unit.path), source.read(unit.path)
        rules = can_match(data, kind)
        piles = sorted_by.setdefault(kind, {})
        one = _Pile(rules, len(data), (unit.path,))
        piles[rules] = piles[rules] + one if rules in piles else one
    columns = [(kind, _joined(list(piles.values()))) for kind, piles in sorted(sorted_by.items())]
    # Rules are only held against files of their language: one process takes a pile of each.
    rows = zip_longest(*(piles for _, piles in columns))
    return [
        _group([(kind, pile) for (kind, _), pile in zip(columns, row, strict=True) if pile]) for row in rows
    ]


def _joined(piles: list[_Pile]) -> list[_Pile]:
    """Join the two piles that cost least together, as long as that saves something; large ones come first."""
    while len(piles) > 1:
        saved, first, second = max(
            (piles[a].cost + piles[b].cost - (piles[a] + piles[b]).cost, a, b)
            for a in range(len(piles))
            for b in range(a)
        )
        if saved <= 0:
            break
        joined = piles[first] + piles[second]
        piles = [pile for place, pile in enumerate(piles) if place not in (first, second)] + [joined]
    return sorted(piles, key=lambda pile: (-pile.cost, pile.files))


def _group(piles: Sequence[tuple[str, _Pile]]) -> Group:
    files = sorted(file for _, pile in piles for file in pile.files)
    configs = sorted(RULES / kind / f"{rule}.yaml" for kind, pile in piles for rule in pile.rules)
    return Group(tuple(files), (PROBE, *configs), tuple(_PROBES[kind][0] for kind, _ in piles))


def plant(group: Group, ctx: Context) -> list[str]:
    """Write the probes of a group and return their paths."""
    paths = [f"{ctx.scratch}/{name}" for name in group.probes]
    for path in paths:
        Path(path).write_text(dict(_PROBES.values())[Path(path).name], encoding="utf-8")
    return paths


def is_probe(path: str, ctx: Context) -> bool:
    """Tell whether a path of a report is that of a probe."""
    return path in {f"{ctx.scratch}/{name}" for name, _ in _PROBES.values()}


def unproved(scanned: Sequence[str], hits: Iterable[str], ctx: Context) -> str:
    """Return the language whose probe a process was not given or did not find; empty when it found all."""
    found = set(hits)
    for kind in sorted({language(path) for path in scanned}):
        if f"{ctx.scratch}/{_PROBES[kind][0]}" not in found:
            return kind
    return ""
