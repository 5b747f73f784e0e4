"""A saved run as if it had been scanned under another policy, as far as that can be said. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import msgspec

import devsecops.subject.globs as globs
from devsecops.findings.alike import MASKED
from devsecops.findings.baseline import is_gap, path_of
from devsecops.gate.coverage import number
from devsecops.model import (
    SEVERITIES,
    Cover,
    Finding,
    Group,
    Http,
    PolicyInForce,
    Problem,
    ScanResult,
    Unit,
)
from devsecops.policy import Policy
from devsecops.policy.load import in_force
from devsecops.regate import own_rules
from devsecops.run import Run
from devsecops.subject.ledger import LINK, NOT_REGULAR, SUBMODULE, accept_gaps, owner, unaccepted

_BY_POLICY = "scope.exclude["
_LEFT_ALONE = (LINK, NOT_REGULAR, SUBMODULE)


def under(run: Run, rules: Policy, source: str) -> tuple[Run, PolicyInForce]:
    """Return the run as if it had been scanned under `rules`, as far as that can be, and what judges it.

    What cannot be said without another scan is a problem of the run, so that its verdict is no pass.
    """
    told = in_force(rules, f"gated again by {source}", trusted=False)
    before = own_rules(run)
    off = {result.scanner for result in run.results if rules.required(result.scanner) == "off"}
    off |= {tool.name for tool in before.tool} - {tool.name for tool in rules.tool}
    files = {row.unit.id: row.unit for row in run.ledger if row.unit.kind == "file"}
    away = _excluded(files, rules)
    left = map(unaccepted, _without(run.ledger, off, away, files))
    rows = accept_gaps(left, rules.coverage.accept, run.verdict.statement.evaluated_on, files)
    results = tuple(_again(one, run.ledger, rows, away) for one in run.results if one.scanner not in off)
    problems = (*run.problems, *_unscanned(run.ledger, away), *_other_options(results, before, rules))
    groups = _kept(run.groups, [one for result in results for one in result.findings])
    return replace(run, results=results, ledger=rows, problems=problems, groups=groups), told


def _excluded(files: Iterable[str], rules: Policy) -> dict[str, str]:
    """Return the paths that the policy leaves out -> its rule that does."""
    out = {}
    for path in files:
        for place, exclude in enumerate(rules.scope.exclude):
            if MASKED not in path and globs.matches(exclude.paths, path):
                out[path] = f"{_BY_POLICY}{place}]"
                break
    return out


def _without(
    ledger: Sequence[Cover], off: set[str], away: Mapping[str, str], files: Mapping[str, Unit]
) -> list[Cover]:
    """Return the rows without those of scanners that are off and of files that are left out."""
    readers: dict[str, set[str]] = {}
    for row in ledger:
        if row.unit.kind == "file":
            names = {*row.readers, row.scanner or ""} - off - {""}
            readers.setdefault(row.unit.id, set()).update(names)
    rows = []
    for row in ledger:
        path = owner(row, files)
        left_alone = row.scanner is None and row.by in _LEFT_ALONE
        if left_alone or (path not in away and row.scanner not in off):
            rows.append(row)
        elif path in away and row.unit.id == path:
            who = tuple(sorted(readers.get(path, ())))
            rows.append(
                Cover(unit=files[path], state="excluded", why="by-policy", by=away[path], readers=who)
            )
    seen = {row.unit.id for row in rows}
    nobodys = [unit for path, unit in files.items() if path not in seen]
    rows += [Cover(unit=unit, state="unsupported", why="no-scanner") for unit in nobodys]
    return list({(row.unit.kind, row.unit.id, row.scanner): row for row in rows}.values())


def _again(
    result: ScanResult, before: Iterable[Cover], now: Iterable[Cover], away: Mapping[str, str]
) -> ScanResult:
    """Return what a scanner would have said without the files that are left out."""
    findings = tuple(one for one in result.findings if path_of(one) not in away)
    result = msgspec.structs.replace(result, findings=findings)
    then = [row for row in before if row.scanner == result.scanner]
    rows = [row for row in now if row.scanner == result.scanner]
    open_ = [problem for problem in result.problems if problem.code not in ("not-covered", "unresolved")]
    if then and not rows and result.status in ("complete", "partial"):
        return ScanResult(scanner=result.scanner, kind=result.kind, status="not-applicable")
    repaired = any(map(is_gap, then)) and not any(map(is_gap, rows)) and not open_
    if repaired and result.status == "partial":
        return msgspec.structs.replace(result, status="complete", problems=())
    return result


def _unscanned(ledger: Iterable[Cover], away: Mapping[str, str]) -> list[tuple[str | None, Problem]]:
    """Return the problem that the policy looks at files which the one of the scan left out."""
    missed = sorted(
        row.unit.id
        for row in ledger
        if row.state == "excluded" and (row.by or "").startswith(_BY_POLICY) and row.unit.id not in away
    )
    if not missed:
        return []
    first = ", ".join(missed[:3]) + (f" and {len(missed) - 3:,} more" if len(missed) > 3 else "")
    message = f"the policy looks at {number(len(missed), 'file')} that the scan left out: {first}"
    return [(None, Problem(code="not-covered", message=message, remedy="Scan again under this policy."))]


def _other_options(
    results: Iterable[ScanResult], before: Policy, rules: Policy
) -> list[tuple[str | None, Problem]]:
    """Return a problem for each scanner that would have been asked something else."""
    tools = {tool.name: tool for tool in before.tool}
    asked = {tool.name: tool for tool in rules.tool}

    def options(policy: Policy, name: str) -> dict[str, object]:
        return policy.scanners[name].options if name in policy.scanners else {}

    return [
        (
            result.scanner,
            Problem(
                code="version-mismatch",
                message="it ran with other options than the policy sets",
                remedy="Scan again under this policy.",
            ),
        )
        for result in results
        if options(before, result.scanner) != options(rules, result.scanner)
        or tools.get(result.scanner) != asked.get(result.scanner)
    ]


def _kept(groups: Iterable[Group], findings: Iterable[Finding]) -> tuple[Group, ...]:
    """Return the groups of the findings that are left, each as severe as the worst of them."""
    left = list(findings)
    severity = {one.id: one.severity for one in left}
    served = {one.id for one in left if isinstance(one.location, Http)}
    out = []
    for group in groups:
        members = tuple(name for name in group.reported_by if name in severity)
        if len(members) == len(group.reported_by):
            out.append(group)
        elif members:
            worst = min((severity[name] for name in members), key=SEVERITIES.index)
            confirmed = group.confirmed and 0 < len(served.intersection(members)) < len(members)
            out.append(
                msgspec.structs.replace(group, reported_by=members, severity=worst, confirmed=confirmed)
            )
    return tuple(out)
