"""Waivers on findings: one flaw each, whatever else is there; doubt leaves it open."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devsecops.change import Change, FileChange
from devsecops.findings.identity import name_findings
from devsecops.model import File, Finding, Http, ImageLayer, Judged, Package, Region, Resource
from devsecops.waivers.apply import apply, justified
from devsecops.waivers.file import read_waivers
from devsecops.waivers.model import Applied, Waived, Waiver
from tests.findings.changes import change, findings
from tests.findings.test_matching import KEY, NUMBERS, SECRET, TREES, function, module
from tests.waivers.waivers import COMMIT, TODAY, applied, completed, text_of, waivers

Tree = dict[str, str]
PATHS = """\
[[waiver]]
rule = "tool/{rule}"
path = {path}
reason = "r"
owner = "o"
created = 2026-11-01
expires = 2027-01-31
"""


def in_paths(rule: str, path: str) -> tuple[Waiver, ...]:
    return read_waivers(PATHS.format(rule=rule, path=path).encode(), "w.toml")


def judged(
    base: Mapping[str, str], head: Mapping[str, str], renamed: Mapping[str, str] | None = None, which: int = 0
) -> dict[str, str]:
    """Waive one finding of the base; return place of what is accepted in the head -> what found it."""
    said = applied(waivers(findings(base)[which]), findings(head), change(base, head, renamed))
    return {place(one): said.by_finding[one.id].how for one in findings(head) if one.id in said.by_finding}


def place(finding: Finding) -> str:
    assert isinstance(finding.location, File)
    assert finding.location.region is not None
    return f"{finding.location.path}:{finding.location.region.start_line}"


# --- one flaw, and no other ---------------------------------------------------------------------


@given(NUMBERS, st.data())
def test_what_did_not_change_stays_accepted_and_nothing_else_is(
    numbers: list[int], data: st.DataObject
) -> None:
    """Moved within its file, or with its file; with and without the history."""
    tree = {"a.py": module(numbers)}
    chosen = data.draw(st.integers(0, len(numbers) - 1))
    shuffled = data.draw(st.permutations(numbers))
    wanted = f"got_{numbers[chosen]} "
    (one,) = (f for f in findings(tree) if wanted in f.location.snippet)  # type: ignore[union-attr]
    for head, renamed in (({"a.py": module(shuffled)}, None), ({"b.py": module(numbers)}, {"a.py": "b.py"})):
        for since in (change(tree, head, renamed), None):
            said = applied(waivers(one), findings(head), since)
            texts = [
                f.location.snippet  # type: ignore[union-attr]
                for f in findings(head)
                if f.id in said.by_finding
            ]
            assert [wanted in text for text in texts] == ([True] if renamed is None or since else [])


@given(NUMBERS, st.data())
def test_a_copy_of_an_accepted_flaw_is_never_accepted(numbers: list[int], data: st.DataObject) -> None:
    base = {"a.py": module(numbers), "b.py": module([99])}
    copied = data.draw(st.integers(0, len(numbers) - 1))
    path = data.draw(st.sampled_from(["a.py", "b.py", "new.py"]))
    blocks = numbers if path == "a.py" else [99] if path == "b.py" else []
    at = data.draw(st.integers(0, len(blocks)))
    head = base | {path: module([*blocks[:at], numbers[copied], *blocks[at:]])}
    wanted = f"got_{numbers[copied]} "
    (one,) = (f for f in findings(base) if wanted in f.location.snippet)  # type: ignore[union-attr]
    for since in (change(base, head), None):
        said = applied(waivers(one), findings(head), since)
        assert len(said.by_finding) <= 1
        if path != "a.py":
            (known,) = said.by_finding
            assert known == one.id


@given(TREES, TREES, st.data())
def test_one_waiver_more_changes_nothing_for_the_other_findings(
    base: Tree, head: Tree, data: st.DataObject
) -> None:
    olds, heads = findings(base), findings(head)
    since = data.draw(st.sampled_from([change(base, head), None]))
    chosen = data.draw(st.lists(st.sampled_from(olds), unique_by=lambda f: f.id)) if olds else []
    entries = waivers(*chosen)
    whole = applied(entries, heads, since)
    assert len(whole.by_finding) <= len(entries)
    for left in range(len(entries)):
        fewer = applied(entries[:left] + entries[left + 1 :], heads, since)
        extra = whole.by_finding.keys() - fewer.by_finding.keys()
        assert len(extra) <= 1
        assert {n: w for n, w in whole.by_finding.items() if n not in extra} == fewer.by_finding
        void = msgspec.structs.replace(entries[left], expires="2026-11-24")
        expired = applied((*entries[:left], void, *entries[left + 1 :]), heads, since)
        assert expired.by_finding == fewer.by_finding


@given(TREES, TREES, st.booleans())
def test_what_is_accepted_says_what_was_accepted(base: Tree, head: Tree, known: bool) -> None:
    """With the words of the accepted flaw, in its file; and never more than was accepted of them."""
    olds, heads = findings(base), findings(head)
    since = change(base, head) if known else None
    said = applied(waivers(*olds), heads, since).by_finding
    for one in heads:
        if one.id in said:
            old = next(f for f in olds if f"waiver[{f.id}]" == said[one.id].waiver)
            assert old.keys["tokens/1"] == one.keys["tokens/1"]
    for words in {f.keys["tokens/1"] for f in heads}:
        accepted = sum(f.id in said for f in heads if f.keys["tokens/1"] == words)
        assert accepted <= sum(f.keys["tokens/1"] == words for f in olds)


# --- hostile and unclear changes ----------------------------------------------------------------


def test_an_accepted_file_renamed_over_a_new_flaw_accepts_nothing_there() -> None:
    base = {
        "a.py": module([1]),
        "b.py": "x = 1\n" + module([1]).replace("name_1", "other").replace("z_1", "q"),
    }
    head = {"b.py": base["a.py"]}
    assert judged({"a.py": base["a.py"]}, head, {"a.py": "b.py"}) == {"b.py:4": "diff"}
    # Of a file that was there git does not say that it was renamed to.
    assert judged(base, head) == {}
    swapped = {"a.py": base["b.py"], "b.py": base["a.py"]}
    both = change(base, swapped)
    assert applied(waivers(findings({"a.py": base["a.py"]})[0]), findings(swapped), both).by_finding == {}
    evil = {"a.py": "import os\n" * 3 + "eval(evil)\n"}
    assert judged({"a.py": base["a.py"]}, evil) == {}


def test_equal_words_in_another_place_are_open() -> None:
    base = {"a.py": function(1)}
    guarded = function(1).replace("first_1 = x + 1", "other(x)").replace("last_1 = got_1 - 1", "send(got_1)")
    elsewhere = guarded.replace("z_1", "y_1").replace("name_1", "handler")
    assert judged(base, {"a.py": elsewhere}) == {}
    assert judged(base, {"a.py": function(1, "eval(x + 1)")}) == {}
    assert judged(base, {"a.py": function(1).replace("    got_1", "  got_1").replace("z_1 =", "w =")}) == {}


def test_lines_that_did_not_change_are_known_by_the_history() -> None:
    """What stands around may be edited, but not all of it."""
    base = {"a.py": function(1)}
    above = function(1).replace("z_1 = y * 2", "z_1 = y * 3")
    assert judged(base, {"a.py": "import os\n" + above}) == {"a.py:5": "diff"}
    assert applied(waivers(findings(base)[0]), findings({"a.py": above}), None).by_finding == {}
    both = above.replace("last_1 = got_1 - 1", "last_1 = got_1 - 2")
    assert judged(base, {"a.py": both}) == {}


def test_the_twin_of_an_accepted_flaw_stays_open_when_the_accepted_one_goes() -> None:
    """Both are equal with all that stands around them: only the history tells them apart."""
    block = "aa = 1\nbb = 2\neval(x)\ncc = 3\ndd = 4\n"
    base = {"a.py": block + "middle(1)\nmiddle(2)\nmiddle(3)\n" + block}
    for which, head in ((0, "middle(1)\nmiddle(2)\nmiddle(3)\n" + block), (1, block + "middle(1)\n")):
        assert judged(base, {"a.py": head}, which=which) == {}
        assert judged(base, {"b.py": head}, {"a.py": "b.py"}, which=which) == {}
        kept = 1 - which
        assert len(judged(base, {"a.py": head}, which=kept)) == 1
        assert len(judged(base, {"b.py": head}, {"a.py": "b.py"}, which=kept)) == 1


def test_an_entry_whose_line_and_keys_disagree_accepts_nothing() -> None:
    tree = {"a.py": function(1) + function(2, "eval(y)")}
    one, other = sorted(findings(tree), key=place)
    entry = msgspec.structs.replace(waivers(one)[0], keys={**waivers(other)[0].keys, "context/1": "0" * 32})
    assert applied([entry], [one, other], Change(base="b", head="h")).by_finding == {}


def test_an_entry_about_a_file_that_came_after_its_commit_accepts_nothing() -> None:
    (one,) = findings({"a.py": function(1)})
    entry = msgspec.structs.replace(waivers(one)[0], keys={})
    assert applied([entry], [one], Change(base="b", head="h")).by_finding.keys() == {one.id}
    new = Change(base="b", head="h", files=(FileChange(base=None, head="a.py"),))
    assert applied([entry], [one], new).by_finding == {}


def test_two_flaws_in_one_line_are_told_apart_by_their_column() -> None:
    text = "aa = 1\nf(x, y)\nbb = 2\n"
    pair = [
        msgspec.structs.replace(
            f,
            id=f"f{n}",
            location=File(
                path="a.py", region=Region(start_line=2, start_column=n, end_line=2), snippet="f(x, y)"
            ),
        )
        for n in (3, 6)
        for f in findings({"a.py": "aa = 1\neval(x)\nbb = 2\n"})
    ]
    moved = change({"a.py": text}, {"a.py": "\n" + text})
    down = [
        msgspec.structs.replace(
            f,
            location=msgspec.structs.replace(
                f.location, region=Region(start_line=3, start_column=n, end_line=3)
            ),
        )
        for f, n in zip(pair, (3, 6), strict=True)
    ]
    assert set(applied(waivers(pair[1]), down, moved).by_finding) == {"f6"}
    assert set(applied(waivers(*pair), down, moved).by_finding) == {"f3", "f6"}
    assert applied(waivers(pair[1]), down, None).by_finding == {}


def test_what_was_redacted_is_known_by_its_lines_only() -> None:
    base = {"a.py": 'x = 1\npassword = eval("hunter-2-secret")\ny = 2\n'}
    other = {"a.py": base["a.py"].replace("hunter-2-secret", "another-9-word")}
    assert findings(base)[0].keys["tokens/1"] == findings(other)[0].keys["tokens/1"]
    assert judged(base, other) == {}
    assert judged(base, {"a.py": "\n" + base["a.py"]}) == {"a.py:3": "diff"}
    assert applied(waivers(findings(base)[0]), findings(base), None).by_finding == {}


def test_a_file_with_a_masked_name_is_never_accepted_by_name() -> None:
    (one,) = findings({"[redacted].py": module([1])})
    entry = msgspec.structs.replace(waivers(findings({"a.py": module([1])})[0])[0], paths=("[redacted].py",))
    assert entry.keys["tokens/1"] == one.keys["tokens/1"]
    assert applied([entry], [one], Change(base="b", head="h")).by_finding == {}


# --- kinds --------------------------------------------------------------------------------------


def at(path: str, line: int = 1) -> File:
    return File(path=path, region=Region(start_line=line))


def package(version: str, rule: str, aliases: str = "", path: str = "req.txt", line: int = 1) -> Finding:
    return completed(Package(purl=f"pkg:pypi/a@{version}", at=at(path, line)), rule, aliases)


def test_a_dependency_is_known_by_manifest_package_and_any_name_of_the_advisory() -> None:
    entries = waivers(package("1.0", "GHSA-1", "CVE-1"))

    def accepted(*heads: Finding, since: Change | None = None) -> dict[str, str]:
        named = name_findings(heads)
        said = applied(entries, named, since).by_finding
        purls = {f.id: f.location.purl.rpartition("@")[2] for f in named if isinstance(f.location, Package)}
        return {purls[name]: one.how for name, one in said.items()}

    assert accepted(package("1.0", "GHSA-1", "CVE-1", line=9)) == {"1.0": "keys"}
    assert accepted(package("1.1", "CVE-1", "GHSA-1")) == {"1.1": "keys"}
    assert accepted(package("1.1", "CVE-1", "GHSA-1, PYSEC-9")) == {"1.1": "identity"}
    assert accepted(package("1.0", "CVE-2")) == {}
    assert accepted(package("1.0", "GHSA-1", "CVE-1", path="other.txt")) == {}
    moved = Change(base="b", head="h", files=(FileChange(base="req.txt", head="other.txt"),))
    assert accepted(package("1.0", "GHSA-1", "CVE-1", path="other.txt"), since=moved) == {"1.0": "identity"}
    twice = package("1.0", "GHSA-1", "CVE-1"), package("2.0", "GHSA-1", "CVE-1", line=2)
    assert accepted(*twice) == {"1.0": "identity"}
    assert accepted(package("3.0", "GHSA-1", "CVE-1", line=2), twice[1]) == {}


def test_operations_and_resources_are_known_by_their_names() -> None:
    ask = [
        completed(Http(target="t", method="GET", template="/users/{id}", param=param), kind="dast")
        for param in ("id", "q")
    ]
    assert set(applied(waivers(ask[0]), ask).by_finding) == {ask[0].id}
    bucket = [
        completed(Resource(address="aws.b", at=at(path, line)), kind="config")
        for path, line in (("main.tf", 1), ("main.tf", 5), ("other.tf", 1))
    ]
    assert set(applied(waivers(bucket[0]), [bucket[1]]).by_finding) == {bucket[1].id}
    assert applied(waivers(bucket[0]), [bucket[2]]).by_finding == {}


def test_a_secret_is_known_by_its_keyed_hash_or_by_unchanged_lines() -> None:
    other = {"a.py": SECRET.replace("one", "two")}
    moved = {"a.py": "a = 1\nb = 2\nc = 3\nd = 4\n" + KEY}
    for key in (b"", b"k"):
        (one,) = findings({"a.py": SECRET}, "secrets", key)
        for head, accepted in (
            ({"a.py": "\n" + SECRET}, True),
            ({"a.py": SECRET.replace("a = 1", "a = 2").replace("b = 2", "b = 3")}, True),
            (other, False),
            (moved, key == b"k"),
        ):
            heads = findings(head, "secrets", key)
            said = applied(waivers(one), heads, change({"a.py": SECRET}, head))
            assert bool(said.by_finding) == accepted, (key, head)
        same = applied(waivers(one), findings({"a.py": SECRET}, "secrets", key), None)
        assert bool(same.by_finding) == (key == b"k")


def test_a_file_as_a_whole_is_known_while_it_does_not_change() -> None:
    one = completed(File(path="Dockerfile"), kind="config")
    entries = waivers(one)
    same, edited = (
        Change(base="b", head="h"),
        Change(base="b", head="h", files=(FileChange(base="Dockerfile", head="Dockerfile"),)),
    )
    assert set(applied(entries, [one], same).by_finding) == {one.id}
    assert applied(entries, [one], edited).by_finding == applied(entries, [one], None).by_finding == {}


# --- a rule in some paths -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "path", "accepted"),
    [
        ("R1", '"tests/**"', {"tests/a.py:4", "tests/b/c.py:4"}),
        ("R1", '["tests/b", "a.py"]', {"tests/b/c.py:4", "a.py:4"}),
        ("R*", '"a.py"', {"a.py:4"}),
        ("*", '"a.py"', {"a.py:4"}),
        ("R2", '"**"', set()),
        ("R", '"**"', set()),
        ("R1", '"b/c.py"', set()),
    ],
)
def test_a_rule_is_accepted_in_some_paths(rule: str, path: str, accepted: set[str]) -> None:
    heads = findings({name: module([1]) for name in ("a.py", "tests/a.py", "tests/b/c.py")})
    said = applied(in_paths(rule, path), heads)
    assert {place(one) for one in heads if one.id in said.by_finding} == accepted
    layer = completed(ImageLayer(digest="d", layer="l", package="p"), "R1", kind="image")
    assert applied(in_paths(rule, path), [layer]).by_finding == {}


# --- what is said about them --------------------------------------------------------------------

HEAD = findings({"a.py": module([1])})


def notices(said: Applied) -> list[str]:
    assert {one.code for one in said.notices} <= {"waiver-invalid"}
    return [one.message.partition(") ")[2] for one in said.notices]


@pytest.mark.parametrize(
    ("days", "said", "counts"),
    [
        ({}, [], True),
        ({"created": TODAY, "expires": TODAY}, ["expires on 2026-11-25"], True),
        ({"expires": "2026-12-09"}, ["expires on 2026-12-09"], True),
        ({"expires": "2026-12-10"}, [], True),
        ({"expires": "2026-11-24"}, ["expired on 2026-11-24"], False),
        ({"created": "2026-11-26"}, ["was created in the future (2026-11-26)"], False),
        ({"created": "2026-11-01", "expires": "2027-04-30"}, [], True),
        (
            {"created": "2026-11-01", "expires": "2027-05-01"},
            ["lives for 181 days, and the policy allows 180"],
            False,
        ),
    ],
)
def test_a_waiver_counts_from_its_first_to_its_last_day(
    days: dict[str, str], said: list[str], counts: bool
) -> None:
    done = applied(waivers(*HEAD, **days), HEAD)
    assert (notices(done), bool(done.by_finding)) == (said, counts)
    assert [one.findings for one in done.notices] == ([(HEAD[0].id,)] if counts else [()])[: len(said)]


def test_unused_waivers_are_told_where_the_run_looked() -> None:
    entries = waivers(*HEAD) + in_paths("R9", '"**"')
    nothing = applied(entries, [])
    assert notices(nothing) == ["accepts no finding", "accepts no finding"]
    assert nothing.notices[0].message == (f"waiver[{HEAD[0].id}] (tool/R1 a.py:4, team) accepts no finding")
    assert notices(applied(entries, [], looked={"a.py"})) == ["accepts no finding"]
    assert notices(applied(entries, [], looked={"b.py"})) == []


def test_two_entries_for_one_finding_are_both_of_use() -> None:
    """The one that names the finding says more about it than the one that names its folder."""
    text = PATHS.format(rule="R1", path='"**"') + text_of(*HEAD) + text_of(*HEAD)
    entries = read_waivers(text.encode(), "w.toml")
    assert [one.label for one in entries] == ["waiver[0]", "waiver[1]", "waiver[2]"]
    said = applied(entries, HEAD)
    assert said.notices == ()
    assert (said.by_finding[HEAD[0].id].waiver, said.by_finding[HEAD[0].id].how) == ("waiver[1]", "keys")


def test_the_history_is_asked_once_for_each_commit_and_file() -> None:
    asked = []

    def history(commit: str, path: str) -> Change | None:
        asked.append((commit, path))
        return None

    heads = findings({"a.py": module([1, 2, 3])})
    said = apply(waivers(*heads), heads, today=TODAY, max_days=180, warn_days=14, history=history)
    assert (asked, len(said.by_finding)) == ([(COMMIT, "a.py")], 3)


def test_opinions_get_the_reason_of_what_accepts_their_finding() -> None:
    marked = msgspec.structs.replace(HEAD[0], id="fmark", evidence={"inline mark reason": "by hand"})
    opinions = [
        Judged(finding=name, state="new", group=name, waiver=waiver, counted=waiver is None, why="w")
        for name, waiver in (("f1", None), ("f2", "waiver[f2]"), ("fmark", "inline: nosec"))
    ]
    accepted = {
        "f2": Waived(waiver="waiver[f2]", reason="known", owner="team", expires="2027-01-31", how="keys")
    }
    said = [(one.justification, one.until) for one in justified(opinions, [marked], accepted)]
    assert said == [("", ""), ("known (team)", "2027-01-31"), ("by hand", "")]
