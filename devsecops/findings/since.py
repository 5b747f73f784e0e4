"""What came since a baseline: the change by digests where git cannot tell, states, known gaps. Pure.

Whatever a run did not look at is not gone: a file that its ledger does not hold has left the tree only when a
scanner that found something in it ran again, and the place was in scope.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

from devsecops.change import Change, FileChange
from devsecops.findings.alike import MASKED
from devsecops.findings.baseline import Baseline, file_of_unit, is_gap, path_of
from devsecops.findings.matching import Looked, Matching, match
from devsecops.findings.route import Texts
from devsecops.model import Cover, Finding, Value

Digests = Mapping[str, str | None]
"""Path -> digest, as in a ledger."""


class Extent(Value, frozen=True, kw_only=True):
    """How far a run could see: what is not in its list of files and lies further away may well be there."""

    scanners: frozenset[str]
    """Those that ran: files that only others read may not be in the list."""
    scope: str = ""
    left_out: tuple[str, ...] = ()
    """Folders that were not looked into."""

    def holds(self, path: str) -> bool:
        """Return whether a file at `path` would have been listed."""
        inside = _under(path, self.scope)
        return inside and MASKED not in path and not any(_under(path, folder) for folder in self.left_out)


def _under(path: str, folder: str) -> bool:
    return not folder or path == folder or path.startswith(f"{folder}/")


def files_of(ledger: Iterable[Cover]) -> dict[str, str | None]:
    """Return the digest of every file that a ledger speaks of."""
    return {row.unit.id: row.unit.digest for row in ledger if row.unit.kind == "file"}


def change_by_digest(base: Baseline, head: Digests, extent: Extent) -> Change:
    """Return what differs in the files that a baseline knows of, from digests alone.

    The same content at the same path is unchanged, at another path that was not known, a rename when the old
    path is gone. No line of other content can be followed. A file that may be there all the same is in no
    change: it is where it was, and nobody looked at it.
    """
    files: list[FileChange] = []
    gone: list[str] = []
    for path, where in sorted(_places(base).items()):
        if path not in head:
            if extent.holds(path) and where & extent.scanners:
                gone.append(path)
        elif head[path] is None or head[path] != base.files.get(path):
            files.append(FileChange(base=path, head=path, text=False))
    fresh: dict[str, list[str]] = {}
    for path in sorted(head, reverse=True):
        if (digest := head[path]) is not None and path not in base.files and MASKED not in path:
            fresh.setdefault(digest, []).append(path)
    for path in gone:
        same = fresh.get(base.files.get(path, ""), [])
        files.append(FileChange(base=path, head=same.pop() if same else None))
    files.sort(key=lambda file: (file.head or "", file.base or ""))
    return Change(base=f"baseline of {base.day}", head="head", files=tuple(files))


def _places(base: Baseline) -> dict[str, set[str]]:
    """Return the path of every finding and gap -> the scanners that have one there."""
    places: dict[str, set[str]] = {}
    for finding in base.findings:
        if path := path_of(finding):
            places.setdefault(path, set()).add(finding.scanner)
    for row in base.gaps:
        places.setdefault(file_of_unit(row, base.files), set()).add(row.scanner or "")
    return places


def in_format_of(
    base: Baseline, head: Digests, blob: Callable[[str, str], str | None]
) -> dict[str, str | None]:
    """Return `head` with digests that those of the baseline can be compared with.

    A baseline that was written in git holds ids of blobs; a folder without git holds sha256 of content.
    `blob` returns the id of the blob that a file would be, for the path and ``sha1`` or ``sha256``; None when
    the file cannot be read. It is asked only where the two formats differ.
    """
    ids = [digest for digest in base.files.values() if digest.startswith("git:")]
    if not ids:
        return dict(head)
    name = "sha1" if len(ids[0]) == len("git:") + 40 else "sha256"
    return {
        path: f"git:{made}"
        if digest is not None and digest.startswith("sha256:") and (made := blob(path, name)) is not None
        else digest
        for path, digest in head.items()
    }


def compare(
    base: Baseline,
    findings: Iterable[Finding],
    ledger: Iterable[Cover],
    change: Change,
    base_texts: Texts | None = None,
    head_texts: Texts | None = None,
) -> dict[str, Matching]:
    """Return, for each scanner, the states of its findings in a whole tree, and what became of the others.

    `findings` and `ledger` are those of the head. Where a text of one side is not there, keys are compared.
    Findings of two scanners may have the same id.
    """
    looked: Looked = frozenset(
        (row.scanner, row.unit.id) for row in ledger if row.state == "scanned" and row.scanner is not None
    )
    ours, theirs = _on_both_sides(change, base_texts or {}, head_texts or {})
    before, now = by_scanner(base.findings), by_scanner(findings)
    return {
        name: match(before.get(name, ()), now.get(name, ()), change, looked, ours, theirs)
        for name in sorted(before.keys() | now.keys())
    }


def by_scanner(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    """Return findings by who made them."""
    out: dict[str, list[Finding]] = {}
    for finding in findings:
        out.setdefault(finding.scanner, []).append(finding)
    return out


def _on_both_sides(change: Change, base: Texts, head: Texts) -> tuple[Texts, Texts]:
    """Return the texts without those of a file that has one on one side only: no key equals a text."""
    half = [f for f in change.files if f.base and f.head and (f.base in base) != (f.head in head)]
    ours, theirs = {f.base for f in half}, {f.head for f in half}
    return (
        {path: text for path, text in base.items() if path not in ours},
        {path: text for path, text in head.items() if path not in theirs and base},
    )


def known_gaps(base: Baseline, ledger: Collection[Cover], change: Change) -> tuple[Cover, ...]:
    """Return the gaps of `ledger` that a baseline knows as the same gap, in files that did not change."""
    before = {_gap(row) for row in base.gaps}
    files = files_of(ledger)
    touched = {file.head for file in change.files}
    return tuple(
        row
        for row in ledger
        if is_gap(row)
        and _gap(row) in before
        and (path := file_of_unit(row, files)) not in touched
        and path in base.files
        and files.get(path) is not None
    )


def _gap(row: Cover) -> tuple[str, str, str | None, str, str]:
    return row.unit.kind, row.unit.id, row.scanner, row.was or row.state, row.why
