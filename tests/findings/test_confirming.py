"""What a running service shows joins the flaw in its handler: once, and only where that is no guess."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from devsecops.findings.grouping import group
from devsecops.findings.severity import rank
from devsecops.findings.weaknesses import weakness_class
from devsecops.model import SEVERITIES, File, Finding, Group, Http, Location, Region, RuleRef, Severity
from tests.findings.test_grouping import source

HANDLERS = {"show": (1, 9), "save": (11, 19), "inner": (13, 15)}


def served(
    rule: str,
    handler: str | None = "show",
    param: str | None = "name",
    *,
    weakness: str | None = "CWE-89",
    severity: Severity = "high",
    path: str = "app.py",
) -> Finding:
    """Make a finding of ZAP at an endpoint that one of HANDLERS answers."""
    where: tuple[Location, ...] = ()
    if handler is not None:
        start, end = HANDLERS[handler]
        where = (File(path=path, region=Region(start_line=start, end_line=end)),)
    return Finding(
        id=f"z{rule}{handler}{param}{path}",
        scanner="zap",
        rule=RuleRef(tool="zap", id=rule),
        kind="dast",
        weakness=weakness,
        severity=severity,
        message="",
        location=Http(target="shop", method="GET", template=f"/{handler}", param=param),
        related=where,
    )


def joined(*found: Finding) -> list[list[str]]:
    """Return the confirmed groups, each as ``tool/rule`` of its members."""
    names = {one.id: f"{one.rule.tool}/{one.rule.id}" for one in found}
    return sorted(sorted(names[name] for name in one.reported_by) for one in group(found) if one.confirmed)


def test_a_flaw_that_the_service_shows_is_confirmed_at_run_time() -> None:
    code = source("bandit/B608", 5, 9, 5, 40, severity="medium")
    shown = served("40018", weakness="CWE-564")
    (one,) = group([code, shown])
    assert one == Group(
        id=shown.id, weakness="CWE-89", severity="high", reported_by=(code.id, shown.id), confirmed=True
    )
    assert [one.confirmed for one in group([code])] == [False]
    assert [(one.confirmed, one.weakness) for one in group([shown])] == [(False, "CWE-564")]


def test_two_tools_and_two_rules_of_the_service_are_one_flaw() -> None:
    two = source("bandit/B608", 5, 9, 5, 40), source("ruff/S608", 5, 9, 5, 30)
    by_error, by_difference = served("690002"), served("690003")
    assert joined(*two, by_error, by_difference) == [["bandit/B608", "ruff/S608", "zap/690002", "zap/690003"]]


def test_another_class_file_or_handler_is_not_confirmed() -> None:
    code = source("bandit/B608", 5, 9, 5, 40)
    assert not joined(code, served("40012", weakness="CWE-79"))
    assert not joined(code, served("10020", weakness=None))
    assert not joined(code, served("40018", path="other.py"))
    assert not joined(code, served("40018", "save"))
    assert not joined(code, served("40018", None))
    assert not joined(source("bandit/B608", 10), served("40018"))


def test_where_one_tool_sees_two_flaws_nobody_knows_which_one_answered() -> None:
    two = source("bandit/B608", 5, 9, 5, 40), source("bandit/B608", 7, 9, 7, 40)
    assert not joined(*two, served("40018"))
    assert len(group([*two, served("40018")])) == 3


def test_of_what_two_tools_see_in_two_lines_the_worst_is_confirmed() -> None:
    built = source("bandit/B608", 5, 9, 5, 40)
    run = source("semgrep/py-sql", 6, 9, 6, 40, weakness="CWE-89", severity="high")
    assert joined(built, run, served("40018")) == [["semgrep/py-sql", "zap/40018"]]
    assert len(group([built, run, served("40018")])) == 2


def test_a_second_parameter_may_be_a_flaw_that_no_tool_saw() -> None:
    code = source("bandit/B608", 5, 9, 5, 40)
    shown = served("40018", param="name", severity="medium"), served("40018", param="order")
    assert sorted(len(one.reported_by) for one in group([code, *shown])) == [1, 2]
    (one,) = (one for one in group([code, *shown]) if one.confirmed)
    assert shown[1].id in one.reported_by, "the worst of them"


def test_a_function_within_a_handler_answers_for_itself() -> None:
    inside, outside = source("bandit/B608", 14, 9, 14, 40), source("ruff/S608", 17, 9, 17, 40)
    assert joined(inside, served("40018", "inner")) == [["bandit/B608", "zap/40018"]]
    assert joined(inside, outside, served("40018", "inner"), served("40018", "save")) == [
        ["bandit/B608", "zap/40018"],
        ["ruff/S608", "zap/40018"],
    ]


@st.composite
def both_sides(draw: st.DrawFn) -> list[Finding]:
    found = []
    for number in range(draw(st.integers(0, 8))):
        line = draw(st.integers(1, 20))
        severity, path = draw(st.sampled_from(SEVERITIES)), draw(st.sampled_from(("app.py", "b.py")))
        if draw(st.booleans()):
            tool = draw(st.sampled_from(("bandit/B608", "ruff/S608", "bandit/B324")))
            one = source(tool, line, 1, line, 9, severity=severity, path=path)
        else:
            one = served(
                draw(st.sampled_from(("1", "2"))),
                draw(st.sampled_from((*HANDLERS, None))),
                draw(st.sampled_from(("a", "b", None))),
                weakness=draw(st.sampled_from(("CWE-89", "CWE-328", None))),
                severity=severity,
                path=path,
            )
        found.append(replace(one, id=f"f{number}"))
    return found


@given(both_sides(), st.randoms(use_true_random=False))
def test_nothing_is_lost_and_a_confirmed_flaw_has_both_sides(found: list[Finding], draw: object) -> None:
    groups = group(found)
    assert sorted(name for one in groups for name in one.reported_by) == sorted(one.id for one in found)
    shuffled = list(found)
    draw.shuffle(shuffled)  # type: ignore[attr-defined]
    assert group(shuffled) == groups
    by_id = {one.id: one for one in found}
    for one in groups:
        inside = [by_id[name] for name in one.reported_by]
        shown = [finding for finding in inside if isinstance(finding.location, Http)]
        assert one.confirmed == (0 < len(shown) < len(inside))
        assert rank(one.severity) == max(rank(finding.severity) for finding in inside)
        if one.confirmed:
            assert len({weakness_class(finding) for finding in inside}) == 1
        assert one.confirmed or len(shown) < 2, "without a source each stands alone"


@given(both_sides())
def test_what_the_source_says_is_grouped_as_without_the_service(found: list[Finding]) -> None:
    def of_source(groups: Sequence[Group]) -> set[frozenset[str]]:
        names = frozenset(one.id for one in found if isinstance(one.location, File))
        return {names.intersection(one.reported_by) for one in groups} - {frozenset()}

    alone = [one for one in found if isinstance(one.location, File)]
    assert of_source(group(found)) == of_source(group(alone))
