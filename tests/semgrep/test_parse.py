import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devsecops.api import File, Parsed, RawOutput, ToolError
from devsecops_semgrep import Semgrep
from devsecops_semgrep.output import read_output
from tests.semgrep.samples import DATA, FILES, batch, lay_out

REPORT = (DATA / "report.json").read_bytes()
GIVEN = frozenset(FILES)
VERSION = "1.182.0"
SCRATCH = "/scratch"
PROBE = f"{SCRATCH}/probe.py"
FIRST = next(
    n
    for n, r in enumerate(json.loads(REPORT.decode("utf-8", "replace"))["results"])
    if "probe" not in r["path"]
)


def parse(folder: Path, data: bytes) -> Parsed:
    """Parse a report in which the probes stand where the golden one has them."""
    (folder / "stdout-0").write_bytes(data)
    raw = RawOutput(exit=0, path=str(folder / "stdout-0"), stderr="", seconds=1.0)
    return Semgrep().parse(batch(root=str(folder), scratch=SCRATCH), [raw])


def changed(**places: Any) -> bytes:
    """Return the report with values replaced; a name is a path through it, parts joined by "__".

    ``found`` is the first result that is not a probe's.
    """
    report = json.loads(REPORT.decode("utf-8", "replace"))
    for path, value in places.items():
        path = path.replace("found__", f"results__{FIRST}__")
        *parents, last = (int(part) if part.isdigit() else part for part in path.split("__"))
        at = report
        for part in parents:
            at = at[part]
        at[last] = value
    return json.dumps(report).encode()


def complaint(kind: Any, path: str | None, **more: Any) -> dict[str, Any]:
    return {"code": 2, "level": "warn", "type": kind, "message": "m", "path": path, **more}


def test_what_semgrep_found(tmp_path: Path) -> None:
    parsed = parse(lay_out(tmp_path), REPORT)
    found = []
    for finding in parsed.findings:
        assert isinstance(finding.location, File)
        assert finding.location.region
        at = finding.location.region
        place = (at.start_line, at.start_column, at.end_line, at.end_column)
        found.append((finding.location.path, finding.rule.id, place, finding.severity, finding.weakness))
    assert sorted(found) == [
        # Columns count characters: semgrep's own, of bytes, would point behind the call.
        ("000001.py", "py-os-command-injection", (7, 34, 7, 59), "critical", "CWE-78"),
        ("000001.py", "py-yaml-unsafe-loader", (8, 12, 8, 27), "high", "CWE-502"),
        ("000002.py", "py-yaml-unsafe-loader", (2, 1, 2, 13), "high", "CWE-502"),
        ("000005.py", "py-yaml-unsafe-loader", (3, None, 3, None), "high", "CWE-502"),
        ("000008.py", "py-yaml-unsafe-loader", (3, 1, 3, 13), "high", "CWE-502"),
        ("000009.js", "js-code-injection", (2, 8, 2, 22), "critical", "CWE-94"),
        ("000010.ts", "js-code-injection", (2, 8, 2, 31), "critical", "CWE-94"),
        ("000011.tsx", "js-code-injection", (1, 47, 1, 61), "critical", "CWE-94"),
        ("000012.js", "js-code-injection", (1, 6, 1, 17), "critical", "CWE-94"),
        ("000013.dockerfile", "docker-add-remote", (2, 1, 2, 30), "medium", "CWE-494"),
    ]
    assert {rule.id for rule in parsed.rules} == {rule for _, rule, *_ in found}
    assert all(rule.summary and rule.help and not rule.help.startswith("Fix") for rule in parsed.rules)


def test_what_semgrep_did_not_read_has_its_reason(tmp_path: Path) -> None:
    rows = {row.unit.id: row for row in parse(lay_out(tmp_path), REPORT).cover}
    assert {path: (row.state, row.why) for path, row in rows.items()} == {
        **dict.fromkeys(FILES, ("scanned", "")),
        "000002.py": ("partial", "syntax-error"),
        "000003.py": ("failed", "encoding"),
        "000004.py": ("failed", "encoding"),
        "000006.py": ("partial", "too-many-matches"),
        "000008.py": ("partial", "syntax-error"),
        "000012.js": ("partial", "syntax-error"),
        "000014.txt": ("failed", "skipped"),
    }
    assert "line 3" in rows["000002.py"].note
    assert "py-yaml-unsafe-loader" in rows["000006.py"].note
    assert "UTF-16" in rows["000003.py"].note


def test_a_file_that_is_not_listed_is_no_covered_file(tmp_path: Path) -> None:
    listed = [name for name in json.loads(REPORT)["paths"]["scanned"] if name != "000007.py"]
    rows = {row.unit.id: row for row in parse(lay_out(tmp_path), changed(paths__scanned=listed)).cover}
    assert (rows["000007.py"].state, rows["000007.py"].why) == ("failed", "skipped")


@pytest.mark.parametrize(
    ("error", "state", "why"),
    [
        (complaint("Timeout", "000007.py", rule_id="r.py-x"), "failed", "timeout"),
        (complaint("Out of memory", "000007.py"), "partial", "memory"),
        (complaint("Stack overflow", "000007.py"), "partial", "recursion"),
        (complaint("Fatal error", "000007.py"), "failed", "tool-error"),
        (complaint("A new type", "000007.py"), "failed", "tool-error"),
        (complaint(["PartialParsing", []], "000007.py"), "partial", "syntax-error"),
    ],
)
def test_what_semgrep_complains_of_is_a_gap(
    tmp_path: Path, error: dict[str, Any], state: str, why: str
) -> None:
    parsed = parse(lay_out(tmp_path), changed(errors=[error]))
    rows = {row.unit.id: row for row in parsed.cover}
    assert (rows["000007.py"].state, rows["000007.py"].why) == (state, why)
    assert parsed.again == (("000007.py",) if why == "timeout" else ())


def test_of_two_complaints_the_worse_one_counts(tmp_path: Path) -> None:
    errors = [complaint(["PartialParsing", []], "000007.py"), complaint("Timeout", "000007.py")]
    for order in (errors, errors[::-1]):
        rows = {row.unit.id: row for row in parse(lay_out(tmp_path), changed(errors=order)).cover}
        assert rows["000007.py"].why == "timeout"


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\n", b"null", b"[]", b"{}", REPORT[:-3], REPORT[: len(REPORT) // 2], b"[" * 100_000,
        REPORT.replace(b'"col":1', b'"col":NaN', 1), REPORT.replace(b'"errors"', b'"results"'),
        REPORT.replace(b"000001.py", b"../../etc/passwd"), changed(version="1.181.0"),
        changed(engine_requested="PRO"), changed(skipped_rules=[{"rule_id": "py-x"}]), changed(paths={}),
        changed(paths__scanned=["000099.py"]), changed(found__path="000099.py"),
        changed(errors=[complaint("Fatal error", None)]), changed(errors=[complaint("Timeout", "000099.py")]),
        changed(found__check_id="x.py-no-such-rule"), changed(found__start__line=0),
        changed(found__start__line=7_000, found__end__line=7_000),
        changed(found__start__line="1"), changed(found__start__col=-1),
        changed(found__end__line=1), changed(found__extra__severity="FATAL"),
        changed(found__extra__metadata={}), changed(found__extra__metadata__impact="EXTREME"),
    ],
)  # fmt: skip
def test_what_semgrep_does_not_write_is_an_error(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(ToolError):
        parse(lay_out(tmp_path), data)


def test_a_report_that_was_never_written_is_an_error(tmp_path: Path) -> None:
    raw = RawOutput(exit=0, path=str(tmp_path / "none"), stderr="", seconds=1.0)
    with pytest.raises(ToolError):
        Semgrep().parse(batch(root=str(tmp_path)), [raw])


@pytest.mark.parametrize("probe", ["probe.py", "probe.js", "probe.dockerfile"])
def test_a_process_that_did_not_find_its_probe_is_an_error(tmp_path: Path, probe: str) -> None:
    report = json.loads(REPORT)
    kept = [result for result in report["results"] if not result["path"].endswith(probe)]
    assert len(kept) == len(report["results"]) - 1
    with pytest.raises(ToolError, match="did not find its probe"):
        parse(lay_out(tmp_path), changed(results=kept))


def test_every_process_has_to_find_its_probes(tmp_path: Path) -> None:
    """A second process that is given files and says nothing about them is not covered by the first."""
    folder = lay_out(tmp_path)
    raws = []
    empty = changed(results=[], errors=[], paths__scanned=["000007.py"])
    for number, data in enumerate((REPORT, empty)):
        path = folder / f"stdout-{number}"
        path.write_bytes(data)
        raws.append(RawOutput(exit=0, path=str(path), stderr="", seconds=1.0))
    with pytest.raises(ToolError, match="did not find its probe for python"):
        Semgrep().parse(batch(root=str(folder), scratch=SCRATCH), raws)


@given(cut=st.integers(0, len(REPORT.rstrip()) - 1))
@settings(max_examples=60)
def test_every_prefix_is_an_error(cut: int) -> None:
    with pytest.raises(ToolError):
        read_output(REPORT[:cut], GIVEN, VERSION, lambda path: path.startswith(SCRATCH))
