"""Identity: what moves keeps its name, a fresh copy is new, and no flaw is lost on the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devsecops.change import Change, FileChange, Hunk
from devsecops.findings.complete import complete
from devsecops.findings.identity import name_findings
from devsecops.findings.matching import Matching, carried, match
from devsecops.findings.pairing import Matched
from devsecops.model import File, Finding, Http, Kind, Location, Package, Region, Resource, RuleRef
from tests.findings.changes import SCANNER, change, findings

Tree = dict[str, str]


def judged(
    base: Mapping[str, str],
    head: Mapping[str, str],
    renamed: Mapping[str, str] | None = None,
    *,
    looked: set[str] | None = None,
    kind: Kind = "sast",
    key: bytes = b"",
    texts: bool = True,
) -> tuple[Matching, tuple[Finding, ...]]:
    heads = findings(head, kind, key)
    said = match(
        findings(base, kind, key),
        heads,
        change(base, head, renamed),
        frozenset((SCANNER, path) for path in (head if looked is None else looked)),
        base if texts else None,
        head if texts else None,
    )
    return said, heads


def spot(finding: Finding) -> File:
    assert isinstance(finding.location, File)
    return finding.location


def states(said: Matching) -> list[str]:
    return sorted(one.state for one in said.heads)


def function(number: int, flaw: str = "eval(x)") -> str:
    """A block whose flawed line and its neighbours are like no other's."""
    lines = [f"def name_{number}(x, y):", f"    first_{number} = x + {number}", f"    z_{number} = y * 2"]
    lines += [
        f"    got_{number} = {flaw}",
        f"    last_{number} = got_{number} - 1",
        f"    return z_{number}, x",
    ]
    return "\n".join([*lines, "", ""])


def module(numbers: list[int]) -> str:
    return "\n".join(map(function, numbers))


NUMBERS = st.lists(st.integers(0, 30), min_size=1, max_size=7, unique=True)


@given(NUMBERS, st.randoms(use_true_random=False))
def test_blocks_that_move_make_nothing_new(numbers: list[int], draw: object) -> None:
    moved = list(numbers)
    draw.shuffle(moved)  # type: ignore[attr-defined]
    said, _ = judged({"a.py": module(numbers)}, {"a.py": module(moved)})
    assert states(said) == ["unchanged"] * len(numbers)
    assert not said.left


@given(NUMBERS, st.sampled_from(["    ", "\t", "  "]), st.sampled_from(["\n", "\r\n"]))
def test_a_file_that_is_indented_and_ends_its_lines_otherwise_makes_nothing_new(
    numbers: list[int], indent: str, end: str
) -> None:
    text = module(numbers)
    deeper = end.join(["if FLAG:", *(indent + line if line else "" for line in text.split("\n"))])
    said, _ = judged({"a.py": text}, {"a.py": deeper})
    assert states(said) == ["unchanged"] * len(numbers)


@given(NUMBERS, st.booleans(), st.booleans())
def test_a_file_with_another_name_makes_nothing_new(numbers: list[int], seen: bool, above: bool) -> None:
    """Whether git sees the rename or not, and with a line more at its top."""
    head = "import os\n" * above + module(numbers)
    said, _ = judged({"a.py": module(numbers)}, {"b/c.py": head}, {"a.py": "b/c.py"} if seen else None)
    assert states(said) == ["unchanged"] * len(numbers)


@given(NUMBERS, st.data())
def test_a_file_that_is_split_makes_nothing_new(numbers: list[int], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(numbers)))
    head = {"a.py": module(numbers[:cut]), "b.py": module(numbers[cut:])}
    assert "new" not in states(judged({"a.py": module(numbers)}, head)[0])


def equal_flaws(numbers: list[int]) -> str:
    """Blocks with the same flawed line: only its neighbours are like no other's."""
    return "\n".join(function(number, "eval(x)").replace(f"got_{number} = ", "") for number in numbers)


MODULES = st.sampled_from([module, equal_flaws])
ENDS = st.sampled_from(["\n", "\r\n"])


def deeper(text: str, indent: str = "    ") -> str:
    return "\n".join(["if FLAG:", *(indent + line if line else "" for line in text.split("\n"))])


@given(NUMBERS, MODULES, st.data())
def test_a_block_that_is_indented_moved_or_renamed_makes_nothing_new(
    numbers: list[int], build: Callable[[list[int]], str], data: st.DataObject
) -> None:
    """All three at once, in a file that may get another name and other line ends."""
    chosen = data.draw(st.sampled_from(numbers))
    others = [number for number in numbers if number != chosen]
    place = data.draw(st.integers(0, len(others)))
    block = build([chosen])
    if data.draw(st.booleans()):
        block = deeper(block)
    if data.draw(st.booleans()):
        block = block.replace("def name_", "def another_")
    head = "\n".join([build(others[:place]), block, build(others[place:])])
    path = data.draw(st.sampled_from(["a.py", "b.py"]))
    renamed = {"a.py": path} if path == "a.py" or data.draw(st.booleans()) else None
    said, _ = judged({"a.py": build(numbers)}, {path: head.replace("\n", data.draw(ENDS))}, renamed)
    assert states(said) == ["unchanged"] * len(numbers)
    assert not said.left


@given(st.integers(2, 5), NUMBERS, st.data())
def test_a_move_among_equals_loses_no_flaw_and_hides_none(
    equals: int, numbers: list[int], data: st.DataObject
) -> None:
    """Which of them moved cannot be said: one may be called new, and then its twin is not there any more."""
    blocks = data.draw(st.permutations([*numbers, *[99] * equals]))
    moved = data.draw(st.permutations(blocks))
    said, heads = judged({"a.py": module(list(blocks))}, {"a.py": module(list(moved))})
    assert len(said.heads) == len(heads) == len(blocks)
    assert states(said).count("new") == len(said.left)
    news = {one.finding for one in said.heads if one.state == "new"}
    assert all("got_99 " in spot(one).snippet for one in heads if one.id in news)


@given(NUMBERS.filter(lambda numbers: len(numbers) > 1), MODULES, st.data())
def test_a_fresh_copy_is_new_also_when_another_flaw_goes(
    numbers: list[int], build: Callable[[list[int]], str], data: st.DataObject
) -> None:
    """What goes is no place for the copy, wherever this stands and whatever the file's line ends are."""
    gone, copied = data.draw(st.permutations(numbers))[:2]
    rest = [number for number in numbers if number != gone]
    place = data.draw(st.integers(0, len(rest)))
    path = data.draw(st.sampled_from(["a.py", "b.py"]))
    text = build([*rest[:place], copied, *rest[place:]]) if path == "a.py" else build(rest)
    head = {"a.py": text.replace("\n", data.draw(ENDS))} | ({} if path == "a.py" else {path: build([copied])})
    said, heads = judged({"a.py": build(numbers)}, head)
    assert states(said) == sorted(["unchanged"] * len(rest) + [_gates(said)])
    (fresh,) = (one for one in heads if _of(said, one.id).state != "unchanged")
    assert f"z_{copied} " in head[spot(fresh).path].splitlines()[_line(fresh) - 2]


def _gates(said: Matching) -> str:
    """Return ``updated`` when something is, else ``new``: both gate."""
    return "updated" if "updated" in states(said) else "new"


def _line(finding: Finding) -> int:
    region = spot(finding).region
    assert region is not None
    return region.start_line


LINES = st.lists(st.sampled_from(["eval(a)", "eval(b)", "x = 1", "", "y = f(2)"]), max_size=14)
TREES = st.dictionaries(st.sampled_from(["a.py", "b.py", "c.py"]), LINES.map("\n".join), max_size=3)


@given(TREES, TREES, st.booleans())
def test_it_is_one_to_one_whatever_changes(base: Tree, head: Tree, texts: bool) -> None:
    """So there are as many open findings as flaws, and what goes beyond the base's number is new."""
    said, heads = judged(base, head, texts=texts)
    olds = findings(base)
    assert {one.finding for one in said.heads} == {one.id for one in heads}
    taken = [one.base for one in said.heads if one.base is not None]
    assert len(set(taken)) == len(taken)
    assert set(taken).isdisjoint(one.base for one in said.left)
    assert {*taken, *(one.base for one in said.left)} == {one.id for one in olds}
    assert all((one.base is None) == (one.state == "new") for one in said.heads)
    assert states(said).count("new") >= len(heads) - len(olds)
    names = [one.id for one in carried(olds, heads, said)]
    assert len(set(names)) == len(names)
    fresh = {n for n, one in zip(names, heads, strict=True) if _of(said, one.id).base is None}
    assert fresh.isdisjoint(one.id for one in olds)


def _of(said: Matching, name: str) -> Matched:
    return next(one for one in said.heads if one.finding == name)


@given(TREES)
def test_what_did_not_change_is_what_it_was(tree: Tree) -> None:
    said, heads = judged(tree, tree)
    assert [(one.finding, one.base, one.state) for one in said.heads] == [
        (one.id, one.id, "unchanged") for one in sorted(heads, key=lambda f: f.id)
    ]


@given(NUMBERS, st.data())
def test_a_fresh_copy_is_new_wherever_it_stands(numbers: list[int], data: st.DataObject) -> None:
    base = {"a.py": module(numbers), "b.py": module([99])}
    copied = data.draw(st.sampled_from(numbers))
    path = data.draw(st.sampled_from(["a.py", "b.py", "new.py"]))
    blocks = numbers if path == "a.py" else [99] if path == "b.py" else []
    place = data.draw(st.integers(0, len(blocks)))
    head = base | {path: module([*blocks[:place], copied, *blocks[place:]])}
    said, heads = judged(base, head)
    assert states(said).count("new") == 1
    assert not said.left
    (new,) = (one for one in heads if _of(said, one.id).state == "new")
    assert f"got_{copied} " in spot(new).snippet


@pytest.mark.parametrize("looked", [{"b.py"}, {"a.py", "b.py"}])
def test_a_copy_of_what_was_not_looked_at_has_not_moved(looked: set[str]) -> None:
    base = {"a.py": module([1])}
    head = {
        "a.py": "x = 1\n" + module([2]) if "a.py" in looked else module([1]) + "x = 1",
        "b.py": module([1]),
    }
    old, new = findings(base), tuple(f for f in findings(head) if spot(f).path == "b.py")
    said = match(old, new, change(base, head), frozenset((SCANNER, path) for path in looked), base, head)
    if "a.py" in looked:
        assert states(said) == ["unchanged"]
    else:
        assert states(said) == ["new"]
        assert [one.state for one in said.left] == ["not-looked-at"]


def test_what_was_edited_and_not_looked_at_may_still_be_there() -> None:
    base = {"a.py": module([1])}
    head = {"a.py": function(1, "eval(x + 1)"), "b.py": module([1])}
    new = tuple(f for f in findings(head) if spot(f).path == "b.py")
    for looked, state in (("b.py", "new"), ("a.py", "unchanged")):
        said = match(findings(base), new, change(base, head), frozenset({(SCANNER, looked)}), base, head)
        assert states(said) == [state]


def test_equals_are_told_apart_by_what_stands_further_away() -> None:
    far = ["".join(f"far_{n}_{k} = step({k}, {n})\n" for k in range(5)) for n in (1, 2)]
    near = "near = step(three, 3)\nnext = step(four, 4)\neval(x)\nlast = step(five, 5)\nend = step(six, 6)\n"
    base = {"a.py": far[0] + near + far[1] + near + "over = 1\n"}
    head = {"a.py": (far[1] + near + far[0] + near + "done = 2\n").replace("\n", "\r\n")}
    said, heads = judged(base, head)

    def lines(found: tuple[Finding, ...]) -> dict[str, int]:
        return {one.id: one_region.start_line for one in found if (one_region := spot(one).region)}

    before, after = lines(findings(base)), lines(heads)
    assert {(after[one.finding], before[one.base]) for one in said.heads if one.base} == {(8, 18), (18, 8)}


def test_what_is_gone_is_fixed_only_where_the_run_looked() -> None:
    base = {"a.py": module([1]), "b.py": module([2]), "gone.py": module([3])}
    head = {"a.py": "x = 1\n", "b.py": "y = 1\n"}
    said, _ = judged(base, head, looked={"a.py"})
    by_place = {one.id: spot(one).path for one in findings(base)}
    assert {by_place[one.base]: one.state for one in said.left} == {
        "a.py": "fixed", "b.py": "not-looked-at", "gone.py": "fixed",
    }  # fmt: skip


def test_an_unchanged_line_that_was_no_finding_is_new_even_when_its_twin_is_gone() -> None:
    """Something else in the file made a flaw of it."""
    base = {"a.py": module([1]) + "\ngot_1 = eval(x)\n"}
    head = {"a.py": "import os\n" + "\n" * 7 + "\ngot_1 = eval(x)\n"}
    old, _ = sorted(findings(base), key=lambda one: spot(one).region.start_line)  # type: ignore[union-attr]
    said = match([old], findings(head), change(base, head), frozenset({(SCANNER, "a.py")}), base, head)
    assert (states(said), [one.state for one in said.left]) == (["new"], ["fixed"])


def test_an_edited_line_is_updated_and_another_flaw_in_its_place_is_new() -> None:
    base = {"a.py": function(1, "eval(x)")}
    assert states(judged(base, {"a.py": function(1, "eval(x + 1)")})[0]) == ["updated"]
    assert states(judged(base, {"a.py": function(1, "eval(x)  # checked")})[0]) == ["unchanged"]
    other = function(1).replace("got_1 = eval(x)", "for k, v in pairs: send(k, host, eval(v or q, {}, w))")
    assert states(judged(base, {"a.py": other})[0]) == ["new"]


def test_a_copy_does_not_hide_behind_an_edit() -> None:
    """The original is edited where it stands, and what it said before stands elsewhere."""
    base = {"a.py": module([1, 2, 3, 4])}
    head = {"a.py": function(1, "eval(x, {})") + "\n" + module([2, 3, 4]) + "\ngot_1 = eval(x)\n"}
    assert states(judged(base, head)[0]) == ["new", *["unchanged"] * 3, "updated"]


def test_an_edit_is_found_in_a_file_whose_line_ends_changed() -> None:
    """Though the diff is one hunk, with a copy in it that says what was edited."""
    base = {"a.py": equal_flaws([1, 2, 3])}
    edit = equal_flaws([1]).replace("eval(x)", "eval(x, {})")
    head = {"a.py": "\n".join([edit, equal_flaws([2, 3, 3])]).replace("\n", "\r\n")}
    assert states(judged(base, head)[0]) == ["new", "unchanged", "unchanged", "updated"]


def test_a_copy_between_two_originals_hides_behind_neither() -> None:
    """What stands above it is of one of them, what stands below it is of the other, which is there."""
    above, one, two = ("".join(f"{name}_{n} = step({n})\n" for n in range(9)) for name in ("top", "a", "b"))
    flaw = "eval(x)\n"
    base = {"a.py": above + flaw + one + flaw + two}
    head = {"a.py": flaw + one + above + flaw + two + flaw + two}
    said, heads = judged(base, head)
    assert states(said) == ["new", "unchanged", "unchanged"]
    assert _of(said, next(f.id for f in heads if _line(f) == 1)).state == "unchanged"


def test_a_copy_hides_behind_no_flaw_whose_neighbour_was_edited_in_another_file() -> None:
    """It stands above what the edited one stood above, and is much more like its original."""
    one, two, three = (
        f"def name_{n}(x, y):\n    first_{n} = x + {n}\n    second_{n} = y - {n}\n    eval(x)\n"
        for n in (1, 2, 3)
    )
    base = {"a.py": one + two + three, "b.py": "x = 1\n"}
    head = {"b.py": "x = 1\n" + one.replace("second_1", "changed") + three + two + three}
    said, heads = judged(base, head)
    copies = [f for f in heads if "second_3" in head["b.py"].splitlines()[_line(f) - 2]]
    assert sorted(_of(said, f.id).state for f in copies) == ["new", "unchanged"]


def last(number: int, same: str = "") -> str:
    """A block that ends with its flaw; what stands above that is `same`, or like no other's."""
    lines = [f"    step_{n} = get({n}, {same or number})\n" for n in range(8)]
    return f"def name_{number}(x, y):\n" + "".join(lines) + "    eval(x)\n"


def told(base: Mapping[str, str], head: Mapping[str, str], hunks: Mapping[str, list[Hunk]]) -> Matching:
    """What is said when the diff is `hunks`; a file without any is there on one side only."""
    files = [
        FileChange(
            base=path if path in base else None,
            head=path if path in head else None,
            hunks=tuple(hunks.get(path, ())),
        )
        for path in sorted({*base, *head})
    ]
    looked = frozenset((SCANNER, path) for path in head)
    change = Change(base="b", head="h", files=tuple(files))
    return match(findings(base), findings(head), change, looked, base, head)


def by_line(said: Matching, head: Mapping[str, str]) -> list[str]:
    """The states in the order of the head's files and lines."""
    heads = sorted(findings(head), key=lambda one: (spot(one).path, _line(one)))
    return [_of(said, one.id).state for one in heads]


def test_a_copy_with_its_originals_neighbours_does_not_take_what_stays_more_alike() -> None:
    """The copy stands above what the first one stood above, which is the only one with that context."""
    base = {"a.py": last(1, "k") + last(2, "k") + "end = 1\n"}
    copy = last(3, "k").replace("step_5 =", "changed =")
    head = {"b.py": last(1, "k") + copy + last(2, "k") + "end = 1\n"}
    assert by_line(told(base, head, {}), head) == ["unchanged", "new", "unchanged"]


def test_a_copy_does_not_take_the_place_of_what_moved_to_another_file() -> None:
    first, second = (last(n, "k") + f"    more(x)\n    only_{n} = here({n})\n" for n in (1, 2))
    rest = "".join(f"rest_{n} = value({n})\n" for n in range(9))
    base = {"a.py": first + rest + second}
    copy = rest.replace("rest", "far") + second.replace("only_2", "now_2")
    head = {"a.py": rest + second + copy, "b.py": first}
    assert by_line(judged(base, head)[0], head) == ["unchanged", "new", "unchanged"]


def test_a_copy_that_the_diff_puts_in_the_line_of_its_neighbour_is_new() -> None:
    """Both end with what the first one says: a diff may call either its line. What is above decides."""
    base = {"a.py": last(1) + last(2) + last(3)}
    copy = last(3).replace("def name_3", "def another").replace("step_5 =", "changed =")
    head = {"a.py": last(1) + copy + last(2) + last(3)}
    sliding = {"a.py": [Hunk(base_start=9, base_count=0, head_start=10, head_count=10)]}
    assert by_line(told(base, head, sliding), head) == ["unchanged", "new", "unchanged", "unchanged"]


def test_what_was_edited_in_place_has_not_moved_to_a_copy() -> None:
    """A diff may call the copy's line that of the edited one: as many lines are equal either way."""
    text = "def test_NAME_class(self):\n    klass = NAME.DoesNotExist\n    check(eval(klass), klass)\n"
    blocks = {name: text.replace("NAME", name) for name in ("forward", "reverse")}
    rest = "def test_the_rest(self):\n    klass = rest.DoesNotExist\n    return klass\n"
    base = {"a.py": blocks["forward"] + blocks["reverse"] + rest}
    edit = blocks["forward"].replace("check(eval(klass), klass)", "check(eval(klass), klass_2)")
    head = {"a.py": edit + blocks["reverse"] + blocks["reverse"] + rest}
    sliding = {"a.py": [Hunk(base_start=2, base_count=0, head_start=3, head_count=3)]}
    assert by_line(told(base, head, sliding), head) == ["new", "new", "unchanged"]


def test_what_is_equal_somewhere_around_decides_between_equals() -> None:
    """The nearest line above is another one for the copy and for what was put into an `if`."""
    flaw = "eval(x)\n" + "".join(f"same_{n} = value({n})\n" for n in range(8))
    one, two = ("".join(f"{name}_{n} = get({n})\n" for n in range(6)) for name in ("one", "two"))
    base = {"a.py": one + flaw + two + flaw}
    copy = one + "fresh = get(9)\n" + flaw
    head = {"b.py": one + flaw + copy + two + "if FLAG:\n" + flaw}
    assert by_line(told(base, head, {}), head) == ["unchanged", "new", "unchanged"]


def test_lines_that_git_counts_otherwise_are_not_followed() -> None:
    """A bare carriage return ends a line for the tool, and none for git."""
    base, head = {"a.py": "p = 1\rq = 2\neval(a)\n"}, {"a.py": "p = 1\rq = 2\neval(a)\nx = 1\neval(b)\n"}
    region = Region(start_line=2, end_line=2)
    wrong = [
        complete(msgspec.structs.replace(one, location=File(path="a.py", region=region)), base["a.py"])
        for one in findings({"a.py": "\neval(a)"})
    ]
    said = match(name_findings(wrong), findings(head), change(base, head), frozenset(), base, head)
    assert "unchanged" not in states(said)


def test_without_texts_what_was_redacted_is_followed_by_its_line_only() -> None:
    base = {"a.py": 'x = 1\npassword = eval("hunter-2-secret")\n'}
    moved = {"a.py": 'y = 2\nz = 3\npassword = eval("another-9-word")\n'}
    assert states(judged(base, {"a.py": "\n" + base["a.py"]}, texts=False)[0]) == ["unchanged"]
    assert states(judged(base, moved, texts=False)[0]) != ["unchanged"]
    assert states(judged(base, moved)[0]) != ["unchanged"]


KEY = 'key = eval("AKIA-one")\n'
SECRET = "a = 1\n" + KEY + "b = 2\nc = 3\nd = 4\n"


def test_a_secret_goes_by_its_keyed_hash_or_by_its_line() -> None:
    def said(head: str, key: bytes) -> list[str]:
        return states(judged({"a.py": SECRET}, {"a.py": head}, kind="secrets", key=key)[0])

    moved, other = "a = 1\nb = 2\nc = 3\nd = 4\n" + KEY, SECRET.replace("one", "two")
    for key in (b"", b"k"):
        assert said("\n" + SECRET, key) == ["unchanged"]
        assert said(other, key) == ["new"]
    assert (said(moved, b"k"), said(moved, b"")) == (["unchanged"], ["new"])


def test_another_secret_in_the_same_unchanged_line_is_new() -> None:
    text = "pair = one-1-secret, two-2-secret\n"

    def secret(start: int, end: int) -> tuple[Finding, ...]:
        region = Region(start_line=1, start_column=start, end_line=1, end_column=end)
        one = completed(File(path="a.py", region=region), kind="secrets")
        return name_findings([complete(one, text, b"k")])

    same = Change(base="b", head="h")
    assert states(match(secret(8, 20), secret(22, 34), same, frozenset())) == ["new"]
    assert states(match(secret(8, 20), secret(8, 20), same, frozenset())) == ["unchanged"]


def test_a_secret_has_no_key_that_is_made_of_its_line_alone() -> None:
    (plain,), (one,), (two,) = (findings({"a.py": SECRET}, "secrets", key) for key in (b"", b"k", b"l"))
    assert set(plain.keys) == {"location/1"}
    assert set(one.keys) == {"location/1", "secret/1"}
    assert one.keys["secret/1"] != two.keys["secret/1"]


def completed(location: Location, rule: str = "R", aliases: str = "", kind: Kind = "sca") -> Finding:
    return complete(
        Finding(
            scanner=SCANNER,
            rule=RuleRef(tool="tool", id=rule),
            kind=kind,
            severity="high",
            message="m",
            location=location,
            evidence={"aliases": aliases} if aliases else {},
        ),
        None,
    )


def at(path: str, line: int = 1) -> File:
    return File(path=path, region=Region(start_line=line))


def package(
    version: str, rule: str, aliases: str = "", path: str = "req.txt", name: str = "pypi/a"
) -> Finding:
    return completed(Package(purl=f"pkg:{name}@{version}", at=at(path)), rule, aliases)


def verdict(base: list[Finding], head: list[Finding], change: Change | None = None) -> list[str]:
    nothing = change or Change(base="b", head="h")
    return states(match(name_findings(base), name_findings(head), nothing, frozenset()))


def test_a_package_goes_by_any_common_name_of_the_advisory_and_its_manifest() -> None:
    old = package("1.0", "GHSA-1", "CVE-1")
    assert verdict([old], [package("1.1", "CVE-1", "GHSA-1, PYSEC-9")]) == ["unchanged"]
    assert verdict([old], [package("1.0", "CVE-2")]) == ["new"]
    assert verdict([old], [package("1.0", "CVE-1", name="pypi/b")]) == ["new"]
    assert verdict([old], [package("1.0", "CVE-1", path="other.txt")]) == ["new"]
    moved = Change(base="b", head="h", files=(FileChange(base="req.txt", head="other.txt"),))
    assert verdict([old], [package("1.0", "CVE-1", path="other.txt")], moved) == ["unchanged"]
    assert verdict([old], [old, package("2.0", "CVE-1", "GHSA-1")]) == ["new", "unchanged"]


def test_an_operation_and_a_resource_go_by_their_names() -> None:
    def ask(param: str, template: str = "/users/{id}") -> Finding:
        return completed(Http(target="t", method="GET", template=template, param=param), kind="dast")

    def bucket(address: str, path: str, line: int = 1) -> Finding:
        return completed(Resource(address=address, at=at(path, line)), kind="config")

    assert verdict([ask("id")], [ask("id"), ask("q"), ask("id", "/users")]) == ["new", "new", "unchanged"]
    assert verdict([bucket("Logs", "a.yml")], [bucket("Logs", "a.yml", 9)]) == ["unchanged"]
    assert verdict([bucket("Logs", "a.yml")], [bucket("Data", "a.yml")]) == ["new"]
    assert verdict([bucket("Logs", "a.yml")], [bucket("Logs", "a.yml"), bucket("Logs", "b.yml")]) == [
        "new",
        "unchanged",
    ]
    gone = Change(
        base="b", head="h", files=(FileChange(base="a.yml", head=None), FileChange(base=None, head="b.yml"))
    )
    assert verdict([bucket("Logs", "a.yml")], [bucket("Logs", "b.yml")], gone) == ["unchanged"]


def test_two_findings_with_one_id_are_refused() -> None:
    one = package("1", "R")
    with pytest.raises(ValueError, match="same id"):
        match([one, one], [], Change(base="b", head="h"), frozenset())


def test_githubs_hash_ends_with_its_ordinal() -> None:
    twice = findings({"a.py": "eval(a)\n" * 1 + "x" * 120 + "\n" + "eval(a)\n" + "x" * 120 + "\n"})
    assert sorted(one.keys["github/1"].rpartition(":")[2] for one in twice) == ["1", "2"]
