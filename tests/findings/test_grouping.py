"""Findings of one flaw are one group: nothing is lost, nothing is invented, whatever order they come in."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from hypothesis import given
from hypothesis import strategies as st

from devsecops.findings.grouping import group
from devsecops.findings.severity import rank
from devsecops.findings.weaknesses import weakness_class
from devsecops.model import (
    SEVERITIES,
    File,
    Finding,
    Group,
    Http,
    Kind,
    Package,
    Region,
    RuleRef,
    Severity,
)

RULES = {
    "bandit": ("B303", "B324", "B311", "B105", "B603", "B607"),
    "ruff": ("S324", "S303", "S311", "S105", "S603", "S607"),
    "semgrep": ("py-weak-hash", "py-password-fast-hash", "py-predictable-secret", "py-hardcoded-key"),
}
WEAKNESSES = {
    "py-weak-hash": "CWE-328",
    "py-password-fast-hash": "CWE-916",
    "py-predictable-secret": "CWE-338",
    "py-hardcoded-key": "CWE-321",
    "py-ssrf-http-client": "CWE-918",
}
_ids = iter(range(10**9))


def source(
    name: str,
    *place: int | None,
    path: str = "app.py",
    kind: Kind = "sast",
    severity: Severity = "medium",
    weakness: str | None = None,
) -> Finding:
    """Make a finding of ``tool/rule`` at start line, start column, end line, end column."""
    tool, _, rule = name.partition("/")
    fields = ("start_line", "start_column", "end_line", "end_column")
    region = Region(**dict(zip(fields, place, strict=False))) if place else None  # type: ignore[arg-type]
    return Finding(
        id=f"f{next(_ids):04}",
        scanner=tool,
        rule=RuleRef(tool=tool, id=rule),
        kind=kind,
        weakness=weakness or WEAKNESSES.get(rule),
        severity=severity,
        message="",
        location=File(path=path, region=region),
    )


def advisory(
    name: str,
    purl: str = "pkg:pypi/flask@1.0",
    aliases: str = "",
    *,
    line: int | None = 3,
    path: str = "requirements.txt",
    severity: Severity = "high",
    weakness: str | None = None,
) -> Finding:
    """Make a finding of ``tool/advisory`` about a package."""
    tool, _, rule = name.partition("/")
    at = File(path=path, region=None if line is None else Region(start_line=line))
    return Finding(
        id=f"f{next(_ids):04}",
        scanner=tool,
        rule=RuleRef(tool=tool, id=rule),
        kind="sca",
        weakness=weakness,
        severity=severity,
        message="",
        location=Package(purl=purl, at=at),
        evidence={"aliases": aliases},
    )


def together(*findings: Finding) -> list[list[str]]:
    """Return the groups, each as ``tool/rule`` of its members."""
    names = {one.id: f"{one.rule.tool}/{one.rule.id}" for one in findings}
    return sorted(sorted(names[name] for name in one.reported_by) for one in group(findings))


def apart(*findings: Finding) -> bool:
    return len(group(findings)) == len(findings)


# --- what belongs together ----------------------------------------------------------------------


def test_three_tools_about_one_call_are_one_group_with_the_highest_severity() -> None:
    call = source("bandit/B324", 5, 9, 5, 40, severity="high", weakness="CWE-327")
    name = source("ruff/S324", 5, 9, 5, 20, severity="low")
    ours = source("semgrep/py-weak-hash", 5, 9, 5, 40, severity="medium")
    (one,) = group([ours, name, call])
    assert one == Group(
        id=call.id,
        weakness="CWE-328",
        severity="high",
        reported_by=tuple(sorted((call.id, name.id, ours.id))),
    )


def test_the_first_by_severity_tool_rule_and_id_names_the_group() -> None:
    a, b = source("bandit/B324", 5, 9, 5, 40), source("ruff/S324", 5, 9, 5, 20)
    assert group([b, a])[0].id == a.id
    worse = source("ruff/S324", 5, 9, 5, 20, severity="high")
    assert group([a, worse])[0].id == worse.id
    unknown = source("bandit/B324", 5, 9, 5, 40, severity="unknown")
    assert group([unknown, source("ruff/S324", 5, 9, 5, 20, severity="info")])[0].severity == "info"


def test_an_argument_meets_the_call_that_it_belongs_to() -> None:
    call = source("bandit/B501", 9, 12, 11, 6)
    assert together(call, source("semgrep/x", 10, 20, 10, 32, weakness="CWE-295")) == [
        ["bandit/B501", "semgrep/x"]
    ]
    assert apart(call, source("semgrep/x", 11, 6, 11, 9, weakness="CWE-295")), "spans that touch do not meet"


def test_a_name_and_its_value_in_one_line_are_one_flaw_if_neither_tool_says_more_there() -> None:
    name, value = source("semgrep/py-hardcoded-key", 6, 1, 6, 11), source("bandit/B105", 6, 14, 6, 48)
    assert not apart(name, value)
    assert apart(name, value, source("bandit/B105", 6, 52, 6, 60)), "which of the two is not known"
    assert apart(name, source("bandit/B105", 7, 14, 7, 48))


def test_a_report_without_columns_needs_a_line_of_its_own() -> None:
    line, call = source("other/x", 5, weakness="CWE-328"), source("bandit/B324", 5, 9, 5, 40)
    assert not apart(line, call)
    assert apart(line, call, source("bandit/B324", 5, 44, 5, 60))
    assert apart(line, source("other/x", 5, weakness="CWE-328"), call)
    block = source("bandit/B324", 5, 9, 9, 2)
    inside = source("other/x", 6, weakness="CWE-328"), source("ruff/S324", 7, 3, 7, 9)
    assert together(block, *inside) == [["bandit/B324", "ruff/S324"], ["other/x"]]
    open_end = source("bandit/B104", 270, 25, 272, None)
    assert not apart(open_end, source("ruff/S104", 270, 25, 270, 34))


def test_twins_are_rules_of_one_tool_that_mark_the_same_characters() -> None:
    twins = source("bandit/B308", 4, 5, 4, 30), source("bandit/B703", 4, 5, 4, 30)
    assert len(group(twins)) == 1
    assert len(group([*twins, source("ruff/S308", 4, 5, 4, 30)])) == 1
    assert apart(source("bandit/B308", 4, 5, 4, 30), source("bandit/B703", 4, 5, 4, 31))
    assert apart(source("bandit/B308", 4, 5, 4, 30), source("bandit/B308", 4, 5, 4, 30)), "one rule, twice"
    assert together(*twins, source("bandit/B308", 4, 5, 4, 30)) == [
        ["bandit/B308"],
        ["bandit/B308", "bandit/B703"],
    ]
    assert apart(source("bandit/B308", 4), source("bandit/B703", 4)), "a line is no exact place"


def test_each_tool_has_one_part_the_nearest() -> None:
    outer, inner = (76, 33, 78, 10), (77, 13, 77, 43)
    found = [
        source("bandit/B324", *outer), source("bandit/B324", *inner),
        source("semgrep/py-weak-hash", *inner), source("semgrep/py-weak-hash", *outer),
        source("ruff/S324", 77, 13, 77, 24), source("ruff/S324", 76, 33, 76, 45),
    ]  # fmt: skip
    lines = {one.id: one.location.region.start_line for one in found}  # type: ignore[union-attr]
    groups = group(found)
    assert [len(one.reported_by) for one in groups] == [3, 3]
    assert all(len({lines[name] for name in one.reported_by}) == 1 for one in groups)


def test_no_third_tool_keeps_two_together() -> None:
    call = source("bandit/B603", 5, 9, 9, 2)
    name, argument = source("ruff/S603", 5, 9, 5, 25), source("semgrep/x", 7, 3, 7, 9, weakness="CWE-78")
    assert apart(name, argument)
    assert together(call, name, argument) == [["bandit/B603", "ruff/S603"], ["semgrep/x"]]


def test_a_part_that_a_third_tool_took_is_not_made_up_for_by_a_farther_one() -> None:
    call = source("bandit/B324", 2, 10, 4, 2)
    near, far = source("semgrep/py-weak-hash", 1, 8, 2, 11), source("semgrep/py-weak-hash", 3, 14, 3, 20)
    took = source("ruff/S324", 1, 8, 1, 12)
    assert [len(one.reported_by) for one in group([call, near, far])] == [2, 1]
    assert together(call, near, far, took) == [
        ["bandit/B324"],
        ["ruff/S324", "semgrep/py-weak-hash"],
        ["semgrep/py-weak-hash"],
    ]


# --- what does not ------------------------------------------------------------------------------


def test_one_call_may_have_several_flaws() -> None:
    at = (25, 14, 25, 91)
    assert apart(source("bandit/B113", *at), source("semgrep/x", *at, weakness="CWE-295"))
    assert apart(source("bandit/B603", *at), source("ruff/S607", *at))
    assert apart(source("bandit/B504", *at), source("semgrep/x", *at, weakness="CWE-295"))


def test_a_weakness_that_nothing_names_joins_nothing() -> None:
    at = (3, 1, 3, 20)
    assert apart(source("one/x", *at), source("other/y", *at))
    assert apart(source("one/x", *at, weakness="CWE-20"), source("other/y", *at, weakness="CWE-20"))
    assert apart(source("one/x", *at, weakness="CWE-703"), source("other/y", *at, weakness="CWE-703"))


def test_findings_without_a_place_in_a_source_stand_alone() -> None:
    assert apart(source("bandit/B324"), source("ruff/S324"))
    where = Http(target="shop", method="GET", template="/users/{name}", param="name")
    http = [
        Finding(id=f"h{n}", rule=RuleRef(tool=f"t{n}", id="x"), kind="dast", weakness="CWE-89",
                severity="high", message="", location=where)
        for n in (1, 2)
    ]  # fmt: skip
    assert [(one.id, one.weakness, one.confirmed) for one in group(http)] == [
        ("h1", "CWE-89", False),
        ("h2", "CWE-89", False),
    ]


# --- secrets ------------------------------------------------------------------------------------


def test_secrets_meet_by_their_columns() -> None:
    first = source("one/aws", 3, 12, 3, 32, kind="secrets")
    assert not apart(first, source("other/key", 3, 11, 3, 33, kind="secrets"))
    assert not apart(first, source("other/key", 3, kind="secrets"))
    assert not apart(first, source("bandit/B105", 3, 11, 3, 33)), "a literal that is a secret"
    assert apart(first, source("other/key", 3, 40, 3, 60, kind="secrets")), "two secrets in one line"
    assert apart(first, source("other/key", 4, 12, 4, 32, kind="secrets"))
    assert apart(first, source("other/key", 3, 12, 3, 32, kind="secrets", path="b.py"))


# --- packages -----------------------------------------------------------------------------------


def test_advisories_of_a_package_meet_by_any_name() -> None:
    ours = advisory("advisories/PYSEC-1", aliases="CVE-2020-1, GHSA-aaaa", weakness="CWE-79")
    assert not apart(ours, advisory("safety/PYSEC-1"))
    assert not apart(ours, advisory("safety/51234", aliases="CVE-2020-1"))
    assert not apart(ours, advisory("safety/ghsa-AAAA"))
    assert apart(ours, advisory("safety/PYSEC-2", aliases="CVE-2020-2"))
    assert apart(ours, advisory("safety/GHSA-aaaa", aliases="CVE-2020-9")), "each names another CVE"
    assert apart(ours, advisory("advisories/PYSEC-1")), "a tool that says it twice"
    worse = advisory("safety/PYSEC-1", severity="critical")
    assert [(one.id, one.severity, one.weakness) for one in group([ours, worse])] == [
        (worse.id, "critical", "CWE-79")
    ]


def test_a_package_has_one_normal_name() -> None:
    ours = advisory("advisories/PYSEC-1", "pkg:pypi/flask-login@1.0")
    assert not apart(ours, advisory("safety/PYSEC-1", "pkg:pypi/Flask_Login@1.0"))
    assert apart(ours, advisory("safety/PYSEC-1", "pkg:pypi/flask@1.0"))
    assert apart(ours, advisory("safety/PYSEC-1", "pkg:npm/flask-login@1.0"))
    assert apart(ours, advisory("safety/PYSEC-1", "pkg:pypi/flask-login@1.0", path="other.txt"))
    scoped = advisory("advisories/GHSA-1", "pkg:npm/%40team/a.b@2.0")
    assert not apart(scoped, advisory("other/GHSA-1", "pkg:npm/@team/a.b@2.0"))
    assert apart(scoped, advisory("other/GHSA-1", "pkg:npm/@team/a-b@2.0"))


def test_of_two_pins_of_a_package_each_meets_its_own() -> None:
    old, new = "pkg:pypi/flask@1.0", "pkg:pypi/flask@1.1"
    found = [
        advisory("advisories/PYSEC-1", old, line=3), advisory("safety/PYSEC-1", new, line=4),
        advisory("advisories/PYSEC-1", new, line=9), advisory("safety/PYSEC-1", old, line=None),
    ]  # fmt: skip
    purls = {one.id: one.location.purl for one in found}  # type: ignore[union-attr]
    assert [sorted(purls[name] for name in one.reported_by) for one in group(found)] == [
        [old, old],
        [new, new],
    ]


# --- whatever the findings ----------------------------------------------------------------------

columns = st.integers(1, 8)


@st.composite
def places(draw: st.DrawFn) -> tuple[int | None, ...]:
    start, end = sorted(draw(st.tuples(st.integers(1, 3), st.integers(1, 3))))
    if draw(st.integers(0, 5)) == 0:
        return (start,)
    first, last = draw(columns), draw(columns)
    return start, first, end, max(last, first + 1) if start == end else last


@st.composite
def some_findings(draw: st.DrawFn) -> list[Finding]:
    made = []
    for number in range(draw(st.integers(0, 9))):
        tool = draw(st.sampled_from(sorted(RULES)))
        severity, path = draw(st.sampled_from(SEVERITIES)), draw(st.sampled_from(("a.py", "b.py")))
        if draw(st.integers(0, 4)) == 0:
            name = draw(st.sampled_from(("PYSEC-1", "CVE-1", "CVE-2")))
            aliases = ", ".join(draw(st.sets(st.sampled_from(("CVE-1", "CVE-2", "GHSA-1")))))
            one = advisory(f"{tool}/{name}", aliases=aliases, path=path, line=draw(st.integers(1, 2)))
        else:
            kind: Kind = draw(st.sampled_from(("sast", "sast", "secrets")))
            one = source(
                f"{tool}/{draw(st.sampled_from(RULES[tool]))}",
                *draw(places()),
                path=path,
                kind=kind,
                severity=severity,
            )
        made.append(_named(one, f"f{number:02}", severity))
    return made


def _named(one: Finding, name: str, severity: Severity) -> Finding:
    from msgspec.structs import replace

    return replace(one, id=name, severity=severity)


def members(groups: Iterable[Group], found: Sequence[Finding]) -> list[tuple[Group, list[Finding]]]:
    by_id = {one.id: one for one in found}
    return [(one, [by_id[name] for name in one.reported_by]) for one in groups]


@given(some_findings(), st.randoms(use_true_random=False))
def test_every_finding_is_in_one_group_whatever_the_order(found: list[Finding], draw: object) -> None:
    groups = group(found)
    assert sorted(name for one in groups for name in one.reported_by) == [one.id for one in found]
    shuffled = list(found)
    draw.shuffle(shuffled)  # type: ignore[attr-defined]
    assert group(shuffled) == groups
    for one, inside in members(groups, found):
        assert list(one.reported_by) == sorted(one.reported_by)
        assert rank(one.severity) == max(rank(finding.severity) for finding in inside)
        order = sorted(inside, key=lambda f: (-rank(f.severity), f.rule.tool, f.rule.id, f.id))
        assert one.id == order[0].id


@given(some_findings())
def test_a_group_is_in_one_file_of_one_class_and_has_one_part_of_each_tool(found: list[Finding]) -> None:
    for _, inside in members(group(found), found):
        assert len({getattr(one.location, "path", None) or one.location.at.path for one in inside}) == 1  # type: ignore[union-attr]
        assert len({one.kind == "sca" or weakness_class(one) for one in inside}) == 1
        parts: dict[str, set[object]] = defaultdict(set)
        rules: Counter[tuple[str, str]] = Counter()
        for one in inside:
            parts[one.rule.tool].add(one.location)
            rules[one.rule.tool, one.rule.id] += 1
        assert all(len(spans) == 1 for spans in parts.values())
        assert max(rules.values()) == 1


@given(some_findings(), st.sampled_from(sorted(RULES)))
def test_switching_a_tool_off_takes_nothing_else_apart(found: list[Finding], off: str) -> None:
    left = [one for one in found if one.rule.tool != off]
    before, after = (_by_finding(group(some), left) for some in (found, left))
    for one in left:
        for other in left:
            if before[one.id] == before[other.id]:
                assert after[one.id] == after[other.id]


def _by_finding(groups: Iterable[Group], left: Sequence[Finding]) -> dict[str, str]:
    kept = {one.id for one in left}
    return {name: one.id for one in groups for name in one.reported_by if name in kept}


@given(some_findings(), some_findings())
def test_another_file_changes_nothing(found: list[Finding], more: list[Finding]) -> None:
    from msgspec.structs import replace

    here = [one for one in found if isinstance(one.location, File)]
    elsewhere = [
        replace(one, id=f"z{one.id}", location=replace(one.location, path="elsewhere.py"))
        for one in more
        if isinstance(one.location, File)
    ]
    both = group([*here, *elsewhere])
    assert [one for one in both if not one.id.startswith("z")] == list(group(here))


# --- large and hostile --------------------------------------------------------------------------


def test_many_findings_in_one_line_take_no_longer_than_they_must() -> None:
    number = 1_500
    line = [
        source(f"{tool}/{rule}", 1, 10 * n + 1, 1, 10 * n + 9)
        for n in range(number)
        for tool, rule in (("bandit", "B324"), ("ruff", "S324"))
    ]
    no_columns = [source("other/x", 1, weakness="CWE-328") for _ in range(number)]
    same_place = [source("more/x", 1, 5, 1, 9, weakness="CWE-328") for _ in range(number)]
    started = time.process_time()
    assert len(group([*line, *no_columns, *same_place])) <= 3 * number
    assert time.process_time() - started < 3.0
