"""From what scanners said to what the gate judges: old or new, waived or not, one flaw or several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from devsecops.cli.planning import Base, Plan
from devsecops.engine.scan import Scanned
from devsecops.gate.standing import Standing
from devsecops.model import Compared, Cover, ScanResult
from devsecops.run import sort_results
from devsecops.subject.ledger import Assignment, close_ledger, sort_ledger


@dataclass(frozen=True, slots=True)
class Settled:
    """All that the gate judges; `results` are sorted by scanner."""

    results: tuple[ScanResult, ...]
    ledger: tuple[Cover, ...]
    standings: Mapping[str, Standing] = field(default_factory=dict)
    compared: Compared | None = None


def settle(plan: Plan, scanned: Sequence[Scanned]) -> Settled:
    """Return what is to be judged; `scanned` is the head's side and, with a base, the base's."""
    results = sort_results(scanned[0].results)
    ledger = _ledger(plan, plan.assignment, results)
    if plan.base is None:
        return Settled(results, ledger)
    return _against(plan, plan.base, results, ledger, sort_results(scanned[1].results))


def _against(
    plan: Plan,
    base: Base,
    results: tuple[ScanResult, ...],
    ledger: tuple[Cover, ...],
    theirs: tuple[ScanResult, ...],
) -> Settled:
    from devsecops.comparing import as_before, compare
    from devsecops.guard import watch

    change = base.change
    found = compare(theirs, results, change=change, ledger=ledger, before=base.tree, after=plan.tree)
    before = _ledger(plan, base.assignment, theirs)
    ledger = as_before(ledger, before, change.paths, plan.assignment.known)
    results = found.results
    watched = watch(
        change,
        plan.policy,
        plan.loaded.in_force.source,
        plan.registry.scanners.values(),
        plan.assignment.known,
    )
    if watched is not None:
        results = sort_results([*results, watched.result])
        ledger = sort_ledger([*ledger, *watched.rows])
    return Settled(
        results=results,
        ledger=ledger,
        standings=found.standings,
        compared=Compared(against=base.name, change=True, files=len(change.files), gone=found.gone),
    )


def _ledger(plan: Plan, assignment: Assignment, results: Sequence[ScanResult]) -> tuple[Cover, ...]:
    asked = {name: entries for name, entries in assignment.units.items() if name not in plan.left_out}
    closed = replace(assignment, units=asked)
    return close_ledger(closed, results, plan.policy.coverage.accept, plan.today)
