"""A saved run judged once more: by another policy, or against what was known before. Pure.

Whoever sent the folder of a run could have changed what is in it, so that such a verdict is never trusted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import msgspec

from devsecops.canonical import digest
from devsecops.errors import IncompleteError, UsageError
from devsecops.gate import judge
from devsecops.gate.outcome import built_in
from devsecops.gate.standing import Standing
from devsecops.model import (
    Compared,
    Group,
    Judged,
    LedgerDigest,
    PolicyInForce,
)
from devsecops.policy import Policy
from devsecops.run import Run, seal
from devsecops.subject.ledger import ledger_bytes
from devsecops.waivers.apply import justified
from devsecops.waivers.model import Waived

_TAIL = " (own policy, not a gate)"


def own_rules(run: Run) -> Policy:
    """Return every value that a run was judged by.

    Raises:
        IncompleteError: it did not get to its end.
        UsageError: an older version saved it, without them.
    """
    if run.rules is not None:
        return run.rules
    if run.verdict.statement.ledger is None:
        raise IncompleteError("The run did not get to its end: there is nothing to judge; scan again.")
    raise UsageError("The run was saved by an older version, without its rules; scan again.")


def gate_again(
    run: Run,
    rules: Policy,
    source: PolicyInForce,
    *,
    told: str,
    standings: Mapping[str, Standing],
    compared: Compared | None,
    waived: Mapping[str, Waived] | None = None,
) -> Run:
    """Return the run with the verdict that `rules` make of it, on the day that it was judged.

    `told` says in the last line how the verdict came about; `waived` is what waivers accept, None: what they
    did before. Nothing else in the run is changed.
    """
    statement = run.verdict.statement
    judgement = judge(
        subject=statement.subject,
        results=run.results,
        ledger=run.ledger,
        policy=rules,
        in_force=source,
        today=statement.evaluated_on,
        left_out=statement.left_out,
        problems=run.problems,
        kinds=run.kinds,
        gate=False,
        standings=standings,
        groups=run.groups,
        compared=compared,
        notices=run.notices,
        objections=run.objections,
    )
    rows = LedgerDigest(sha256=digest(ledger_bytes(run.ledger)), rows=len(run.ledger))
    cause = f"{judgement.statement.cause.removesuffix(_TAIL)} ({told}: not a gate)"
    made = msgspec.structs.replace(judgement.statement, cause=cause, ledger=rows, part=statement.part)
    return replace(
        run,
        verdict=seal(made, run.verdict.run),
        judged=_with_words(judgement.judged, run.judged)
        if waived is None
        else justified(judgement.judged, [f for one in run.results for f in one.findings], waived),
        groups=judgement.groups,
        rules=rules,
        compared=compared,
    )


def _with_words(judged: Iterable[Judged], before: Iterable[Judged]) -> tuple[Judged, ...]:
    """Return opinions with what the waivers said that waive their findings."""
    said = {one.finding: one for one in before if one.waiver is not None}
    return tuple(
        msgspec.structs.replace(
            one, justification=said[one.finding].justification, until=said[one.finding].until
        )
        if one.waiver is not None and one.finding in said
        else one
        for one in judged
    )


def standings_of(run: Run, *, waivers: bool) -> dict[str, Standing]:
    """Return where each finding of a run stood. Waivers belong to the policy that they stood beside."""
    return {
        one.finding: Standing(state=one.state, base=one.base, waiver=one.waiver if waivers else None)
        for one in run.judged
    }


def from_the_run(source: PolicyInForce) -> PolicyInForce:
    """Return what a verdict says of rules that were read from the saved run."""
    if built_in(source) and not source.trusted:
        return source
    return msgspec.structs.replace(source, source=f"saved run: {source.source}", trusted=False)


def renamed(groups: Iterable[Group], names: Mapping[str, str]) -> tuple[Group, ...]:
    """Return groups whose findings have other ids: `names` maps what they were called."""
    return tuple(
        msgspec.structs.replace(
            group,
            id=names.get(group.id, group.id),
            reported_by=tuple(sorted(names.get(name, name) for name in group.reported_by)),
        )
        for group in groups
    )
