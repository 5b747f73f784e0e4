import difflib

from hypothesis import given
from hypothesis import strategies as st

from devsecops.change import FileChange, Hunk

LINES = st.lists(st.sampled_from("abcdef"), max_size=12)


def hunks(base: list[str], head: list[str]) -> tuple[Hunk, ...]:
    """As git writes them with -U0, by an implementation that is not git's and not ours."""
    found = []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, base, head, autojunk=False).get_opcodes():
        if tag != "equal":
            found.append(
                Hunk(
                    base_start=a + 1 if b > a else a,
                    base_count=b - a,
                    head_start=c + 1 if d > c else c,
                    head_count=d - c,
                )
            )
    return tuple(found)


@given(LINES, LINES)
def test_a_line_that_the_change_did_not_touch_is_followed(base: list[str], head: list[str]) -> None:
    change = FileChange(base="a", head="a", hunks=hunks(base, head))
    matcher = difflib.SequenceMatcher(None, base, head, autojunk=False)
    truth = {
        a + n + 1: c + n + 1
        for tag, a, b, c, _ in matcher.get_opcodes()
        if tag == "equal"
        for n in range(b - a)
    }
    assert {n: change.to_head(n) for n in range(1, len(base) + 1)} == {
        n: truth.get(n) for n in range(1, len(base) + 1)
    }


def test_no_line_of_a_binary_file_is_followed() -> None:
    assert FileChange(base="a", head="a", text=False).to_head(1) is None
    assert FileChange(base="a", head="b").to_head(7) == 7
