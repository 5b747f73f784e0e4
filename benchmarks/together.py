"""All scanners on Django in one run, beside the same tools by hand.

    python -m benchmarks.together [--alternate N]

    wall of the scan <= 1.15 x CPU seconds of the tools / cores + 0.5 s
    the verdict's statement, ledger and SARIF of two runs have the same digests

Beside it, not gated: the ratio to bandit and semgrep started together by hand, over the same files, with the
same environments, interpreter and rules (all rules for all files, two jobs), in turn, after a warm-up. The
goal is 0.6.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks import corpora
from benchmarks.pack import FLAGS, locked
from benchmarks.parity import interpreter_of_bandit, program
from devsecops_semgrep.pack import RULES

AS_OF = "2024-10-20"
ENV = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": "/nonexistent"}


def scan(tree: Path, output: Path) -> tuple[float, dict[str, Any]]:
    """Return the wall time of a scan, and its verdict."""
    words = (program(), "scan", str(tree), "--offline", "--as-of", AS_OF, "--output", str(output))
    started = time.monotonic()
    done = subprocess.run(words, capture_output=True, check=False)
    wall = time.monotonic() - started
    if done.returncode not in (0, 1, 3):
        raise RuntimeError(f"devsecops ended with {done.returncode}: {done.stderr[-500:]!r}")
    verdict: dict[str, Any] = json.loads((output / "verdict.json").read_bytes())
    return wall, verdict


def files(output: Path, scanner: str) -> list[str]:
    """Return the files that a scanner was given."""
    rows = [json.loads(line) for line in (output / "ledger.jsonl").read_bytes().splitlines()]
    return sorted(
        f"./{row['unit']['id']}"
        for row in rows
        if row["scanner"] == scanner and row["unit"]["kind"] == "file"
    )


def by_hand(tree: Path, output: Path, folder: Path) -> float:
    """Return the wall time of both tools, started together."""
    tool = locked()
    bandit = (
        interpreter_of_bandit(), "-I", "-m", "bandit", "-f", "json", "-o", str(folder / "bandit.json"), "-q",
        "--ignore-nosec", "-x", "", "--", *files(output, "bandit"),
    )  # fmt: skip
    flags = ["2" if before == "--jobs" else word for before, word in zip(("", *FLAGS), FLAGS, strict=False)]
    semgrep = (
        str(tool.python), "-I", *tool.script("semgrep"), *flags, "--config", str(RULES), "--",
        *files(output, "semgrep"),
    )  # fmt: skip
    started = time.monotonic()
    with open(os.devnull, "wb") as null:
        running = [
            subprocess.Popen(words, cwd=tree, env=ENV, stdout=null, stderr=null)
            for words in (bandit, semgrep)
        ]
        for one in running:
            one.wait()
    return time.monotonic() - started


def digests(verdict: dict[str, Any]) -> tuple[str, ...]:
    """Return what must be equal in two runs."""
    statement = verdict["statement"]
    return (verdict["digest"], statement["ledger"]["sha256"], statement["sarif"]["sha256"])


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--alternate", type=int, default=5, help="how often each way is run")
    args = parser.parse_args()
    tree = corpora.tree("django")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    within, seen, ratios = [], set(), []
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "out"
        scan(tree, output)
        for _ in range(args.alternate):
            wall, verdict = scan(tree, output)
            notes = dict(note.split(": ") for note in verdict["run"]["notes"] if note.count(": ") == 1)
            limit = 1.15 * float(notes["tools-cpu-seconds"]) / cores + 0.5
            within.append(wall <= limit)
            seen.add(digests(verdict))
            hand = by_hand(tree, output, Path(folder))
            ratios.append(wall / hand)
            print(f"  scan {wall:.1f} s, at most {limit:.1f} s; by hand {hand:.1f} s", flush=True)
    print(f"wall within its bound in {sum(within)} of {len(within)}; ", end="")
    print("two runs give the same bytes" if len(seen) == 1 else "TWO RUNS DIFFER")
    print(f"to the tools by hand: {statistics.median(ratios):.2f} x ({min(ratios):.2f} to {max(ratios):.2f})")
    return 0 if len(seen) == 1 and 2 * sum(within) > len(within) else 1


if __name__ == "__main__":
    sys.exit(main())
