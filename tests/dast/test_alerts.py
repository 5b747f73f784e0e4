# ruff: noqa: E501
"""From alerts to findings: mapping, places, one finding for equal alerts, and nothing that changes by itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devsecops.api import File, Finding, Http, Region, ToolError
from devsecops.findings.complete import complete
from devsecops_zap.addresses import Origin, read_url
from devsecops_zap.alerts import Read, Site, read_alerts
from devsecops_zap.exchange import exchange
from devsecops_zap.openapi import Matcher, read_document
from devsecops_zap.paths import steady, template
from tests.dast.samples import TARGET, message, new, old
from tests.targets import vulnerable

POLICY = File(path=".devsecops/policy.toml", region=Region(start_line=7))
DOCUMENT = """\
openapi: 3.0.0
paths:
  /users/{id}:
    get:
      parameters:
        - {name: id, in: path, required: true, schema: {type: string}}
        - {name: verbose, in: query, schema: {type: boolean}}
"""


def site(origin: Origin = TARGET, alias: str = "staging", *, document: bool = False) -> Site:
    if not document:
        return Site(alias=alias, origin=origin, fallback=POLICY)
    read = read_document(DOCUMENT.encode())
    handler = File(path="app.py", region=Region(start_line=30, end_line=33))
    return Site(
        alias=alias, origin=origin, fallback=POLICY, document="openapi.yaml",
        matcher=Matcher(read.operations, "/v1"),
        handler=lambda method, path: handler if (method, path) == ("GET", "/users/{id}") else None,
    )  # fmt: skip


def read(*alerts: dict[str, Any], origin: Origin = TARGET, document: bool = False) -> Read:
    return read_alerts(alerts, [site(origin, document=document)])


def one(alert: dict[str, Any], *, document: bool = False) -> Finding:
    (finding,) = read(alert, document=document).findings
    return finding


def http(finding: Finding) -> Http:
    assert isinstance(finding.location, Http)
    return finding.location


@pytest.mark.parametrize("shape", [old, new])
def test_an_alert_of_each_version(shape: Any) -> None:
    finding = one(shape())
    assert (finding.rule.tool, finding.rule.id) == ("zap", "40018")
    assert finding.kind == "dast"
    assert (finding.severity, finding.confidence, finding.weakness) == ("high", "medium", "CWE-89")
    assert finding.basis == "ZAP risk high, confidence medium"
    assert finding.location == Http(
        target="staging", method="GET", template="/users", param="name", at=POLICY
    )
    assert finding.message == "SQL Injection in GET /users, parameter name"
    assert finding.evidence == {"attack": "bob'", "evidence": "unrecognized token", "wasc": "WASC-19"}


def test_rules() -> None:
    found = read(
        old(), old(alertRef="10038-2", name="CSP", risk="Low", cweid="-1", description="", reference="")
    )
    assert [rule.id for rule in found.rules] == ["10038-2", "40018"]
    sql = found.rules[1]
    assert sql.summary == "SQL injection may be possible."
    assert (sql.help, sql.help_uri, sql.weakness) == ("Bind parameters.", "https://example.org/sql", "CWE-89")
    assert found.rules[0].weakness is None
    assert found.messages == ("17", "17")


@pytest.mark.parametrize(
    ("risk", "severity"),
    [("High", "high"), ("Medium", "medium"), ("Low", "low"), ("Informational", "info"), ("3", "high"), ("0", "info"),
     ("", "unknown"), ("Worst", "unknown")],
)  # fmt: skip
def test_risk(risk: str, severity: str) -> None:
    assert one(old(risk=risk)).severity == severity


@pytest.mark.parametrize(
    ("confidence", "expected"),
    [("High", "high"), ("Medium", "medium"), ("Low", "low"), ("Confirmed", "high"), ("User Confirmed", "high"), ("", "low")],
)  # fmt: skip
def test_confidence(confidence: str, expected: str) -> None:
    assert one(old(confidence=confidence)).confidence == expected


def test_a_false_positive_never_counts() -> None:
    assert read(old(confidence="False Positive")).findings == ()


def test_the_operation_of_the_document_and_the_handler_of_the_source() -> None:
    finding = one(old(url=f"{TARGET}/v1/users/bob%27", param="bob"), document=True)
    line = DOCUMENT.splitlines().index("    get:") + 1
    at = File(path="openapi.yaml", region=Region(start_line=line))
    assert finding.location == Http(target="staging", method="GET", template="/users/{id}", param="id", at=at)
    assert finding.related == (File(path="app.py", region=Region(start_line=30, end_line=33)),)
    query = one(old(url=f"{TARGET}/v1/users/5?verbose=bob%27", param="verbose"), document=True)
    assert http(query).param == "verbose"
    other = one(old(url=f"{TARGET}/v1/none?a=bob%27", param="a"), document=True)
    assert http(other).template == "/v1/none"
    assert http(other).at == POLICY


def test_a_part_of_a_path_without_a_document() -> None:
    found = http(one(old(url=f"{TARGET}/users/x%27%20OR%201=1/posts/7", param="bob", attack="x' OR 1=1")))
    assert (found.template, found.param) == ("/users/{value}/posts/{id}", "path[2]")


def test_equal_alerts_are_one_finding_the_worst_of_them() -> None:
    found = read(
        old(url=f"{TARGET}/users/1?name=a", risk="Low", messageId="1"),
        old(url=f"{TARGET}/users/2?name=b", risk="High", messageId="2"),
        old(url=f"{TARGET}/users/3?name=b", risk="High", confidence="Low", messageId="3"),
        old(url=f"{TARGET}/users/3?name=b", method="POST"),
        old(url=f"{TARGET}/users/3?name=b", param="other"),
        old(url=f"{TARGET}/users/3?name=b", alertRef="1"),
    )
    assert len(found.findings) == 4
    assert found.messages[found.findings.index(_by(found, "40018", "GET", "name"))] == "2"
    assert _by(found, "40018", "GET", "name").severity == "high"


def _by(found: Read, rule: str, method: str, param: str) -> Finding:
    (finding,) = [
        f for f in found.findings if (f.rule.id, http(f).method, http(f).param) == (rule, method, param)
    ]
    return finding


def test_alerts_of_other_sites_are_named() -> None:
    found = read(old(), old(url="http://evil.example/x"))
    assert found.strangers == ("http://evil.example",)
    assert len(found.findings) == 1


@pytest.mark.parametrize(
    "broken", [{"url": ""}, {"url": "javascript:1"}, {"alertRef": "", "pluginId": ""}, {"alertRef": "x"}]
)
def test_an_alert_that_is_none_is_an_error(broken: dict[str, str]) -> None:
    with pytest.raises(ToolError, match="an alert"):
        read(old(**broken))
    with pytest.raises(ToolError):
        read({"alert": 1})


def keys(found: Read) -> list[tuple[dict[str, str], str]]:
    return [(complete(f, None).keys, f.message) for f in found.findings]


@given(
    st.integers(1, 65_535), st.sampled_from(["127.0.0.1", "::1", "localhost", "staging.example"]),
    st.integers(0, 10**9), st.uuids(), st.integers(0, 10**6), st.integers(1_000_000, 9_999_999),
)  # fmt: skip
def test_identity_is_the_same_in_every_run(
    port: int, host: str, number: int, uuid: Any, serial: int, token: int
) -> None:
    """Not by port, host, ids in the path, ids of messages and alerts, and tokens in payloads."""

    def run(origin: Origin, a: object, b: object, serial: int, token: str) -> Read:
        path = f"{origin}/users/{a}/keys/{b}/page.html"
        return read(
            old(url=f"{path}?q={token}", attack=f"<b>{token}", evidence=f"{origin}/{token}", id=f"{serial}",
                messageId=f"{serial}", param="q", other=f"{serial}"),
            new(url=f"{path}", param="x-frame-options", attack="", nodeName=f"{path} ({token})", alertRef="10020-1"),
            new(url=f"{origin}/files/..%2F..%2F{token}", attack=f"../../{token}", param="a.txt", alertRef="6-1"),
            origin=origin,
        )  # fmt: skip

    other = Origin(scheme="http", host=host, port=port)
    first = run(TARGET, 1, "123e4567-e89b-42d3-a456-426614174000", 1, "zq1234567z")
    second = run(other, number, uuid, serial, f"zq{token}z")
    assert keys(first) == keys(second)
    assert [f.evidence for f in first.findings] == [f.evidence for f in second.findings]


@given(st.permutations([
    old(messageId="1", attack="a'"), old(messageId="2", attack="b'"), old(risk="Low"), new(param="z"), new(url=f"{TARGET}/u/9"),
]))  # fmt: skip
def test_the_order_of_alerts_says_nothing(alerts: list[dict[str, Any]]) -> None:
    assert msgspec.json.encode(read(*alerts).findings) == msgspec.json.encode(
        read(*sorted(alerts, key=json.dumps)).findings
    )


@given(st.dictionaries(st.sampled_from(sorted(new())), st.text(max_size=20)), st.text(max_size=20))
def test_no_alert_breaks_it(values: dict[str, str], path: str) -> None:
    try:
        found = read(new(**{**values, "url": f"{TARGET}/{path}"}))
    except ToolError:
        return
    for finding in found.findings:
        assert len(finding.location.param or "") <= 200  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", "/"), ("", "/"), ("/users/5", "/users/{id}"), ("/users/5/", "/users/{id}/"), ("/v1/users", "/v1/users"),
        ("/users/123e4567-e89b-42d3-a456-426614174000/x", "/users/{id}/x"), ("/c/9f86d081", "/c/{id}"),
        ("/c/9f86d081884c7d659a2feaa0c55ad015a3bf4f1b", "/c/{id}"), ("/c/deadbeef", "/c/deadbeef"),
        ("/c/facade", "/c/facade"), ("/d/2024-01-31", "/d/{id}"), ("/user-17.json", "/user-{id}.json"),
        ("/a/oauth2/s3/b2b", "/a/oauth2/s3/b2b"), ("/t/eyJhbGciOiJIUzI1NiIsInR5cCI", "/t/{id}"),
        ("/x/%3Cscript%3E", "/x/{value}"), ("/x/a%20b", "/x/a b"), ("/x/../y", "/x/../y"), ("/ü", "/ü"),
    ],
)  # fmt: skip
def test_templates_of_paths(path: str, expected: str) -> None:
    assert template(path).replace("%20", " ") == expected


@given(st.text(max_size=40))
def test_a_template_of_a_template_is_itself(path: str) -> None:
    made = template(path)
    again = template(made.replace("{id}", "7"))
    assert again.replace("{value}", "") == made.replace("{value}", "") or "{" in path or "}" in path


def test_steady_texts() -> None:
    assert (
        steady("see http://127.0.0.1:8080/x and 127.0.0.1:8080", str(TARGET)) == "see <target>/x and <target>"
    )
    assert steady("http://127.0.0.1:80800/", str(TARGET)) == "http://127.0.0.1:80800/"
    assert (
        steady("token 4f9a1b2c3d and 1795568523, v2.17.0, users")
        == "token <random> and <number>, v2.17.0, users"
    )
    assert steady("/etc%2Fpasswd9 /a%2F4f9a1b2c3d") == "/etc%2Fpasswd9 /a%2F<random>"


def test_a_message_as_evidence() -> None:
    found = exchange(message(), origin=str(TARGET), marks=("unrecognized token",))
    assert found["request"] == (
        "POST /login?next=/&token=[redacted] HTTP/1.1\n"
        "Authorization: [redacted]\n"
        "Content-Type: application/json\n"
        "Cookie: [redacted]\n"
        "\n"
        '{"user": "bob\'", "password": "[redacted]"}'
    )
    assert found["response"] == (
        "HTTP/1.1 500 INTERNAL SERVER ERROR\n"
        "Content-Type: text/html\n"
        "Server: Werkzeug\n"
        "Set-Cookie: [redacted]\n"
        "\n"
        '<b>unrecognized token: "\'"</b>'
    )


def test_evidence_is_capped_and_holds_nothing_of_one_run() -> None:
    big = exchange(
        message(requestBody="a" * 10**6, responseBody="b" * 10**6 + "mark" + "c" * 10**6), marks=("mark",)
    )
    assert all(len(text) <= 1_000 for text in big.values())
    assert "mark" in big["response"]
    assert exchange({}) == {}
    changed = message()
    changed["responseHeader"] = (
        changed["responseHeader"].replace("Wed, 25", "Thu, 26").replace("7c9e", "8d0f")
    )
    changed["requestHeader"] = changed["requestHeader"].replace("0123456789abcdef", "fedcba")
    assert exchange(changed) == exchange(message())


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_message_breaks_it(head: str, body: str) -> None:
    exchange({"requestHeader": head, "responseBody": body, "responseHeader": body}, marks=(head[:3],))


RULES = {
    "690001": "xss", "690002": "sql-error", "690003": "sql-boolean", "690004": "traversal", "690005": "redirect",
    "690006": "headers",
}  # fmt: skip


def recorded(version: str) -> dict[str, Any]:
    """What a real ZAP answered after an active scan of the vulnerable target, with the rules of tests/zap."""
    found: dict[str, Any] = json.loads((Path(__file__).parent / f"data/zap-{version}.json").read_text())
    return found


def findings_of(version: str) -> Read:
    data = recorded(version)
    document = read_document(vulnerable.DOCUMENT_FILE.read_bytes())
    matcher = Matcher(document.operations, document.base)
    origin = read_url(data["origin"]).origin
    return read_alerts(data["alerts"], [Site(alias="bad", origin=origin, document="o.yaml", matcher=matcher)])


@pytest.mark.parametrize("version", ["2.17.0", "2.11.1"])
def test_alerts_of_real_daemons_name_the_planted_flaws(version: str) -> None:
    found = findings_of(version)
    assert found.strangers == ()
    seen = {(RULES[f.rule.id], http(f).method, http(f).template, http(f).param or "") for f in found.findings}
    for flaw in vulnerable.FLAWS:
        if flaw.kind != "headers":
            assert (flaw.kind, flaw.method, flaw.template, flaw.param) in seen
    planted = {(f.kind, f.method, f.template, f.param) for f in vulnerable.FLAWS}
    # What else 2.17.0 says: a part put behind a path parameter, which the service takes as more of it.
    more = {one for one in seen - planted if one[0] != "headers"}
    behind = {
        ("xss", "GET", "/hello/{name}/{value}", "path[3]"),
        ("sql-error", "GET", "/users/{name}/{value}", "path[3]"),
    }
    assert more == (behind if version == "2.17.0" else set())
    assert ("headers" in {one[0] for one in seen}) is (version == "2.11.1")
    lines = vulnerable.DOCUMENT_FILE.read_text().splitlines()
    for finding in found.findings:
        at = http(finding).at
        assert at is not None
        assert at.region is not None
        assert lines[at.region.start_line - 1].strip().startswith(http(finding).method.lower())


def test_two_versions_of_zap_say_the_same_of_a_flaw() -> None:
    """The identity of a finding does not hang on ZAP's version, nor on the port of that run."""
    old_keys, new_keys = (
        {complete(f, None).keys["operation/1"] for f in findings_of(v).findings} for v in ("2.11.1", "2.17.0")
    )
    assert len(old_keys & new_keys) == len([flaw for flaw in vulnerable.FLAWS if flaw.kind != "headers"])
    assert recorded("2.11.1")["origin"] != recorded("2.17.0")["origin"]


@pytest.mark.parametrize("version", ["2.17.0", "2.11.1"])
def test_messages_of_real_daemons_as_evidence(version: str) -> None:
    data = recorded(version)
    origin = data["origin"]
    for alert in data["alerts"]:
        if alert["messageId"] in data["messages"]:
            shown = exchange(data["messages"][alert["messageId"]], origin=origin, marks=(alert["evidence"],))
            assert shown["request"].splitlines()[0].startswith(f"{alert['method']} /")
            assert shown["response"].startswith("HTTP/1.1 ")
            assert alert["evidence"] in shown["response"]
            assert origin.rpartition(":")[2] not in json.dumps(shown)
            assert "Date:" not in shown["response"]
