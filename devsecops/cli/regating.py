"""What devsecops report judges once more before it renders: against another run, or by another policy."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec

from devsecops.accepting import Accepted, accept, waivers_beside
from devsecops.against import Head, against
from devsecops.errors import UsageError
from devsecops.findings.baseline import Baseline, called, make_baseline, source_of
from devsecops.gate.standing import Standing
from devsecops.model import Compared
from devsecops.output import OutputFolder
from devsecops.policy import Loaded, check_scanners, in_ci, load_policy
from devsecops.regate import from_the_run, gate_again, own_rules, renamed, standings_of
from devsecops.registry import Registry
from devsecops.run import Run, build_report, read_run, root_of, write_run
from devsecops.under_policy import under

_LEFT_OUT = "left out: "
"""How the notes of a run begin that name a folder which was not looked into."""


def judged_again(saved: Run, *, other: str | None, policy: str | None, repo: Path, registry: Registry) -> Run:
    """Return the run compared with the one in the folder `other`, judged by `policy`, or both.

    Args:
        saved: a run that was read.
        other: the folder of the run that is the base.
        policy: ``FILE`` or ``REV:PATH``.
        repo: the repository that knows the commits and the revision.
        registry: the plugins at hand, whose options a policy may set.

    Raises:
        UsageError: what is wrong in the policy, or a run that nothing can be compared with.
        IncompleteError: a run that did not get to its end, or a revision that the clone lacks.
    """
    rules, source = own_rules(saved), from_the_run(saved.verdict.statement.policy)
    told: list[str] = []
    loaded = None if policy is None else _policy(policy, saved, repo, registry)
    if loaded is not None:
        rules, name = loaded.policy, loaded.in_force.source
        saved, source = under(saved, rules, name)
        told.append(f"judged again by {name}")
    standings, compared = standings_of(saved, waivers=loaded is None), saved.compared
    if other is not None:
        saved, standings, compared, by = _against(saved, standings, other, repo)
        told.append(f"compared by {by}")
    accepted = None if loaded is None else _accepted(saved, loaded, repo)
    if accepted is not None:
        saved = replace(saved, notices=accepted.notices)
        for name, waiver in accepted.by.items():
            standings[name] = msgspec.structs.replace(standings.get(name, Standing()), waiver=waiver)
    return gate_again(
        saved, rules, source, told=", ".join(told), standings=standings, compared=compared,
        waived=None if accepted is None else accepted.waived,
    )  # fmt: skip


def _accepted(saved: Run, loaded: Loaded, repo: Path) -> Accepted:
    """Return what the waivers and the marks accept that go with the policy."""
    part = source_of(saved.verdict.statement.subject)
    change = saved.compared is not None and saved.compared.change
    looked = {row.unit.id for row in saved.ledger if row.unit.kind == "file" and row.state != "same-as-base"}
    return accept(
        [finding for result in saved.results for finding in result.findings],
        waivers_beside(loaded),
        loaded,
        head=None if part is None or part.dirty else part.head,
        root=root_of(repo.resolve()),
        today=saved.verdict.statement.evaluated_on,
        looked=looked if change else None,
    )


def _policy(option: str, saved: Run, repo: Path, registry: Registry) -> Loaded:
    """Return the policy of a file or a revision, as far as the run could keep to it."""
    from devsecops.subject import read_at

    loaded = load_policy(option=option, tree_root=root_of(repo.resolve()), ci=in_ci(), read_at=read_at)
    source = loaded.in_force.source
    rules = loaded.policy.switching_off(saved.off_by_default)
    # A scanner of the run that is not at hand knows its options itself.
    known = {name: table.options for name, table in rules.scanners.items() if name in saved.kinds}
    known |= {name: {} for name in saved.kinds if name not in known}
    check_scanners(rules, known | {name: spec.options for name, spec in registry.scanners.items()}, source)
    return replace(loaded, policy=rules)


def _against(
    saved: Run, standings: dict[str, Standing], other: str, repo: Path
) -> tuple[Run, dict[str, Standing], Compared, str]:
    """Return the run with the names, the states and the base that another run gives its findings."""
    base, name = _base(other)
    found = against(base, head_of(saved), repo)
    pairs = [
        (old.id, new.id)
        for before, after in zip(saved.results, found.results, strict=True)
        for old, new in zip(before.findings, after.findings, strict=True)
    ]
    waivers = {new: standings[old].waiver for old, new in pairs if old in standings}
    stands = {
        finding: msgspec.structs.replace(standing, waiver=waivers.get(finding))
        for finding, standing in found.standings.items()
    }
    run = replace(saved, results=found.results, groups=renamed(saved.groups, dict(pairs)))
    by = "git" if found.by == "git" else "digests"
    return run, stands, Compared(against=name, gone=found.gone), by


def _base(other: str) -> tuple[Baseline, str]:
    """Return what the run in a folder found, and what it is called."""
    run = read_run(Path(other))
    statement = run.verdict.statement
    if statement.ledger is None:
        raise UsageError(f"--against {other}: that run did not get to its end; give a finished one.")
    if any(row.state == "same-as-base" and not row.was for row in run.ledger):
        raise UsageError(f"--against {other}: that run judged a change only; give one of the whole tree.")
    base = make_baseline(statement, run.verdict.digest, run.results, run.ledger)
    return base, called("run", base)


def head_of(saved: Run) -> Head:
    """Return a saved run as what is compared; nothing of its tree can be read but from git."""
    notes = [note.removeprefix(_LEFT_OUT) for note in saved.verdict.run.notes if note.startswith(_LEFT_OUT)]
    return Head(
        part=source_of(saved.verdict.statement.subject),
        results=saved.results,
        ledger=saved.ledger,
        left_out=tuple(note.rpartition(" (")[0].rstrip("/") for note in notes),
    )


def save(run: Run, path: Path) -> Run:
    """Write a run that was judged again into a folder, and return it with its final verdict.

    Raises:
        UsageError: the folder cannot be used.
        OutputLost: it could not be written.
    """
    from devsecops.sarif import write as write_sarif

    with OutputFolder.open(path) as folder:
        folder.begin(run.verdict)
        verdict = write_run(folder, run, sarif=write_sarif(build_report(run)))
    return replace(run, verdict=verdict)
