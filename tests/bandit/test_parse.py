import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devsecops.api import File, Parsed, RawOutput, ToolError
from devsecops_bandit import Bandit
from devsecops_bandit.gaps import explain
from devsecops_bandit.output import read_output
from tests.bandit.samples import DATA, FILES, MISSING, batch, lay_out

REPORT = (DATA / "report.json").read_bytes()
STDERR = (DATA / "stderr.txt").read_text()
GIVEN = frozenset(f"./{name}" for name in [*FILES, MISSING])
SCANNED = {"000001.py", "000008.py", "000009.py", "000010.py", "000011.py", "000013.py"}


def parse(folder: Path, data: bytes, stderr: str = STDERR) -> Parsed:
    (folder / "bandit.json").write_bytes(data)
    raw = RawOutput(exit=1, path=str(folder / "bandit.json"), stderr=stderr, seconds=1.0)
    return Bandit().parse(batch(root=str(folder)), [raw])


def changed(**places: Any) -> bytes:
    """Return the report with values replaced; a name is a path through it, parts joined by "__"."""
    report = json.loads(REPORT)
    for path, value in places.items():
        *parents, last = (int(part) if part.isdigit() else part for part in path.split("__"))
        at = report
        for part in parents:
            at = at[part]
        at[last] = value
    return json.dumps(report).encode()


def test_what_bandit_found(tmp_path: Path) -> None:
    parsed = parse(lay_out(tmp_path), REPORT)
    found = []
    for f in parsed.findings:
        assert isinstance(f.location, File)
        assert f.location.region
        at = f.location.region
        place = (at.start_line, at.start_column, at.end_line, at.end_column)
        found.append((f.location.path, f.rule.id, place, f.severity, f.confidence, f.weakness))
    assert sorted(found) == [
        ("000001.py", "B105", (5, 16, 5, 30), "low", "medium", "CWE-259"),
        ("000001.py", "B404", (1, 1, 1, 18), "low", "high", "CWE-78"),
        # Columns count characters: bandit's own, of bytes, would point behind the call.
        ("000001.py", "B602", (6, 22, 6, 66), "high", "high", "CWE-78"),
        ("000001.py", "B608", (8, 9, 9, None), "medium", "low", "CWE-89"),
        ("000007.py", "B307", (5, 5, 5, 23), "medium", "high", "CWE-78"),
        ("000009.py", "B613", (2, 19, 2, None), "high", "medium", "CWE-838"),
        ("000010.py", "B403", (2, 13, 2, 26), "low", "high", "CWE-502"),
        ("000011.py", "B101", (4, 1, 4, 9), "low", "high", "CWE-703"),
        ("000011.py", "B605", (2, 1, 2, 18), "low", "high", "CWE-78"),
        ("000011.py", "B607", (2, 1, 2, 18), "low", "high", "CWE-78"),
    ]
    assert {rule.id for rule in parsed.rules} == {rule for _, rule, *_ in found}
    assert all(rule.help and rule.help_uri and rule.summary for rule in parsed.rules)
    assert "Zq8" not in str(parsed), "the literal of a password stands in no message"


def test_what_bandit_dropped_has_its_reason(tmp_path: Path) -> None:
    rows = {row.unit.id: row for row in parse(lay_out(tmp_path), REPORT).cover}
    assert {path: (row.state, row.why) for path, row in rows.items()} == {
        **dict.fromkeys(SCANNED, ("scanned", "")),
        "000002.py": ("failed", "syntax-error"),
        "000003.py": ("failed", "recursion"),
        "000004.py": ("failed", "encoding"),
        "000005.py": ("failed", "encoding"),
        "000006.py": ("failed", "encoding"),
        "000007.py": ("partial", "tool-error"),
        "000012.py": ("failed", "recursion"),
        "000014.py": ("failed", "unreadable"),
    }
    assert "CPython 3.13.0" in rows["000002.py"].note
    assert "blacklist" in rows["000007.py"].note


def test_an_exception_in_shallow_code_is_the_tools_error() -> None:
    assert explain("exception while scanning file", b"x = 1\n", "CPython 3.13.0")[0] == "tool-error"
    assert explain("exception while scanning file", b"[" * 1500 + b"]" * 1500, "")[0] == "recursion"


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\n", b"null", b"[]", b"{}", REPORT[:-3], REPORT[: len(REPORT) // 2], b"[" * 100_000,
        REPORT.replace(b'"loc": 0', b'"loc": NaN', 1), REPORT.replace(b'"errors"', b'"results"'),
        b"\xff" + REPORT, REPORT.replace(b"./000001.py", b"../../etc/passwd"),
        changed(results=[]), changed(errors=[]), changed(metrics={}), changed(metrics___totals=None),
        changed(errors__0__filename="./000099.py"), changed(results__0__filename="./000099.py"),
        changed(results__0__line_number=-1), changed(results__0__line_number=10**12),
        changed(results__0__line_number=7_000), changed(results__0__line_number="1"),
        changed(results__0__line_number=True), changed(results__0__line_range=[-5]),
        changed(results__0__col_offset=1.5), changed(results__0__test_id="B999"),
        changed(results__0__test_id="../x"), changed(results__0__issue_severity="CRITICAL"),
        changed(results__0__issue_cwe={"id": -1}), changed(results__0__issue_text=None),
        changed(results__0__filename="./000002.py"),
    ],
)  # fmt: skip
def test_what_bandit_does_not_write_is_an_error(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(ToolError):
        parse(lay_out(tmp_path), data)


def test_a_report_that_was_never_written_is_an_error(tmp_path: Path) -> None:
    raw = RawOutput(exit=0, path=str(tmp_path / "none"), stderr="", seconds=1.0)
    with pytest.raises(ToolError):
        Bandit().parse(batch(root=str(tmp_path)), [raw])


def test_a_log_that_was_cut_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="logged more"):
        parse(lay_out(tmp_path), REPORT, "x" * 3_900)


def test_a_crash_in_a_file_never_given_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ToolError):
        parse(lay_out(tmp_path), REPORT, STDERR.replace("./000007.py", "./000077.py"))


@given(cut=st.integers(0, len(REPORT.rstrip()) - 1))
@settings(max_examples=60)
def test_every_prefix_is_an_error(cut: int) -> None:
    with pytest.raises(ToolError):
        read_output(REPORT[:cut], GIVEN)


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lay_out(tmp_path_factory.mktemp("samples"))


def _places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at] * bool(at) + [place for key, below in inner for place in _places(below, (*at, key))]


JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=20),
    st.lists(st.integers(), max_size=3), st.dictionaries(st.text(max_size=5), st.integers(), max_size=3),
    st.sampled_from(["./000008.py", "HIGH", "B602", [1], {"id": 78}, 0]),
)  # fmt: skip


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_no_mutation_covers_more_or_raises_anything_else(samples: Path, data: st.DataObject) -> None:
    report = json.loads(REPORT)
    for _ in range(data.draw(st.integers(1, 3))):
        *parents, last = data.draw(st.sampled_from(_places(report)))
        at = report
        for part in parents:
            at = at[part]
        if data.draw(st.booleans()):
            at[last] = data.draw(JUNK)
        else:
            del at[last]
    try:
        parsed = parse(samples, json.dumps(report).encode())
    except ToolError:
        return
    assert {row.unit.id for row in parsed.cover if row.state == "scanned"} <= SCANNED
