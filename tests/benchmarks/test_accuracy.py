"""The scorer counts what is about the class, where it is, and nothing else."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from benchmarks import accuracy
from benchmarks.accuracy import Class, Column, Finding, Score, fits, hits, score, table
from benchmarks.labels import Label, Labels

SOURCE = "def one(x):\n    return x\n\n\ndef two(x):\n    return x\n\n\nTHREE = 1\n"
CLASSES = {
    "SQLI": Class(frozenset({89}), frozenset({608})),
    "CODEI": Class(frozenset({94}), frozenset({307})),
}


def label(function: str, *, vulnerable: bool, weakness: str = "SQLI", path: str = "m.py") -> Label:
    return Label(path, function, weakness, vulnerable, "a reason")


ONE, TWO, THREE = (
    label("one", vulnerable=True),
    label("two", vulnerable=False),
    label("*", vulnerable=True, weakness="CODEI"),
)


@pytest.fixture
def labels(tmp_path: Path) -> Labels:
    (tmp_path / "m.py").write_text(SOURCE)
    return Labels(tmp_path, (ONE, TWO, THREE), {"m.py": ()})


@pytest.mark.parametrize(
    ("finding", "fitting"),
    [
        (Finding("m.py", 1, "r", cwe=frozenset({89, 1})), True),
        (Finding("m.py", 1, "B608", test=608), True),
        (Finding("m.py", 1, "r", weakness="SQLI"), True),
        (Finding("m.py", 1, "B307", cwe=frozenset({78}), test=307, weakness="CODEI"), False),
        (Finding("m.py", 1, "r"), False),
    ],
)
def test_a_finding_fits_by_weakness_number_or_class(finding: Finding, fitting: bool) -> None:
    assert fits(finding, "SQLI", CLASSES) is fitting


def test_findings_count_in_their_function_and_for_its_class_only(labels: Labels) -> None:
    def at(line: int, test: int) -> Finding:
        return Finding("m.py", line, f"B{test}", test=test)

    assert hits(labels, [at(2, 608), at(2, 608)], CLASSES) == {ONE}
    assert hits(labels, [at(5, 608), at(9, 307)], CLASSES) == {TWO, THREE}
    assert hits(labels, [at(2, 307), at(4, 608), at(9, 608)], CLASSES) == frozenset()


def test_shares_are_of_vulnerable_and_of_safe() -> None:
    more = [label(f"v{n}", vulnerable=True) for n in range(3)]
    result = score([ONE, TWO, *more], frozenset({ONE, TWO, more[0]}))
    assert result == Score(hits=2, vulnerable=4, alarms=1, safe=1)
    assert (result.recall, result.rate, result.youden) == (0.5, 1.0, -0.5)
    only = score([ONE], frozenset())
    assert (only.recall, only.rate, only.youden) == (0.0, None, None)


def test_the_table_has_a_row_per_class_and_language_and_a_dash_for_a_foreign_one() -> None:
    script = label("one", vulnerable=True, path="m.js")
    tools = [
        Column("bandit", ("Python",), frozenset({ONE, TWO})),
        Column("ours", accuracy.LANGUAGES, frozenset({ONE, script})),
    ]
    rows = [
        [cell.strip() for cell in line.split("|")[1:-1]]
        for line in table([ONE, TWO, THREE, script], [ONE], tools).splitlines()
    ]
    assert rows[0] == ["class", "language", "vulnerable", "safe", "bandit", "ours"]
    assert rows[2:] == [
        ["CODEI", "Python", "1", "0", "0% / -", "0% / -"],
        ["SQLI", "Python", "1", "1", "100% / 100%", "100% / 0%"],
        ["SQLI", "JavaScript", "1", "0", "-", "100% / -"],
        ["all", "Python", "2", "1", "50% / 100% (-0.50)", "50% / 0% (+0.50)"],
        ["all", "JavaScript", "1", "0", "-", "100% / -"],
        ["all", "all", "3", "1", "-", "67% / 0% (+0.67)"],
        ["examples", "Python", "1", "0", "100% / -", "100% / -"],
        ["examples", "all", "1", "0", "100% / -", "100% / -"],
    ]


def engine(folder: Path, report: object, code: int = 0) -> str:
    """A stand-in for the engine that prints one report."""
    program = folder / "semgrep"
    program.write_text(f"#!{sys.executable}\nprint({json.dumps(report)!r})\nraise SystemExit({code})\n")
    program.chmod(0o755)
    return str(program)


def report(**changes: object) -> dict[str, object]:
    row = {
        "path": "./m.py",
        "start": {"line": 2},
        "check_id": "rules.python.py-sql",
        "extra": {"metadata": {"cwe": ["CWE-89: text 12"], "class": "SQLI"}},
    }
    return {"results": [row], "errors": [], "paths": {"scanned": ["m.py"]}} | changes


def test_semgrep_is_read_with_weakness_and_class(labels: Labels, tmp_path: Path) -> None:
    found = accuracy.semgrep(labels, engine(tmp_path, report()), tmp_path)
    assert found == [Finding("m.py", 2, "py-sql", cwe=frozenset({89}), weakness="SQLI")]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (report(paths={"scanned": []}), 0),
        (report(errors=[{"type": "PartialParsing"}]), 0),
        (report(), 2),
    ],
)
def test_a_file_that_semgrep_did_not_read_is_an_error(
    labels: Labels, tmp_path: Path, answer: object, code: int
) -> None:
    with pytest.raises(RuntimeError):
        accuracy.semgrep(labels, engine(tmp_path, answer, code), tmp_path)


def test_ruff_itself_is_read(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text("def one(x):\n    return eval(x)\n")
    labels = Labels(tmp_path, (), {"m.py": (), "m.js": ()})
    assert accuracy.ruff(labels) == [Finding("m.py", 2, "S307", test=307)]
    (tmp_path / "m.py").write_text("def one(x:\n")
    with pytest.raises(RuntimeError):
        accuracy.ruff(labels)


@pytest.mark.e2e
def test_bandit_itself_is_read(tmp_path: Path, tools_ready: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEVSECOPS_CACHE", str(tools_ready))
    (tmp_path / "m.py").write_text("def one(x):\n    return eval(x)  # nosec\n")
    labels = Labels(tmp_path, (), {"m.py": (), "m.js": ()})
    assert accuracy.bandit(labels) == [Finding("m.py", 2, "B307", cwe=frozenset({78}), test=307)]
    (tmp_path / "m.py").write_text("def one(x:\n")
    with pytest.raises(RuntimeError):
        accuracy.bandit(labels)
