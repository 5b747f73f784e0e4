"""What bandit, ruff's S rules and our pack find of the labelled flaws, and what they say of safe functions.

    python benchmarks/accuracy.py [--semgrep PROGRAM] [--rules FOLDER] [--functions]

The corpus is benchmarks/labelled; the flaws of examples/ are counted beside it. A finding belongs to the
function in which its first line lies. It counts only when it is about the class that the function is labelled
with: by its CWE, or by the number of bandit's and ruff's test, as labelled/classes.toml says for all tools
alike; a finding of our pack also when its rule names the class. So a finding of another class in a safe
function is no false alarm here, and one in a vulnerable function no hit. bandit's CWE of a test is often
coarse, and ruff gives none: hence the numbers.

Recall is the share of vulnerable functions with a finding that counts, the false-positive rate that of safe
ones, and Youden's index recall minus rate. bandit and ruff read Python only: "-" elsewhere. There is no bar.
A tool that did not read a file ends the benchmark with an error.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.labels import LABELLED, Label, Labels, function_at, read, spans
from benchmarks.parity import interpreter_of_bandit

ROOT = Path(__file__).parents[1]
RULES = ROOT / "plugins" / "devsecops_semgrep" / "rules"
LANGUAGES = ("Python", "JavaScript", "Dockerfile")


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding. `test` is bandit's or ruff's number, `weakness` the class that our rule names."""

    path: str
    line: int
    rule: str
    cwe: frozenset[int] = frozenset()
    test: int | None = None
    weakness: str | None = None


@dataclass(frozen=True, slots=True)
class Class:
    """The CWEs and numbers of tests that are about a class."""

    cwe: frozenset[int]
    tests: frozenset[int]


Classes = dict[str, Class]
Hits = frozenset[Label]
"""The labels that a tool has a fitting finding for."""


def classes() -> Classes:
    """Return the table of classes."""
    table = tomllib.loads((LABELLED / "classes.toml").read_text(encoding="utf-8"))
    return {name: Class(frozenset(row["cwe"]), frozenset(row["tests"])) for name, row in table.items()}


def fits(finding: Finding, name: str, table: Classes) -> bool:
    """Return whether a finding is about the class."""
    row = table[name]
    return finding.weakness == name or finding.test in row.tests or not row.cwe.isdisjoint(finding.cwe)


def hits(labels: Labels, findings: Iterable[Finding], table: Classes) -> Hits:
    """Return the labels, vulnerable or safe, with a finding in their function that is about their class."""
    found = {path: spans(path, (labels.tree / path).read_text(encoding="utf-8")) for path in labels.helpers}
    placed: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        placed.setdefault((finding.path, function_at(found[finding.path], finding.line)), []).append(finding)
    return frozenset(
        label
        for label in labels.labels
        if any(fits(f, label.weakness, table) for f in placed.get((label.path, label.function), ()))
    )


def _run(words: Sequence[str], tree: Path, codes: Iterable[int], env: dict[str, str] | None = None) -> Any:
    done = subprocess.run(words, cwd=tree, env=env, capture_output=True, text=True, check=False)
    if done.returncode not in codes:
        raise RuntimeError(f"{words[0]} ended with {done.returncode}: {done.stderr[-500:]}")
    return json.loads(done.stdout)


def _python(labels: Labels) -> list[str]:
    return [path for path in labels.helpers if path.endswith(".py")]


def bandit(labels: Labels) -> list[Finding]:
    """Return bandit's findings. Raises RuntimeError when it did not read a file."""
    words = (interpreter_of_bandit(), "-I", "-m", "bandit", "-q", "-f", "json", "--ignore-nosec", "-x", "")
    report = _run((*words, "--", *_python(labels)), labels.tree, (0, 1))
    if report["errors"]:
        raise RuntimeError(f"bandit did not read all: {report['errors']}")
    return [
        Finding(
            path=row["filename"].removeprefix("./"),
            line=row["line_number"],
            rule=row["test_id"],
            cwe=frozenset({row["issue_cwe"]["id"]} if row["issue_cwe"] else ()),
            test=int(row["test_id"].removeprefix("B")),
        )
        for row in report["results"]
    ]


def ruff(labels: Labels) -> list[Finding]:
    """Return the findings of ruff's S rules. Raises RuntimeError when it did not read a file."""
    program = str(Path(sys.executable).with_name("ruff"))
    words = (program, "check", "--isolated", "--no-cache", "--select", "S", "--ignore-noqa", "--exit-zero")
    rows = _run(
        (*words, "--target-version", "py311", "--output-format", "json", "--", *_python(labels)),
        labels.tree,
        (0,),
    )
    wrong = [row["filename"] for row in rows if not re.fullmatch(r"S\d+", row["code"] or "")]
    if wrong:
        raise RuntimeError(f"ruff did not read all: {wrong}")
    return [
        Finding(
            path=os.path.relpath(row["filename"], labels.tree),
            line=row["location"]["row"],
            rule=row["code"],
            test=int(row["code"].removeprefix("S")),
        )
        for row in rows
    ]


def semgrep(labels: Labels, program: str, rules: Path) -> list[Finding]:
    """Return our pack's findings by the native engine. Raises RuntimeError when it did not read a file."""
    words = (program, "scan", "--experimental", "--metrics=off", "--disable-version-check", "--disable-nosem")
    with tempfile.TemporaryDirectory() as home:
        env = {"PATH": f"{Path(program).parent}{os.pathsep}{os.environ['PATH']}", "HOME": home}
        report = _run(
            (*words, "--json", "--config", str(rules), "--", *labels.helpers), labels.tree, (0,), env
        )
    missing = set(labels.helpers) - {path.removeprefix("./") for path in report["paths"]["scanned"]}
    if missing or report["errors"]:
        raise RuntimeError(f"semgrep did not read all: {sorted(missing)} {report['errors'][:3]}")
    return [_ours(row) for row in report["results"]]


def _ours(row: dict[str, Any]) -> Finding:
    metadata = row["extra"]["metadata"]
    named = metadata.get("cwe", [])
    return Finding(
        path=row["path"].removeprefix("./"),
        line=row["start"]["line"],
        rule=row["check_id"].rpartition(".")[2],
        cwe=frozenset(
            int(n) for text in ([named] if isinstance(named, str) else named) for n in _numbers(text)
        ),
        weakness=metadata.get("class"),
    )


def _numbers(text: str) -> list[str]:
    return re.findall(r"CWE-(\d+)", text)


def locked_semgrep() -> str:
    """Return the engine of the project's locked environment, which is built when it is not there yet."""
    from devsecops.api import ToolSpec
    from devsecops.tools import ready

    lock = RULES.parent / "semgrep.lock"
    if not lock.is_file():
        raise SystemExit(f"{lock} is not there: name an engine with --semgrep PROGRAM")
    spec = ToolSpec(name="semgrep", package="semgrep", lock=str(lock))
    tool = ready(spec, offline=False, say=lambda text: print(text, file=sys.stderr))
    return str(Path(tool.command) / "semgrep")


@dataclass(frozen=True, slots=True)
class Score:
    """How many of how many functions."""

    hits: int
    vulnerable: int
    alarms: int
    safe: int

    @property
    def recall(self) -> float | None:
        """Share of the vulnerable functions; None when there are none."""
        return self.hits / self.vulnerable if self.vulnerable else None

    @property
    def rate(self) -> float | None:
        """Share of the safe functions that were called flawed; None when there are none."""
        return self.alarms / self.safe if self.safe else None

    @property
    def youden(self) -> float | None:
        """Recall minus false-positive rate; None when one of them is not known."""
        return None if self.recall is None or self.rate is None else self.recall - self.rate


def score(labels: Iterable[Label], found: Hits) -> Score:
    """Count the labels that are in `found`."""
    bad = [label for label in labels if label.vulnerable]
    good = [label for label in labels if not label.vulnerable]
    return Score(sum(x in found for x in bad), len(bad), sum(x in found for x in good), len(good))


@dataclass(frozen=True, slots=True)
class Column:
    """A tool, the languages it reads, and what it found."""

    name: str
    languages: tuple[str, ...]
    found: Hits


def cell(labels: Sequence[Label], column: Column, *, total: bool) -> str:
    """Return "recall / false-positive rate", with the index for a total; "-" for a foreign language."""
    if any(label.language not in column.languages for label in labels):
        return "-"
    result = score(labels, column.found)
    text = f"{_percent(result.recall)} / {_percent(result.rate)}"
    return f"{text} ({result.youden:+.2f})" if total and result.youden is not None else text


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.0%}"


def table(corpus: Sequence[Label], examples: Sequence[Label], columns: Sequence[Column]) -> str:
    """Return the table: a row per language and class, then the totals, then the examples."""
    rows = [["class", "language", "vulnerable", "safe", *(column.name for column in columns)]]

    def add(name: str, language: str, labels: Sequence[Label], *, total: bool) -> None:
        if labels:
            counts = [str(sum(x.vulnerable is kind for x in labels)) for kind in (True, False)]
            rows.append([name, language, *counts, *(cell(labels, c, total=total) for c in columns)])

    for language in LANGUAGES:
        for name in sorted({label.weakness for label in corpus if label.language == language}):
            chosen = [x for x in corpus if x.language == language and x.weakness == name]
            add(name, language, chosen, total=False)
    for title, labels in (("all", corpus), ("examples", examples)):
        for language in LANGUAGES:
            add(title, language, [label for label in labels if label.language == language], total=True)
        add(title, "all", labels, total=True)
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    rows.insert(1, ["-" * width for width in widths])
    return "\n".join(
        "| " + " | ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) + " |"
        for row in rows
    )


def columns(labels: Labels, ours: Callable[[Labels], list[Finding]]) -> list[Column]:
    """Run the three tools."""
    known = classes()
    first = hits(labels, bandit(labels), known)
    own = hits(labels, ours(labels), known)
    return [
        Column("bandit", ("Python",), first),
        Column("ruff S", ("Python",), hits(labels, ruff(labels), known)),
        Column("ours", LANGUAGES, own),
        Column("ours + bandit", LANGUAGES, own | first),
    ]


def main() -> int:
    """Print the table, and with --functions what our pack misses and says wrongly."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--semgrep", help="the engine; default: that of the locked environment")
    parser.add_argument("--rules", type=Path, default=RULES)
    parser.add_argument(
        "--functions", action="store_true", help="also list what our pack misses and wrongly reports"
    )
    args = parser.parse_args()
    program = args.semgrep or locked_semgrep()
    corpus = read(LABELLED, LABELLED / "labels.toml")
    examples = read(ROOT / "examples", LABELLED / "examples.toml")
    both = [
        columns(labels, lambda x: semgrep(x, program, args.rules.resolve())) for labels in (corpus, examples)
    ]
    merged = [Column(a.name, a.languages, a.found | b.found) for a, b in zip(*both, strict=True)]
    print("Each cell: recall / false-positive rate; in brackets Youden's index.\n")
    print(table(corpus.labels, examples.labels, merged))
    if args.functions:
        ours = merged[2].found
        for label in (*corpus.labels, *examples.labels):
            if label.vulnerable != (label in ours):
                kind = "missed" if label.vulnerable else "wrong"
                print(f"{kind}: {label.weakness} {label.path} {label.function}: {label.why}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
