"""Kill a scan 200 times at moments spread over the whole run, the rename of verdict.json among them.

    python -m benchmarks.kill [--trials 200] [--seed N]

What is on disk afterwards must be no verdict, an incomplete one, or the undisturbed run's. Prints a table
of what was found and ends with 1 when one of them was a lie or a process was left. The program is
$DEVSECOPS_BIN, or the one beside this Python.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.conftest import clean_environment
from tests.e2e.killing import Killing, complaint
from tests.e2e.program import FILES, Program, two_plugins, write_policy, write_tree


def main() -> int:
    """Run the trials."""
    parser = argparse.ArgumentParser(description="Kill scans at random moments.")
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--seed", type=int, default=int(os.environ.get("DEVSECOPS_TEST_SEED", "0")))
    args = parser.parse_args()
    seed = args.seed or random.randrange(1 << 32)
    print(f"DEVSECOPS_TEST_SEED={seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="devsecops-kill-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        (folder / "home").mkdir()
        binary = Path(os.environ.get("DEVSECOPS_BIN") or Path(sys.executable).parent / "devsecops")
        program = Program(binary, folder, clean_environment(folder / "home", folder / "cache"))
        policy = write_policy(folder, two_plugins(folder), mode="slow")
        return _trials(
            program, Killing(program, write_tree(folder / "tree", FILES), policy), args.trials, seed
        )


def _trials(program: Program, killing: Killing, number: int, seed: int) -> int:
    like = killing.undisturbed()
    print(f"undisturbed: exit {like.code}, {like.seconds:.2f} s, {like.acts} acts")
    if like.code != 0:
        return 1
    found: Counter[tuple[str, str, str]] = Counter()
    bad = 0
    for trial in killing.trials(like, number, seed):
        outcome = killing.run(trial, like)
        wrong = complaint(trial, outcome, like)
        if left := program.left(wait_s=5.0):
            wrong = wrong or f"{trial}: still running: {left}"
        if wrong:
            bad += 1
            print(wrong, flush=True)
        found[trial.signal.name, "act" if trial.act else "time", outcome.found] += 1
    for (name, kind, what), count in sorted(found.items()):
        print(f"{name:8} by {kind:5} verdict {what:12} {count:5}")
    print(f"{number} trials, {bad} bad")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
