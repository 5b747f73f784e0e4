"""Entries as text: what is written reads back, and nothing else in the file changes."""

from __future__ import annotations

import tomllib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devsecops.errors import UsageError
from devsecops.model import File, Region, RuleRef
from devsecops.waivers.file import read_waivers
from devsecops.waivers.text import appended, entry, lines_for, refreshed
from tests.findings.changes import findings
from tests.findings.test_matching import SECRET, module
from tests.waivers.waivers import COMMIT, text_of

ONE, TWO = findings({"a.py": module([1, 2])})
NEW = "c" * 40
CHARACTERS = st.characters(exclude_characters=[chr(n) for n in range(0xD800, 0xE000)])
WORDS = st.text(CHARACTERS, min_size=1, max_size=30).filter(lambda text: text.strip() != "")


@given(WORDS, WORDS, WORDS, st.integers(1, 99), st.integers(0, 5), st.integers(0, 80))
def test_what_is_written_reads_back(
    path: str, reason: str, rule: str, line: int, more: int, column: int
) -> None:
    region = Region(start_line=line, end_line=line + more, start_column=column or None)
    name = RuleRef(tool="tool", id=rule.strip().rstrip("*") or "R")
    one = msgspec.structs.replace(ONE, location=File(path=path, region=region), rule=name)
    days = {"created": "2026-01-02", "expires": "2026-02-03"}
    text = entry(lines_for(one, COMMIT), reason=reason, owner="me", **days)
    table = tomllib.loads(text)["waiver"][0]
    assert (table["reason"], table["path"], table["rule"]) == (reason, path, f"tool/{name.id}")
    (read,) = read_waivers(text.encode(), "w.toml")
    assert (read.lines, read.column) == ((path, line, line + more), column)
    assert (read.commit, read.created, read.expires) == (COMMIT, *days.values())


def test_what_nothing_would_find_again_is_refused() -> None:
    masked = msgspec.structs.replace(ONE, location=File(path="[redacted].py", region=Region(start_line=1)))
    with pytest.raises(UsageError, match="rename the file"):
        lines_for(masked, COMMIT)
    (secret,) = findings({"a.py": SECRET}, "secrets")
    (hidden,) = findings({"a.py": 'password = eval("hunter-2-secret")\n'})
    for one in (secret, hidden):
        with pytest.raises(UsageError, match="commit, scan, and waive it then"):
            lines_for(one, None)
        assert lines_for(one, COMMIT)["line"]
    assert "keys" not in lines_for(secret, COMMIT)
    assert "commit" not in lines_for(ONE, None)


@pytest.mark.parametrize(
    "before", ["", "# ours\n", "# no end", text_of(ONE), text_of(ONE) + "\n\n", "schema = 1\r\n"]
)
def test_an_entry_is_put_behind_what_is_there(before: str) -> None:
    out = appended(before.encode(), text_of(TWO), "w.toml")
    assert out.startswith(before.encode())
    assert out.endswith(text_of(TWO).encode())
    assert [one.id for one in read_waivers(out, "w.toml")][-1] == TWO.id


@pytest.mark.parametrize("before", ["waiver = []", "[waiver]", "x = 1", "schema = 1\n[[waiver]]\nid = 1"])
def test_nothing_is_put_behind_what_cannot_hold_it(before: str) -> None:
    with pytest.raises(UsageError, match=r"w\.toml"):
        appended(before.encode(), text_of(TWO), "w.toml")


ODD = """\
# ours: [[waiver]] is no entry here
schema = 1

[[waiver]]   # the first
# why it is here
reason = "known [[waiver]]"   # a comment
id = "{one}"
rule = "tool/R1"
  path = "a.py"
line = 1
owner = "team"
created = 2026-11-01
keys = {{ "tokens/1" = "a", "context/1" = "b" }} # old
expires = 2027-01-31

# between
[[ waiver ]]
rule = "tool/*"
path = "tests"
reason = "line = 3"
owner = "team"
created = 2026-11-01
expires = 2027-01-31
# the end"""


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_refresh_changes_what_finds_the_entry_and_nothing_else(end: str) -> None:
    before = ODD.format(one=ONE.id).replace("\n", end)
    label = f"waiver[{ONE.id}]"
    out = refreshed(before.encode(), {label: lines_for(TWO, NEW)}, "w.toml").decode()
    first, second = read_waivers(out.encode(), "w.toml")
    assert (first.id, first.line, first.commit) == (TWO.id, 12, NEW)
    assert first.keys == {key: TWO.keys[key] for key in ("tokens/1", "context/1")}
    assert (first.reason, first.owner) == ("known [[waiver]]", "team")
    assert second == read_waivers(before.encode(), "w.toml")[1]
    new = {f"{key} = {value}" for key, value in lines_for(TWO, NEW).items()}
    old = ("id = ", "line = 1", "keys = ")
    kept = [line for line in before.split("\n") if not line.startswith(old)]
    assert [line for line in out.split("\n") if line.rstrip("\r") not in new - {'rule = "tool/R1"'}] == kept
    again = refreshed(out.encode(), {f"waiver[{TWO.id}]": lines_for(TWO, NEW)}, "w.toml").decode()
    assert again == out
    assert refreshed(before.encode(), {}, "w.toml") == before.encode()


@pytest.mark.parametrize(
    "text",
    [
        text_of(ONE).replace("keys = {", "keys = { # x\n").replace(" }", ""),
        text_of(ONE).replace('reason = "known"', 'reason = """\n[[waiver]]\n"""'),
        text_of(ONE).replace('reason = "known"', 'reason = """\nline = 3\n"""'),
        "".join(line for line in text_of(ONE).splitlines(True) if not line.startswith("keys"))
        + '[waiver.keys]\n"tokens/1" = "a"\n"context/1" = "b"\n',
        'waiver = [{ rule = "a/b", path = "c", reason = "r", owner = "o", '
        "created = 2026-11-01, expires = 2027-01-31 }]",
    ],
)
def test_an_entry_that_cannot_be_rewritten_alone_is_left(text: str) -> None:
    with pytest.raises(UsageError, match=r"^w\.toml"):
        refreshed(text.encode(), {f"waiver[{ONE.id}]": lines_for(TWO, NEW)}, "w.toml")
