"""Completion: what the core adds to a finding, and that no secret of its file stays in it."""

from __future__ import annotations

import random
import time

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devsecops.findings.complete import SourceText, complete
from devsecops.findings.github import LineHashes
from devsecops.findings.identity import name_findings
from devsecops.model import File, Finding, Http, Location, Package, Region, RuleRef
from tests.findings.secrets import forms, generate

SOURCE = """\
import subprocess
# what follows is a comment

def run(cmd):
    user = "bob"
    subprocess.call(cmd, shell=True)  # noqa
    print(user)

    return 0
"""


def finding(
    line: int = 6,
    *,
    end: int | None = None,
    path: str = "app/run.py",
    rule: str = "B602",
    message: str = "subprocess call with shell=True",
    location: Location | None = None,
    evidence: dict[str, str] | None = None,
    column: int | None = None,
) -> Finding:
    region = Region(start_line=line, end_line=end, start_column=column)
    return Finding(
        scanner="bandit",
        rule=RuleRef(tool="bandit", id=rule),
        kind="sast",
        severity="high",
        message=message,
        location=location or File(path=path, region=region),
        evidence=evidence or {},
    )


def snippet(one: Finding) -> str:
    assert isinstance(one.location, File)
    return one.location.snippet


@pytest.mark.parametrize("opener", ['secret = """', "-----BEGIN RSA PRIVATE KEY-----\n"])
@pytest.mark.parametrize("quiet", [0, 300])
def test_a_secret_that_begins_far_above_the_finding_is_hidden(opener: str, quiet: int) -> None:
    """Only the neighbourhood of a finding is cleaned: what the whole file says is secret is secret there."""
    draw = random.Random(5)
    body = ["".join(draw.choices("ABCDEFabcdefGHIghi0123456789", k=64)) for _ in range(400)]
    end = '"""' if "secret" in opener else "-----END RSA PRIVATE KEY-----"
    text = "x = 1\n" * quiet + opener + "\n".join(body) + f"\n{end}\n" + "y = 2\n" * 200
    source = SourceText(text)
    for line in (quiet + 10, quiet + 200, quiet + 390):
        done = complete(finding(line, message=f"it says {body[line - quiet - 3]}"), source)
        words = msgspec.json.encode(done).decode()
        assert not any(part in words for part in body), line


def test_no_secret_of_the_file_stays_in_a_finding() -> None:
    secrets = generate(99)
    source = SourceText("import x\n" + "\n".join(s.python_line for s in secrets) + "\n")
    for line, secret in enumerate(secrets, 2):
        for form in forms(secret.value):
            one = finding(
                line,
                end=line + 1,
                message=f"Possible hardcoded: {form}",
                evidence={"code": secret.python_line},
            )
            related = msgspec.structs.replace(
                one,
                related=(one.location, File(path="y.py", snippet=secret.python_line)),
                basis=form,
                remedy=form,
            )
            written = msgspec.json.encode(complete(related, source)).decode()
            assert not [s for s in secrets if s.value in written]
            assert form not in written


def test_a_snippet_inside_a_literal_of_many_lines_is_hidden() -> None:
    source = 'password = (\n    "first-1x"\n    "second-2x"\n)\n'
    assert snippet(complete(finding(2, end=3), source)) == '    "[redacted]"\n    "[redacted]"'


def test_a_snippet_has_three_lines_of_200_characters_around_the_column() -> None:
    wide = "x" * 300 + "NEEDLE" + "y" * 300
    source = "\n".join([wide, "a", "b", "c", "d"])
    lines = snippet(complete(finding(1, end=5, column=301), source)).split("\n")
    assert [len(line) <= 200 for line in lines] == [True] * 3
    assert "NEEDLE" in lines[0]
    assert lines[1:] == ["a", "b"]


def test_keys_hold_when_the_line_moves_and_change_with_the_code() -> None:
    one = complete(finding(), SOURCE).keys
    moved = complete(finding(8), "# new\n\n" + SOURCE.replace("(cmd, shell", "(cmd,  shell")).keys
    edited = complete(finding(), SOURCE.replace("shell=True", "shell=1")).keys
    nearby = complete(finding(), SOURCE.replace("print(user)", "print(1)")).keys
    assert set(one) == {"tokens/1", "context/1", "location/1", "github/1"}
    assert (one["tokens/1"], one["context/1"]) == (moved["tokens/1"], moved["context/1"])
    assert one["location/1"] != moved["location/1"]
    assert one["tokens/1"] != edited["tokens/1"]
    assert one["tokens/1"] == nearby["tokens/1"]
    assert one["context/1"] != nearby["context/1"]


def test_github_key_is_left_out_where_something_was_hidden() -> None:
    source = SOURCE.replace('"bob"', '"bob"\n    password = "hunter2x"') + "pad = 1\n" * 60
    assert "github/1" not in complete(finding(4), source).keys
    assert "github/1" not in complete(finding(6), source).keys
    assert complete(finding(7), source).keys["github/1"] == LineHashes(source.split("\n")).of(7)


@pytest.mark.parametrize("line", [-1, 0, 500])
def test_a_line_outside_the_file_is_no_error(line: int) -> None:
    assert complete(finding(line), SOURCE).keys["location/1"]


def test_a_package_is_known_by_its_aliases_whatever_its_version() -> None:
    def key(purl: str, rule: str, aliases: str) -> str:
        at = File(path="requirements.txt", region=Region(start_line=1))
        one = finding(rule=rule, location=Package(purl=purl, at=at), evidence={"aliases": aliases})
        return complete(one, "jinja2==2.4.1\n").keys["package/1"]

    first = key("pkg:pypi/jinja2@2.4.1", "PYSEC-1", "CVE-1, GHSA-1")
    assert first == key("pkg:pypi/jinja2@2.4.2", "GHSA-1", "PYSEC-1, CVE-1")
    assert first != key("pkg:pypi/jinja3@2.4.1", "PYSEC-1", "CVE-1, GHSA-1")


def _slow_hash(text: str, line: int) -> str:
    """The published description, read literally: characters after characters, no window at all."""
    units: list[tuple[int, int]] = []
    at, place, raw = 1, 0, text.encode("utf-16-le", "surrogatepass")
    codes = [int.from_bytes(raw[i : i + 2], "little") for i in range(0, len(raw), 2)]
    while place < len(codes):
        code = codes[place]
        if code == 13:
            place += codes[place + 1 : place + 2] == [10]
            code = 10
        if code not in (32, 9):
            units.append((at, code))
        at += code == 10
        place += 1
    units.append((at, 65535))
    seen: dict[int, int] = {}
    for number in range(1, at + 1):
        chars = [code for where, code in units if where >= number][:100]
        value = 0
        for code in chars + [0] * (100 - len(chars)):
            value = (value * 37 + code) % 2**64
        seen[value] = seen.get(value, 0) + 1
        if number == line:
            return f"{value:x}:{seen[value]}"
    raise AssertionError(line)


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=" \t\n\rabc(é\U0001f600\x0c\u2028", max_size=60))
def test_github_hashes_equal_a_slow_reading_of_their_description(text: str) -> None:
    source = SourceText(text * 3)
    count = len((text * 3).replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    for line in range(1, count + 1):
        assert source.github(line) == _slow_hash(text * 3, line)


def test_github_hash_of_an_empty_file_is_the_known_one() -> None:
    assert LineHashes([""]).of(1) == "c129715d7a2bc9a3:1"


def _many(rng: random.Random) -> list[Finding]:
    source = SourceText(SOURCE * 5)
    made = [complete(finding(rng.randrange(1, 40), rule=rng.choice(["B1", "B2"])), source) for _ in range(60)]
    http = [finding(location=Http(target="t", method="GET", template=f"/{n % 3}")) for n in range(6)]
    return made + [complete(one, None) for one in http]


@pytest.mark.parametrize("seed", range(5))
def test_ids_are_unique_and_the_same_in_every_order(seed: int) -> None:
    rng = random.Random(seed)
    findings = _many(rng)
    named = name_findings(findings)
    rng.shuffle(findings)
    assert name_findings(findings) == named
    assert len({one.id for one in named}) == len(findings) == len(named)
    assert all(len(one.id) == 11 and one.id.startswith("f") and one.id == one.id.lower() for one in named)


def test_an_id_survives_a_moved_line_and_a_new_version() -> None:
    before = name_findings([complete(finding(), SOURCE)])[0].id
    assert name_findings([complete(finding(7), "\n" + SOURCE)])[0].id == before
    assert name_findings([complete(finding(rule="B603"), SOURCE)])[0].id != before


def test_two_scanners_that_know_one_advisory_have_an_id_each() -> None:
    where = Package(purl="pkg:pypi/django@3.2", at=File(path="requirements.txt", region=Region(start_line=1)))
    one = msgspec.structs.replace(finding(rule="PYSEC-1", location=where), kind="sca")
    other = msgspec.structs.replace(one, scanner="safety", rule=RuleRef(tool="safety", id="PYSEC-1"))
    ids = [name_findings([complete(each, None)])[0].id for each in (one, other)]
    assert len(set(ids)) == 2, "each result is named by itself, and a verdict holds them all"


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=st.characters(), max_size=80), st.integers(-2, 9))
def test_any_text_can_be_completed_and_written(text: str, line: int) -> None:
    one = complete(
        finding(line, end=line + 1, message=text, path=text, evidence={"a": text}), SourceText(text)
    )
    assert msgspec.json.decode(msgspec.json.encode(name_findings([one])[0]), type=Finding).rule == one.rule


def test_thousands_of_findings_in_one_file_are_linear() -> None:
    def seconds(count: int) -> float:
        source = SourceText(SOURCE * 100)
        start = time.process_time()
        for n in range(count):
            complete(finding(n % 900 + 1, message=f"message {n}"), source)
        return time.process_time() - start

    seconds(100)
    assert seconds(8000) < 8 * max(seconds(2000), 0.02)
