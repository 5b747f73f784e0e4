"""A change of twenty files in a repository of about a million lines: what judging it costs, and is it true?

    python -m benchmarks.change [--seed N] [--repeat N] [--keep FOLDER]

In one run on one machine, all scanners, nothing cached:

    wall of `scan --base` <= 0.03 x wall of the full scan of the head, and <= 8 s
    the new and updated findings (rule, path, line) equal those of both trees scanned whole and compared

Beside it, not gated: the resident memory of the core, of the largest process, and of all together.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks import changed
from benchmarks.parity import program
from devsecops.comparing import compare
from devsecops.findings.complete import file_of
from devsecops.model import Finding
from devsecops.run import Run, read_run
from devsecops.subject import open_change

AS_OF = "2024-10-20"
RATIO, SECONDS = 0.03, 8.0
Place = tuple[str, str, int, str]


@dataclass(frozen=True, slots=True)
class Scan:
    """One scan that ended: its wall time in seconds, its last line, its saved run."""

    wall: float
    last_line: str
    run: Run


def scan(repository: Path, output: Path, *words: str) -> Scan:
    """Scan a revision of the repository."""
    argv = (
        program(),
        "scan",
        str(repository),
        "--offline",
        "--as-of",
        AS_OF,
        "--output",
        str(output),
        *words,
    )
    started = time.monotonic()
    done = subprocess.run(argv, capture_output=True, check=False, text=True)
    wall = time.monotonic() - started
    if done.returncode not in (0, 1, 3):
        raise RuntimeError(f"devsecops ended with {done.returncode}: {done.stderr[-500:]}")
    return Scan(wall, done.stdout.rstrip("\n").rpartition("\n")[2], read_run(output))


def place(finding: Finding, state: str) -> Place:
    """Return what a finding is compared by."""
    at = file_of(finding.location)
    line = at.region.start_line if at is not None and at.region is not None else 0
    return f"{finding.rule.tool}/{finding.rule.id}", at.path if at is not None else "", line, state


def of_change(run: Run) -> set[Place]:
    """Return what the scan of the change calls new or updated; what it says of its own is left out."""
    by_id = {finding.id: finding for result in run.results for finding in result.findings}
    return {
        place(by_id[one.finding], one.state)
        for one in run.judged
        if one.state in ("new", "updated") and by_id[one.finding].scanner != "change"
    }


def of_both(repository: Path, base: Run, head: Run) -> set[Place]:
    """Return the same from the results of both trees, scanned whole."""
    after, before, difference = open_change(repository, base="main", head="change")
    with after, before:
        found = compare(
            base.results, head.results, change=difference, ledger=head.ledger, before=before, after=after
        )
    return {
        place(finding, found.standings[finding.id].state)
        for result in found.results
        for finding in result.findings
        if found.standings[finding.id].state in ("new", "updated")
    }


def memory(argv: list[str]) -> tuple[int, int, int]:
    """Run a scan; return in MB the peaks of its first process, of its largest other one, and of all at once.

    Seen from outside every 20 ms: a process that lives shorter is not seen, and shared pages count twice.
    """
    child = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peaks: dict[int, int] = {}
    together = [0]

    def watch() -> None:
        while child.poll() is None:
            now = {pid: _resident(pid) for pid in _family(child.pid)}
            for pid, (peak, _) in now.items():
                peaks[pid] = max(peaks.get(pid, 0), peak)
            together[0] = max(together[0], sum(resident for _, resident in now.values()))
            time.sleep(0.02)

    watcher = threading.Thread(target=watch)
    watcher.start()
    child.wait()
    watcher.join()
    own = peaks.pop(child.pid, 0)
    return own // 1024, max(peaks.values(), default=0) // 1024, together[0] // 1024


def _family(pid: int) -> list[int]:
    out = [pid]
    for parent in out:
        try:
            tasks = list(Path(f"/proc/{parent}/task").iterdir())
            out += [int(word) for task in tasks for word in (task / "children").read_text().split()]
        except OSError:
            continue
    return out


def _resident(pid: int) -> tuple[int, int]:
    """Return the peak and the present resident size, in KB."""
    try:
        text = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0, 0
    rows = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    return tuple(int(rows.get(name, "0").split()[0]) for name in ("VmHWM", "VmRSS"))  # type: ignore[return-value]


def measure(folder: Path, seed: int, repeat: int) -> int:
    """Make the repository, scan it in all ways, print, and return the exit code."""
    repository, output = folder / "repository", folder / "out"
    files, lines = changed.make(repository, changed.trees())
    done = changed.change(repository, seed)
    print(f"seed {seed}: {files:,} files, {lines:,} lines of Python; {len(done)} files changed", flush=True)
    words = ("--base", "main", "--head", "change")
    scan(repository, output, *words)  # what is read is in the system's cache, for all that follows
    walls = [scan(repository, output, *words) for _ in range(repeat)]
    judged = of_change(walls[-1].run)
    argv = [
        program(),
        "scan",
        str(repository),
        "--offline",
        "--as-of",
        AS_OF,
        "--output",
        str(output),
        *words,
    ]
    own, largest, together = memory(argv)
    wall = min(one.wall for one in walls)
    every = ", ".join(f"{one.wall:.1f}" for one in walls)
    print(f"scan --base: {wall:.1f} s (of {every}); {walls[-1].last_line}")
    print(f"memory: core {own} MB, largest other process {largest} MB, all at once {together} MB", flush=True)
    head = scan(repository, folder / "head", "--head", "change")
    print(f"full scan of the head: {head.wall:.1f} s; {head.last_line}", flush=True)
    base = scan(repository, folder / "base", "--head", "main")
    print(f"full scan of the base: {base.wall:.1f} s", flush=True)
    whole = of_both(repository, base.run, head.run)
    ratio = wall / head.wall
    middle = statistics.median(one.wall for one in walls) / head.wall
    print(f"{ratio:.3f} x the full scan, {middle:.3f} by the median of the change's times")
    print(f"load {os.getloadavg()[0]:.1f} on {changed.cores()} cores")
    print(f"new or updated: {len(judged)} by the change, {len(whole)} by both trees")
    for text, one in (("only by the change", judged - whole), ("only by both trees", whole - judged)):
        for found in sorted(one):
            print(f"  {text}: {found}")
    bad = [
        said
        for said, missed in (
            ("the verdict about the change differs", judged != whole),
            (f"more than {RATIO} x the full scan", ratio > RATIO),
            (f"more than {SECONDS:g} s", wall > SECONDS),
        )
        if missed
    ]
    print("; ".join(bad).upper() if bad else "within all bars")
    return 1 if bad else 0


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=None, help="of the change; a new one when not given")
    parser.add_argument(
        "--repeat", type=int, default=3, help="how often the change is scanned; the best counts"
    )
    parser.add_argument("--keep", type=Path, help="an empty folder for the repository and the runs")
    args = parser.parse_args()
    seed = random.randrange(1 << 32) if args.seed is None else args.seed
    if args.keep is not None:
        args.keep.mkdir(parents=True, exist_ok=True)
        return measure(args.keep, seed, args.repeat)
    with tempfile.TemporaryDirectory() as folder:
        return measure(Path(folder), seed, args.repeat)


if __name__ == "__main__":
    sys.exit(main())
