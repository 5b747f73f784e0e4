"""Which base finding is a head finding? Our matcher beside three keys, with a truth that knows none of them.

    python -m benchmarks.identity [--edits 3000] [--seed N] [--wrong]

Three truths: edits that a generator made and knows; labels that a person wrote for findings of successive
sdists; git's own diff between these sdists. Prints a table for each and one for all; ends with 1 when a bar
is missed over all three: kept at least 99.5 %, renames kept at least 90 %, and no new finding hidden.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time

from benchmarks import corpora
from benchmarks.identity import generated, labelled, replay
from benchmarks.identity.methods import OURS
from benchmarks.identity.score import Score, add, missed, table
from benchmarks.identity.sdists import steps

FILES = ("django", "flask", "requests")
"""The corpora whose files are edited."""


def main() -> int:
    """Run the three parts."""
    parser = argparse.ArgumentParser(description="Measure the identity of findings.")
    parser.add_argument("--edits", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=int(os.environ.get("DEVSECOPS_TEST_SEED", "0")))
    parser.add_argument("--wrong", action="store_true", help="list what our matcher said wrongly")
    args = parser.parse_args()
    seed = args.seed or random.randrange(1 << 32)
    print(f"DEVSECOPS_TEST_SEED={seed}", flush=True)
    start = time.monotonic()
    files = generated.source([corpora.tree(name) for name in FILES])
    outcome = generated.run(files, args.edits, seed)
    kinds = ", ".join(f"{name} {count}" for name, count in sorted(outcome.did.items()))
    _tell(f"{outcome.did.total()} generated edits ({kinds})", outcome.scores, outcome.wrong, args.wrong)
    every, by_hand, by_git = dict(outcome.scores), dict[str, Score](), dict[str, Score]()
    told: list[list[str]] = [[], []]
    labels, count = labelled.read(), 0
    for step in steps():
        count += 1
        parts = labelled.run(step, labels.get(step.name, [])), replay.run(step)
        for (found, wrong), scores, lines in zip(parts, (by_hand, by_git), told, strict=True):
            add(scores, found)
            lines += wrong
    _tell(f"{sum(map(len, labels.values()))} labels by hand", by_hand, told[0], args.wrong)
    _tell(f"{count} steps between sdists, by git's diff", by_git, told[1], args.wrong)
    for part in (by_hand, by_git):
        add(every, part)
    _tell(f"all three, in {time.monotonic() - start:.0f} s", every, [], args.wrong)
    below = missed(every[OURS])
    print("\n".join(f"missed: {text}" for text in below) or "all bars met")
    return 1 if below else 0


def _tell(title: str, scores: dict[str, Score], wrong: list[str], every: bool) -> None:
    print(f"\n{title}\n{table(scores)}", *(wrong if every else ()), sep="\n", flush=True)


if __name__ == "__main__":
    sys.exit(main())
