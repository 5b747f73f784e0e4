"""devsecops explain: a rule, a finding, or what was not covered."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from devsecops.model import Finding, Rule
    from devsecops.run import Run

SUMMARY = "Explain a rule, a finding, or the coverage of the last run."


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "what", metavar="WHAT", help="a rule (bandit/B602 or B602), a finding's id, or coverage"
    )
    parser.add_argument(
        "run", metavar="RUN", nargs="?", help="output folder of a run (default: the last run of this folder)"
    )
    parser.add_argument("-v", "--verbose", action="store_true", help="coverage: every row of the ledger")
    parser.epilog = "exit: 0 explained; 2 not known, or no run that can be read"


def run(args: argparse.Namespace) -> int:
    """Explain on stdout."""
    from pathlib import Path

    from devsecops.encode import one_line
    from devsecops.errors import UsageError
    from devsecops.run import DamagedRun, last_run, read_run

    try:
        saved = read_run(Path(args.run) if args.run else last_run(Path.cwd()))
    except DamagedRun as error:
        raise UsageError(str(error)) from None
    for line in explain(saved, args.what, verbose=args.verbose):
        print(one_line(line))
    return 0


def explain(saved: Run, what: str, *, verbose: bool) -> Iterable[str]:
    """Return the explanation, line by line.

    Raises:
        UsageError: the run knows no such rule or finding; the nearest is named.
    """
    from devsecops.errors import UsageError
    from devsecops.policy.parse import nearest

    if what == "coverage":
        return _coverage(saved, verbose=verbose)
    findings = [finding for result in saved.results for finding in result.findings]
    chosen = [finding for finding in findings if finding.id == what]
    if chosen:
        return _finding(saved, chosen[0])
    rules = {f"{rule.tool}/{rule.id}": rule for result in saved.results for rule in result.rules}
    asked = [rule for name, rule in sorted(rules.items()) if what in (name, rule.id)]
    if asked:
        return _rule(asked[0], findings)
    known = [*sorted(rules), *sorted(finding.id for finding in findings), "coverage"]
    if len(known) == 1:
        raise UsageError(f"{what}: this run reported no rule and no finding; coverage can be explained.")
    raise UsageError(f"{what}: no rule or finding of this run; {nearest(what, known[:2000])}.")


def _indented(text: str) -> Iterator[str]:
    # Text that is not ours never starts a line.
    yield from (f"  {line}" for line in text.splitlines())


def _rule(rule: Rule, findings: list[Finding]) -> Iterator[str]:
    from devsecops.gate.counting import where

    yield f"{rule.tool}/{rule.id}  {rule.name}".rstrip()
    yield f"severity {rule.severity}, confidence {rule.confidence}" + (
        f", {rule.weakness}" if rule.weakness else ""
    )
    for text in (rule.summary, rule.help, rule.help_uri):
        yield from _indented(text)
    here = [item for item in findings if (item.rule.tool, item.rule.id) == (rule.tool, rule.id)]
    if here:
        yield f"In this run: {len(here):,}"
    yield from (f"  {item.id}  {where(item.location)}" for item in here[:20])
    if len(here) > 20:
        yield f"  and {len(here) - 20:,} more"


def _finding(saved: Run, finding: Finding) -> Iterator[str]:
    from devsecops.gate.counting import where

    yield f"{finding.id}  {finding.rule.tool}/{finding.rule.id}  {where(finding.location)}"
    score = f", score {finding.score:g}" if finding.score is not None else ""
    weakness = f", {finding.weakness}" if finding.weakness else ""
    yield f"severity {finding.severity}{score}, confidence {finding.confidence}{weakness}"
    yield from _indented(finding.message)
    place = getattr(finding.location, "at", finding.location)
    snippet = getattr(place, "snippet", "")
    yield from (f"  | {line}" for line in snippet.splitlines())
    if finding.basis:
        yield f"Basis: {finding.basis}"
    for name in sorted(finding.evidence):
        yield f"{name}: {finding.evidence[name]}"
    for opinion in saved.judged:
        if opinion.finding == finding.id:
            yield f"{'Counted' if opinion.counted else 'Not counted'}: {opinion.why}"
            if opinion.waiver is not None:
                until = f" until {opinion.until}" if opinion.until else ""
                yield f"Waived{until} by {opinion.waiver}"
                yield from _indented(opinion.justification)
            break
    rules = [rule for result in saved.results for rule in result.rules]
    rule = next(
        (rule for rule in rules if (rule.tool, rule.id) == (finding.rule.tool, finding.rule.id)), None
    )
    remedy = finding.remedy or (rule.help if rule is not None else "")
    if remedy:
        yield "What to do:"
        yield from _indented(remedy)
    if rule is not None:
        yield from _indented(rule.help_uri)


def _coverage(saved: Run, *, verbose: bool) -> Iterator[str]:
    from devsecops.gate.cause import phrase

    statement = saved.verdict.statement
    for summary in statement.scanners:
        states = (
            ", ".join(f"{count:,} {state}" for state, count in summary.cover.items()) or "nothing to look at"
        )
        yield f"{summary.name}  {summary.status}: {states}"
    gaps = [reason for reason in statement.reasons if reason.code != "finding"]
    for reason in (*gaps, *statement.warnings):
        yield ""
        yield f"{reason.code}  {phrase(reason)}" if reason in gaps else f"noted  {phrase(reason)}"
        yield from (f"  {unit}" for unit in reason.units)
        if reason.units_total > len(reason.units):
            yield f"  and {reason.units_total - len(reason.units):,} more (-v)"
        yield from _indented(reason.remedy)
    if not gaps:
        yield "Nothing is open."
    if verbose:
        yield ""
        for row in saved.ledger:
            cause = " ".join(part for part in (row.why, row.by or "", row.note) if part)
            yield f"{row.state}  {row.scanner or '-'}  {row.unit.id}" + (f"  ({cause})" if cause else "")
