"""Which base finding is a head finding? Our matcher beside three keys, with a truth that knows none of them.

    python -m benchmarks.identity [--edits 3000] [--seed N] [--seeds 1] [--wrong]

Three truths: edits that a generator made and knows; labels that a person wrote for findings of successive
sdists; git's own diff between these sdists. Prints a table for each and one for all; ends with 1 when a bar
is missed over all three with any of the seeds (N, N + 1, ...): kept at least 99.5 %, renames kept at least
90 %, and no new finding hidden.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections.abc import Mapping

from benchmarks import corpora
from benchmarks.identity import generated, labelled, replay
from benchmarks.identity.methods import OURS
from benchmarks.identity.score import Score, add, missed, table
from benchmarks.identity.sdists import steps

FILES = ("django", "flask", "requests")
"""The corpora whose files are edited."""


def main() -> int:
    """Run the three parts; the one that a seed draws as often as there are seeds."""
    parser = argparse.ArgumentParser(description="Measure the identity of findings.")
    parser.add_argument("--edits", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=int(os.environ.get("DEVSECOPS_TEST_SEED", "0")))
    parser.add_argument("--seeds", type=int, default=1, help="how many seeds to draw edits with")
    parser.add_argument("--wrong", action="store_true", help="list what our matcher said wrongly")
    args = parser.parse_args()
    first = args.seed or random.randrange(1 << 32)
    start = time.monotonic()
    real = _sdists(args.wrong)
    files = generated.source([corpora.tree(name) for name in FILES])
    print(f"\nthe sdists took {time.monotonic() - start:.0f} s", flush=True)
    failed = [seed for seed in range(first, first + args.seeds) if not _seed(files, real, seed, args)]
    print(f"\n{args.seeds} seeds in {time.monotonic() - start:.0f} s;", f"missed with {failed or 'none'}")
    return 1 if failed else 0


def _sdists(every: bool) -> dict[str, Score]:
    """Score successive sdists, which no seed changes, by labels and by git's diff."""
    by_hand, by_git = dict[str, Score](), dict[str, Score]()
    told: list[list[str]] = [[], []]
    labels, count = labelled.read(), 0
    for step in steps():
        count += 1
        parts = labelled.run(step, labels.get(step.name, [])), replay.run(step)
        for (found, wrong), scores, lines in zip(parts, (by_hand, by_git), told, strict=True):
            add(scores, found)
            lines += wrong
    _tell(f"{sum(map(len, labels.values()))} labels by hand", by_hand, told[0], every)
    _tell(f"{count} steps between sdists, by git's diff", by_git, told[1], every)
    add(by_hand, by_git)
    return by_hand


def _seed(files: generated.Source, real: Mapping[str, Score], seed: int, args: argparse.Namespace) -> bool:
    """Score generated edits; tell whether all bars are met over all three parts."""
    start = time.monotonic()
    outcome = generated.run(files, args.edits, seed)
    kinds = ", ".join(f"{name} {count}" for name, count in sorted(outcome.did.items()))
    print(f"\nDEVSECOPS_TEST_SEED={seed}")
    _tell(f"{outcome.did.total()} generated edits ({kinds})", outcome.scores, outcome.wrong, args.wrong)
    every = dict(outcome.scores)
    add(every, real)
    _tell(f"all three, the edits in {time.monotonic() - start:.0f} s", every, [], args.wrong)
    below = missed(every[OURS])
    print("\n".join(f"missed: {text}" for text in below) or "all bars met", flush=True)
    return not below


def _tell(title: str, scores: dict[str, Score], wrong: list[str], every: bool) -> None:
    print(f"\n{title}\n{table(scores)}", *(wrong if every else ()), sep="\n", flush=True)


if __name__ == "__main__":
    sys.exit(main())
