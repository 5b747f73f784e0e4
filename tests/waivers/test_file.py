"""The file of waivers: every mistake is one sentence that names the entry and what to do."""

from __future__ import annotations

import json
import tomllib
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devsecops.canonical import canonical
from devsecops.errors import UsageError
from devsecops.waivers.file import read_waivers
from devsecops.waivers.model import Waiver
from scripts.make_schemas import FOLDER
from tests.findings.changes import findings
from tests.findings.test_matching import module
from tests.waivers.waivers import text_of

ONE = text_of(*findings({"a.py": module([1])}))
MANY = """\
[[waiver]]
rule = "bandit/B1*"
path = ["tests/**", "examples"]
reason = "not shipped"
owner = "team"
created = 2026-11-01
expires = 2027-01-31
"""


def read(text: str) -> tuple[Waiver, ...]:
    return read_waivers(text.encode(), "waivers.toml")


def test_both_kinds_of_entries_are_read() -> None:
    one, many = read("schema = 1\n" + ONE + MANY)
    assert one.label == f"waiver[{one.id}]"
    assert (one.rule, one.lines, set(one.keys)) == ("tool/R1", ("a.py", 4, 4), {"tokens/1", "context/1"})
    assert (one.created, one.expires, one.commit) == ("2026-11-01", "2027-01-31", "b" * 40)
    assert (many.label, many.id, many.paths) == ("waiver[1]", None, ("tests/**", "examples"))
    assert many.about == "bandit/B1* tests/**, examples"
    assert read("") == read("waiver = []") == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x", "not valid TOML"),
        ("waivers = 1", "unknown key waivers; the nearest is waiver."),
        ("schema = 2", "schema: this version reads 1 only."),
        ("waiver = 3", "waiver: write each one under [[waiver]]."),
        ("waiver = [3]", "waiver[0]: expected `object`, got `int`."),
        (MANY + MANY.replace("owner", "ownr"), "waiver[1]: unknown key ownr; the nearest is owner."),
        (MANY.replace('owner = "team"\n', ""), "waiver[0]: object missing required field `owner`."),
        (MANY.replace("team", "  "), "waiver[0].owner: "),
        (MANY.replace("not shipped", ""), "waiver[0].reason: "),
        (MANY.replace("expires = 2027-01-31", ""), "waiver[0]: object missing required field `expires`."),
        (MANY.replace("2027-01-31", "2027-01-31T00:00:00"), "waiver[0].expires: expected `date`"),
        (MANY.replace("2027-01-31", "2026-10-31"), "waiver[0]: it expires before it was created"),
        (MANY.replace("bandit/B1*", "B101"), "waiver[0].rule: "),
        (MANY.replace("bandit/B1*", "bandit/B*1"), "waiver[0]: rule: only the end of a rule may be a *."),
        (MANY.replace('path = ["tests/**", "examples"]', ""), "waiver[0]: path is missing"),
        (MANY.replace('["tests/**", "examples"]', "[]"), "waiver[0].path: "),
        (MANY + "line = 3\n", "waiver[0]: line goes with an id"),
        (MANY + 'keys = { "tokens/1" = "a" }\n', "waiver[0]: keys goes with an id"),
        (ONE.replace('path = "a.py"', 'path = ["a.py"]'), "it is about one finding: give one path."),
        (ONE.replace("tool/R1", "tool/R*"), "it is about one finding: give its whole rule."),
        (ONE.replace("tokens/1", "token/1"), "waiver[0].keys: unknown key token/1; the nearest is tokens/1."),
        (ONE.replace("line = 4", "line = 4\nend_line = 3"), "waiver[0]: end_line comes before line."),
        (ONE.replace("bbbb", "b"), "waiver[0].commit: "),
        (ONE.replace("commit =", "# ").replace("context/1", "resource/1"), ""),
        ("".join(line for line in ONE.splitlines(True) if not line.startswith(("keys", "commit"))),
         "waiver[0]: an id alone finds nothing again: keys, or path, line and commit are missing; "),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_entry(text: str, said: str) -> None:
    if not said:
        assert read(text)[0].commit is None
        return
    with pytest.raises(UsageError) as error:
        read(text)
    assert str(error.value).startswith("waivers.toml")
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_what_is_no_text_is_a_mistake() -> None:
    with pytest.raises(UsageError, match=r"w\.toml is not UTF-8 text"):
        read_waivers(b"\xff", "w.toml")


def test_a_secret_in_a_reason_gets_no_further() -> None:
    (one,) = read(MANY.replace("not shipped", "uses AKIAIOSFODNN7EXAMPLE for tests"))
    assert "AKIAIOSFODNN7EXAMPLE" not in one.reason
    assert one.reason.startswith("uses ")


SCRAPS = st.sampled_from(
    [*ONE.splitlines(), *MANY.splitlines(), "[[waiver]]", "[x]", "id = 1", "path = ''", ""]
)


@given(st.lists(SCRAPS, max_size=12))
def test_any_text_is_read_or_refused(lines: list[str]) -> None:
    try:
        found = read("\n".join(lines))
    except UsageError:
        return
    assert all(one.reason and one.owner and one.expires >= one.created for one in found)


def test_the_schema_says_what_the_reader_says() -> None:
    schema = jsonschema_rs.validator_for(
        json.loads((FOLDER / "waivers-1.json").read_text()), validate_formats=True
    )

    def plain(text: str) -> Any:
        return json.loads(canonical(tomllib.loads(text)))

    for text in ("", ONE, MANY, ONE + MANY):
        schema.validate(plain(text))
    for text in (
        "waivers = 1",
        MANY.replace("owner", "ownr"),
        MANY.replace("team", " "),
        MANY.replace('"bandit/B1*"', "1"),
    ):
        assert not schema.is_valid(plain(text))
