"""How often a finding of the rule pack on real code is right: counts, and a verdict by hand on some of them.

    python -m benchmarks.precision [--seed N] [--draw N]

Scans five real trees (`corpora.toml`) with the pack, prints the findings by rule and by 1,000 lines, draws
some by the seed and reads what a person said about each in `precision.toml`. Bars: 0.7 of those at confidence
high, 0.5 of all. It exits 1 when one is missed or a finding that was drawn has no verdict yet: then it prints
the code around it.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import corpora
from benchmarks.pack import AT_ONCE, Batch, locked, sources, start
from devsecops.api import ReadyTool, ScanUnit
from devsecops_semgrep import Semgrep

TREES = ("django", "ckan", "flask-appbuilder", "ghost", "node-red-nodes")
SEED = 4
DRAW = 50
HIGH, ALL = 0.7, 0.5
VERDICTS = Path(__file__).with_name("precision.toml")


@dataclass(frozen=True, order=True)
class Hit:
    """One finding."""

    tree: str
    path: str
    line: int
    rule: str
    confidence: str

    @property
    def key(self) -> str:
        return f"{self.tree} {self.path}:{self.line} {self.rule}"


def hits(name: str, tool: ReadyTool) -> Iterator[Hit]:
    """Yield what the pack finds in a tree."""
    tree = corpora.tree(name)
    given = sources(tree)
    for at in range(0, len(given), AT_ONCE):
        units = tuple(
            ScanUnit(id=path, path=path, size=(tree / path).stat().st_size)
            for path in given[at : at + AT_ONCE]
        )
        with tempfile.TemporaryDirectory() as folder:
            batch: Any = Batch(str(tree), folder, units, tool)
            for run in Semgrep().plan(batch):
                for result in start(tree, run.argv)["results"]:
                    if not result["path"].startswith("/"):
                        yield Hit(
                            name,
                            result["path"],
                            result["start"]["line"],
                            result["check_id"].rpartition(".")[2],
                            result["extra"]["metadata"]["confidence"],
                        )


def lines(name: str) -> int:
    """Return how many lines the pack is about in a tree."""
    tree = corpora.tree(name)
    return sum((tree / path).read_bytes().count(b"\n") for path in sources(tree))


def show(hit: Hit) -> None:
    """Print a finding with the code around it."""
    text = (corpora.tree(hit.tree) / hit.path).read_text(errors="replace").splitlines()
    print(f"\n== {hit.key} ({hit.confidence})")
    for number in range(max(1, hit.line - 10), min(len(text), hit.line + 4) + 1):
        print(f"{'>' if number == hit.line else ' '}{number:5} {text[number - 1][:150]}")


def share(drawn: list[Hit], verdicts: dict[str, dict[str, Any]]) -> float:
    """Return the share of true findings; 1 when there is none."""
    return sum(verdicts[hit.key]["true"] for hit in drawn) / len(drawn) if drawn else 1.0


def main() -> int:
    """Count, draw and judge."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--draw", type=int, default=DRAW)
    args = parser.parse_args()
    tool = locked()
    found: list[Hit] = []
    for name in TREES:
        here = sorted(set(hits(name, tool)))
        size = lines(name)
        print(f"{name}: {len(here)} findings in {size:,} lines, {1000 * len(here) / size:.2f} a thousand")
        found += here
    for rule, number in Counter(hit.rule for hit in found).most_common():
        print(f"  {number:4}  {rule}")
    drawn = random.Random(args.seed).sample(sorted(found), min(args.draw, len(found)))
    verdicts = tomllib.loads(VERDICTS.read_text()) if VERDICTS.exists() else {}
    unknown = [hit for hit in sorted(drawn) if hit.key not in verdicts]
    for hit in unknown:
        show(hit)
    if unknown:
        print(f"\n{len(unknown)} of {len(drawn)} have no verdict in {VERDICTS.name}")
        return 1
    high = share([hit for hit in drawn if hit.confidence == "high"], verdicts)
    every = share(drawn, verdicts)
    number = sum(hit.confidence == "high" for hit in drawn)
    print(
        f"seed {args.seed}: {len(drawn)} drawn; {high:.2f} of {number} at confidence high are true, ", end=""
    )
    print(f"at least {HIGH}; {every:.2f} of all, at least {ALL}")
    return 0 if high >= HIGH and every >= ALL else 1


if __name__ == "__main__":
    sys.exit(main())
