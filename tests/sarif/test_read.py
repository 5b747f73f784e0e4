"""The reader takes what tools really write, and never loses what may be a finding."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devsecops import sarif
from devsecops.encode import visible
from devsecops.model import CONFIDENCES, SEVERITIES, File, Finding, Package, Region, Rule, RuleRef, ScanResult
from devsecops.paths import to_text
from tests.reports import sample


def one(result: Any, *, rules: Any = None, root: str | None = None, **run: Any) -> Finding:
    found = read(result, rules=rules, root=root, **run)
    assert len(found) == 1
    return found[0]


def read(*results: Any, rules: Any = None, root: str | None = None, **run: Any) -> tuple[Finding, ...]:
    driver = {"name": "lint", "rules": rules or []}
    value = {"version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": list(results), **run}]}
    (got,) = sarif.read(json.dumps(value).encode(), scanner="lint", root=root)
    return got.findings


def at(uri: str, **more: Any) -> dict[str, Any]:
    place = {"artifactLocation": {"uri": uri, **more}, "region": {"startLine": 3}}
    return {"message": {"text": "m"}, "locations": [{"physicalLocation": place}]}


def path(finding: Finding) -> str:
    assert isinstance(finding.location, File)
    return finding.location.path


@pytest.mark.parametrize(
    "data",
    [b"", b"{}", b"[]", b'{"version":"2.0.0","runs":[]}', b'{"version":"2.1.0"}',
     b'{"version":"2.1.0","runs":[3]}',
     b'{"version":"2.1.0","runs":[{"results":[3]}]}', b'{"version":"2.1.0","runs":[{"results":"none"}]}',
     b'{"version":"2.1.0","runs":[],"runs":[]}', b"[" * 100_000,
     b'{"version":"2.1.0","runs":[{"externalPropertyFileReferences":{"results":[{}]}}]}'],
)  # fmt: skip
def test_what_is_not_sarif_or_hides_results_is_an_error(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"it |run |result|object"):
        sarif.read(data)


def test_a_byte_order_mark_and_results_of_null_are_fine() -> None:
    value = b'\xef\xbb\xbf{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"x"}},"results":null}]}'
    (run,) = sarif.read(value)
    assert (run.tool.name, run.findings, run.successful) == ("x", (), None)


def test_a_result_without_a_level_has_that_of_its_rule() -> None:
    rules = [{"id": "A", "defaultConfiguration": {"level": "note"}}, {"id": "B"}]
    result = {"message": {"text": "m"}}
    assert one({**result, "ruleIndex": 0}, rules=rules).severity == "low"
    assert one({**result, "ruleId": "A/sub"}, rules=rules).severity == "low"
    assert one({**result, "ruleId": "B"}, rules=rules).severity == "medium"
    assert one({**result, "rule": {"id": "A"}, "level": "error"}, rules=rules).severity == "high"
    assert one({**result, "level": "critical"}).severity == "unknown"
    extension = {"name": "pack", "rules": [{"id": "X", "properties": {"security-severity": "9.1"}}]}
    tool = {"driver": {"name": "lint"}, "extensions": [extension]}
    reference = {"index": 0, "toolComponent": {"index": 0}}
    found = one({**result, "rule": reference}, tool=tool)
    assert (found.severity, found.score, found.rule.id) == ("critical", 9.1, "X")
    # Some tools write a word there, which would reject the file elsewhere.
    word = [
        {"id": "A", "properties": {"security-severity": "Medium"}, "defaultConfiguration": {"level": "error"}}
    ]
    assert one({**result, "ruleId": "A"}, rules=word).severity == "high"


def test_only_what_says_that_all_is_well_is_no_finding() -> None:
    result = {"message": {"text": "m"}}
    passed = [{**result, "kind": "pass"}, {**result, "kind": "notApplicable"}]
    assert read(*passed, {**result, "baselineState": "absent"}) == ()
    assert len(read({**result, "kind": "review"}, {**result, "kind": "open"}, {})) == 3


def test_what_the_tool_suppressed_is_a_finding_that_says_so() -> None:
    found = one(
        {"message": {"text": "m"}, "suppressions": [{"kind": "inSource", "justification": "trust me"}]}
    )
    assert found.evidence == {"suppressed": "inSource trust me"}


def test_paths_are_relative_to_the_root() -> None:
    bases = {"SRCROOT": {"uri": "file:///work/tree/"}, "SUB": {"uri": "sub/", "uriBaseId": "SRCROOT"}}
    assert path(one(at("a%20b.py"))) == "a b.py"
    assert path(one(at("./x/../y#1.py"))) == "y#1.py"
    assert path(one(at("%FF.py"))) == "\\xff.py"
    assert path(one(at("file:///work/tree/a.py"), root="/work/tree")) == "a.py"
    assert path(one(at("file:///etc/passwd"), root="/work/tree")) == "/etc/passwd"
    assert path(one(at("../../etc/passwd"))) == "../../etc/passwd"
    for root in (None, "/work/tree"):
        assert path(one(at("b.py", uriBaseId="SUB"), originalUriBaseIds=bases, root=root)) == "sub/b.py"
    indexed = {
        "message": {"text": "m"},
        "locations": [{"physicalLocation": {"artifactLocation": {"index": 0}}}],
    }
    assert path(one(indexed, artifacts=[{"location": {"uri": "c.py"}}])) == "c.py"
    circle = {"A": {"uriBaseId": "B"}, "B": {"uriBaseId": "A"}}
    assert path(one(at("d.py", uriBaseId="A"), originalUriBaseIds=circle)) == "d.py"


def test_messages_come_from_the_rule_with_their_arguments() -> None:
    rules = [{"id": "A", "messageStrings": {"x": {"text": "{0} of {1} and {7}"}}}]
    result = {"ruleId": "A", "message": {"id": "x", "arguments": ["1", "2"]}}
    assert one(result, rules=rules).message == "1 of 2 and {7}"


def test_hostile_values_are_bounded() -> None:
    place = {"physicalLocation": {"artifactLocation": {"uri": "a" * 10**4}, "region": {"startLine": 10**30}}}
    found = one({"message": {"text": "\x1b" + "x" * 10**6}, "ruleId": 7, "locations": [place] * 500})
    assert len(found.message) < 5000
    assert "\x1b" not in found.message
    assert len(found.related) == 100
    assert isinstance(found.location, File)
    assert found.location.region is None
    assert len(found.location.path) <= 4096


def test_what_the_tool_says_about_itself_is_kept() -> None:
    note = {"level": "error", "message": {"text": "broken"}, "locations": at("a.py")["locations"]}
    invocations = [{"executionSuccessful": False, "toolExecutionNotifications": [note]}]
    value = {"version": "2.1.0", "runs": [{"tool": {}, "invocations": invocations}]}
    (run,) = sarif.read(json.dumps(value).encode())
    assert run.successful is False
    assert [(n.level, n.text, n.path) for n in run.notices] == [("error", "broken", "a.py")]


# --- what we write is what we read ---------------------------------------------------------------

TEXT = st.text(st.characters(codec="utf-8"), max_size=40)
WORD = st.text("abcXYZ019-_.", min_size=1, max_size=12)
NAME = st.binary(min_size=1, max_size=12).filter(
    lambda raw: b"/" not in raw and b"\0" not in raw and raw.strip(b".")
)
PATH = st.lists(NAME, min_size=1, max_size=3).map(lambda parts: to_text(b"/".join(parts)))
LINE = st.integers(1, 5000)


@st.composite
def regions(draw: st.DrawFn) -> Region:
    first, columns = draw(LINE), draw(st.booleans())
    last = first + draw(st.integers(0, 4))
    start = draw(LINE) if columns else None
    end = draw(st.integers(start or 1, 6000)) if columns else None
    return Region(start_line=first, start_column=start, end_line=last, end_column=end)


FILES = st.builds(File, path=PATH, region=regions(), snippet=TEXT.map(visible)) | st.builds(File, path=PATH)
FINDINGS = st.builds(
    Finding,
    id=WORD,
    scanner=st.just("bandit"),
    rule=st.builds(RuleRef, tool=st.sampled_from(["bandit", "other"]), id=WORD),
    kind=st.sampled_from(["sast", "sca", "secrets", "config", "quality"]),
    weakness=st.none() | st.integers(1, 1500).map("CWE-{}".format),
    severity=st.sampled_from(SEVERITIES),
    score=st.none() | st.floats(0, 10),
    confidence=st.sampled_from(CONFIDENCES),
    basis=TEXT,
    message=TEXT.filter(lambda text: bool(visible(text).strip())),
    location=FILES | st.builds(Package, purl=WORD.map("pkg:pypi/{}".format), at=FILES),
    related=st.lists(FILES, max_size=2).map(tuple),
    keys=st.dictionaries(
        st.sampled_from(["tokens/1", "context/1", "github/1", "package/2"]), WORD, max_size=3
    ),
    evidence=st.dictionaries(WORD, TEXT, max_size=3),
    remedy=TEXT,
)


def as_written(finding: Finding) -> dict[str, Any]:
    """Return the parts that have to come back, their text made visible."""
    return {
        "id": finding.id, "rule": finding.rule, "kind": finding.kind, "weakness": finding.weakness,
        "severity": finding.severity, "score": finding.score, "confidence": finding.confidence,
        "basis": visible(finding.basis), "message": visible(finding.message), "location": finding.location,
        "related": finding.related, "keys": finding.keys,
        "evidence": {key: visible(value) for key, value in finding.evidence.items()},
        "remedy": visible(finding.remedy), "scanner": finding.scanner,
    }  # fmt: skip


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(FINDINGS, max_size=4, unique_by=lambda finding: finding.id))
def test_what_is_written_is_read_again(findings: list[Finding]) -> None:
    result = ScanResult(scanner="bandit", kind="sast", status="complete", findings=tuple(findings))
    runs = sarif.read(sarif.write(sample.report(result)))
    got = [finding for run in runs for finding in run.findings]
    assert sorted((as_written(f) for f in got), key=lambda f: str(f["id"])) == sorted(
        (as_written(f) for f in findings), key=lambda f: str(f["id"])
    )


def test_rules_and_tool_come_back() -> None:
    runs = {run.tool.name: run for run in sarif.read(sarif.write(sample.failing()))}
    assert runs["bandit"].rules == (sample.B602, sample.B608)
    assert runs["advisories"].tool == sample.advisories().tool
    assert isinstance(runs["bandit"].rules[0], Rule)
