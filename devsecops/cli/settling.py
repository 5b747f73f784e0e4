"""From what scanners said to what the gate judges: old or new, waived or not, one flaw or several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import msgspec

from devsecops import paths
from devsecops.accepting import accept
from devsecops.cli.planning import Base, Plan
from devsecops.engine.scan import Scanned
from devsecops.findings.baseline import Baseline, called
from devsecops.findings.grouping import group
from devsecops.gate.standing import Standing
from devsecops.model import Compared, Cover, Group, Reason, ScanResult
from devsecops.run import sort_results
from devsecops.subject.ledger import Assignment, close_ledger, sort_ledger
from devsecops.waivers.model import Waived


@dataclass(frozen=True, slots=True)
class Settled:
    """All that the gate judges; `results` are sorted by scanner."""

    results: tuple[ScanResult, ...]
    ledger: tuple[Cover, ...]
    standings: Mapping[str, Standing] = field(default_factory=dict)
    compared: Compared | None = None
    waived: Mapping[str, Waived] = field(default_factory=dict)
    notices: tuple[Reason, ...] = ()
    """What is to be said about waivers."""
    groups: tuple[Group, ...] = ()


def settle(plan: Plan, scanned: Sequence[Scanned]) -> Settled:
    """Return what is to be judged; `scanned` is the head's side and, with a base, the base's."""
    results = sort_results(scanned[0].results)
    settled = Settled(results, _ledger(plan, plan.assignment, results))
    if plan.base is not None:
        settled = _against(plan, plan.base, settled, sort_results(scanned[1].results))
    elif plan.known is not None:
        settled = _since(plan, plan.known, settled)
    return _accepted(plan, settled)


def _against(plan: Plan, base: Base, head: Settled, theirs: tuple[ScanResult, ...]) -> Settled:
    """Return what became of the findings since the base, and of the files that judge the change."""
    from devsecops.comparing import as_before, compare, listed
    from devsecops.guard import watch

    change, known = base.change, plan.assignment.known
    found = compare(
        theirs, head.results, change=change, ledger=head.ledger, before=base.tree, after=plan.tree
    )
    results = found.results
    if plan.known is not None:
        head = replace(head, ledger=listed(head.ledger, plan.known.gaps))
    # Rows know a file by its id, which a name that holds a secret differs from.
    names = change.paths
    touched = {entry.path for entry in plan.tree.entries if paths.to_text(entry.raw) in names}
    ledger = as_before(head.ledger, _ledger(plan, base.assignment, theirs), touched, known)
    source = plan.loaded.in_force.source
    watched = watch(change, plan.policy, source, plan.registry.scanners.values(), known)
    if watched is not None:
        results = sort_results([*results, watched.result])
        ledger = sort_ledger([*ledger, *watched.rows])
    return Settled(
        results=results,
        ledger=ledger,
        standings=found.standings,
        compared=Compared(against=base.name, change=True, files=len(change.files), gone=found.gone),
    )


def _since(plan: Plan, known: Baseline, head: Settled) -> Settled:
    """Return what became of the findings since a baseline."""
    from devsecops.against import Head, against

    found = against(
        known,
        Head(
            part=plan.tree.part,
            results=head.results,
            ledger=head.ledger,
            left_out=tuple(path for path, _ in plan.tree.left_out),
            read=plan.tree.read,
        ),
        plan.tree.root if plan.tree.in_git else None,
    )
    return Settled(
        results=found.results,
        ledger=head.ledger,
        standings=found.standings,
        compared=Compared(against=called("baseline", known), gone=found.gone),
    )


def _accepted(plan: Plan, settled: Settled) -> Settled:
    """Return it with what waivers and inline marks accept, where they may."""
    findings = [finding for result in settled.results for finding in result.findings]
    part = plan.tree.part
    accepted = accept(
        findings,
        plan.waivers,
        plan.loaded,
        head=None if part.dirty else part.head,
        root=plan.tree.root,
        today=plan.today,
        looked=plan.base.change.paths if plan.base is not None else None,
    )
    standings = dict(settled.standings)
    for name, waiver in accepted.by.items():
        standings[name] = msgspec.structs.replace(standings.get(name, Standing()), waiver=waiver)
    return replace(
        settled,
        standings=standings,
        waived=accepted.waived,
        notices=accepted.notices,
        groups=group(findings),
    )


def _ledger(plan: Plan, assignment: Assignment, results: Sequence[ScanResult]) -> tuple[Cover, ...]:
    asked = {name: entries for name, entries in assignment.units.items() if name not in plan.left_out}
    closed = replace(assignment, units=asked)
    return close_ledger(closed, results, plan.policy.coverage.accept, plan.today)
