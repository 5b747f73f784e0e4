"""What the plugin makes of a real report of safety 3.8.1, and of everything that safety does not write."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from devsecops.api import File, Package, Parsed, RawOutput, ToolError
from devsecops_safety.scanner import SPEC, Safety
from tests.batch import Batch
from tests.safety.samples import DATA, lay_out, tool_of

GOLDEN = (DATA / "report.json").read_bytes()
REPORT: dict[str, Any] = json.loads(GOLDEN)


def parse(context: Batch, data: bytes) -> Parsed:
    path = Path(context.scratch) / "safety.json"
    path.write_bytes(data)
    return Safety().parse(context, [RawOutput(exit=0, path=str(path), stderr="", seconds=1.0)])


def place(found: Any) -> tuple[str, str, int]:
    location = found.location
    assert isinstance(location, Package)
    assert location.at.region is not None
    return found.rule.id, location.at.path, location.at.region.start_line


def test_the_golden_report(tmp_path: Path) -> None:
    said = parse(lay_out(tmp_path), GOLDEN)
    assert sorted(map(place, said.findings)) == [
        ("PYSEC-2018-28", "000003.txt", 7),
        ("PYSEC-2019-217", "000003.txt", 3),
        ("PYSEC-2020-176", "000001.txt", 1),
        ("PYSEC-2020-96", "000001.txt", 1),
        ("PYSEC-2021-142", "000001.txt", 1),
        ("PYSEC-2021-66", "000003.txt", 3),
        ("PYSEC-2023-175", "000001.txt", 4),
        ("PYSEC-2023-227", "000001.txt", 4),
        ("PYSEC-2023-74", "000003.txt", 7),
        ("PYSEC-2024-28", "000003.txt", 2),
        ("PYSEC-2024-47", "000001.txt", 3),
        ("PYSEC-2024-47", "000003.txt", 2),
    ]
    (jinja,) = (one for one in said.findings if one.rule.id == "PYSEC-2019-217")
    assert jinja.evidence["aliases"] == "CVE-2019-10906, GHSA-462w-v97r-4m45"
    assert (jinja.evidence["fixed"], jinja.remedy) == ("2.10.1", "upgrade jinja2 to 2.10.1 or later")
    assert isinstance(jinja.location, Package)
    assert jinja.location.purl == "pkg:pypi/jinja2@2.10"
    assert isinstance(jinja.location.at, File)
    (pyyaml, *_) = (one for one in said.findings if one.rule.id == "PYSEC-2020-176")
    assert isinstance(pyyaml.location, Package)
    assert pyyaml.location.at.region is not None
    assert pyyaml.location.at.region.end_line == 2
    assert {rule.id for rule in said.rules} == {one.rule.id for one in said.findings}
    assert said.data is not None
    assert said.data.date == "2024-10-10"


def test_what_it_drops_is_a_row_with_the_reason(tmp_path: Path) -> None:
    rows = {row.unit.id: row for row in parse(lay_out(tmp_path), GOLDEN).cover}
    assert {name: (row.state, row.why) for name, row in rows.items()} == {
        "000001.txt": ("scanned", ""),
        "000002.txt": ("scanned", ""),
        "000003.txt": ("unresolved", "unpinned"),
        "000003.txt#!!!": ("unresolved", "unparsable"),
        "000003.txt#-e git+https://example.org/other.git#egg=other": ("unresolved", "url"),
        "000003.txt#-r base.txt": ("unresolved", "include"),
        "000003.txt#flask": ("unresolved", "unpinned"),
        "000003.txt#odd": ("unresolved", "odd-version"),
        "000003.txt#requests": ("scanned", ""),
        "000003.txt#thing": ("unresolved", "url"),
    }
    assert rows["000003.txt"].note.startswith("6 of 9 dependencies: 1 unpinned, 2 url")
    assert rows["000003.txt#requests"].note == (
        "line 7: safety does not evaluate markers; judged as if it held"
    )


def hit(report: dict[str, Any], number: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = report["vulnerabilities"][number]
    return found


def of_nobody(report: dict[str, Any]) -> None:
    hit(report)["package_name"] = "never-given"


def of_another_version(report: dict[str, Any]) -> None:
    hit(report)["analyzed_version"] = "9.9"


def an_unknown_advisory(report: dict[str, Any]) -> None:
    hit(report)["vulnerability_id"] = "PYSEC-1999-1"


def an_advisory_of_another_package(report: dict[str, Any]) -> None:
    of = {one["package_name"]: one["vulnerability_id"] for one in report["vulnerabilities"]}
    hit(report)["vulnerability_id"] = next(v for name, v in of.items() if name != hit(report)["package_name"])


def a_pin_left_out(report: dict[str, Any]) -> None:
    del report["scanned_packages"]["devsecops-nothing"]
    report["report_meta"]["packages_found"] -= 1


def a_pin_too_many(report: dict[str, Any]) -> None:
    report["scanned_packages"]["other"] = {"requirements": [{"name": "other", "specifier": "==1"}]}
    report["report_meta"]["packages_found"] += 1


def one_lost(report: dict[str, Any]) -> None:
    report["vulnerabilities"].pop()


def one_twice(report: dict[str, Any]) -> None:
    report["vulnerabilities"].append(hit(report))
    report["report_meta"]["vulnerabilities_found"] += 1


def one_ignored(report: dict[str, Any]) -> None:
    report["ignored_vulnerabilities"].append(report["vulnerabilities"].pop())
    report["report_meta"]["vulnerabilities_found"] -= 1
    report["report_meta"]["vulnerabilities_ignored"] += 1


def by_the_vendor(report: dict[str, Any]) -> None:
    report["report_meta"]["api_key"] = True


def without_the_database(report: dict[str, Any]) -> None:
    report["report_meta"]["local_database_path"] = None


def another_safety(report: dict[str, Any]) -> None:
    report["report_meta"]["safety_version"] = "3.8.2"


def an_id_that_is_markup(report: dict[str, Any]) -> None:
    hit(report)["vulnerability_id"] = "<script>"


def a_count_that_is_text(report: dict[str, Any]) -> None:
    report["report_meta"]["packages_found"] = "6"


LIES = [
    of_nobody, of_another_version, an_unknown_advisory, an_advisory_of_another_package, a_pin_left_out,
    a_pin_too_many, one_lost, one_twice, one_ignored, by_the_vendor, without_the_database, another_safety,
    an_id_that_is_markup, a_count_that_is_text,
]  # fmt: skip


@pytest.mark.parametrize("lie", LIES, ids=lambda lie: lie.__name__)
def test_a_lie_is_no_report(lie: Callable[[dict[str, Any]], None], tmp_path: Path) -> None:
    report = copy.deepcopy(REPORT)
    lie(report)
    assert report != REPORT
    with pytest.raises(ToolError):
        parse(lay_out(tmp_path), json.dumps(report).encode())


FAULTS = {
    "empty": b"",
    "null": b"null",
    "a list": b"[]",
    "an empty object": b"{}",
    "truncated": GOLDEN[:-200],
    "twice": GOLDEN + GOLDEN,
    "banner before": b"+=====+ DEPRECATED +=====+\n" + GOLDEN,
    "not a number": GOLDEN.replace(b'"packages_found": 6', b'"packages_found": NaN'),
    "duplicate key": GOLDEN.replace(
        b'"vulnerabilities_found":', b'"api_key": false, "vulnerabilities_found":'
    ),
    "deep": GOLDEN.replace(b'"announcements": []', b'"announcements": ' + b"[" * 50_000 + b"]" * 50_000),
    "bytes": GOLDEN.replace(b'"jinja2"', b'"jinja2\xff"', 1),
}


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_a_broken_report_is_a_tool_error(fault: str, tmp_path: Path) -> None:
    assert FAULTS[fault] != GOLDEN
    with pytest.raises(ToolError, match="safety's report"):
        parse(lay_out(tmp_path), FAULTS[fault])


def test_a_report_that_was_never_written(tmp_path: Path) -> None:
    raw = RawOutput(exit=0, path=str(tmp_path / "none"), stderr="", seconds=1.0)
    with pytest.raises(ToolError, match="cannot be read"):
        Safety().parse(lay_out(tmp_path), [raw])
    with pytest.raises(ToolError):
        Safety().parse(lay_out(tmp_path / "again"), [])


def test_the_plan_is_one_isolated_process_that_gets_pins_alone(tmp_path: Path) -> None:
    context = lay_out(tmp_path)
    (run,) = Safety().plan(context)
    python, isolated, launcher, database, pins, out = run.argv
    assert (python, isolated, Path(launcher).name) == ("/e/bin/python", "-I", "launcher.py")
    assert Path(launcher).is_file()
    assert out == f"{context.scratch}/{run.output}"
    assert (run.env, run.secrets, run.ok_exits) == ({}, {}, (0,))
    assert sorted(path.name for path in Path(database).iterdir()) == ["insecure.json", "insecure_full.json"]
    assert Path(pins).read_text() == (
        "devsecops-nothing==1.0+local\ndjango==3.2.23\ndjango==3.2.24\njinja2==2.10\npillow==10.0.0rc1\n"
        "pyyaml==5.1\nrequests==2.19.0\n"
    )
    context.tool = None
    with pytest.raises(ToolError):
        Safety().plan(context)


def test_it_is_off_by_default_and_its_lock_pins_what_was_asked_for() -> None:
    assert SPEC.default == "off"
    assert SPEC.tool is not None
    assert "\nsafety==3.8.1 \\\n" in Path(str(SPEC.tool.lock)).read_text()
    assert tool_of().version == "3.8.1"
