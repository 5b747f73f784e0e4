"""What other programs rely on in the SARIF we write."""

import json
import random
from typing import Any

import msgspec
import pytest

from devsecops import sarif
from devsecops.model import Compared, File, Report
from devsecops.sarif.rules import pascal
from devsecops.sarif.writer import repository_uri
from tests.reports import sample


def log(report: Report) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(sarif.write(report))
    return value


def runs(report: Report) -> dict[str, Any]:
    return {run["tool"]["driver"]["name"]: run for run in log(report)["runs"]}


def test_a_scanner_that_failed_or_is_missing_has_a_run_that_says_so() -> None:
    found = runs(sample.several())
    assert sorted(found) == ["advisories", "bandit", "semgrep", "zap"]
    for name in ("semgrep", "zap"):
        (invocation,) = found[name]["invocations"]
        assert invocation["executionSuccessful"] is False
        assert invocation["toolExecutionNotifications"][0]["level"] == "error"
        assert found[name]["results"] == []
    gaps = found["bandit"]["invocations"][0]["toolExecutionNotifications"]
    assert {note["descriptor"]["id"]: note["level"] for note in gaps} == {
        "not-covered": "error",
        "accepted": "note",
    }
    assert all(run["invocations"][0]["executionSuccessful"] for run in runs(sample.passing()).values())


def test_what_concerns_no_scanner_has_a_run_of_ours() -> None:
    found = runs(sample.hostile())["devsecops"]
    notes = found["invocations"][0]["toolExecutionNotifications"]
    assert [note["descriptor"]["id"] for note in notes] == ["plugin-rejected"]


def test_rules_resolve_and_carry_their_severity() -> None:
    for run in log(sample.several())["runs"]:
        rules = run["tool"]["driver"]["rules"]
        assert len({rule["id"] for rule in rules}) == len(rules)
        for result in run["results"]:
            assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
            assert result["level"] in ("error", "warning", "note")
            assert result["partialFingerprints"]
    rules = {rule["id"]: rule for rule in runs(sample.several())["bandit"]["tool"]["driver"]["rules"]}
    assert rules["bandit/B602"]["properties"]["security-severity"] == "8.0"
    assert rules["bandit/B602"]["properties"]["tags"] == ["security", "external/cwe/cwe-078"]
    sca = runs(sample.several())["advisories"]
    assert sca["tool"]["driver"]["rules"][0]["properties"]["security-severity"] == "9.8"
    assert sca["results"][0]["partialFingerprints"]["primaryLocationLineHash"]
    assert sca["results"][0]["locations"][0]["logicalLocations"][0]["kind"] == "package"


def test_categories_are_unique_and_carry_tool_and_scope() -> None:
    part = msgspec.structs.replace(sample.SUBJECT, scope="services/shop api")
    ids = [run["automationDetails"]["id"] for run in log(sample.several(subject=(part,)))["runs"]]
    assert ids[:2] == [
        "devsecops/advisories/services/shop%20api/",
        "devsecops/bandit/services/shop%20api/",
    ]
    assert len(set(ids)) == len(ids)


def test_a_baseline_state_stands_only_where_there_is_a_base() -> None:
    assert "baselineState" not in json.dumps(log(sample.several()))
    compared = Compared(against="commit 0123456789")
    states = [r["baselineState"] for r in runs(sample.several(compared=compared))["bandit"]["results"]]
    assert states == ["new"] * 3


def test_the_order_of_findings_changes_no_byte() -> None:
    report = sample.several()
    shuffled = list(report.findings)
    random.Random(7).shuffle(shuffled)
    other = msgspec.structs.replace(report, findings=tuple(shuffled), judged=report.judged[::-1])
    assert sarif.write(other) == sarif.write(report)


def test_nothing_hostile_is_left_in_the_text() -> None:
    data = json.dumps(log(sample.hostile()), ensure_ascii=False)
    assert "\\u001b" not in data.replace("\\\\", "")
    assert not set("\x9b\u202e\u2066\u2028") & set(data)
    said = [result["message"]["text"] for run in log(sample.hostile())["runs"] for result in run["results"]]
    assert "[click] (http" in said[0]
    assert "javascript:" not in data


def test_hostile_paths_are_relative_uris() -> None:
    paths = ("/etc/passwd", "../x", "a:b/c", "é/ü", "x#y?z", "a b", "\\xff", "//host/x")
    for path in paths:
        found = sample.bandit(sample.B602, 1, 1, 1, location=File(path=path))
        run = runs(sample.report(sample.result("bandit", found)))["bandit"]
        at = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
        assert at["uri"].isascii()
        assert not at["uri"].startswith(("/", ".."))
        assert ":" not in at["uri"]


@pytest.mark.parametrize(
    ("remote", "uri"),
    [
        ("git@example.com:team/a.git", "ssh://git@example.com/team/a.git"),
        ("https://example.com/a", "https://example.com/a"),
        ("codecommit::eu-west-1://shop", "https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/shop"),
        ("/srv/git/a.git", None),
        ("../a", None),
    ],
)
def test_a_remote_is_a_uri_or_left_out(remote: str, uri: str | None) -> None:
    assert repository_uri(remote) == uri


def test_names_of_rules_are_words() -> None:
    assert pascal("subprocess_popen_with_shell_equals_true") == "SubprocessPopenWithShellEqualsTrue"
    assert pascal("\x1b[31m") == "Rule31m"


def test_what_is_waived_is_suppressed_and_the_rest_of_its_run_says_that_it_is_not() -> None:
    """SARIF 2.1.0, 3.27.23: in one run all results say it, or none."""
    found = runs(sample.waived())
    said = {one["ruleId"]: one["suppressions"] for one in found["bandit"]["results"]}
    (external,), (mark,) = said["bandit/B602"], said["bandit/B608"]
    assert (external["kind"], external["status"]) == ("external", "accepted")
    assert external["justification"] == "our own jobs (ana@example.com)"
    assert external["properties"]["devsecops"]["until"] == "2027-01-31"
    assert mark == {
        "kind": "inSource",
        "status": "accepted",
        "properties": {"devsecops": {"waiver": "inline: nosec B608"}},
    }
    assert all("suppressions" not in one for one in found["advisories"]["results"])
    assert all("suppressions" not in one for run in log(sample.several())["runs"] for one in run["results"])
