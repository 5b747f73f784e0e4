"""Made from what each key declares: tightening any key never makes a pass of what was none."""

import datetime
import itertools
from typing import Any

import pytest
from hypothesis import given, settings

from devsecops.policy import parse_policy
from devsecops.policy.file import orders
from tests.gate.worlds import ask, worlds

SAMPLES: dict[str, list[Any]] = {"data.max_age_days": [400, 30, 1]}


def text(key: str, value: object) -> str:
    table, _, name = key.rpartition(".")
    table = table.replace("*", "bandit")
    shown = f"'{value}'" if isinstance(value, str) else str(value)
    if key == "gate.unknown":
        shown = f"{{sast = {shown}, sca = {shown}}}"
    return (f"[{table}]\n" if table else "") + f"{name} = {shown}\n"


def steps() -> list[tuple[str, object, object]]:
    out: list[tuple[str, object, object]] = []
    for key, order in orders().items():
        if order == "none" or order == "fewer":
            continue
        values = SAMPLES[key] if order == "smaller" else list(order)
        out += [(key, loose, strict) for loose, strict in itertools.pairwise(values)]
    return out


@pytest.mark.parametrize(("key", "loose", "strict"), steps())
@settings(max_examples=60)
@given(world=worlds)
def test_stricter_is_never_greener(key: str, loose: object, strict: object, world: dict[str, Any]) -> None:
    before = ask(**world, policy=parse_policy(text(key, loose), "p")).statement
    after = ask(**world, policy=parse_policy(text(key, strict), "p")).statement
    assert not (after.verdict == "pass" and before.verdict != "pass")
    if before.verdict == "fail":
        assert after.verdict == "fail"


def test_a_day_is_what_an_acceptance_ends_with() -> None:
    policy = parse_policy(
        "[[coverage.accept]]\npaths = ['x']\nscanners = ['b']\nreason = 'r'\nexpires = 2027-01-31\n", "p"
    )
    assert datetime.date.fromisoformat(policy.coverage.accept[0].expires) == datetime.date(2027, 1, 31)
