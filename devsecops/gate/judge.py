"""From results, ledger and policy to the verdict. Pure and total: it reads nothing and raises nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import devsecops.gate.cause as cause
import devsecops.gate.counting as counting
import devsecops.gate.coverage as coverage
import devsecops.gate.floor as floor
import devsecops.gate.rules as rules
import devsecops.gate.scanners as scanners
from devsecops.encode import one_line
from devsecops.gate.outcome import built_in, outcome_of, place
from devsecops.gate.standing import Standing
from devsecops.model import (
    Compared,
    Cover,
    Group,
    Judged,
    Kind,
    Part,
    PolicyInForce,
    Problem,
    Reason,
    ScannerSummary,
    ScanResult,
    Statement,
)
from devsecops.policy.model import Policy


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict's statement (without the digests of the files) and what it rests on."""

    statement: Statement
    judged: tuple[Judged, ...]
    groups: tuple[Group, ...]


def judge(
    *,
    subject: tuple[Part, ...],
    results: Sequence[ScanResult],
    ledger: Sequence[Cover],
    policy: Policy,
    in_force: PolicyInForce,
    today: str,
    left_out: Sequence[str] = (),
    problems: Sequence[tuple[str | None, Problem]] = (),
    kinds: Mapping[str, Kind],
    gate: bool = True,
    only: tuple[str, ...] = (),
    standings: Mapping[str, Standing] | None = None,
    groups: Sequence[Group] | None = None,
    compared: Compared | None = None,
    notices: Sequence[Reason] = (),
    objections: Sequence[Reason] = (),
) -> Judgement:
    """Return the verdict.

    `today` is the UTC day, YYYY-MM-DD. `kinds` names every scanner that is registered; `left_out` those
    that ``--only`` or ``--skip`` left out, `only` what ``--only`` named. `problems` holds what stands in
    no result, with the scanner it concerns or None. `gate` is False in a shell with no policy in force.
    `standings` tells of findings that are not simply new, `groups` which are of one flaw (None: each is a
    flaw of its own), `compared` with what they were compared. `notices` are warnings about waivers,
    `objections` are what checks of plugins have against it.
    """
    ordered = sorted(results, key=lambda result: result.scanner)
    findings = [finding for result in ordered for finding in result.findings]
    stands = standings or {}
    flaws = tuple(groups) if groups is not None else counting.alone(findings)
    broken, by_rule = rules.rule_reasons(findings, stands, flaws, policy.gate.rule)
    judged = counting.judge_findings(findings, policy.gate, stands, flaws, by_rule)
    known: dict[str, Kind] = {tool.name: tool.kind for tool in policy.tool}
    known |= {**{result.scanner: result.kind for result in ordered}, **kinds}
    needed = _needed(known, policy)
    rows = _by_scanner(ledger)
    reasons = counting.finding_reasons(flaws, judged, by_rule) + broken
    doubts = _doubts(ordered, rows, policy, today, problems)
    doubts += _absences(ordered, needed, known, left_out, problems)
    doubts += coverage.gap_reasons(ledger, policy, today) + floor.floor_reasons(ledger, policy)
    doubts += _untrusted(in_force) if gate else []
    optional = {name for name in known if name not in needed}
    reasons += [reason for reason in (*doubts, *objections) if reason.scanner not in optional]
    reasons.sort(key=place)  # stable: within a code the order in which they were found
    warnings = coverage.gap_warnings(ledger, policy, today, compared)
    warnings += [*(reason for reason in doubts if reason.scanner in optional), *notices]
    out = tuple(sorted({name for name in left_out if name in needed}))
    verdict = outcome_of(reasons)
    sentence = cause.cause(
        verdict,
        findings=findings,
        judged=judged,
        groups=flaws,
        compared=compared,
        reasons=reasons,
        results=ordered,
        ledger=ledger,
        policy=policy,
        in_force=in_force,
        left_out=out,
        only=only,
    )
    statement = Statement(
        verdict=verdict,
        cause=one_line(sentence),  # whatever a file's name holds: the same line in every format
        subject=subject,
        evaluated_on=today,
        policy=in_force,
        left_out=out,
        against=compared.against if compared is not None else None,
        scanners=tuple(_summary(result, rows.get(result.scanner, []), policy) for result in ordered),
        counts=counting.tally(flaws, judged, compared.gone if compared is not None else ()),
        reasons=tuple(reasons),
        warnings=tuple(warnings),
    )
    return Judgement(statement, judged, flaws)


def _needed(known: Mapping[str, Kind], policy: Policy) -> list[str]:
    asked = {name for name, rules in policy.scanners.items() if rules.required == "yes"}
    return sorted(name for name in {*known, *asked} if scanners.required(name, known.get(name), policy))


def _absences(
    results: Sequence[ScanResult],
    needed: Sequence[str],
    known: Mapping[str, Kind],
    left_out: Sequence[str],
    problems: Sequence[tuple[str | None, Problem]],
) -> list[Reason]:
    """Return what a verdict needs and nobody delivered."""
    excused = {scanner for scanner, _ in problems if scanner is not None}
    out = scanners.absent_reasons(needed, results, left_out, excused, known)
    if not needed:
        out.append(Reason(code="scanner-missing", message="no scanner is registered that a verdict needs"))
    return out


def _doubts(
    results: Sequence[ScanResult],
    rows: Mapping[str, list[Cover]],
    policy: Policy,
    today: str,
    problems: Sequence[tuple[str | None, Problem]],
) -> list[Reason]:
    """Return what speaks against believing the results."""
    told = [
        reason
        for result in results
        for reason in scanners.result_reasons(result, rows.get(result.scanner, []), policy, today)
    ]
    return told + [scanners.from_problem(scanner, problem) for scanner, problem in problems]


def _by_scanner(ledger: Sequence[Cover]) -> dict[str, list[Cover]]:
    out: dict[str, list[Cover]] = {}
    for row in ledger:
        if row.scanner is not None:
            out.setdefault(row.scanner, []).append(row)
    return out


def _summary(result: ScanResult, rows: Sequence[Cover], policy: Policy) -> ScannerSummary:
    return ScannerSummary(
        name=result.scanner,
        kind=result.kind,
        required=scanners.required(result.scanner, result.kind, policy),
        status=result.status,
        tool=result.tool,
        control=result.control,
        cover=dict(sorted(Counter(row.state for row in rows).items())),
        findings=len(result.findings),
    )


def _untrusted(in_force: PolicyInForce) -> list[Reason]:
    if in_force.trusted or built_in(in_force):
        return []
    message = f"the policy {in_force.source} comes from the tree that is judged"
    remedy = "Name one from outside: --policy origin/main:.devsecops/policy.toml"
    return [Reason(code="policy-untrusted", message=message, remedy=remedy)]


def unfinished(subject: tuple[Part, ...], in_force: PolicyInForce, today: str) -> Statement:
    """Return the statement that stands on disk until a run is finished."""
    message = "the run did not finish"
    return Statement(
        verdict="incomplete",
        cause=f"INCOMPLETE: {message}",
        subject=subject,
        evaluated_on=today,
        policy=in_force,
        reasons=(Reason(code="interrupted", message=message, remedy="Run it again."),),
    )
