"""The code says what docs/contracts.md and the JSON Schemas say."""

import json
import tomllib
from pathlib import Path
from typing import Any, get_args

import jsonschema_rs
import msgspec
import pytest

from devsecops import model
from devsecops.canonical import canonical
from devsecops.cli.init import policy_text
from devsecops.findings.baseline import baseline_bytes, make_baseline
from devsecops.gate import OUTCOME
from devsecops.model import Cover, Unit
from devsecops.policy.file import orders
from scripts.make_schemas import FOLDER, SCHEMAS, render
from tests.run.runs import found, make, save

PAGE = (Path(__file__).parents[1] / "docs" / "contracts.md").read_text()


def table(heading: str) -> list[list[str]]:
    """Return the rows of the first table under a heading of the page."""
    lines = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0].splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return rows[2:]


def validator(name: str) -> Any:
    return jsonschema_rs.validator_for(json.loads((FOLDER / name).read_text()), validate_formats=True)


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_schemas_are_made_from_the_values(name: str) -> None:
    assert (FOLDER / name).read_text() == render(name), "run scripts/make_schemas.py"


def test_what_is_written_is_what_the_schemas_say(tmp_path: Path) -> None:
    out = save(tmp_path / "out", make(found()))
    verdict = json.loads((out / "verdict.json").read_bytes())
    run = json.loads((out / "run.json").read_bytes())
    validator("verdict-1.json").validate(verdict)
    validator("run-1.json").validate(run)
    assert not validator("verdict-1.json").is_valid({**verdict, "more": 1})
    assert not validator("run-1.json").is_valid({**run, "schema": "devsecops.run/2"})


def test_a_baseline_is_what_its_schema_says() -> None:
    run = make(found(), rows=(Cover(unit=Unit(kind="file", id="x.py"), scanner="bandit", state="failed"),))
    made = make_baseline(run.verdict.statement, run.verdict.digest, run.results, run.ledger)
    value = json.loads(baseline_bytes(made))
    validator("baseline-1.json").validate(value)
    assert (len(value["findings"]), len(value["gaps"])) == (1, 1)
    assert not validator("baseline-1.json").is_valid({**value, "schema": "devsecops.baseline/2"})
    assert not validator("baseline-1.json").is_valid({**value, "more": 1})


def test_policies_are_what_their_schema_says(tmp_path: Path) -> None:
    accept = "[[coverage.accept]]\npaths = ['a']\nscanners = ['b']\nreason = 'c'\nexpires = 2027-01-31\n"
    for text in ("", policy_text(tmp_path), accept, "[scanners.bandit]\nrequired = 'yes'\nown = 1"):
        value = json.loads(canonical(tomllib.loads(text)))
        validator("policy-1.json").validate(value)
    for text in ("gates = 1", "[gate]\nfail_on = 'worst'", "[[coverage.accept]]\npaths = ['a']"):
        assert not validator("policy-1.json").is_valid(tomllib.loads(text))


def test_the_page_lists_every_reason_with_what_it_makes() -> None:
    assert {row[0]: row[1] for row in table("Reasons")} == dict(OUTCOME)
    assert [row[0] for row in table("Reasons")] == list(get_args(model.ReasonCode))


def test_the_page_lists_every_state_and_key() -> None:
    assert {word for row in table("Model")[:1] for word in row[0].split(", ")} == model.GREEN_STATES
    shown = {key: order if isinstance(order, str) else ", ".join(order) for key, order in orders().items()}
    assert {row[0]: row[1] for row in table("Policy")} == shown


def test_the_page_lists_the_files_of_a_run(tmp_path: Path) -> None:
    out = save(tmp_path / "out", make())
    written = {
        str(file.relative_to(out)).replace("bandit", "SCANNER") for file in out.rglob("*") if file.is_file()
    }
    assert {row[0] for row in table("Files of a run")} == written


def test_the_page_lists_the_exit_codes() -> None:
    from devsecops.errors import DevsecopsError, IncompleteError, UsageError

    said = {row[0]: row[1].partition(":")[0] for row in table("Exit codes")}
    assert said == {
        "0": "pass", "1": "fail", "2": "usage or configuration", "3": "incomplete", "4": "internal error",
    }  # fmt: skip
    assert (UsageError.exit_code, IncompleteError.exit_code, DevsecopsError.exit_code) == (2, 3, 4)


def test_an_old_verdict_is_read_when_a_field_with_a_default_was_added(tmp_path: Path) -> None:
    out = save(tmp_path / "out", make())
    old = json.loads((out / "verdict.json").read_bytes())
    del old["files"]
    assert msgspec.convert(old, model.Verdict).files == {}
