"""devsecops waive: accept a finding of the last run until a day, by an entry of the file of waivers."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from devsecops.model import Finding
    from devsecops.run import Run
    from devsecops.waivers.model import Waiver

SUMMARY = "Accept a finding until a day: write it into the file of waivers."


@dataclass(frozen=True, slots=True)
class Place:
    """The file of waivers, what it is called in a sentence, the longest life of one, and today.

    `own` says that it is the repository's, whose folder is made where it is missing.
    """

    root: Path
    path: Path
    name: str
    own: bool
    max_days: int
    today: str


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("id", metavar="ID", nargs="?", help="the finding's id, as reports show it")
    parser.add_argument("--reason", metavar="TEXT", help="why it is accepted")
    parser.add_argument("--until", metavar="DAY", help="the last day it holds: YYYY-MM-DD, or 90d from today")
    parser.add_argument("--owner", metavar="NAME", help="who answers for it (default: git's user.email)")
    parser.add_argument(
        "--run", metavar="RUN", help="output folder of a run (default: the last of this folder)"
    )
    parser.add_argument("--file", metavar="FILE", help="the file (default: .devsecops/waivers.toml)")
    parser.add_argument(
        "--refresh",
        action="store_true",
        help="instead: bring lines, keys and commits of all entries up to date",
    )
    parser.epilog = "exit: 0 written; 2 usage, no such finding, or the file cannot be written"


def run(args: argparse.Namespace) -> int:
    """Write the entry, and say what it needs to count."""
    from pathlib import Path

    from devsecops.encode import one_line
    from devsecops.errors import UsageError
    from devsecops.run import DamagedRun, last_run, read_run

    _check(args)
    try:
        saved = read_run(Path(args.run) if args.run else last_run(Path.cwd()))
    except DamagedRun as error:
        raise UsageError(str(error)) from None
    place = _place(args.file)
    for line in _refresh(saved, place) if args.refresh else _waive(args, saved, place):
        print(one_line(line))
    return 0


def _check(args: argparse.Namespace) -> None:
    from devsecops.errors import UsageError

    if args.refresh:
        if args.id or args.reason or args.until or args.owner:
            raise UsageError("--refresh is about all entries: leave out ID, --reason, --until and --owner.")
        return
    for name, value in (("ID", args.id), ("--reason", args.reason), ("--until", args.until)):
        if not (value or "").strip():
            raise UsageError(f"{name} is missing: devsecops waive ID --reason TEXT --until DAY")


def _place(file: str | None) -> Place:
    import datetime
    from pathlib import Path

    from devsecops.policy import load_policy
    from devsecops.run import root_of
    from devsecops.subject import read_at

    root = root_of(Path.cwd())
    said = load_policy(option=None, tree_root=root, ci=False, read_at=read_at).policy.waivers
    name = str(Path(".devsecops") / said.file)
    return Place(
        root=root,
        path=root / name if file is None else Path(file).absolute(),
        name=name if file is None else file,
        own=file is None,
        max_days=said.max_days,
        today=datetime.datetime.now(datetime.UTC).date().isoformat(),
    )


# --- a new entry --------------------------------------------------------------------------------


def _waive(args: argparse.Namespace, saved: Run, place: Place) -> Iterator[str]:
    from devsecops.waivers.text import appended, entry, lines_for

    until = _until(args.until, place)
    finding = _finding(saved, args.id)
    data = _read(place)
    _refuse_waived(saved, finding, data, place)
    owner = (args.owner or "").strip() or _owner(place.root)
    commit = _commit(saved)
    flaw = [finding, *_others(saved, finding)]
    new = data
    for one in flaw:
        said = {"reason": args.reason.strip(), "owner": owner, "created": place.today, "expires": until}
        new = appended(new, entry(lines_for(one, commit), **said), place.name)
    _write(place, new)
    entries = "an entry" if len(flaw) == 1 else f"{len(flaw)} entries"
    yield f"{finding.id} is accepted until {until} by {owner}: {entries} in {place.name}."
    for one in flaw[1:]:
        yield f"With it {one.id}, of the same flaw: {one.rule.tool}/{one.rule.id}."
    if commit is None:
        yield "No commit was judged: commit, scan, and devsecops waive --refresh writes it down."
    yield f"It counts once {place.name} is on the destination branch."


def _until(text: str, place: Place) -> str:
    """Return the last day, YYYY-MM-DD. Raises UsageError for no day, one that is over, and one too far."""
    import datetime
    import re

    from devsecops.errors import UsageError

    today = datetime.date.fromisoformat(place.today)
    try:
        if match := re.fullmatch(r"([0-9]{1,6})d", text.strip()):
            day = today + datetime.timedelta(days=int(match[1]))
        elif re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text.strip()):
            day = datetime.date.fromisoformat(text.strip())
        else:
            raise ValueError(text)
    except (ValueError, OverflowError):
        raise UsageError(f"--until {text}: give a day as YYYY-MM-DD, or a number of days as 90d.") from None
    if day < today:
        raise UsageError(f"--until {text}: that day is over; give a later one.")
    if (day - today).days > place.max_days:
        last = (today + datetime.timedelta(days=place.max_days)).isoformat()
        raise UsageError(f"--until {text}: the policy allows {place.max_days} days, up to {last}.")
    return day.isoformat()


def _finding(saved: Run, name: str) -> Finding:
    import difflib

    from devsecops.errors import UsageError

    findings = {finding.id: finding for result in saved.results for finding in result.findings}
    if not findings:
        raise UsageError(f"{name}: this run reported no finding.")
    if name not in findings:
        near = difflib.get_close_matches(name, sorted(findings)[:2000], n=1, cutoff=0.5)
        said = f"the nearest is {near[0]}" if near else "devsecops report -v shows all of them"
        raise UsageError(f"{name}: no finding of this run; {said}.")
    return findings[name]


def _others(saved: Run, finding: Finding) -> list[Finding]:
    """Return what other tools say of the same flaw and nothing accepts yet."""
    members = {
        name for group in saved.groups if finding.id in group.reported_by for name in group.reported_by
    }
    members -= {finding.id, *(one.finding for one in saved.judged if one.waiver is not None)}
    return [one for result in saved.results for one in result.findings if one.id in members]


def _refuse_waived(saved: Run, finding: Finding, data: bytes, place: Place) -> None:
    from devsecops.errors import UsageError
    from devsecops.waivers.apply import void
    from devsecops.waivers.file import read_waivers

    for opinion in saved.judged:
        if opinion.finding == finding.id and opinion.waiver is not None:
            raise UsageError(
                f"{finding.id} is accepted already, by {opinion.waiver}; --refresh renews entries."
            )
    for waiver in read_waivers(data, place.name):
        if waiver.id == finding.id and not void(waiver, place.today, place.max_days):
            raise UsageError(
                f"{place.name} has an entry for {finding.id} until {waiver.expires}; change that."
            )


def _commit(saved: Run) -> str | None:
    """Return the commit that was judged; None when it was something else, or more."""
    from devsecops.model import Source

    parts = [part for part in saved.verdict.statement.subject if isinstance(part, Source)]
    return parts[0].head if len(parts) == 1 and not parts[0].dirty else None


def _owner(root: Path) -> str:
    """Return who git says that the user is."""
    import os

    from devsecops.errors import UsageError
    from devsecops.subject.git import user

    if name := user(os.fsencode(root)):
        return name
    raise UsageError("git does not know who you are: give --owner NAME.")


# --- entries brought up to date -----------------------------------------------------------------


def _refresh(saved: Run, place: Place) -> Iterator[str]:
    from devsecops.errors import UsageError
    from devsecops.subject.since import changes_to
    from devsecops.waivers.file import read_waivers
    from devsecops.waivers.finding import Heads, meant
    from devsecops.waivers.text import lines_for, refreshed

    commit = _commit(saved)
    if commit is None:
        raise UsageError("The run judged more than a commit; commit, scan again, and refresh then.")
    data = _read(place)
    waivers = read_waivers(data, place.name)
    findings = [finding for result in saved.results for finding in result.findings]
    heads = Heads(findings, changes_to(place.root, commit))
    looked = {name for row in saved.ledger if row.state == "scanned" for name in _files(row.unit.id)}
    fresh: dict[str, dict[str, str]] = {}
    for waiver in waivers:
        found = meant(waiver, heads) if waiver.id is not None else None
        if found is not None:
            fresh[waiver.label] = lines_for(found[0], commit)
        elif waiver.id is None:
            if not _used(waiver, findings):
                yield f"{waiver.label} ({waiver.about}) accepts nothing in this run; it is left as it is."
        elif waiver.path and waiver.path not in looked:
            yield f"{waiver.label} ({waiver.about}): this run did not look there; it is left as it is."
        else:
            yield f"{waiver.label} ({waiver.about}) is found no more; it is left as it is, remove it."
    if fresh:
        _write(place, refreshed(data, fresh, place.name))
    yield f"{len(fresh)} of {len(waivers)} entries in {place.name} are of commit {commit[:10]} now."
    yield f"They count once {place.name} is on the destination branch."


def _files(unit: str) -> tuple[str, str]:
    """Return the names that a unit's file may have: a package is called ``FILE#NAME``."""
    return unit, unit.rpartition("#")[0]


def _used(waiver: Waiver, findings: list[Finding]) -> bool:
    from devsecops.waivers.apply import in_paths

    return any(in_paths(waiver, finding) for finding in findings)


# --- the file -----------------------------------------------------------------------------------


def _read(place: Place) -> bytes:
    """Return what the file holds, nothing when there is none; never through a link."""
    from devsecops.errors import UsageError
    from devsecops.output import check_copy

    try:
        if _is_new(place):
            return b""
        check_copy(place.path)
        return place.path.read_bytes() if place.path.exists() else b""
    except OSError as error:
        raise UsageError(f"{place.name} cannot be read: {error.strerror}.") from None


def _write(place: Place, data: bytes) -> None:
    """Write the file under a temporary name and rename it, so that it is whole at any time."""
    from devsecops.errors import UsageError
    from devsecops.output import OutputLost, check_copy, write_copy

    try:
        if _is_new(place):
            place.path.parent.mkdir()
        check_copy(place.path)
        write_copy(place.path, data)
    except OutputLost as error:
        raise UsageError(str(error)) from None
    except OSError as error:
        raise UsageError(f"{place.name} cannot be written: {error.strerror}.") from None


def _is_new(place: Place) -> bool:
    """Tell whether the repository has no folder of ours yet."""
    return place.own and not (place.path.parent.exists() or place.path.parent.is_symlink())
