"""The pure parts of the phases: requests as written, points that are attacked, what is said of outcomes."""

from __future__ import annotations

import re

import pytest

from devsecops_zap.attacking import _others
from devsecops_zap.config import Phase
from devsecops_zap.phases import Outcome, State
from devsecops_zap.requests import Point, Request
from devsecops_zap.seeding import written
from devsecops_zap.telling import problems_of


def test_a_request_as_it_goes_over_the_line() -> None:
    request = Request(
        operation="POST /a", method="POST", url="http://127.0.0.1:8080/a?q=1", body="{\"ä\": 1}",
        headers=(("Content-Type", "application/json"), ("Host", "evil.example"), ("X-One", "own")),
        points=(Point(place="json", name="ä"),),
    )  # fmt: skip
    text = written(request, [("x-one", "other"), ("X-Two", "2"), ("Content-Length", "9")])
    assert text == (
        "POST http://127.0.0.1:8080/a?q=1 HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n"
        'x-one: other\r\nX-Two: 2\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"ä": 1}'
    ), "the policy's headers count before the request's own, and none twice"


@pytest.mark.parametrize("names", [{"bob"}, {"a.b", "c"}, {"x+y", "(z"}, set()])
def test_all_names_but_these(names: set[str]) -> None:
    pattern = re.compile(_others(names))
    assert not any(pattern.fullmatch(name) for name in names)
    for other in ("bobby", "", "users", "aXb", "cc", "User-Agent"):
        assert (pattern.fullmatch(other) is not None) == (other not in names)


def outcome(phase: Phase, state: State, why: str = "", *, outside: bool = False) -> Outcome:
    return Outcome(phase=phase, state=state, why=why, outside=outside)


def test_each_unfinished_phase_is_a_problem_and_those_after_it_are_one() -> None:
    said = problems_of(
        [
            outcome("seed", "complete"), outcome("spider", "cut short", "its time is used up"),
            outcome("passive", "sent nothing", "it sent nothing"),
            outcome("active", "cut short", "ZAP touched x", outside=True),
        ]
    )  # fmt: skip
    assert [(one.code, one.message) for one in said] == [
        ("phase-unfinished", "phase spider was cut short: its time is used up"),
        ("phase-unfinished", "phase passive did nothing: it sent nothing"),
        ("outside-target", "phase active was cut short: ZAP touched x"),
    ]
    said = problems_of([outcome("seed", "cut short", "x"), outcome("spider", "not begun"),
                        outcome("active", "not begun")])  # fmt: skip
    assert [one.message for one in said] == ["phase seed was cut short: x", "not begun: spider, active"]
    assert problems_of([outcome("seed", "complete")]) == ()
