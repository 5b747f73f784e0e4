import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from devsecops.gate import OUTCOME, exit_code, unfinished
from devsecops.model import Control, Cover, Data, PolicyInForce, Problem, ReasonCode, Statement, Tool, Unit
from devsecops.policy import parse_policy
from tests.gate.worlds import (
    GOOD,
    KINDS,
    ROWS,
    SHELL,
    SUBJECT,
    TODAY,
    TRUSTED,
    ask,
    finding,
    findings,
    result,
    results,
    row,
    rows,
    worlds,
)


def statement(**more: Any) -> Statement:
    return ask(**more).statement


def codes(**more: Any) -> list[str]:
    return [reason.code for reason in statement(**more).reasons]


def with_findings(*items: Any) -> tuple[Any, ...]:
    return (GOOD[0], replace(GOOD[1], findings=items))


def test_a_clean_run_passes() -> None:
    judged = statement()
    assert judged.verdict == "pass"
    assert judged.cause == "PASS: 3 files, 2 scanners, nothing at or above high"
    assert exit_code(judged) == 0


def test_a_finding_fails_and_is_named() -> None:
    judged = statement(results=with_findings(finding()))
    assert judged.cause == "FAIL: 1 finding at or above high (bandit/B602 app/db.py:41)"
    assert exit_code(judged) == 1
    assert judged.reasons[0].findings == ("f1",)


def test_fail_beats_incomplete_and_the_sentence_names_both() -> None:
    many = with_findings(finding(), finding(id="f2", severity="critical"), finding(id="f3", severity="low"))
    gaps = [
        Cover(
            unit=Unit(kind="package", id=f"{name}#x"),
            scanner="advisories",
            state="unresolved",
            why="unpinned",
        )
        for name in ("a.txt", "b.txt")
    ]
    judged = statement(results=many, ledger=(*ROWS, *gaps))
    assert judged.cause == (
        "FAIL: 2 findings at or above high (worst: bandit/B602 app/db.py:41), "
        "and incomplete: 2 manifests have dependencies without a version"
    )
    assert exit_code(judged) == 1


def test_a_file_that_was_not_read_is_named_with_the_lines_that_accept_it() -> None:
    name = 'dj"ango/\n[x]*\x7f\u202e\U0001f600.py'
    judged = statement(ledger=(*ROWS, row(name, state="failed", why="syntax-error")))
    shown = 'dj"ango/\\n[x]*\\x7f\\u202e\U0001f600.py'
    assert judged.cause == f"INCOMPLETE: bandit could not read 1 of 3 files: {shown} (syntax error)"
    assert exit_code(judged) == 3
    lines = judged.reasons[0].remedy.partition("\n")[2]
    accept = parse_policy(lines, "pasted").coverage.accept[0]
    assert accept.scanners == ("bandit",)
    assert accept.expires == "2027-02-22"
    assert accept.paths == (name.replace("[", "[[]").replace("*", "[*]"),)


def test_many_gaps_are_counted_and_twenty_are_shown() -> None:
    gaps = [row(f"{n:03}.py", state="not-reached", why="deadline") for n in range(50)]
    reason = statement(ledger=(*ROWS, *gaps)).reasons[0]
    assert (reason.units_total, len(reason.units)) == (50, 20)
    assert "30 more" in reason.remedy
    tomllib.loads(reason.remedy.partition("\n")[2])


def test_unpinned_has_both_remedies_and_can_be_counted() -> None:
    gap = Cover(
        unit=Unit(kind="package", id="r.txt#x"), scanner="advisories", state="unresolved", why="unpinned"
    )
    judged = statement(ledger=(*ROWS, gap))
    assert "lock" in judged.reasons[0].remedy
    assert 'unpinned = "count"' in judged.reasons[0].remedy
    counting = parse_policy("[data]\nunpinned = 'count'", "p")
    counted = statement(ledger=(*ROWS, gap), policy=counting)
    assert counted.cause.endswith("1 dependency without a version not judged")
    assert counted.warnings[0].units == ("r.txt#x",)
    # Only what has no version is counted: no data for an ecosystem is another thing.
    no_data = replace(gap, unit=Unit(kind="manifest", id="web/package-lock.json"), why="no-data")
    judged = statement(ledger=(*ROWS, no_data), policy=counting)
    assert "devsecops advisories update --ecosystem npm" in judged.reasons[0].remedy


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ({"status": "missing", "control": None}, "scanner-missing"),
        ({"status": "failed"}, "scanner-failed"),
        ({"status": "partial"}, "scanner-failed"),
        ({"status": "finished"}, "scanner-failed"),
        ({"control": None}, "self-test-failed"),
        ({"control": Control(kind="canary", found=False)}, "self-test-failed"),
        ({"status": "not-applicable"}, "scanner-failed"),  # its rows say that it read files
        ({"problems": (Problem(code="scanner-failed", message="it broke"),)}, "scanner-failed"),
        ({"tool": Tool(name="b", version="1", data=Data(digest="d", date="2026-10-24"))}, "data-stale"),
        ({"tool": Tool(name="b", version="1", data=Data(digest="d", date="2026-11-25"))}, "data-stale"),
        ({"tool": Tool(name="b", version="1", data=Data(digest="d", date="never"))}, "data-stale"),
    ],
)
def test_a_scanners_word_alone_is_not_believed(bad: dict[str, Any], code: str) -> None:
    judged = statement(results=(GOOD[0], result("bandit", **bad)))
    assert [reason.code for reason in judged.reasons] == [code]
    assert judged.reasons[0].scanner == "bandit"
    assert "bandit" in judged.cause
    assert exit_code(judged) == 3


def test_done_without_a_row_is_not_done() -> None:
    assert codes(ledger=ROWS[2:]) == ["scanner-failed"]


def test_what_is_not_there_is_named() -> None:
    assert codes(results=GOOD[:1]) == ["scanner-missing"]
    assert codes(results=(*GOOD, GOOD[0])) == ["scanner-failed"]
    assert statement(results=(), ledger=(), kinds={}).verdict == "incomplete"
    required = parse_policy("[scanners.zap]\nrequired = 'yes'", "p")
    assert statement(policy=required).cause == "INCOMPLETE: zap: it is not installed"
    assert codes(
        problems=[("zap", Problem(code="plugin-rejected", message="it raised"))], policy=required
    ) == ["plugin-rejected"]
    assert codes(problems=[(None, Problem(code="interrupted", message="it was ended"))]) == ["interrupted"]


def test_nothing_in_scope_is_a_pass_that_says_so() -> None:
    none = [result(name, status="not-applicable", control=None) for name in KINDS]
    judged = statement(results=none, ledger=[row("README.md", None, "unsupported")])
    assert judged.cause == "PASS: nothing in scope: no scanner reads any of the 1 file"


def test_what_counts() -> None:
    def fails(policy: str = "", **changes: Any) -> bool:
        return (
            statement(results=with_findings(finding(**changes)), policy=parse_policy(policy, "p")).verdict
            == "fail"
        )

    assert fails(severity="critical", confidence="medium")
    assert not fails(confidence="low")
    assert not fails(severity="medium")
    assert not fails(severity="unknown")
    assert fails(severity="unknown", kind="sca")
    assert fails(severity="info", confidence="low", kind="secrets")
    assert not fails(severity="critical", kind="quality")
    assert not fails("preset = 'audit'", severity="critical")
    assert fails("preset = 'strict'", severity="medium", confidence="low")


def test_left_out_defines_the_question_only_where_nothing_is_gated() -> None:
    some = {"results": GOOD[1:], "ledger": ROWS[:2], "left_out": ["advisories"], "only": ("bandit",)}
    shell = statement(**some, in_force=SHELL, gate=False)
    assert (shell.verdict, shell.left_out, exit_code(shell)) == ("incomplete", ("advisories",), 0)
    assert shell.cause == "PASS (bandit only: not a gate)"
    gated = statement(**some)
    assert (gated.verdict, exit_code(gated)) == ("incomplete", 3)
    failing = statement(**{**some, "results": with_findings(finding())[1:]}, in_force=SHELL, gate=False)
    assert exit_code(failing) == 1
    broken = statement(
        **{**some, "ledger": (*ROWS[:2], row("c.py", state="failed"))}, in_force=SHELL, gate=False
    )
    assert exit_code(broken) == 3


def test_the_trees_own_policy_is_no_gate() -> None:
    own = PolicyInForce(name="default", sha256="", source=".devsecops/policy.toml", trusted=False)
    assert statement(in_force=own, gate=False).cause.endswith(" (own policy, not a gate)")
    assert codes(in_force=own, gate=True) == ["policy-untrusted"]


def test_an_optional_scanner_only_warns() -> None:
    off = parse_policy("[scanners.bandit]\nrequired = 'off'", "p")
    judged = statement(results=GOOD[:1], ledger=ROWS[2:], policy=off)
    assert judged.verdict == "pass"
    lint = statement(
        results=(*GOOD, result("lint", kind="quality", status="failed")), kinds={**KINDS, "lint": "quality"}
    )
    assert lint.verdict == "pass"
    assert [reason.scanner for reason in lint.warnings] == ["lint"]


def test_strict_names_code_that_no_scanner_reads() -> None:
    strict = parse_policy("preset = 'strict'", "p")
    ledger = (*ROWS, row("a.go", None, "unsupported"), row("a.png", None, "unsupported"))
    assert statement(ledger=ledger).verdict == "pass"
    assert statement(ledger=ledger, policy=strict).cause == "INCOMPLETE: no scanner reads 1 file of code"


def test_accepted_gaps_and_rules_that_no_longer_hold_are_shown() -> None:
    text = "[[coverage.accept]]\npaths = ['x']\nscanners = ['bandit']\nreason = 'r'\nexpires = {}\n"
    policy = parse_policy(text.format("2026-12-01") + text.format("2026-11-01"), "p")
    judged = statement(ledger=(*ROWS, row("x", state="accepted", by="coverage.accept[0]")), policy=policy)
    assert judged.cause.endswith(", 1 gap accepted")
    assert [reason.message for reason in judged.warnings] == [
        "1 gap accepted until 2026-12-01: r", "coverage.accept[1] expired on 2026-11-01",
    ]  # fmt: skip


def test_what_stands_on_disk_before_the_end_is_incomplete() -> None:
    assert exit_code(unfinished(SUBJECT, TRUSTED, TODAY)) == 3


def test_every_code_has_an_outcome() -> None:
    from typing import get_args

    assert set(OUTCOME) == set(get_args(ReasonCode))
    assert set(OUTCOME.values()) == {"fail", "incomplete"}


RANK = {"pass": 0, "incomplete": 1, "fail": 2}


@given(worlds)
def test_total_and_consistent(world: dict[str, Any]) -> None:
    judged = ask(**world).statement
    assert RANK[judged.verdict] == max(
        [0, *(RANK[OUTCOME.get(reason.code, "incomplete")] for reason in judged.reasons)]
    )
    assert (exit_code(judged) == 0) == judged.cause.startswith("PASS")
    assert judged == ask(
        **{**world, "results": world["results"][::-1], "ledger": world["ledger"]}
    ).statement or (len({item.scanner for item in world["results"]}) < len(world["results"]))


@given(worlds, st.data())
def test_nothing_that_gets_worse_makes_a_pass(world: dict[str, Any], data: st.DataObject) -> None:
    before = ask(**world).statement
    worse = dict(world)
    what = data.draw(st.sampled_from(["finding", "gap", "result", "problem", "left out"]))
    if what == "finding" and world["results"]:
        first, *rest = world["results"]
        worse["results"] = [replace(first, findings=(*first.findings, data.draw(findings))), *rest]
    elif what == "gap":
        worse["ledger"] = [
            *world["ledger"],
            data.draw(rows.filter(lambda one: one.scanner not in (None, "lint", "stranger"))),
        ]
        if worse["ledger"][-1].state in ("scanned", "same-as-base", "accepted", "excluded", "unsupported"):
            return
    elif what == "result" and world["results"]:
        gone = data.draw(st.sampled_from(world["results"]))
        if gone.scanner not in world["kinds"] or any(
            reason.scanner == gone.scanner for reason in before.warnings
        ):
            return  # nobody asked for it: without it there is nothing to miss
        worse["results"] = [item for item in world["results"] if item is not gone]
        if any(item.scanner == gone.scanner for item in worse["results"]):
            return  # one answer of two: it was the second that was wrong
    elif what == "problem":
        worse["problems"] = [*world["problems"], (None, Problem(code="interrupted", message="it was ended"))]
    elif what == "left out":
        worse["left_out"] = [*world["left_out"], "bandit"]
        worse["in_force"] = world["in_force"]
    after = ask(**worse).statement
    assert not (after.verdict == "pass" and before.verdict != "pass")


@given(results)
def test_a_result_alone_never_passes_for_two(one: Any) -> None:
    assert ask(results=[one], ledger=[row("a.py", one.scanner)]).statement.verdict != "pass"
