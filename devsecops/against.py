"""A whole tree against what was known before: a baseline, or another run. Reads git where it can."""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from devsecops.change import Change
from devsecops.errors import IncompleteError, UsageError
from devsecops.findings.baseline import Baseline, path_of
from devsecops.findings.matching import Matching, carried
from devsecops.findings.since import (
    Extent,
    by_scanner,
    change_by_digest,
    compare,
    files_of,
    in_format_of,
    known_gaps,
)
from devsecops.gate.standing import Standing
from devsecops.model import Cover, Finding, Gone, ScanResult, Source

Read = Callable[[str], bytes | None]
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Head:
    """A whole tree that was scanned. `read` returns a file of it; None when nothing can be read any more."""

    part: Source | None
    results: tuple[ScanResult, ...]
    ledger: tuple[Cover, ...]
    left_out: tuple[str, ...] = ()
    """Folders that were not looked into."""
    read: Read | None = None

    @property
    def findings(self) -> list[Finding]:
        """All findings."""
        return [finding for result in self.results for finding in result.findings]


@dataclass(frozen=True, slots=True)
class Against:
    """What became of every finding of both sides."""

    results: tuple[ScanResult, ...]
    """Those of the head; a finding that was known before has the id that it had."""
    standings: dict[str, Standing]
    """By the ids in `results`."""
    gone: tuple[Gone, ...]
    known_gaps: tuple[Cover, ...]
    """Rows of the head's ledger: gaps that were there before, in files that did not change."""
    by: Literal["git", "digests"]
    """What told which files changed."""


def against(base: Baseline, head: Head, repo: Path | None) -> Against:
    """Compare a tree with what was known before.

    Files are compared by git when the repository at `repo` holds both commits, else by their digests.
    """
    with _sides(base.source, head, repo) as (change, read_base, read_head):
        by: Literal["git", "digests"] = "digests" if change is None else "git"
        if change is None:
            change = _by_digest(base, head, read_head)
        paths = {path_of(one) for one in (*base.findings, *head.findings)}
        touched = [file for file in change.files if paths & {file.base, file.head}]
        matchings = compare(
            base,
            head.findings,
            head.ledger,
            change,
            _texts(read_base, [file.base for file in touched]),
            _texts(read_head, [file.head for file in touched]),
        )
    return _answer(base, head, matchings, known_gaps(base, head.ledger, change), by)


def _answer(
    base: Baseline,
    head: Head,
    matchings: Mapping[str, Matching],
    gaps: tuple[Cover, ...],
    by: Literal["git", "digests"],
) -> Against:
    before = by_scanner(base.findings)
    results = []
    standings: dict[str, Standing] = {}
    for result in head.results:
        matching = matchings.get(result.scanner, Matching(heads=(), left=()))
        named = carried(before.get(result.scanner, ()), result.findings, matching)
        said = {one.finding: one for one in matching.heads}
        for old, new in zip(result.findings, named, strict=True):
            # Two scanners may have one id for one flaw: what is new for one of them is new.
            if new.id not in standings or standings[new.id].state != "new":
                standings[new.id] = Standing(state=said[old.id].state, base=said[old.id].base)
        results.append(msgspec.structs.replace(result, findings=named))
    by_id = {(one.scanner, one.id): one for one in base.findings}
    gone = [
        Gone(finding=by_id[name, left.base], state=left.state)
        for name, matching in sorted(matchings.items())
        for left in matching.left
    ]
    return Against(tuple(results), standings, tuple(gone), gaps, by)


def _by_digest(base: Baseline, head: Head, read: Read | None) -> Change:
    from devsecops.subject.blobs import oid

    def blob(path: str, name: str) -> str | None:
        data = None if read is None else read(path)
        return None if data is None else oid(data, name)

    extent = Extent(
        scanners=frozenset(result.scanner for result in head.results),
        scope="" if head.part is None else head.part.scope,
        left_out=head.left_out,
    )
    return change_by_digest(base, in_format_of(base, files_of(head.ledger), blob), extent)


Sides = tuple[Change | None, Read | None, Read | None]


@contextmanager
def _sides(base: Source | None, head: Head, repo: Path | None) -> Iterator[Sides]:
    """Give what git says that changed (None: it cannot tell), and what reads each side."""
    from devsecops.subject import open_tree

    commits = [_commit(part) for part in (base, head.part)]
    change = None
    read: list[Read | None] = [None, head.read]
    trees = []
    if repo is not None:
        for place, commit in enumerate(commits):
            if commit is not None and read[place] is None:
                try:
                    trees.append(open_tree(_top(repo), head=commit))
                except (UsageError, IncompleteError):
                    continue  # not a repository, or one without that commit
                read[place] = trees[-1].read
        change = _difference(repo, *commits)
    try:
        yield change, read[0], read[1]
    finally:
        for tree in trees:
            tree.close()


def _commit(part: Source | None) -> str | None:
    """Return the commit whose very tree was judged; what a file says must be a full id."""
    named = part is not None and part.head is not None and not part.dirty
    return part.head if named and part and part.head and _COMMIT.fullmatch(part.head) else None


def _top(repo: Path) -> Path:
    from devsecops.subject.git import discover

    git = discover(os.path.realpath(os.fsencode(repo)))
    if git is None:
        raise UsageError(f"{repo} is not in a git repository.")
    return Path(os.fsdecode(git.top))


def _difference(repo: Path, base: str | None, head: str | None) -> Change | None:
    """Return what differs between two commits; None when the repository cannot tell."""
    from devsecops.subject.git import discover
    from devsecops.subject.history import difference
    from devsecops.subject.revisions import resolve

    if base is None or head is None:
        return None
    try:
        git = discover(os.path.realpath(os.fsencode(repo)))
        return None if git is None else difference(git, resolve(git, base), resolve(git, head))
    except (UsageError, IncompleteError):
        return None


def _texts(read: Read | None, paths: Sequence[str | None]) -> dict[str, str]:
    """Return the texts of files as scanners saw them; what cannot be read has none."""
    out = {}
    for path in paths:
        try:
            data = read(path) if read is not None and path is not None else None
        except IncompleteError:
            continue  # a clone without that content: keys are compared
        if path is not None and data is not None:
            out[path] = data.removeprefix(codecs.BOM_UTF8).decode("utf-8", "replace")
    return out
