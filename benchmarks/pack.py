"""What the rule pack costs: its CPU beside one rule a language that reads every file and never matches.

    python -m benchmarks.pack [TREE ...] [--repeat N]

Both run over the same files with the flags of the scanner, one after the other. The bar is 3 x; a pack
above it fails. The slowest rules are named, by semgrep's own clock of each rule on each file.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from benchmarks import corpora
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


def engine() -> list[str]:
    """Return the start of an argv that runs the locked semgrep."""
    spec = Semgrep().spec.tool
    assert spec is not None
    tool = ready(spec, offline=False, say=lambda text: print(text, file=sys.stderr))
    assert tool.python is not None
    return [tool.python, "-I", *tool.script("semgrep")]


def sources(tree: Path) -> list[str]:
    """Return the files of a tree that the pack is about, relative to it."""
    found = (path for path in tree.rglob("*") if path.suffix in SUFFIXES and path.is_file())
    return sorted(f"./{path.relative_to(tree)}" for path in found if not path.is_symlink())


def run(config: Path, tree: Path, given: list[str], *more: str) -> tuple[float, list[dict[str, object]]]:
    """Return CPU seconds and the reports of a run over the files, in as many processes as an argv needs."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    reports = []
    for start in range(0, len(given), AT_ONCE):
        words = (*engine(), *FLAGS, *more, "--config", str(config), "--", *given[start : start + AT_ONCE])
        env = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": "/nonexistent"}
        done = subprocess.run(words, cwd=tree, env=env, capture_output=True, check=False)
        if done.returncode:
            raise RuntimeError(f"semgrep ended with {done.returncode}: {done.stderr[-500:]!r}")
        reports.append(json.loads(done.stdout.decode("utf-8", "replace")))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, reports


def by_rule(reports: list[dict[str, object]]) -> Counter[str]:
    """Return seconds by rule, as semgrep measured them."""
    spent: Counter[str] = Counter()
    for report in reports:
        time = report["time"]
        assert isinstance(time, dict)
        for target in time["targets"]:
            for rule, seconds in zip(time["rules"], target["match_times"], strict=True):
                spent[rule.rpartition(".")[2]] += seconds
    return spent


def measure(name: str, repeat: int, slowest: int) -> bool:
    """Measure on one tree, print the figures and return whether the pack is within its budget."""
    tree = corpora.tree(name)
    given = sources(tree)
    with tempfile.TemporaryDirectory() as folder:
        never = Path(folder) / "never.yaml"
        never.write_text(NEVER)
        base = min(run(never, tree, given)[0] for _ in range(repeat))
        cpu = min(run(RULES, tree, given)[0] for _ in range(repeat))
        spent = by_rule(run(RULES, tree, given, "--time")[1])
    ratio = cpu / base
    word = "" if ratio <= BAR else "  MISSED"
    print(f"{name}: {len(given)} files; one rule {base:.2f} s CPU, {len(files())} rules {cpu:.2f} s", end="")
    print(f" = {ratio:.2f} x, at most {BAR:g} x{word}")
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
    args = parser.parse_args()
    within = [measure(name, args.repeat, args.slowest) for name in args.names]
    return 0 if all(within) else 1


if __name__ == "__main__":
    sys.exit(main())
