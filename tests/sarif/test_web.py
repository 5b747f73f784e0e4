"""HTTP messages go out as SARIF's own objects and come back; what is none stays a text."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from devsecops import sarif
from devsecops.model import Http
from scripts.validate_sarif import schema_errors
from tests.reports import sample

REQUEST = 'POST /login?next=/ HTTP/1.1\nContent-Type: application/json\nCookie: [redacted]\n\n{"user": "\'"}'
RESPONSE = "HTTP/1.1 500 Internal Server Error\nContent-Type: text/html\n\nsyntax error\n\nat line 1"


def written(**evidence: str) -> tuple[bytes, dict[str, Any]]:
    """Return a log with one finding that has this evidence, and its result."""
    where = Http(target="shop", method="POST", template="/login", param="user")
    found = replace(sample.bandit(sample.B608, 6, 20, 79), location=where, evidence=evidence)
    log = sarif.write(sample.report(sample.result("bandit", found)))
    (run,) = (run for run in json.loads(log)["runs"] if run["results"])
    return log, run["results"][0]


def read_again(log: bytes) -> dict[str, str]:
    """Return the evidence of the one finding of a log."""
    (finding,) = (finding for run in sarif.read(log) for finding in run.findings)
    return finding.evidence


def test_a_request_and_its_response_are_objects_of_the_standard() -> None:
    log, result = written(request=REQUEST, response=RESPONSE, attack="'")
    assert result["webRequest"] == {
        "protocol": "HTTP", "version": "1.1", "method": "POST", "target": "/login?next=/",
        "headers": {"Content-Type": "application/json", "Cookie": "[redacted]"},
        "body": {"text": "{\"user\": \"'\"}"},
    }  # fmt: skip
    assert result["webResponse"] == {
        "protocol": "HTTP", "version": "1.1", "statusCode": 500, "reasonPhrase": "Internal Server Error",
        "headers": {"Content-Type": "text/html"}, "body": {"text": "syntax error\n\nat line 1"},
    }  # fmt: skip
    assert result["properties"]["devsecops"]["evidence"] == {"attack": "'"}
    assert schema_errors(log) == []
    assert read_again(log) == {"request": REQUEST, "response": RESPONSE, "attack": "'"}


def test_what_is_no_message_stays_a_text() -> None:
    for said in (
        "a request for help",
        "GET / HTTP/1.1\nno header",
        "GET two words HTTP/1.1",
        "HTTP/1.1 20 OK",
    ):
        log, result = written(request=said, response=said)
        assert "webRequest" not in result
        assert "webResponse" not in result
        assert read_again(log) == {"request": said, "response": said}


def test_headers_of_one_name_are_one() -> None:
    log, result = written(response="HTTP/1.1 204\nVary: Accept\nVary: Cookie")
    assert result["webResponse"]["headers"] == {"Vary": "Accept, Cookie"}
    assert read_again(log) == {"response": "HTTP/1.1 204\nVary: Accept, Cookie"}


@given(st.recursive(st.none() | st.integers() | st.text(max_size=9), st.lists, max_leaves=3))
def test_no_message_of_another_tool_breaks_it(value: object) -> None:
    log, result = written(request=REQUEST)
    whole = json.loads(log)
    for key in result["webRequest"]:
        for run in whole["runs"]:
            for one in run["results"]:
                one["webRequest"] = result["webRequest"] | {key: value}
                one["webResponse"] = {"statusCode": value, "headers": {"a": value}, "body": value}
        assert set(read_again(json.dumps(whole).encode())) <= {"request", "response"}
