"""Made from what each key declares: tightening any key never makes a pass of what was none."""

import datetime
import itertools
from typing import Any

import pytest
from hypothesis import given, settings

from devsecops.policy import parse_policy
from devsecops.policy.file import orders
from tests.gate.worlds import ask, worlds

TOOL = """[[tool]]
name = '{}'
kind = '{}'
command = '/bin/x'
args = ['{{files}}']
reads = {{suffixes = ['.x']}}
canary = [{{label = 'x', files = {{x = ''}}, expects = [{{rule = 'x', file = 'x'}}]}}]
"""
LINT, STRANGER = TOOL.format("other", "quality"), TOOL.format("stranger", "sast")
SAMPLES: dict[str, list[Any]] = {
    "data.max_age_days": [400, 30, 1],
    "tool": ["", LINT, LINT + STRANGER],
    "gate.rule": ["", "[[gate.rule]]\nmax = 1\n", "[[gate.rule]]\nmax = 1\n[[gate.rule]]\nkind = ['sca']\n"],
    "gate.rule.kind": [["sast"], ["sast", "sca"], ["quality", "sast", "sca"]],
    "gate.rule.state": [["unchanged"], ["new", "unchanged"]],
    "gate.rule.max": [2, 1, 0],
    "coverage.floor": [0, 50, 99.5, 100],
    "waivers.max_days": [400, 180, 1],
    "waivers.forbid_marks": [[], ["nosec"], ["nosec", "nosemgrep", "devsecops"]],
}
"""Values from loose to strict of keys that are not words in an order."""


def text(key: str, value: object) -> str:
    if key in ("tool", "gate.rule"):
        return str(value)
    table, _, name = key.rpartition(".")
    table = table.replace("*", "bandit")
    shown = f"'{value}'" if isinstance(value, str) else str(value)
    if key == "gate.unknown":
        shown = f"{{sast = {shown}, sca = {shown}}}"
    head = f"[[{table}]]" if table == "gate.rule" else f"[{table}]" if table else ""
    return f"{head}\n{name} = {shown}\n"


def steps() -> list[tuple[str, object, object]]:
    out: list[tuple[str, object, object]] = []
    for key, order in orders().items():
        if order == "none" or order == "fewer":
            continue
        values = SAMPLES[key] if isinstance(order, str) else list(order)
        out += [(key, loose, strict) for loose, strict in itertools.pairwise(values)]
    return out


@pytest.mark.parametrize(("key", "loose", "strict"), steps())
@settings(max_examples=60, deadline=None)
@given(world=worlds)
def test_stricter_is_never_greener(key: str, loose: object, strict: object, world: dict[str, Any]) -> None:
    before = ask(**world, policy=parse_policy(text(key, loose), "p")).statement
    after = ask(**world, policy=parse_policy(text(key, strict), "p")).statement
    assert not (after.verdict == "pass" and before.verdict != "pass")
    if before.verdict == "fail":
        assert after.verdict == "fail"


def test_a_tool_of_the_policy_that_says_nothing_is_missing() -> None:
    """Also when the plugin that should run it is not there: then no scanner of its name is known."""
    silent = ask(policy=parse_policy(STRANGER, "p")).statement
    assert silent.verdict == "incomplete"
    assert [(reason.code, reason.scanner) for reason in silent.reasons] == [("scanner-missing", "stranger")]
    assert ask(policy=parse_policy(LINT, "p")).statement.verdict == "pass"


def test_a_day_is_what_an_acceptance_ends_with() -> None:
    policy = parse_policy(
        "[[coverage.accept]]\npaths = ['x']\nscanners = ['b']\nreason = 'r'\nexpires = 2027-01-31\n", "p"
    )
    assert datetime.date.fromisoformat(policy.coverage.accept[0].expires) == datetime.date(2027, 1, 31)
