"""What a tree holds: of a commit, of a work tree, of a folder without git."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Mapping, Sequence

from devsecops import paths
from devsecops.errors import IncompleteError
from devsecops.subject.blobs import LFS_LARGEST, LFS_SMALLEST, Blobs, is_lfs_pointer, missing_blob
from devsecops.subject.disk import Disk, Found
from devsecops.subject.git import Git, shown
from devsecops.subject.tree import Entry, EntryKind, Listed

LEFT_OUT = {b"node_modules": "built-in:node_modules", b".tox": "built-in:.tox",
            b"__pycache__": "built-in:__pycache__"}  # fmt: skip
VENV = "built-in:pyvenv.cfg"
_EXACTLY = ("-r", "-z", "--raw", "--no-abbrev", "--no-renames", "--no-relative", "--ignore-submodules=none")
_KINDS: Mapping[bytes, EntryKind] = {b"120000": "symlink", b"160000": "submodule"}


class FromBlobs:
    """Content of a commit."""

    def __init__(self, git: Git) -> None:
        self._blobs = Blobs(git)

    def read(self, entry: Entry) -> bytes | None:
        """Return the blob."""
        assert entry.digest is not None
        return self._blobs.read(entry.digest.removeprefix("git:"), entry.path)

    def close(self) -> None:
        """End the child that reads."""
        self._blobs.close()


class FromDisk:
    """Content of a tree on disk, as long as it is what was listed."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk

    def read(self, entry: Entry) -> bytes | None:
        """Return the content when its digest is still the same."""
        assert entry.digest is not None
        return self._disk.read(entry.raw, entry.digest.partition(":")[2])

    def close(self) -> None:
        """Close the folders."""
        self._disk.close()


def list_commit(git: Git, commit: str, promisor: bool) -> list[Listed]:
    """Return the entries of a commit, from tree objects only.

    Raises:
        IncompleteError: the clone does not hold the content of one of them.
    """
    # In a partial clone `--long` would ask a remote for each missing blob: the sizes come otherwise.
    long = () if promisor else ("--long",)
    rows = [_tree_row(row) for row in git.run("ls-tree", "-r", "-z", *long, commit).split(b"\0")[:-1]]
    sizes = _sizes(git) if promisor else {}
    out = []
    for raw, mode, oid, said in rows:
        size = sizes.get(oid, -1) if promisor else int(said) if said.isdigit() else -1
        out.append(_listed(git, raw, mode, oid, size))
    return _with_lfs(git, out)


def list_beside(git: Git, commit: str, other: str, listed: Iterable[Listed]) -> list[Listed]:
    """Return the entries of a commit from those of another one, `listed`, and what differs between the two.

    Raises:
        IncompleteError: the clone does not hold the content of one of them.
    """
    out = {item.raw: item for item in listed}
    fields = git.run("diff-tree", *_EXACTLY, other, commit).split(b"\0")[:-1]
    fresh = []
    for facts, raw in zip(fields[::2], fields[1::2], strict=True):
        _, mode, _, oid, _ = facts.split()
        if mode == b"000000":
            del out[raw]
        else:
            fresh.append((raw, mode, oid))
    wanted = b"".join(oid + b"\n" for _, mode, oid in fresh if mode != b"160000")
    form = "--batch-check=%(objectname) %(objectsize)"
    answer = git.run("cat-file", form, given=wanted) if wanted else b""
    sizes = {oid: int(size) for oid, size in map(bytes.split, answer.splitlines()) if size.isdigit()}
    added = [_listed(git, raw, mode, oid, sizes.get(oid, -1)) for raw, mode, oid in fresh]
    out.update((item.raw, item) for item in _with_lfs(git, added))
    return sorted(out.values(), key=lambda item: item.raw)


def _listed(git: Git, raw: bytes, mode: bytes, oid: bytes, size: int) -> Listed:
    kind = _KINDS.get(mode, "file")
    if kind == "submodule":
        size = -1
    elif size < 0:
        raise missing_blob(git, shown(raw))
    return Listed(raw, kind, mode, f"git:{oid.decode('ascii')}", size)


def _tree_row(row: bytes) -> tuple[bytes, bytes, bytes, bytes]:
    head, _, raw = row.partition(b"\t")
    mode, _, oid, *size = head.split()
    return raw, mode, oid, size[0] if size else b""


def _sizes(git: Git) -> dict[bytes, int]:
    """Return the size of every object that the clone holds; asks no remote."""
    out = git.run(
        "cat-file", "--batch-check=%(objectname) %(objectsize)", "--batch-all-objects", "--unordered"
    )
    pairs = (line.split() for line in out.splitlines())
    return {oid: int(size) for oid, size in pairs}


def _with_lfs(git: Git, listed: Sequence[Listed]) -> list[Listed]:
    """Mark the entries that are pointers; only blobs of a pointer's size are read."""
    import subprocess

    from devsecops.subject.git import DEADLINE_S, environment

    asked = [n for n, item in enumerate(listed) if item.kind == "file" and _may_be_lfs(item.size)]
    out = list(listed)
    if not asked:
        return out
    wanted = b"".join(_oid(listed[n]) + b"\n" for n in asked)
    try:
        done = subprocess.run(
            git.argv("cat-file", "--batch"),
            env=environment(),
            input=wanted,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=DEADLINE_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise IncompleteError(f"git did not read {shown(git.top)} within {DEADLINE_S:g} s.") from None
    at = 0
    for n in asked:
        start = done.stdout.find(b"\n", at) + 1
        if not done.stdout.startswith(_oid(listed[n]) + b" blob ", at) or not start:
            raise missing_blob(git, shown(listed[n].raw))
        at = start + listed[n].size + 1
        if is_lfs_pointer(done.stdout[start : at - 1]):
            out[n] = _as_lfs(listed[n])
    return out


def _oid(item: Listed) -> bytes:
    return (item.digest or "").removeprefix("git:").encode("ascii")


def _may_be_lfs(size: int) -> bool:
    return LFS_SMALLEST <= size < LFS_LARGEST


def _as_lfs(item: Listed) -> Listed:
    return Listed(item.raw, "lfs", item.mode, item.digest, item.size)


def list_work_tree(git: Git, disk: Disk, *, trust_modes: bool) -> tuple[list[Listed], dict[bytes, bytes]]:
    """Return what is on disk of a work tree, tracked or not ignored, and its state for `is_clean`.

    `trust_modes`: the executable bit on disk means something.
    """
    index: dict[bytes, tuple[bytes, bytes]] = {}
    for row in git.run("ls-files", "-s", "-z").split(b"\0")[:-1]:
        head, _, raw = row.partition(b"\t")
        mode, oid, _ = head.split(b" ")
        index[raw] = (mode, oid)
    new = git.run("ls-files", "-o", "--exclude-standard", "-z").split(b"\0")[:-1]
    listed = []
    for raw in sorted({*index, *new}):
        mode, oid = index.get(raw, (b"", b""))
        if mode == b"160000":
            listed.append(Listed(raw, "submodule", mode, f"git:{oid.decode('ascii')}", -1))
        elif raw.endswith(b"/"):
            listed.append(Listed(raw[:-1], "submodule", b"160000", None, -1))
        elif (found := disk.look(raw)) is not None:
            item = _on_disk(raw, found, "git:")
            if not trust_modes and item.mode in (b"100644", b"100755"):
                item = Listed(raw, item.kind, mode or b"100644", item.digest, item.size)
            listed.append(item)
    return listed, {item.raw: _state(item) for item in listed}


def tree_state(git: Git, commit: str) -> dict[bytes, bytes]:
    """Return the state that a work tree without a change would have."""
    rows = (_tree_row(row) for row in git.run("ls-tree", "-r", "-z", commit).split(b"\0")[:-1])
    return {raw: b"%s git:%s" % (mode, oid) for raw, mode, oid, _ in rows}


def _state(item: Listed) -> bytes:
    return item.mode + b" " + (item.digest or "").encode("ascii")


def _on_disk(raw: bytes, found: Found, prefix: str) -> Listed:
    digest = None if found.digest is None else prefix + found.digest
    if stat.S_ISLNK(found.mode):
        return Listed(raw, "symlink", b"120000", digest, found.size)
    if not stat.S_ISREG(found.mode):
        return Listed(raw, "other", b"other", None, -1)
    mode = b"100755" if found.mode & 0o100 else b"100644"
    if digest is None:
        return Listed(raw, "other", mode, None, found.size, unreadable=True)
    return Listed(raw, "lfs" if is_lfs_pointer(found.head) else "file", mode, digest, found.size)


def list_folder(root: bytes, disk: Disk, only: bytes) -> tuple[list[Listed], list[tuple[str, str]]]:
    """Return the entries of a folder without git, and the folders left out with their rules.

    `only` limits it to one file of the folder.
    """
    left_out: list[tuple[str, str]] = []
    names = [only] if only else _walk(root, left_out)
    found = ((raw, disk.look(raw)) for raw in sorted(names))
    return [_on_disk(raw, what, "sha256:") for raw, what in found if what is not None], left_out


def _walk(root: bytes, left_out: list[tuple[str, str]]) -> Iterable[bytes]:
    todo = [b""]
    while todo:
        folder = todo.pop()
        try:
            with os.scandir(os.path.join(root, folder)) as scan:  # noqa: PTH118 - bytes
                items = list(scan)
        except OSError as error:
            place = shown(folder or root)
            raise IncompleteError(f"the folder {place} cannot be read: {error.strerror}.") from None
        for item in items:
            raw = folder + b"/" + item.name if folder else item.name
            if not item.is_dir(follow_symlinks=False):
                yield raw
            elif rule := _rule(item):
                left_out.append((paths.to_text(raw), rule))
            else:
                todo.append(raw)


def _rule(folder: os.DirEntry[bytes]) -> str:
    """Return the rule that leaves a folder out; empty when none does."""
    if folder.name in LEFT_OUT:
        return LEFT_OUT[folder.name]
    return VENV if os.path.lexists(folder.path + b"/pyvenv.cfg") else ""


def dir_digest(listed: Sequence[Listed]) -> str:
    """Return ``dir:<sha256>`` over names, modes and digests."""
    digest = hashlib.sha256()
    for item in sorted(listed, key=lambda item: item.raw):
        digest.update(b"%s\0%s\0%s\0" % (item.raw, item.mode, (item.digest or "").encode("ascii")))
    return f"dir:{digest.hexdigest()}"
