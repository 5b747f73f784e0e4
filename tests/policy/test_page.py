"""docs/policy.md: its examples are policies, and its table and the JSON Schema say what the loader does."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import jsonschema_rs
import pytest

from devsecops.canonical import canonical
from devsecops.errors import UsageError
from devsecops.policy import GateRule, PolicyText, parse_policy
from devsecops.policy.parse import parse_alone
from scripts.make_schemas import SCHEMAS, make

PAGE = (Path(__file__).parents[2] / "docs" / "policy.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```toml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
VALIDATOR = jsonschema_rs.validator_for(make(*SCHEMAS["policy-1.json"]))


def test_the_examples_say_what_the_page_says_of_them() -> None:
    rules, floor, child = EXAMPLES
    assert parse_policy(rules, "p").gate.rule == (
        GateRule(name="debt", severity="medium", state=("new", "unchanged", "updated"), max=20),
        GateRule(kind=("sca",), severity="unknown"),
    )
    assert parse_policy(floor, "p").coverage.floor == 95
    assert parse_alone(PolicyText("p", child)).gate.fail_on == "medium"
    assert all(VALIDATOR.is_valid(tomllib.loads(text)) for text in EXAMPLES)


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("[waivers]\nfile = 'w.toml'\nmax_days = 1\nwarn_days = 0\nforbid_marks = ['nosec']", True),
        ("[waivers]\nfile = 'more/w..toml'", True),
        ("[waivers]\nfile = '../w.toml'", False),
        ("[waivers]\nfile = 'a/..'", False),
        ("[waivers]\nfile = './w'", False),
        ("[waivers]\nfile = '/w'", False),
        ("[waivers]\nfile = ''", False),
        ('[waivers]\nfile = "a\\nb"', False),
        ("[waivers]\nmax_days = 0", False),
        ("[waivers]\nforbid_marks = ['noqa']", False),
        ("[baseline]\nfile = 'b.json'", True),
        ("[coverage]\nfloor = 99.5", True),
        ("[coverage]\nfloor = -1", False),
        ("[[gate.rule]]\nkind = ['quality']\nseverity = 'unknown'\nmax = 0", True),
        ("[[gate.rule]]\nkind = []", False),
        ("[[gate.rule]]\nstate = ['fixed']", False),
        ("[[gate.rule]]\nname = ' x'", False),
        ("[[gate.rule]]\nmore = 1", False),
        ("[gate.rule]\nmax = 1", False),
    ],
)
def test_the_loader_and_the_schema_agree(text: str, good: bool) -> None:
    assert VALIDATOR.is_valid(json.loads(canonical(tomllib.loads(text)))) is good
    if good:
        parse_policy(text, "p")
    else:
        with pytest.raises(UsageError):
            parse_policy(text, "p")
