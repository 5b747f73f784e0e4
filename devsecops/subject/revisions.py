"""Revisions: from what somebody typed to a commit, and files of one."""

from __future__ import annotations

import re
from pathlib import Path

from devsecops import paths
from devsecops.errors import IncompleteError, UsageError
from devsecops.subject.blobs import oid
from devsecops.subject.git import Git, GitError, discover, shown

_ALL_BRANCHES = re.compile(rb"\+?refs/(heads/)?\*:.*")
_COMMIT = re.compile(r"[0-9a-f]{40,64}")
_REMOTE_BRANCH = re.compile(r"(?:refs/remotes/)?([A-Za-z0-9._-]+)/([A-Za-z0-9._/-]+)")


def read_config(git: Git) -> dict[bytes, list[bytes]]:
    """Return the repository's own configuration; keys as git lists them. Nothing in it is obeyed."""
    out: dict[bytes, list[bytes]] = {}
    for item in git.run("config", "--local", "--no-includes", "-z", "--list").split(b"\0")[:-1]:
        key, _, value = item.partition(b"\n")
        out.setdefault(key, []).append(value)
    return out


def resolve(git: Git, rev: str, config: dict[bytes, list[bytes]] | None = None) -> str:
    """Return the id of the commit that `rev` names.

    Raises:
        UsageError: no complete clone has it.
        IncompleteError: this clone is shallow, narrow or partial and may lack it; the message says what
            to fetch.
    """
    if not rev or rev.startswith("-") or not rev.isprintable():
        raise UsageError(f"{shown(rev)!r} is not the name of a revision.")
    try:
        found = git.run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{rev}^{{commit}}")
        commit = found.decode("ascii").strip()
    except GitError:
        commit = ""
    if not _COMMIT.fullmatch(commit):
        raise _unresolved(git, rev, read_config(git) if config is None else config)
    return commit


def _unresolved(git: Git, rev: str, config: dict[bytes, list[bytes]]) -> Exception:
    name = shown(rev)
    if git.shallow:
        return IncompleteError(
            f"this shallow clone does not hold {name}; run: {fetch_command(rev, config, '--unshallow ')}"
        )
    remotes = _remotes(config)
    narrow = any(
        not any(_ALL_BRANCHES.fullmatch(spec) for spec in config.get(b"remote.%s.fetch" % remote, []))
        for remote in remotes
    )
    if narrow or is_promisor(config):
        return IncompleteError(f"this clone does not hold {name}; run: {fetch_command(rev, config, '')}")
    if rev in ("HEAD", "@"):
        return UsageError(f"{shown(git.top)} has no commit yet; judge what is on disk instead.")
    return UsageError(f"{name} is not a commit of {shown(git.top)}; give a branch, a tag or a commit id.")


def fetch_command(rev: str, config: dict[bytes, list[bytes]], flag: str) -> str:
    """Return the command that fetches what `rev` names; `flag` ends in a space."""
    remotes = [shown(remote) for remote in _remotes(config)]
    remote = "origin" if "origin" in remotes or not remotes else remotes[0]
    match = _REMOTE_BRANCH.fullmatch(re.split(r"[~^@:]", rev, maxsplit=1)[0])
    if match and match[1] in remotes:
        return f"git fetch {flag}{match[1]} +refs/heads/{match[2]}:refs/remotes/{match[1]}/{match[2]}"
    return f"git fetch {flag}--tags {remote} '+refs/heads/*:refs/remotes/{remote}/*'"


def _remotes(config: dict[bytes, list[bytes]]) -> list[bytes]:
    keys = (key for key in config if key.startswith(b"remote.") and key.endswith(b".url"))
    return sorted(key[len(b"remote.") : -len(b".url")] for key in keys)


def is_promisor(config: dict[bytes, list[bytes]]) -> bool:
    """Return whether the clone was made with ``--filter``."""
    return b"extensions.partialclone" in config or any(
        key.startswith(b"remote.") and key.endswith(b".promisor") for key in config
    )


def remote_url(config: dict[bytes, list[bytes]]) -> str | None:
    """Return the URL of origin, or of the first remote, without credentials; None when there is none."""
    from devsecops.findings.redact import redact

    remotes = _remotes(config)
    if not remotes:
        return None
    remote = b"origin" if b"origin" in remotes else remotes[0]
    return redact(without_credentials(paths.to_text(config[b"remote.%s.url" % remote][0])))


def without_credentials(url: str) -> str:
    """Return a remote's URL without user, password, query and fragment; ssh keeps its user's name."""
    scheme, separator, rest = url.partition("://")
    if not separator:
        user, at, place = url.partition("@")
        return f"{user.partition(':')[0]}@{place}" if at and "/" not in user else url
    authority, slash, path = rest.partition("/")
    user, at, host = authority.rpartition("@")
    # codecommit::REGION://PROFILE@NAME as well: a profile's name is nobody else's business.
    keep = f"{user.partition(':')[0]}@" if at and "ssh" in scheme.lower() else ""
    path = re.split(r"[?#]", path, maxsplit=1)[0]
    return f"{scheme}://{keep}{host}{slash}{path}"


def read_at(repo: Path, rev: str, file: str) -> bytes | None:
    """Return the content of `file` (from the repository's root) at `rev`; None when `rev` has none.

    `repo` is any folder of the repository.

    Raises:
        UsageError: not a repository, `rev` cannot exist, or `file` is a folder or a link there.
        IncompleteError: the clone lacks `rev` or the content; the message says what to fetch.
    """
    import os

    git = discover(os.path.realpath(os.fsencode(repo)))
    if git is None:
        raise UsageError(f"{shown(repo)} is not in a git repository: {shown(f'{rev}:{file}')} names nothing.")
    commit = resolve(git, rev)
    raw = os.path.normpath(os.fsencode(file))
    if raw.startswith((b"/", b"..")):
        raise UsageError(f"{shown(f'{rev}:{file}')}: give the path from the repository's root.")
    for row in git.run("ls-tree", "-z", "--full-tree", commit, "--", raw).split(b"\0")[:-1]:
        head, _, name = row.partition(b"\t")
        mode, _, blob = head.split(b" ")
        if name != raw:
            continue
        if mode not in (b"100644", b"100755", b"100664"):
            raise UsageError(f"{shown(f'{rev}:{file}')} is not a regular file.")
        return _blob(git, blob.decode("ascii"), f"{rev}:{file}")
    return None


def _blob(git: Git, blob: str, name: str) -> bytes:
    from devsecops.subject.blobs import missing_blob

    try:
        data = git.run("cat-file", "blob", blob)
    except GitError:
        raise missing_blob(git, shown(name)) from None
    if oid(data, git.object_format) != blob:
        raise IncompleteError(f"{shown(name)} is damaged in the repository.")
    return data
