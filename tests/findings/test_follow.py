"""Hunks that are cut at lines that moved by blanks only: they stay true, and tell again what was edited."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from devsecops.change import FileChange, Hunk
from devsecops.findings.follow import followed
from tests.findings.changes import hunks

LINES = st.lists(
    st.sampled_from(
        ["", "}", "a = first(1)", "  a = first(1)", "b = second(2)", "b = second(2)\r", "c", "\tc"]
    ),
    max_size=25,
)


def cut(base: list[str], head: list[str], given: tuple[Hunk, ...]) -> FileChange:
    file = FileChange(base="a.py", head="a.py", hunks=given)
    return followed(file, "\n".join(base), "\n".join(head))


def whole(base: list[str], head: list[str]) -> tuple[Hunk, ...]:
    """One hunk: everything changed."""
    return (Hunk(base_start=1, base_count=len(base), head_start=1, head_count=len(head)),)


def inside(start: int, count: int) -> range:
    return range(start, start + count)


@given(LINES, LINES, st.booleans())
def test_what_is_outside_of_the_hunks_is_equal_but_for_blanks_at_the_ends(
    base: list[str], head: list[str], fine: bool
) -> None:
    base, head = [*base, "end"], [*head, "end"]
    file = cut(base, head, hunks(base, head) if fine else whole(base, head))
    gone = {n for hunk in file.hunks for n in inside(hunk.base_start, hunk.base_count)}
    come = {n for hunk in file.hunks for n in inside(hunk.head_start, hunk.head_count)}
    stayed = [n for n in range(1, len(base) + 1) if n not in gone]
    assert [file.to_head(n) for n in stayed] == [n for n in range(1, len(head) + 1) if n not in come]
    for line in stayed:
        to = file.to_head(line)
        assert to is not None
        assert base[line - 1].strip() == head[to - 1].strip()
    assert all(file.to_head(n) is None for n in gone)


def test_an_edit_is_seen_in_a_file_whose_line_ends_and_indents_changed() -> None:
    base = [f"line_{n} = value({n})" for n in range(200)]
    head = [f"    {line}\r" for line in base]
    head[120:121] = ["    line_120 = other()\r", "    more = 1\r"]
    file = cut(base, ["if FLAG:\r", *head], whole(base, ["", *head]))
    assert file.hunks == (
        Hunk(base_start=0, base_count=0, head_start=1, head_count=1),
        Hunk(base_start=121, base_count=1, head_start=122, head_count=2),
    )


def test_lines_that_stand_everywhere_do_not_cut_a_hunk() -> None:
    base, head = ["one()", "  )", "two()"], ["three()", ")", "four()"]
    assert cut(base, head, whole(base, head)).hunks == whole(base, head)


def test_equal_lines_of_long_files_cost_little() -> None:
    """Nothing in it is unique: it is left as git says it, within the test's time."""
    base, head = ["same = line(1)", "same = line(2)"] * 20_000, ["same = line(2)", "same = line(3)"] * 20_000
    assert cut(base, head, whole(base, head)).hunks == whole(base, head)
