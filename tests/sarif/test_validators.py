"""What is written passes the standard's schema and Microsoft's validator."""

import json
from collections.abc import Callable

import pytest

from devsecops import sarif
from devsecops.model import Report
from scripts.validate_sarif import multitool, schema_errors, with_pipeline
from tests.reports import sample

pytestmark = pytest.mark.e2e
PIPELINE = {"GHAzDO1019", "GHAzDO1020"}
"""The two rules that ask for the facts of an Azure pipeline."""


@pytest.mark.parametrize("make", [sample.passing, sample.hostile, sample.several, sample.waived])
def test_neither_judge_has_an_error_or_a_warning(make: Callable[[], Report]) -> None:
    log = sarif.write(make())
    assert schema_errors(log) == []
    assert [said for said in multitool(with_pipeline(log)) if said[0] != "note"] == []


def test_nothing_but_the_pipelines_facts_is_missing() -> None:
    said = [one for one in multitool(sarif.write(sample.several())) if one[0] != "note"]
    assert {rule for _, rule, _ in said} == PIPELINE


def test_the_judges_see_what_is_wrong() -> None:
    log = json.loads(sarif.write(sample.several()))
    log["runs"][1]["results"][0]["ruleIndex"] = 99
    log["runs"][1]["tool"]["driver"]["rules"][0]["name"] = log["runs"][1]["tool"]["driver"]["rules"][0]["id"]
    assert any(level != "note" for level, _, _ in multitool(with_pipeline(json.dumps(log).encode())))
    del log["runs"][1]["tool"]
    log["runs"][0]["results"][0]["level"] = "critical"
    assert len(schema_errors(json.dumps(log).encode())) == 2
