"""From a path to the tree that is judged."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

import devsecops.subject.listing as listing
from devsecops import paths
from devsecops.change import Change
from devsecops.errors import UsageError
from devsecops.model import Source
from devsecops.subject.disk import Disk
from devsecops.subject.git import Git, discover, shown
from devsecops.subject.history import difference, merge_base
from devsecops.subject.revisions import is_promisor, read_config, remote_url, resolve
from devsecops.subject.tree import Listed, Tree, in_scope


def open_tree(path: Path, *, head: str | None = None, commit: bool = False) -> Tree:
    """Return the tree to judge at `path`, a folder or a single file.

    In git it is the repository with `path` as its scope: with `head` or `commit` the tree objects of that
    revision (HEAD when none is named), else what is on disk, tracked or not ignored. Outside git it is the
    folder, as in a pipeline whose source comes without its history.

    Raises:
        UsageError: no such path, nothing of the repository there, or a revision that cannot exist.
        IncompleteError: the repository lacks something or cannot be read.
    """
    commit = commit or head is not None
    real = _real(path, commit)
    folder = _folder_of(real)
    git = discover(folder)
    if git is None:
        if head is not None:
            raise UsageError(f"{shown(path)} is not in a git repository: there is no commit to judge.")
        if not os.path.lexists(real):
            raise UsageError(f"no such path: {shown(path)}")
        return _folder(folder, b"" if folder == real else real[len(folder.rstrip(b"/")) + 1 :])
    scope = b"" if real == git.top else real[len(git.top.rstrip(b"/")) + 1 :]
    return (
        _commit(git, path, scope, "HEAD" if head is None else head)
        if commit
        else _work_tree(git, path, scope)
    )


def no_tree(root: Path) -> Tree:
    """Return a tree without a file, for a run that judges something else; `root` is where it is started."""
    disk = Disk(os.fsencode(root), "sha256", as_blob=False)
    part = Source(tree=listing.dir_digest([]))
    return Tree(part=part, root=root, in_git=False, listed=[], content=listing.FromDisk(disk))


def open_change(path: Path, *, base: str, head: str | None = None) -> tuple[Tree, Tree, Change]:
    """Return the tree of `head` (HEAD when None), the tree where it left `base`, and what differs.

    Both trees have `path` as their scope; the change is that of the whole repository.

    Raises:
        UsageError: no repository there, or a revision that cannot exist.
        IncompleteError: the clone lacks a revision, what the two share, or content.
    """
    real = _real(path, commit=True)
    git = discover(_folder_of(real))
    if git is None:
        raise UsageError(f"--base {shown(base)}: {shown(path)} is not in a git repository.")
    scope = b"" if real == git.top else real[len(git.top.rstrip(b"/")) + 1 :]
    commit = resolve(git, "HEAD" if head is None else head)
    config = read_config(git)
    listed = listing.list_commit(git, commit, is_promisor(config))
    ours = _tree(git, config, scope, commit, listed)
    if scope and not ours.entries:
        raise _no_such_path(path, head or "HEAD")
    forked = merge_base(git, base, commit)
    before = (
        # Here it would ask a remote for what the clone lacks.
        listing.list_commit(git, forked, promisor=True)
        if is_promisor(config)
        else listing.list_beside(git, forked, commit, listed)
    )
    theirs = _tree(git, config, scope, forked, before)
    ours.part = msgspec.structs.replace(ours.part, base=forked)
    return ours, theirs, difference(git, forked, commit)


def _real(path: Path, commit: bool) -> bytes:
    """Return the path without links; of a commit it need not be on disk any more."""
    real = Path(os.path.realpath(path))
    if not path.exists() and not commit:
        raise UsageError(f"no such path: {shown(path)}")
    if real.exists() and not (real.is_file() or real.is_dir()):
        raise UsageError(f"{shown(path)} is neither a file nor a folder.")
    return os.fsencode(real)


def _folder_of(real: bytes) -> bytes:
    folder = Path(os.fsdecode(real))
    while not folder.is_dir():
        folder = folder.parent
    return os.fsencode(folder)


def _scope_text(scope: bytes) -> str:
    from devsecops.findings.redact import redact

    return redact(paths.to_text(scope))


def _commit(git: Git, path: Path, scope: bytes, rev: str) -> Tree:
    commit, config = resolve(git, rev), read_config(git)
    tree = _tree(git, config, scope, commit, listing.list_commit(git, commit, is_promisor(config)))
    if scope and not tree.entries:
        raise _no_such_path(path, rev)
    return tree


def _no_such_path(path: Path, rev: str) -> UsageError:
    return UsageError(f"no such path in {shown(rev)}: {shown(path)}")


def _tree(
    git: Git, config: dict[bytes, list[bytes]], scope: bytes, commit: str, listed: list[Listed]
) -> Tree:
    return Tree(
        part=Source(
            remote=remote_url(config),
            head=commit,
            tree=f"git:{_tree_id(git, commit)}",
            scope=_scope_text(scope),
        ),
        root=Path(os.fsdecode(git.top)),
        in_git=True,
        listed=listed,
        content=listing.FromBlobs(git),
        scope=scope,
    )


def _tree_id(git: Git, commit: str) -> str:
    return git.run("rev-parse", "--verify", "--end-of-options", f"{commit}^{{tree}}").decode("ascii").strip()


def _work_tree(git: Git, path: Path, scope: bytes) -> Tree:
    config = read_config(git)
    head = _head(git)
    disk = Disk(git.top, git.object_format, as_blob=True)
    trust_modes = config.get(b"core.filemode", [b"true"])[-1].lower() not in (b"false", b"no", b"off", b"0")
    listed, state = listing.list_work_tree(git, disk, trust_modes=trust_modes)
    if scope and not any(in_scope(item.raw, scope) for item in listed):
        disk.close()
        raise UsageError(f"{shown(path)} holds no file of the repository: it is empty, or git ignores it.")
    dirty = state != (listing.tree_state(git, head) if head else {})
    tree = listing.dir_digest(listed) if dirty or not head else f"git:{_tree_id(git, head)}"
    return Tree(
        part=Source(remote=remote_url(config), head=head, tree=tree, dirty=dirty, scope=_scope_text(scope)),
        root=Path(os.fsdecode(git.top)),
        in_git=True,
        listed=listed,
        content=listing.FromDisk(disk),
        scope=scope,
    )


def _head(git: Git) -> str | None:
    """Return the commit that is checked out; None before the first."""
    if not git.run("rev-parse", "--verify", "--quiet", "HEAD", ok=(0, 1)).strip():
        return None
    return git.run("rev-parse", "--verify", "HEAD^{commit}").decode("ascii").strip()


def _folder(folder: bytes, only: bytes) -> Tree:
    disk = Disk(folder, "sha256", as_blob=False)
    listed, left_out = listing.list_folder(folder, disk, only)
    return Tree(
        part=Source(tree=listing.dir_digest(listed), scope=_scope_text(only)),
        root=Path(os.fsdecode(folder)),
        in_git=False,
        listed=listed,
        content=listing.FromDisk(disk),
        scope=only,
        left_out=[(_scope_text(paths.to_bytes(raw)), rule) for raw, rule in left_out],
    )
