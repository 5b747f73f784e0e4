"""Where a change begins, and what it is: the merge base and the difference to it, from git's plumbing."""

from __future__ import annotations

import re
from collections.abc import Iterable

from devsecops import paths
from devsecops.change import Change, FileChange, Hunk
from devsecops.errors import IncompleteError
from devsecops.subject.git import Git, GitError, shown
from devsecops.subject.revisions import fetch_command, read_config, resolve

_HUNK = re.compile(rb"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_FOLLOWED = b"MRC"
"""Letters of what is there on both sides; the lines of all else are not asked for."""
# Plumbing runs no filter and no driver of the tree. What its .gitattributes call binary is text all the
# same: a change must not be able to say which of its lines can be followed.
_OPTIONS = (
    "-r", "-M", "-l2000", "--full-index", "--no-ext-diff", "--no-textconv", "--text", "--no-color",
    "--no-relative", "--ignore-submodules=none", "--diff-algorithm=histogram", "-O/dev/null",
)  # fmt: skip


def merge_base(git: Git, base: str, head: str) -> str:
    """Return the commit from which `head` went its own way from `base`; both are names of revisions.

    Where the two crossed and share several such commits, it is `base` itself: what one of these commits holds
    the base may have mended since, so that the same flaw in the head would come back by the merge.

    Raises:
        UsageError: a revision that cannot exist.
        IncompleteError: this clone does not hold one of them, or nothing that they share.
    """
    config = read_config(git)
    ours, theirs = resolve(git, head, config), resolve(git, base, config)
    found = git.run("merge-base", "--all", theirs, ours, ok=(0, 1)).decode("ascii").split()
    if found:
        return found[0] if len(found) == 1 else theirs
    name, top = shown(base), shown(git.top)
    if git.shallow:
        command = fetch_command(base, config, "--unshallow ")
        raise IncompleteError(
            f"this shallow clone does not reach what {name} and the head share; run: {command}"
        )
    raise IncompleteError(f"{name} and the head of {top} share no commit; rebase the change onto {name}")


def difference(git: Git, base: str, head: str, only: str | None = None) -> Change:
    """Return what differs between two commits, renames followed.

    With `only`, a path text, nothing else is looked at: what was renamed then goes, or comes.

    Raises:
        IncompleteError: the clone does not hold the content of a file that differs.
    """
    asked = [base, head] if only is None else [base, head, "--", paths.to_bytes(only)]
    rows = _rows(git.run("diff-tree", *_OPTIONS, "--raw", "-z", *asked))
    # Without -z a name is quoted where it has to be: no name can look like the start of another patch.
    shown_as = (*_OPTIONS, f"--diff-filter={_FOLLOWED.decode()}", "-p", "-U0")
    patches = _patches(git.lines("diff-tree", *shown_as, *asked)) if rows else []
    wanted = sum(row[0] in _FOLLOWED for row in rows)
    if len(patches) != wanted:
        raise GitError(f"git lists {wanted} patches and shows {len(patches)}", "")
    left = iter(patches)
    files = [_file(row, next(left) if row[0] in _FOLLOWED else []) for row in rows]
    files.sort(key=lambda file: (file.head or "", file.base or ""))
    return Change(base=base, head=head, files=tuple(files))


Row = tuple[bytes, bytes | None, bytes | None]
"""Status letter, path in the base, path in the head."""


def _rows(out: bytes) -> list[Row]:
    fields = out.split(b"\0")[:-1]
    rows: list[Row] = []
    at = 0
    while at < len(fields):
        status = fields[at].rsplit(b" ", 1)[1][:1]
        first = fields[at + 1]
        if status in b"RC":
            rows.append((status, first, fields[at + 2]))
            at += 3
            continue
        rows.append((status, None if status == b"A" else first, None if status == b"D" else first))
        at += 2
    return rows


def _patches(lines: Iterable[bytes]) -> list[list[bytes]]:
    """Return, for each file, the lines of its patch that are not content."""
    patches: list[list[bytes]] = []
    left = right = 0
    for line in lines:
        if (left or right) and line[:1] in (b"-", b"+", b"\\"):
            left -= line[:1] == b"-"
            right -= line[:1] == b"+"
        elif line.startswith(b"diff --git "):
            patches.append([])
        elif match := _HUNK.match(line):
            patches[-1].append(line)
            left, right = (int(match[n]) if match[n] else 1 for n in (2, 4))
    return patches


def _file(row: Row, patch: list[bytes]) -> FileChange:
    status, base, head = row
    hunks = []
    for line in patch:
        match = _HUNK.match(line)
        assert match is not None
        numbers = [int(match[n]) if match[n] is not None else 1 for n in (1, 2, 3, 4)]
        hunks.append(
            Hunk(base_start=numbers[0], base_count=numbers[1], head_start=numbers[2], head_count=numbers[3])
        )
    return FileChange(
        base=None if base is None else paths.to_text(base),
        head=None if head is None else paths.to_text(head),
        hunks=tuple(hunks),
        text=status != b"T",
    )
