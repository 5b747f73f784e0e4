"""Precision and recall of grouping over 200 pairs labelled by hand, beside two simpler ways.

    python -m benchmarks.grouping [--wrong]

Bars: precision 0.98, recall 0.8. It scans nothing: `findings.jsonl` holds what the tools said.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.grouping import store
from benchmarks.grouping.methods import METHODS, OURS, Answer
from benchmarks.grouping.store import Label

PRECISION, RECALL = 0.98, 0.8


@dataclass
class Score:
    """What one method made of the labels."""

    right: int = 0
    invented: list[Label] = field(default_factory=list)
    missed: list[Label] = field(default_factory=list)
    apart: int = 0

    @property
    def precision(self) -> float:
        """Of the pairs that it puts together, the share that is one flaw."""
        said = self.right + len(self.invented)
        return self.right / said if said else 1.0

    @property
    def recall(self) -> float:
        """Of the pairs that are one flaw, the share that it puts together."""
        true = self.right + len(self.missed)
        return self.right / true if true else 1.0


def score(method: str, pairs: Sequence[Label]) -> Score:
    """Return the score of a method. Raises ValueError for a label whose findings are not stored."""
    stored = store.findings()
    answers: dict[tuple[str, str], Answer] = {place: METHODS[method](here) for place, here in stored.items()}
    out = Score()
    for label in pairs:
        here = stored[label.tree, label.file]
        ids = [one.id for one in here if store.told(one) in (label.one, label.other)]
        if len(ids) != 2:
            raise ValueError(f"{label.tree} {label.file}: {label.one} and {label.other} are not two findings")
        together = frozenset(ids) in answers[label.tree, label.file]
        if together and label.same:
            out.right += 1
        elif together:
            out.invented.append(label)
        elif label.same:
            out.missed.append(label)
        else:
            out.apart += 1
    return out


def main() -> int:
    """Score and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--wrong", action="store_true", help="list the pairs that ours gets wrong")
    args = parser.parse_args()
    pairs = store.labels()
    same = sum(label.same for label in pairs)
    print(f"{len(pairs)} pairs, {same} of them one flaw, {len(pairs) - same} not")
    tools = sorted({label.tools for label in pairs})
    print(f"precision, recall{'':17}{'all':>13}", *(f"{'+'.join(both):>19}" for both in tools))
    for method in METHODS:
        some = [pairs, *([label for label in pairs if label.tools == both] for both in tools)]
        cells = [(found.precision, found.recall) for found in (score(method, labels) for labels in some)]
        print(f"  {method:32}", *(f"{precision:>12.3f} {recall:.3f}" for precision, recall in cells))
    found = score(OURS, pairs)
    for word, labels in (("invented", found.invented), ("missed", found.missed)) if args.wrong else ():
        for label in labels:
            print(f"  {word}: {label.tree} {label.file} {label.one}, {label.other}: {label.why}")
    return 0 if found.precision >= PRECISION and found.recall >= RECALL else 1


if __name__ == "__main__":
    sys.exit(main())
