"""bandit through devsecops against bandit by hand: the same findings, and what it costs.

The same files, interpreter and lock. Findings are compared as a multiset of (rule, path, line, column,
severity, confidence, weakness), dropped files as a set. Ratios, in one run on one machine:

    wall            <= 1.15 x (CPU seconds of the tool's processes / cores) + 0.5 s
    the tool's CPU  <= 1.05 x CPU seconds of bandit by hand
    before the first tool and after the last <= 0.7 s

    python benchmarks/parity.py [--repeat N] [NAME ...]

Exits 1 when the findings differ, and for a tree that takes bandit more than 10 s also when a ratio is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import tokenize
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks import corpora

Key = tuple[str, str, int, int | None, str, str, str | None]
LARGE_S = 10.0


@dataclass(frozen=True, slots=True)
class Seen:
    """What one way of running bandit saw, and its cost in seconds."""

    findings: Counter[Key]
    dropped: frozenset[str]
    files: tuple[str, ...]
    wall: float
    cpu: float
    around: float = 0.0
    """Before the first tool was started and after the last one ended."""
    last_line: str = ""


def program() -> str:
    """Return the program under test: $DEVSECOPS_BIN, or the one beside this Python."""
    return os.environ.get("DEVSECOPS_BIN") or str(Path(sys.executable).parent / "devsecops")


def through_devsecops(tree: Path, output: Path, env: dict[str, str] | None = None) -> Seen:
    """Scan with bandit alone; read what it saw from the output folder, not from our own code."""
    words = (program(), "scan", str(tree), "--only", "bandit", "--offline", "--output", str(output))
    started = time.monotonic()
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=env)
    wall = time.monotonic() - started
    if done.returncode not in (0, 1, 3):
        raise RuntimeError(f"devsecops ended with {done.returncode}: {done.stderr[-500:]}")
    result = json.loads((output / "results" / "bandit.json").read_bytes())
    rows = [json.loads(line) for line in (output / "ledger.jsonl").read_text().splitlines()]
    rows = [row for row in rows if row.get("scanner") == "bandit"]
    notes = json.loads((output / "verdict.json").read_bytes())["run"]["notes"]
    told = {key: float(value) for key, _, value in (n.partition(": ") for n in notes) if _number(value)}
    return Seen(
        findings=Counter(_ours(finding) for finding in result["findings"]),
        dropped=frozenset(row["unit"]["id"] for row in rows if row["state"] in ("failed", "accepted")),
        files=tuple(sorted(row["unit"]["id"] for row in rows)),
        wall=wall,
        cpu=told["tools-cpu-seconds"],
        around=told["first-tool-after"] + told["after-last-tool"],
        last_line=done.stdout.strip().splitlines()[-1],
    )


def _number(text: str) -> bool:
    return text.replace(".", "", 1).isdigit()


def _ours(finding: dict[str, Any]) -> Key:
    place = finding["location"]
    region = place["region"]
    return (
        finding["rule"]["id"],
        place["path"],
        region["start_line"],
        region.get("start_column"),
        finding["severity"],
        finding["confidence"],
        finding.get("weakness"),
    )


def by_hand(tree: Path, files: tuple[str, ...], python: str, output: Path) -> Seen:
    """Run bandit itself, once, over `files`, named as they are."""
    words = (
        python,
        "-I",
        "-m",
        "bandit",
        "-f",
        "json",
        "-o",
        str(output),
        "-q",
        "--ignore-nosec",
        "-x",
        "",
        "--",
    )
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.monotonic()
    done = subprocess.run((*words, *files), cwd=tree, capture_output=True, text=True, check=False)
    wall = time.monotonic() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 1):
        raise RuntimeError(f"bandit ended with {done.returncode}: {done.stderr[-500:]}")
    report = json.loads(output.read_bytes())
    columns = Columns(tree)
    return Seen(
        findings=Counter(_theirs(result, columns) for result in report["results"]),
        dropped=frozenset(error["filename"].removeprefix("./") for error in report["errors"]),
        files=files,
        wall=wall,
        cpu=after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
    )


class Columns:
    """From bandit's columns, bytes of UTF-8 from 0, to characters from 1."""

    def __init__(self, tree: Path) -> None:
        self._tree = tree
        self._lines: dict[str, list[str]] = {}

    def __call__(self, path: str, line: int, offset: int) -> int | None:
        """Return the column; None when the line does not reach so far."""
        if path not in self._lines:
            with tokenize.open(str(self._tree / path)) as file:
                self._lines[path] = file.read().removeprefix("\ufeff").split("\n")
        text = self._lines[path][line - 1].encode()
        return len(text[:offset].decode()) + 1 if 0 <= offset <= len(text) else None


def _theirs(result: dict[str, Any], columns: Columns) -> Key:
    path = result["filename"].removeprefix("./")
    rule = result["test_id"]  # B613 alone counts columns in characters from 1
    weakness = result["issue_cwe"].get("id")
    return (
        rule,
        path,
        result["line_number"],
        columns(path, result["line_number"], result["col_offset"])
        if rule != "B613"
        else result["col_offset"],
        result["issue_severity"].lower(),
        result["issue_confidence"].lower(),
        f"CWE-{weakness}" if weakness else None,
    )


def differences(ours: Seen, theirs: Seen) -> list[str]:
    """Return what only one of the two saw; empty when they are equal."""
    out = [f"only devsecops: {key} x {n}" for key, n in sorted((ours.findings - theirs.findings).items())]
    out += [f"only bandit: {key} x {n}" for key, n in sorted((theirs.findings - ours.findings).items())]
    out += [f"dropped by one only: {path}" for path in sorted(ours.dropped ^ theirs.dropped)]
    return out


def interpreter_of_bandit() -> str:
    """Return the Python of bandit's environment, which is built when it is not there yet."""
    from devsecops.api import ToolSpec
    from devsecops.tools import ready

    lock = Path(__file__).parents[1] / "plugins" / "devsecops_bandit" / "bandit.lock"
    spec = ToolSpec(name="bandit", package="bandit", lock=str(lock), interpreter="newest")
    return str(ready(spec, offline=False, say=lambda text: print(text, file=sys.stderr)).python)


def compare(name: str, repeat: int) -> bool:
    """Compare on one corpus, print the figures, and return whether all is as it should be."""
    tree = corpora.tree(name)
    python = interpreter_of_bandit()
    with tempfile.TemporaryDirectory() as folder:
        runs = [through_devsecops(tree, Path(folder) / f"out{n}") for n in range(repeat)]
        raws = [by_hand(tree, runs[0].files, python, Path(folder) / f"raw{n}.json") for n in range(repeat)]
    wrong = sorted({line for run in runs for raw in raws for line in differences(run, raw)})
    ours, raw = min(runs, key=lambda run: run.wall), min(raws, key=lambda run: run.cpu)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    limits = {
        "wall": (ours.wall, 1.15 * ours.cpu / cores + 0.5),
        "tool CPU": (ours.cpu, 1.05 * raw.cpu),
        "around the tools": (ours.around, 0.7),
    }
    print(
        f"{name}: {len(ours.files)} files, {ours.findings.total()} findings, {len(ours.dropped)} dropped, ",
        end="",
    )
    print(f"{'EQUAL' if not wrong else f'{len(wrong)} DIFFERENCES'}; best of {repeat}, {cores} cores")
    share = min(raw.cpu / raw.wall, 1.0)
    print(f"  bandit by hand: {raw.cpu:.2f} s CPU, {raw.wall:.2f} s wall, on a core for {share:.0%} of it")
    for what, (value, limit) in limits.items():
        print(f"  {what}: {value:.2f} s, at most {limit:.2f} s{'' if value <= limit else '  MISSED'}")
    print(f"  {ours.last_line}")
    for line in wrong[:20]:
        print(f"  {line}")
    missed = raw.cpu >= LARGE_S and any(value > limit for value, limit in limits.values())
    return not wrong and not missed


def main() -> int:
    """Compare on the named corpora, or on all."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", metavar="NAME", nargs="*", default=corpora.names())
    parser.add_argument("--repeat", type=int, default=1, help="measure N times and take the best")
    args = parser.parse_args()
    results = [compare(name, args.repeat) for name in args.names]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
