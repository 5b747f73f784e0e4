"""What holds for every change: no file makes a verdict better, and looking at less says the same."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from devsecops.gate.standing import Standing
from devsecops.model import Outcome, State
from tests.gate.small_changes import BROKEN, PATHS, SPEC, TEXTS, TREES, Files, judged
from tests.gate.worlds import ask, finding, findings, result, worlds

RANK: dict[Outcome, int] = {"pass": 0, "incomplete": 1, "fail": 2}
STATES: st.SearchStrategy[State] = st.sampled_from(["new", "updated", "unchanged", "not-looked-at"])
EXTRA = st.tuples(st.sampled_from(["added.py", "d/more.py", "added.txt", ".scanner", *PATHS]), TEXTS)


@given(base=TREES, head=TREES, extra=EXTRA)
@settings(max_examples=150, deadline=None)
def test_a_file_more_never_makes_it_better(base: Files, head: Files, extra: tuple[str, str]) -> None:
    """Neither the verdict nor one reason of it; that of a lock file, which answers a question, is another."""
    path, text = extra
    if path in head:
        return
    before, after = judged(base, head), judged(base, {**head, path: text})
    assert RANK[after.judgement.statement.verdict] >= RANK[before.judgement.statement.verdict]
    assert after.reasons >= before.reasons
    counted = [sum(one.counted for one in answer.judgement.judged) for answer in (before, after)]
    assert counted[1] >= counted[0]


def touched(base: Files, head: Files) -> set[str]:
    """Return the files of the scanner that differ in the head."""
    return {path for path, text in head.items() if path.endswith(".py") and base.get(path) != text}


@given(base=TREES, head=TREES)
@settings(max_examples=200, deadline=None)
def test_looking_at_the_change_says_the_same_as_looking_at_all(base: Files, head: Files) -> None:
    part, whole = judged(base, head), judged(base, head, whole=True)
    open_ = [[one for one in answer.states if one[2] != "unchanged"] for answer in (part, whole)]
    assert open_[0] == open_[1]
    broken = {path for path in touched(base, head) if head[path].startswith(BROKEN)}
    expected: set[tuple[str, str | None, str | None]] = {("finding", "high", None)} if open_[0] else set()
    expected |= {("not-covered", None, SPEC.name)} if broken else set()
    assert part.reasons == whole.reasons == expected


@given(
    world=worlds,
    one=findings,
    more=st.lists(findings, max_size=3),
    states=st.lists(STATES, min_size=4, max_size=4),
)
@settings(max_examples=100, deadline=None)
def test_a_waiver_and_being_old_concern_one_finding_alone(
    world: dict[str, Any], one: Any, more: list[Any], states: list[State]
) -> None:
    """No other is judged otherwise, and no reason comes of it."""
    named = [
        finding(**{name: getattr(each, name) for name in ("kind", "severity", "confidence")}, id=f"g{place}")
        for place, each in enumerate([one, *more])
    ]
    world["results"] = [
        *(r for r in world["results"] if r.scanner != "own"),
        result("own", findings=tuple(named)),
    ]
    world["kinds"] = {**world["kinds"], "own": "sast"}
    stands = {each.id: Standing(state=state) for each, state in zip(named, states, strict=False)}
    before = ask(**world, standings=stands)
    for better in (Standing(state=states[0], waiver="w"), Standing(state="unchanged", base="b")):
        after = ask(**world, standings={**stands, "g0": better})
        others = [[one for one in told.judged if one.finding != "g0"] for told in (before, after)]
        assert others[0] == others[1]
        assert RANK[after.statement.verdict] <= RANK[before.statement.verdict]
        keys = [{(r.code, r.severity, r.scanner) for r in told.statement.reasons} for told in (before, after)]
        assert keys[1] <= keys[0]
