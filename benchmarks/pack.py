"""What the rule pack costs: its CPU beside one rule a language that reads every file and never matches.

    python -m benchmarks.pack [TREE ...] [--repeat N] [--whole]

Both run over the same files with the flags of the scanner, one after the other; the pack as the scanner runs
it, with the choice of rules for each file, whose CPU counts too. The bar is 3 x; a pack above it fails. The
slowest rules are named, by semgrep's own clock of each rule on each file.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import corpora
from devsecops.api import ReadyTool, ScanUnit
from devsecops.tools import ready
from devsecops_semgrep import Semgrep
from devsecops_semgrep.pack import RULES, files

BAR = 3.0
NEVER = "rules:\n" + "".join(
    f"  - {{id: never-{language}, languages: [{language}], severity: INFO, message: m,"
    """ pattern: '$F(..., "zzz never" + $X, ...)'}\n"""
    for language in ("python", "javascript")
)
SUFFIXES = (".py", ".js", ".jsx", ".ts", ".tsx")
FLAGS = (
    "scan", "--experimental", "--metrics=off", "--disable-version-check", "--json", "--quiet",
    "--disable-nosem", "--no-git-ignore", "--max-target-bytes", "0", "--jobs", "1", "--timeout", "60",
    "--timeout-threshold", "0",
)  # fmt: skip
AT_ONCE = 1_500


@dataclass
class Batch:
    """What `Semgrep.plan` looks at of a context."""

    root: str
    scratch: str
    units: tuple[ScanUnit, ...]
    tool: ReadyTool


def locked() -> ReadyTool:
    """Return the locked semgrep."""
    spec = Semgrep().spec.tool
    assert spec is not None
    return ready(spec, offline=False, say=lambda text: print(text, file=sys.stderr))


def sources(tree: Path) -> list[str]:
    """Return the files of a tree that the pack is about, relative to it."""
    found = (path for path in tree.rglob("*") if path.suffix in SUFFIXES and path.is_file())
    return sorted(str(path.relative_to(tree)) for path in found if not path.is_symlink())


def cpu() -> float:
    """Return the CPU seconds of this process and of all that it waited for."""
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in usage)


def start(tree: Path, words: Sequence[str]) -> dict[str, Any]:
    """Run semgrep and return its report."""
    env = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": "/nonexistent"}
    done = subprocess.run(words, cwd=tree, env=env, capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(f"semgrep ended with {done.returncode}: {done.stderr[-500:]!r}")
    report: dict[str, Any] = json.loads(done.stdout.decode("utf-8", "replace"))
    return report


def with_rules(tool: ReadyTool, config: Path, tree: Path, given: list[str]) -> float:
    """Return the CPU seconds of semgrep with all rules of `config` for every file."""
    before = cpu()
    python, script = str(tool.python), tool.script("semgrep")[0]
    for at in range(0, len(given), AT_ONCE):
        files = [f"./{name}" for name in given[at : at + AT_ONCE]]
        start(tree, (python, "-I", script, *FLAGS, "--config", str(config), "--", *files))
    return cpu() - before


def as_scanned(tool: ReadyTool, tree: Path, given: list[str], *more: str) -> tuple[float, Counter[str]]:
    """Return the CPU seconds of the scanner's own way, choosing included, and seconds by rule."""
    before = cpu()
    spent: Counter[str] = Counter()
    for at in range(0, len(given), AT_ONCE):
        names = given[at : at + AT_ONCE]
        units = tuple(ScanUnit(id=name, path=name, size=(tree / name).stat().st_size) for name in names)
        with tempfile.TemporaryDirectory() as folder:
            batch: Any = Batch(str(tree), folder, units, tool)
            for run in Semgrep().plan(batch):
                cut = run.argv.index("--")
                report = start(tree, (*run.argv[:cut], *more, *run.argv[cut:]))
                spent.update(by_rule(report))
    return cpu() - before, spent


def by_rule(report: dict[str, Any]) -> Counter[str]:
    """Return seconds by rule, as semgrep measured them with ``--time``."""
    spent: Counter[str] = Counter()
    for target in report["time"]["targets"]:
        for rule, seconds in zip(report["time"]["rules"], target["match_times"], strict=True):
            spent[rule.rpartition(".")[2]] += seconds
    return spent


def measure(name: str, repeat: int, slowest: int, whole: bool) -> bool:
    """Measure on one tree, print the figures and return whether the pack is within its budget."""
    tree, tool = corpora.tree(name), locked()
    given = sources(tree)
    with tempfile.TemporaryDirectory() as folder:
        never = Path(folder) / "never.yaml"
        never.write_text(NEVER)
        base = min(with_rules(tool, never, tree, given) for _ in range(repeat))
    pack = min(as_scanned(tool, tree, given)[0] for _ in range(repeat))
    ratio = pack / base
    print(f"{name}: {len(given)} files; one rule a language {base:.2f} s CPU, ", end="")
    print(f"{len(files())} rules {pack:.2f} s = {ratio:.2f} x, at most {BAR:g} x", end="")
    print("" if ratio <= BAR else "  MISSED")
    if whole:
        every = with_rules(tool, RULES, tree, given)
        print(f"  semgrep alone, every rule for every file: {every:.2f} s = {every / base:.2f} x")
    spent = as_scanned(tool, tree, given, "--time")[1]
    for rule, seconds in spent.most_common(None if slowest < 0 else slowest):
        print(f"  {seconds:6.2f} s  {rule}")
    return ratio <= BAR


def main() -> int:
    """Measure on the named trees, or on Django and one npm tree."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", metavar="TREE", nargs="*", default=["django", "ghost"])
    parser.add_argument("--repeat", type=int, default=1, help="measure N times and take the best")
    parser.add_argument("--slowest", type=int, default=10, help="how many rules to list; -1 for all")
    parser.add_argument("--whole", action="store_true", help="also semgrep with every rule for every file")
    args = parser.parse_args()
    within = [measure(name, args.repeat, args.slowest, args.whole) for name in args.names]
    return 0 if all(within) else 1


if __name__ == "__main__":
    sys.exit(main())
