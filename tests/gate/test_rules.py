"""[[gate.rule]] and coverage.floor: they only add reasons, and stricter is never greener."""

from __future__ import annotations

from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devsecops.gate.floor import floor_reasons
from devsecops.gate.rules import rule_reasons
from devsecops.gate.scanners import required
from devsecops.gate.standing import Standing
from devsecops.model import Confidence, Cover, Finding, Group, Kind, Severity, State
from devsecops.policy import GateRule, Policy, parse_policy
from devsecops.policy.file import orders
from devsecops.policy.model import RuleState
from tests.gate.worlds import finding, row

# --- rules ------------------------------------------------------------------------------------------


def judged(rule: GateRule, *found: Finding, groups: tuple[Group, ...] = (), **standing: Any) -> list[Any]:
    """Return code, message, findings and rule of each reason; all findings have the same standing."""
    standings = {one.id: Standing(**standing) for one in found} if standing else {}
    reasons, why = rule_reasons(found, standings, groups, (rule,))
    assert set(why) == {name for reason in reasons for name in reason.findings}
    return [(reason.code, reason.message, reason.findings, reason.rule) for reason in reasons]


LOW = finding(id="low", severity="low", confidence="low")
HIGH = finding(id="high", severity="high")


def test_a_rule_without_a_number_allows_nothing() -> None:
    assert judged(GateRule(), LOW, HIGH) == [
        (
            "finding",
            "2 findings (any kind but quality, info and up, new or updated); the policy allows none",
            ("high", "low"),
            "gate.rule[0]",
        )
    ]
    assert judged(GateRule()) == []


def test_a_budget_allows_so_many_and_names_all_when_there_are_more() -> None:
    assert judged(GateRule(max=2), LOW, HIGH) == []
    ((code, message, names, rule),) = judged(GateRule(name="debt", max=1, kind=("sast", "sca")), LOW, HIGH)
    assert (code, names, rule) == ("budget", ("high", "low"), "debt")
    assert message == "2 findings (sast or sca, info and up, new or updated); the policy allows 1"


def test_a_flaw_that_two_tools_report_counts_once() -> None:
    both = Group(id="high", severity="high", reported_by=("high", "low"))
    assert judged(GateRule(max=1), LOW, HIGH, groups=(both,)) == []
    assert [names for _, _, names, _ in judged(GateRule(), LOW, HIGH, groups=(both,))] == [("high", "low")]
    assert "1 finding (" in judged(GateRule(), LOW, HIGH, groups=(both,))[0][1]


@pytest.mark.parametrize(
    ("rule", "changes", "counts"),
    [
        ({"severity": "high"}, {"severity": "critical"}, True),
        ({"severity": "high"}, {"severity": "high"}, True),
        ({"severity": "high"}, {"severity": "medium"}, False),
        ({"severity": "info"}, {"severity": "unknown"}, False),
        ({"severity": "critical"}, {"severity": "unknown"}, False),
        ({"severity": "unknown"}, {"severity": "unknown"}, True),
        ({"severity": "unknown"}, {"severity": "info"}, True),
        ({"severity": "critical"}, {"severity": "odd"}, True),
        ({"confidence": "medium"}, {"confidence": "low"}, False),
        ({"confidence": "low"}, {"confidence": "low"}, True),
        ({"kind": ("sca",)}, {"kind": "sast"}, False),
        ({}, {"kind": "quality"}, False),
        ({"kind": ("quality",)}, {"kind": "quality"}, True),
    ],
)
def test_what_a_rule_counts(rule: dict[str, Any], changes: dict[str, Any], counts: bool) -> None:
    assert bool(judged(GateRule(**rule), finding(**changes))) is counts


@pytest.mark.parametrize("state", get_args(State))
def test_a_rule_counts_the_states_that_it_says(state: State) -> None:
    assert bool(judged(GateRule(), HIGH, state=state)) is (state in ("new", "updated"))
    assert bool(judged(GateRule(state=("unchanged",)), HIGH, state=state)) is (state == "unchanged")
    assert judged(GateRule(state=("new", "unchanged", "updated")), HIGH, state=state, waiver="w") == []


def test_the_first_rule_that_counts_a_finding_is_why() -> None:
    rules = (GateRule(max=5), GateRule(kind=("sca",)), GateRule(name="one"), GateRule(severity="high"))
    reasons, why = rule_reasons([LOW, HIGH], {}, (), rules)
    assert [reason.rule for reason in reasons] == ["one", "gate.rule[3]"]
    assert why == {"low": "one", "high": "one"}
    assert reasons[0].severity == "high"


def test_a_kind_that_a_rule_judges_needs_its_scanners() -> None:
    """Else a scanner that broke would let the rule pass."""
    policy = parse_policy("[[gate.rule]]\nkind = ['quality']", "p")
    assert required("lint", "quality", policy)
    assert not required("lint", "quality", Policy())
    assert not required("lint", "quality", parse_policy("[[gate.rule]]", "p"))


severities = st.sampled_from([*get_args(Severity), "odd"])
kinds: st.SearchStrategy[tuple[Kind, ...]] = st.sets(st.sampled_from(get_args(Kind)), min_size=1).map(
    lambda some: tuple(sorted(some))
)
states: st.SearchStrategy[tuple[RuleState, ...]] = st.sets(
    st.sampled_from(get_args(RuleState)), min_size=1
).map(lambda some: tuple(sorted(some)))
rules = st.builds(
    GateRule,
    kind=kinds,
    severity=st.sampled_from(get_args(Severity)),
    confidence=st.sampled_from(get_args(Confidence)),
    state=states,
    max=st.integers(0, 3),
)


World = tuple[list[Finding], dict[str, Standing], tuple[Group, ...]]


@st.composite
def worlds(draw: st.DrawFn) -> World:
    found = [
        finding(
            id=f"f{n}",
            kind=draw(st.sampled_from(get_args(Kind))),
            severity=draw(severities),
            confidence=draw(st.sampled_from(get_args(Confidence))),
        )
        for n in range(draw(st.integers(0, 5)))
    ]
    standings = {
        one.id: Standing(
            state=draw(st.sampled_from(get_args(State))), waiver=draw(st.sampled_from([None, None, "w"]))
        )
        for one in found
        if draw(st.booleans())
    }
    of = {one.id: draw(st.integers(0, 2)) for one in found}
    groups = tuple(
        Group(id=f"g{n}", severity="high", reported_by=names)
        for n in range(3)
        if (names := tuple(name for name, number in of.items() if number == n))
    )
    return found, standings, groups


def stricter(rule: GateRule) -> list[GateRule]:
    """Return the rule with each of its values one step stricter, by the order that its key declares."""
    out = []
    for key in ("severity", "confidence"):
        order = list(orders()[f"gate.rule.{key}"])
        at = order.index(getattr(rule, key))
        out += [msgspec.structs.replace(rule, **{key: word}) for word in order[at + 1 :]]
    for key, every in (("kind", get_args(Kind)), ("state", get_args(RuleState))):
        assert orders()[f"gate.rule.{key}"] == "more"
        more = [tuple(sorted({*getattr(rule, key), word})) for word in every]
        out += [msgspec.structs.replace(rule, **{key: words}) for words in more]
    assert orders()["gate.rule.max"] == "smaller"
    return [*out, *(msgspec.structs.replace(rule, max=number) for number in range(rule.max))]


@settings(deadline=None)
@given(world=worlds(), rule=rules)
def test_a_stricter_rule_fails_on_all_that_the_looser_one_fails_on(world: World, rule: GateRule) -> None:
    before, why = rule_reasons(*world, rules=(rule,))
    for other in stricter(rule):
        after, then = rule_reasons(*world, rules=(other,))
        assert len(after) >= len(before)
        assert set(then) >= set(why)


@settings(deadline=None)
@given(world=worlds(), some=st.lists(rules, max_size=3), one=rules, at=st.integers(0, 3))
def test_one_more_rule_takes_no_reason_away(
    world: World, some: list[GateRule], one: GateRule, at: int
) -> None:
    before, why = rule_reasons(*world, rules=some)
    after, then = rule_reasons(*world, rules=[*some[:at], one, *some[at:]])
    assert {(r.message, r.findings) for r in before} <= {(r.message, r.findings) for r in after}
    assert set(why) <= set(then)


@settings(deadline=None)
@given(world=worlds(), rule=rules)
def test_waiving_a_finding_counts_no_other(world: World, rule: GateRule) -> None:
    found, standings, groups = world
    _, why = rule_reasons(found, standings, groups, (rule,))
    for one in found:
        waived = {**standings, one.id: Standing(waiver="w")}
        _, then = rule_reasons(found, waived, groups, (rule,))
        assert set(then) <= set(why) - {one.id}


# --- the floor --------------------------------------------------------------------------------------


def floor(percent: float, *ledger: Cover) -> list[tuple[str | None, str]]:
    policy = parse_policy(f"[coverage]\nfloor = {percent}\n[data]\nunpinned = 'count'", "p")
    return [(reason.scanner, reason.message) for reason in floor_reasons(ledger, policy)]


GAPS = {
    "accepted": row("b.py", state="accepted", by="coverage.accept[0]"),
    "counted": row("r.txt#x", state="unresolved", why="unpinned"),
    "failed": row("b.py", state="failed", why="syntax-error"),
    "unsupported": row("b.py", state="unsupported"),
    "excluded": row("b.py", None, "excluded", "by-policy", by="scope.exclude[0]", readers=("bandit",)),
}
NO_GAPS = {
    "same": row("b.py", state="same-as-base"),
    "nobody": row("b.png", None, "unsupported", "no-scanner"),
    "excluded": row("b.png", None, "excluded", "by-policy", by="scope.exclude[0]"),
    "link": row("b.py", None, "excluded", "symlink", by="built-in:symlink"),
    "own": row(".bandit", state="excluded", why="tool-config", by="built-in:tool-config"),
}


@pytest.mark.parametrize("gap", GAPS)
def test_what_was_not_looked_at_lowers_the_share(gap: str) -> None:
    ledger = (row("a.py"), GAPS[gap])
    assert floor(50, *ledger) == []
    assert floor(50.1, *ledger) == [
        ("bandit", "looked at 1 of 2 files and dependencies, 50 %; the policy asks for 50.1 %")
    ]


@pytest.mark.parametrize("row_", NO_GAPS)
def test_what_need_not_be_looked_at_does_not(row_: str) -> None:
    assert floor(100, row("a.py"), NO_GAPS[row_]) == []


def test_without_a_floor_or_without_a_file_there_is_no_reason() -> None:
    assert floor(0, GAPS["failed"]) == []
    assert floor(100) == []
    assert floor(100, NO_GAPS["nobody"]) == []


def test_one_scanner_does_not_make_up_for_another() -> None:
    ledger = (GAPS["accepted"], *(row(f"{n}.py", "semgrep") for n in range(99)))
    assert [scanner for scanner, _ in floor(50, *ledger)] == ["bandit"]


rows = st.lists(st.sampled_from([row("a.py"), row("s.js", "semgrep"), *GAPS.values(), *NO_GAPS.values()]))


@settings(deadline=None)
@given(ledger=rows, low=st.floats(0, 100), high=st.floats(0, 100))
def test_a_higher_floor_asks_at_least_as_much(ledger: list[Cover], low: float, high: float) -> None:
    low, high = sorted((low, high))
    policies = [
        msgspec.structs.replace(Policy(), coverage=msgspec.structs.replace(Policy().coverage, floor=percent))
        for percent in (low, high)
    ]
    below, above = ({reason.scanner for reason in floor_reasons(ledger, one)} for one in policies)
    assert below <= above
    assert orders()["coverage.floor"] == "larger"
