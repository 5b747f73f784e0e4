"""The saved run: everything after the scan is a function of it, so it can be rendered and checked again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, TypeVar
from urllib.parse import quote

import msgspec

from devsecops.canonical import canonical, digest, encode_verdict
from devsecops.errors import IncompleteError, UsageError
from devsecops.model import (
    Compared,
    Cover,
    Group,
    Judged,
    Kind,
    LedgerDigest,
    Part,
    PolicyInForce,
    Problem,
    Reason,
    Report,
    RunFacts,
    SarifDigest,
    ScanResult,
    Statement,
    Value,
    Verdict,
    View,
)
from devsecops.output import CI_FOLDER, VERDICT, OutputFolder, default_folder
from devsecops.policy.model import Policy

__all__ = [
    "DamagedRun", "Judgements", "Run", "SavedRun", "build_report", "canonical", "digest", "encode_verdict",
    "last_run", "read_run", "seal", "verify_files", "write_run",
]  # fmt: skip

RUN, LEDGER, SARIF, JUDGED = "run.json", "ledger.jsonl", "results.sarif", "judged.json"
T = TypeVar("T")


class DamagedRun(IncompleteError):  # noqa: N818  # a state, not a mishap of ours
    """A saved run is not what its verdict says: exit 3."""


class SavedRun(Value, frozen=True, kw_only=True):
    """run.json: what was asked, and the digests of what was answered."""

    schema: Literal["devsecops.run/1"] = "devsecops.run/1"
    subject: tuple[Part, ...]
    policy: PolicyInForce
    policy_text: str = ""
    """The policy: its file, or several as `devsecops.policy.texts` joins them; empty for the built-in one."""
    rules: Policy | None = None
    """Every value that judged, whatever tightened the policy; null in what older versions wrote."""
    plan: dict[str, str] = {}
    """scanner -> sha256 of its spec."""
    kinds: dict[str, Kind] = {}
    """scanner -> its kind, also of those that were off or left out."""
    off_by_default: tuple[str, ...] = ()
    """Scanners that run only when a policy names them."""
    results: dict[str, str] = {}
    """scanner -> sha256 of its result."""
    ledger: str
    judged: str
    problems: tuple[tuple[str | None, Problem], ...] = ()
    """What stands in no result, with the scanner it concerns or null."""


class Judgements(Value, frozen=True, kw_only=True):
    """judged.json: what the gate thought of each finding."""

    judged: tuple[Judged, ...] = ()
    groups: tuple[Group, ...] = ()
    compared: Compared | None = None
    notices: tuple[Reason, ...] = ()
    """What was to be said about waivers."""
    objections: tuple[Reason, ...] = ()
    """What checks of plugins had against it."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run in memory; `results` are sorted by scanner."""

    verdict: Verdict
    results: tuple[ScanResult, ...]
    ledger: tuple[Cover, ...]
    judged: tuple[Judged, ...]
    groups: tuple[Group, ...]
    problems: tuple[tuple[str | None, Problem], ...] = ()
    policy_text: str = ""
    rules: Policy | None = None
    plan: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, Kind] = field(default_factory=dict)
    off_by_default: tuple[str, ...] = ()
    compared: Compared | None = None
    notices: tuple[Reason, ...] = ()
    objections: tuple[Reason, ...] = ()


def seal(statement: Statement, facts: RunFacts, files: dict[str, str] | None = None) -> Verdict:
    """Return the verdict of a statement, with its digest."""
    return Verdict(statement=statement, digest=digest(canonical(statement)), run=facts, files=files or {})


def result_file(scanner: str) -> str:
    """Return where the result of a scanner stands in the folder."""
    return f"results/{quote(scanner, safe='')}.json"


def write_run(
    folder: OutputFolder,
    run: Run,
    *,
    sarif: bytes | None,
    first: Callable[[Verdict], None] = lambda _: None,
) -> Verdict:
    """Write a run that has been judged, and return its verdict with the digests of the files.

    `first` is called with the verdict before it stands: when it raises, the one on disk stays incomplete.

    Other files that were written to `folder` before (copies of reports) are committed with it.

    Raises:
        OutputLost: something cannot be written; verdict.json on disk stays incomplete.
    """
    from devsecops.subject.ledger import ledger_bytes

    results = {
        result.scanner: folder.write(result_file(result.scanner), canonical(result)) for result in run.results
    }
    rows = folder.write(LEDGER, ledger_bytes(run.ledger))
    judged = folder.write(
        JUDGED, canonical(Judgements(judged=run.judged, groups=run.groups, compared=run.compared))
    )
    if sarif is not None:
        folder.write(SARIF, sarif)
    statement = msgspec.structs.replace(
        run.verdict.statement,
        ledger=LedgerDigest(sha256=rows, rows=len(run.ledger)),
        sarif=SarifDigest(sha256=digest(sarif)) if sarif is not None else None,
    )
    saved = SavedRun(
        subject=statement.subject,
        policy=statement.policy,
        policy_text=run.policy_text,
        rules=run.rules,
        plan=run.plan,
        kinds=run.kinds,
        off_by_default=run.off_by_default,
        results=results,
        ledger=rows,
        judged=judged,
        problems=run.problems,
    )
    folder.write(RUN, canonical(saved))
    verdict = seal(statement, run.verdict.run, folder.files)
    first(verdict)
    folder.commit(verdict)
    return verdict


def read_run(path: Path) -> Run:
    """Read a saved run: its folder, or the verdict.json in it.

    Raises:
        UsageError: there is none, or it cannot be read.
        DamagedRun: something in it is not what its digests say.
    """
    folder = path.parent if path.is_file() else path
    verdict = read_verdict(folder)
    if verdict.statement.ledger is None:
        # The run did not get to its end: the verdict is all there is.
        return Run(verdict=verdict, results=(), ledger=(), judged=(), groups=())
    from devsecops.subject.ledger import read_ledger

    saved = _decode(checked(folder, RUN, verdict.files.get(RUN)), SavedRun, RUN)
    results = tuple(
        _decode(checked(folder, result_file(name), saved.results[name]), ScanResult, result_file(name))
        for name in sorted(saved.results)
    )
    rows = checked(folder, LEDGER, verdict.statement.ledger.sha256)
    try:
        ledger = tuple(read_ledger(rows))
    except (ValueError, msgspec.MsgspecError):
        raise DamagedRun(f"{LEDGER} is damaged; run the scan again.") from None
    opinions = _decode(checked(folder, JUDGED, saved.judged), Judgements, JUDGED)
    return Run(
        verdict=verdict,
        results=results,
        ledger=ledger,
        judged=opinions.judged,
        groups=opinions.groups,
        problems=saved.problems,
        policy_text=saved.policy_text,
        rules=saved.rules,
        plan=saved.plan,
        kinds=saved.kinds,
        off_by_default=saved.off_by_default,
        compared=opinions.compared,
        notices=opinions.notices,
        objections=opinions.objections,
    )


def read_verdict(folder: Path) -> Verdict:
    """Return the verdict in a folder, its own digest checked.

    Raises:
        UsageError: there is none, or it cannot be read.
        DamagedRun: it is no verdict of this version, or its digest is wrong.
    """
    verdict = _decode(_read(folder, VERDICT), Verdict, VERDICT)
    if digest(canonical(verdict.statement)) != verdict.digest:
        raise DamagedRun(
            f"{VERDICT} was changed after it was written: its digest is wrong; run the scan again."
        )
    return verdict


def verify_files(path: Path, run: Run) -> None:
    """Check that every file that a finished verdict names is beside it, and that its figures agree.

    Raises:
        DamagedRun: a file is missing or another one, or the ledger has another number of rows.
    """
    folder = path.parent if path.is_file() else path
    statement = run.verdict.statement
    for name in sorted(run.verdict.files if statement.ledger is not None else ()):
        if name.startswith("/") or ".." in name.split("/"):
            raise DamagedRun(f"{VERDICT} names a file outside of its folder.")
        checked(folder, name, run.verdict.files[name])
    if statement.sarif is not None:
        checked(folder, SARIF, statement.sarif.sha256)
    if statement.ledger is not None and statement.ledger.rows != len(run.ledger):
        raise DamagedRun(f"{LEDGER} has another number of rows than {VERDICT} says; run the scan again.")


def last_run(here: Path) -> Path:
    """Return the folder of the last run over the tree that `here` is in.

    Raises:
        UsageError: there is none.
    """
    root = root_of(here)
    for place in (default_folder(root), default_folder(here), root / CI_FOLDER, here / CI_FOLDER):
        if (place / VERDICT).is_file():
            return place
    raise UsageError(
        f"There is no saved run of {root}; run devsecops scan first, or name the folder of a run."
    )


def root_of(here: Path) -> Path:
    """Return the root of the tree that `here` is in: of the repository, else `here` itself."""
    return next((folder for folder in (here, *here.parents) if (folder / ".git").exists()), here)


def checked(folder: Path, name: str, sha256: str | None) -> bytes:
    """Return the bytes of a file of a run; DamagedRun when they are not what `sha256` says."""
    try:
        data = _read(folder, name)
    except UsageError as error:
        raise DamagedRun(f"{error} Run the scan again.") from None
    if digest(data) != sha256:
        raise DamagedRun(f"{name} does not belong to this verdict: its digest is wrong; run the scan again.")
    return data


def _read(folder: Path, name: str) -> bytes:
    try:
        return (folder / name).read_bytes()
    except OSError as error:
        raise UsageError(f"{folder / name} cannot be read: {error.strerror}.") from None


def _decode(data: bytes, kind: type[T], name: str) -> T:
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise DamagedRun(f"{name} is damaged ({error}); run the scan again.") from None


def build_report(run: Run, view: View | None = None) -> Report:
    """Return what reporters get: a pure function of the run."""
    rules = {(rule.tool, rule.id): rule for result in run.results for rule in result.rules}
    problems: dict[str, list[Problem]] = {}
    for result in run.results:
        problems.setdefault(result.scanner, []).extend(result.problems)
    for scanner, problem in run.problems:
        problems.setdefault(scanner or "", []).append(problem)
    return Report(
        verdict=run.verdict,
        findings=tuple(finding for result in run.results for finding in result.findings),
        judged=run.judged,
        groups=run.groups,
        rules=tuple(rules[key] for key in sorted(rules)),
        gaps=tuple(row for row in run.ledger if row.state not in _QUIET),
        aside=_aside(run.ledger),
        problems={name: tuple(problems[name]) for name in sorted(problems) if problems[name]},
        compared=run.compared,
        view=view or View(),
    )


def _aside(ledger: Sequence[Cover]) -> dict[str, int]:
    from devsecops.subject.ledger import UNTOUCHED

    units: dict[str, set[tuple[str, str]]] = {}
    for row in ledger:
        if row.state in ("excluded", "unsupported") or row.why == UNTOUCHED:
            units.setdefault(row.why or row.state, set()).add((row.unit.kind, row.unit.id))
    return {why: len(units[why]) for why in sorted(units)}


_QUIET = frozenset({"scanned", "same-as-base", "excluded", "unsupported"})


def with_verdict(run: Run, verdict: Verdict) -> Run:
    """Return the run with its final verdict."""
    return replace(run, verdict=verdict)


def sort_results(results: Sequence[ScanResult]) -> tuple[ScanResult, ...]:
    """Return results in the order that a run keeps them in: the same as the gate's."""
    return tuple(sorted(results, key=lambda result: result.scanner))


def plan_digests(specs: dict[str, Any]) -> dict[str, str]:
    """Return scanner -> sha256 of its spec."""
    return {name: digest(canonical(specs[name])) for name in sorted(specs)}
