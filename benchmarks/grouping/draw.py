"""Draw pairs of findings of two tools to be labelled by hand, and show the code of each.

    python -m benchmarks.grouping.draw [--seed 20261125] [--number 200] [--kept FOLDER]

All pairs of findings by two tools whose lines in a file are the same, overlap or stand next to each other are
the pool. A pair of tools, then a tree, then a pair of rules and then one of its pairs are drawn, each as
likely as the others of its step, so that neither the largest project nor the noisiest rule is all there is.
Pairs of asserts are left out: ruff and bandit report thousands of them alike. What is drawn depends on the
trees, the versions of the tools and the seed, never on what groups findings.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from benchmarks.grouping import store
from benchmarks.grouping.store import Label, told
from benchmarks.grouping.trees import Tree, findings, lines, trees
from devsecops.model import Finding

SEED, NUMBER = 20261125, 200
ASSERTS = frozenset({"B101", "S101"})
NEAR = 1
"""Lines that two findings may be apart."""


@dataclass(frozen=True)
class Pair:
    """Findings of two tools near each other, the one of the first tool by name first."""

    tree: Tree
    one: Finding
    other: Finding

    @property
    def tools(self) -> tuple[str, str]:
        """Who reports them."""
        return self.one.rule.tool, self.other.rule.tool

    @property
    def rules(self) -> tuple[str, str]:
        """Their rules; of advisories only that they are some: each package has rules of its own."""
        return ("", "") if self.one.kind == "sca" else (self.one.rule.id, self.other.rule.id)


def order(finding: Finding) -> tuple[object, ...]:
    """Return an order that does not depend on ids."""
    place = lines(finding)
    assert place is not None
    return (*place, column(finding), finding.rule.tool, finding.rule.id, finding.message)


def column(finding: Finding) -> int:
    """Return the first column of a finding; 0 when it has none."""
    region = getattr(getattr(finding.location, "at", finding.location), "region", None)
    return (region.start_column or 0) if region is not None else 0


def pairs(tree: Tree, found: Sequence[Finding]) -> list[Pair]:
    """Return all pairs of a tree, in an order that depends on places and rules alone."""
    by_path: dict[str, list[tuple[int, int, Finding]]] = defaultdict(list)
    for finding in sorted((one for one in found if lines(one) is not None), key=order):
        path, first, last = lines(finding) or ("", 0, 0)
        by_path[path].append((first, last, finding))
    out = []
    for path in sorted(by_path):
        here = by_path[path]
        for at, (_, last, one) in enumerate(here):
            for first, _, other in here[at + 1 :]:
                if first > last + NEAR:
                    break
                if one.rule.tool != other.rule.tool and {one.rule.id, other.rule.id} != ASSERTS:
                    pair = (one, other) if one.rule.tool < other.rule.tool else (other, one)
                    out.append(Pair(tree, *pair))
    return out


def drawn(pool: Sequence[Pair], number: int, seed: int) -> list[Pair]:
    """Return pairs to label, each once."""
    draw = random.Random(seed)
    left: dict[tuple[str, str], dict[str, dict[tuple[str, str], list[Pair]]]] = {}
    for pair in pool:
        rules = left.setdefault(pair.tools, {}).setdefault(pair.tree.name, {})
        rules.setdefault(pair.rules, []).append(pair)
    chosen: list[Pair] = []
    while left and len(chosen) < number:
        tools = draw.choice(sorted(left))
        name = draw.choice(sorted(left[tools]))
        both = draw.choice(sorted(left[tools][name]))
        here = left[tools][name][both]
        chosen.append(here.pop(draw.randrange(len(here))))
        if not here:
            del left[tools][name][both]
        if not left[tools][name]:
            del left[tools][name]
        if not left[tools]:
            del left[tools]
    return chosen


def digest(tree: Tree, path: str) -> str:
    """Return the sha256 of a file, shortened: enough to see that it is another one."""
    return sha256((tree.root / path).read_bytes()).hexdigest()[:16]


def show(pair: Pair) -> str:
    """Return what is needed to label a pair."""
    path, start, end = lines(pair.one) or ("", 0, 0)
    _, first, last = lines(pair.other) or ("", 0, 0)
    text = (pair.tree.root / path).read_bytes().decode("utf-8", "replace").splitlines()
    low, high = min(start, first), min(max(end, last), min(start, first) + 14)
    out = [f"=== {pair.tree.name} | {path}"]
    out += [f"  {told(one)} {one.message[:90]!r}" for one in (pair.one, pair.other)]
    out += [f"  {n} {text[n - 1][:150]}" for n in range(max(1, low - 1), min(len(text), high + 1) + 1)]
    return "\n".join(out)


def write(chosen: Sequence[Pair], said: dict[Tree, list[Finding]], folder: Path) -> None:
    """Write the pairs as labels without an answer, and the findings that stand around them."""
    entries: list[str] = []
    marked: dict[tuple[Tree, str], list[Finding]] = defaultdict(list)
    for pair in chosen:
        path, _, _ = lines(pair.one) or ("", 0, 0)
        marked[pair.tree, path] += [pair.one, pair.other]
        facts = (pair.tree.name, path, digest(pair.tree, path), told(pair.one), told(pair.other))
        entries.append(store.entry(Label(*facts, same=False, why="")))
    (folder / store.LABELS.name).write_text("\n\n".join(entries) + "\n", encoding="utf-8")
    rows = []
    for tree, path in sorted(marked, key=lambda key: (key[0].name, key[1])):
        here = [one for one in said[tree] if (lines(one) or ("",))[0] == path]
        near = store.around(marked[tree, path], sorted(here, key=order))
        rows += [store.row(tree.name, one) for one in near]
    (folder / store.FINDINGS.name).write_text("\n".join(rows) + "\n", encoding="utf-8")


def main() -> int:
    """Show what is to be labelled."""
    parser = argparse.ArgumentParser(description="Draw pairs to label.")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--number", type=int, default=NUMBER)
    parser.add_argument("--kept", type=Path, help="where scans are left for the next time")
    parser.add_argument(
        "--write", type=Path, help="where labels.toml, still without answers, and its findings go"
    )
    args = parser.parse_args()
    said = {tree: findings(tree, args.kept) for tree in trees()}
    chosen = drawn([pair for tree in said for pair in pairs(tree, said[tree])], args.number, args.seed)
    for number, pair in enumerate(chosen, 1):
        print(f"#{number}", show(pair))
    if args.write:
        write(chosen, said, args.write)
    return 0


if __name__ == "__main__":
    sys.exit(main())
