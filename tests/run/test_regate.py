"""A saved run that is judged once more: as a scan under the other policy would be, and never trusted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devsecops.cli.regating import save
from devsecops.cli.verify import objections
from devsecops.contract import Attested, Reads, Spec
from devsecops.errors import IncompleteError, UsageError
from devsecops.findings.identity import name_findings
from devsecops.gate import exit_code, judge
from devsecops.gate.judge import unfinished
from devsecops.gate.standing import Standing
from devsecops.model import (
    Control,
    Cover,
    CoverState,
    File,
    Finding,
    LedgerDigest,
    PolicyInForce,
    Region,
    RuleRef,
    ScanResult,
    Source,
    Statement,
    Status,
    Unit,
)
from devsecops.policy import Accept, Coverage, Exclude, Gate, Policy, ScannerRules, Scope, default_policy
from devsecops.regate import from_the_run, gate_again, own_rules, standings_of
from devsecops.run import Run, read_run, seal, verify_files
from devsecops.subject.ledger import assign, close_ledger, unaccepted
from devsecops.subject.tree import Listed, Tree
from devsecops.under_policy import under
from tests.run.runs import COMMIT, FACTS, FORCE, SUBJECT, found, make

TODAY = "2026-11-24"
SPECS = (
    Spec(name="one", kind="sast", reads=Reads(suffixes=(".py",)), controls=Attested(label="a")),
    Spec(name="two", kind="sast", reads=Reads(suffixes=(".py", ".js")), controls=Attested(label="a")),
)
KINDS = {spec.name: spec.kind for spec in SPECS}
NAMES = ("a.py", "lib/b.py", "lib/c.js", "d.js", "lib/read.me")


class Nothing:
    def read(self, entry: object) -> bytes | None:
        return b""

    def close(self) -> None: ...


def tree(names: Sequence[str]) -> Tree:
    listed = [
        Listed(raw=name.encode(), kind="file", mode=b"100644", digest="git:" + "1" * 40, size=1)
        for name in names
    ]
    return Tree(
        part=Source(head=COMMIT, tree="git:1"), root=Path("/r"), in_git=True, listed=listed, content=Nothing()
    )


def scan(names: Sequence[str], broken: frozenset[tuple[str, str]], policy: Policy) -> Run:
    """What a scan under `policy` leaves: each scanner finds one flaw in each file that it can read."""
    specs = [spec for spec in SPECS if policy.required(spec.name) != "off"]
    assignment = assign(tree(names), specs, policy.scope.exclude)
    results = []
    for name, entries in sorted(assignment.units.items()):
        good = [entry.path for entry in entries if (name, entry.path) not in broken]
        whole: Status = "complete" if len(good) == len(entries) else "partial"
        results.append(
            ScanResult(
                scanner=name,
                kind="sast",
                status=whole if entries else "not-applicable",
                control=Control(kind="canary", found=True) if entries else None,
                findings=name_findings([flaw(name, path) for path in good]),
                cover=tuple(row(name, entry.path, fine=entry.path in good) for entry in entries),
            )
        )
    ledger = close_ledger(assignment, results, policy.coverage.accept, TODAY)
    said = judge(
        subject=SUBJECT,
        results=results,
        ledger=ledger,
        policy=policy,
        in_force=FORCE,
        today=TODAY,
        kinds=KINDS,
    )
    return Run(
        verdict=seal(said.statement, FACTS),
        results=tuple(results),
        ledger=ledger,
        judged=said.judged,
        groups=said.groups,
        rules=policy,
        plan=dict.fromkeys(KINDS, "0" * 64),
        kinds=KINDS,
    )


def row(scanner: str, path: str, *, fine: bool) -> Cover:
    unit = Unit(kind="file", id=path)
    if fine:
        return Cover(unit=unit, scanner=scanner, state="scanned")
    state: CoverState = "partial" if path.endswith(".js") else "failed"
    return Cover(unit=unit, scanner=scanner, state=state, why="too-deep")


def flaw(scanner: str, path: str) -> Finding:
    return Finding(
        scanner=scanner,
        rule=RuleRef(tool=scanner, id="R"),
        kind="sast",
        severity="high" if path.endswith(".py") else "medium",
        message="m",
        location=File(path=path, region=Region(start_line=1)),
    )


def again(run: Run, policy: Policy) -> Run:
    changed, source = under(run, policy, "p.toml")
    return gate_again(changed, policy, source, told="again", standings={}, compared=None)


def told(run: Run) -> Statement:
    """What a verdict says, but for whose policy it was."""
    statement = run.verdict.statement
    return msgspec.structs.replace(
        statement, cause=statement.cause.partition(" (again")[0], policy=FORCE, ledger=None
    )


EXCLUDES = st.sets(st.sampled_from(["lib", "*.js", "a.py", "lib/b.py"]))
ACCEPTS = st.lists(
    st.builds(
        Accept,
        paths=st.sampled_from([("**",), ("lib",), ("a.py",)]),
        scanners=st.sampled_from([("*",), ("one",), ("t*",)]),
        reason=st.just("r"),
        expires=st.sampled_from(["2026-11-23", "2026-12-31"]),
    ),
    max_size=2,
).map(tuple)
OFF = st.sets(st.sampled_from(["one", "two"]), max_size=1)
GATES = st.builds(Gate, fail_on=st.sampled_from(["high", "medium", "none"]))


def policy(excludes: set[str], accepts: tuple[Accept, ...], off: set[str], gate: Gate) -> Policy:
    return Policy(
        gate=gate,
        scope=Scope(exclude=tuple(Exclude(paths=(path,), reason="r") for path in sorted(excludes))),
        coverage=Coverage(accept=accepts),
        scanners={name: ScannerRules(required="off") for name in sorted(off)},
    )


PARTS = st.tuples(EXCLUDES, ACCEPTS, OFF, GATES)
BROKEN = st.frozensets(st.tuples(st.sampled_from(sorted(KINDS)), st.sampled_from(NAMES)), max_size=4)


@given(st.sets(st.sampled_from(NAMES)), BROKEN, PARTS, PARTS)
def test_it_is_what_a_scan_under_that_policy_says(
    names: set[str],
    broken: frozenset[tuple[str, str]],
    first: tuple[set[str], tuple[Accept, ...], set[str], Gate],
    more: tuple[set[str], tuple[Accept, ...], set[str], Gate],
) -> None:
    """Of two policies of which the second looks at no more than the first."""
    before = policy(*first)
    after = policy(first[0] | more[0], more[1], first[2] | more[2], more[3])
    made = again(scan(sorted(names), broken, before), after)
    wanted = scan(sorted(names), broken, after)
    assert made.ledger == wanted.ledger
    assert told(made) == told(wanted)
    assert made.judged == wanted.judged
    assert made.groups == wanted.groups


@given(st.sets(st.sampled_from(NAMES), min_size=1), EXCLUDES, EXCLUDES, OFF)
def test_what_was_not_scanned_is_never_green(
    names: set[str], before: set[str], after: set[str], off: set[str]
) -> None:
    gate = Gate(fail_on="none")
    rules = policy(after, (), set(), gate)
    statement = again(
        scan(sorted(names), frozenset(), policy(before, (), off, gate)), rules
    ).verdict.statement
    missed = excluded(names, before) - excluded(names, after)
    assert exit_code(statement) == (3 if missed or off else 0)
    assert bool(missed) == ("that the scan left out: " in " ".join(r.message for r in statement.reasons))


def excluded(names: set[str], excludes: set[str]) -> set[str]:
    rows = scan(sorted(names), frozenset(), policy(excludes, (), set(), Gate())).ledger
    return {row.unit.id for row in rows if row.state == "excluded"}


def test_an_accepted_gap_is_open_again_without_the_rule() -> None:
    accept = (Accept(paths=("a.py",), scanners=("*",), reason="r", expires="2026-12-31"),)
    broken = frozenset({("one", "a.py")})
    run = scan(["a.py"], broken, policy(set(), accept, {"two"}, Gate()))
    assert run.verdict.statement.verdict == "pass"
    made = again(run, policy(set(), (), {"two"}, Gate()))
    assert made.verdict.statement.verdict == "incomplete"
    row = Cover(unit=Unit(kind="file", id="a"), scanner="one", state="accepted", by="coverage.accept[0]")
    assert (unaccepted(row).state, unaccepted(row).by) == ("failed", None)
    for word, state in (("unresolved", "unresolved"), ("scanned", "failed"), ("odd", "failed")):
        assert unaccepted(msgspec.structs.replace(row, was=word)).state == state


def test_a_file_whose_name_was_redacted_is_not_left_out_by_its_shown_name() -> None:
    run = scan(["a.py"], frozenset(), policy(set(), (), {"two"}, Gate()))
    masked = Unit(kind="file", id="[redacted:token].py#1")
    hidden = msgspec.structs.replace(run.ledger[0], unit=masked)
    rules = policy({"*.py", "*"}, (), {"two"}, Gate())
    changed, _ = under(replace(run, ledger=(hidden, *run.ledger)), rules, "p.toml")
    assert {row.unit.id: row.state for row in changed.ledger} == {masked.id: "scanned", "a.py": "excluded"}


def test_other_options_than_those_it_ran_with_are_not_judged() -> None:
    run = scan(["a.py"], frozenset(), policy(set(), (), set(), Gate(fail_on="none")))
    rules = Policy(gate=Gate(fail_on="none"), scanners={"one": ScannerRules(options={"deep": True})})
    statement = again(run, rules).verdict.statement
    assert (statement.verdict, [reason.code for reason in statement.reasons]) == (
        "incomplete",
        ["version-mismatch"],
    )


# --- trust --------------------------------------------------------------------------------------


SOURCES = ("built-in", "built-in (origin/main has no p.toml)", "origin/main:p.toml")


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("trusted", [True, False])
@pytest.mark.parametrize("other", [True, False])
def test_a_verdict_that_was_reached_again_is_never_trusted(
    tmp_path: Path, source: str, trusted: bool, other: bool
) -> None:
    force = PolicyInForce(name="default", sha256="0" * 64, source=source, trusted=trusted)
    run = make(in_force=force)
    said = under(run, default_policy(), source)[1] if other else from_the_run(force)
    made = gate_again(run, default_policy(), said, told="again", standings={}, compared=None)
    assert made.verdict.statement.verdict == "pass"
    assert made.verdict.statement.cause.endswith(" (again: not a gate)")
    assert "own policy" not in made.verdict.statement.cause
    kept = save(made, tmp_path / "out")
    out = read_run(tmp_path / "out")
    verify_files(tmp_path / "out", out)
    assert out.verdict.statement == kept.verdict.statement
    assert any("not trusted" in doubt for doubt in objections(out, COMMIT, ""))


def test_a_run_that_left_scanners_out_does_not_become_a_pass() -> None:
    """In CI the built-in policy is trusted: what was incomplete there may not become an answer here."""
    force = PolicyInForce(name="default", sha256="0" * 64, source="built-in", trusted=True)
    run = make(in_force=force, left_out=("bandit",), results=())
    assert exit_code(run.verdict.statement) == 3
    made = gate_again(run, default_policy(), from_the_run(force), told="x", standings={}, compared=None)
    assert exit_code(made.verdict.statement) == 3


def test_waivers_belong_to_the_policy_that_they_stood_beside() -> None:
    run = make(found())
    judged = tuple(
        msgspec.structs.replace(one, waiver="w", state="unchanged", base="b") for one in run.judged
    )
    run = Run(**{**{name: getattr(run, name) for name in run.__slots__}, "judged": judged})
    assert standings_of(run, waivers=True) == {
        "fabcdefghij": Standing(state="unchanged", base="b", waiver="w")
    }
    assert standings_of(run, waivers=False) == {"fabcdefghij": Standing(state="unchanged", base="b")}


def test_a_run_without_an_end_or_without_rules_is_not_judged() -> None:
    run = make()
    statement = msgspec.structs.replace(run.verdict.statement, ledger=LedgerDigest(sha256="0", rows=1))
    without = replace(run, rules=None, verdict=seal(statement, FACTS))
    with pytest.raises(UsageError, match="older version"):
        own_rules(without)
    going_on = Run(seal(unfinished(SUBJECT, FORCE, TODAY), FACTS), (), (), (), ())
    with pytest.raises(IncompleteError, match="did not get to its end"):
        own_rules(going_on)
