"""Whose policy judges: the one that was named, in a shell the tree's own, else the built-in one."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from devsecops.canonical import canonical, digest
from devsecops.errors import UsageError
from devsecops.model import PolicyInForce
from devsecops.policy.locks import keep_locks
from devsecops.policy.model import PRESETS, Policy
from devsecops.policy.parse import parse_policy

OWN = ".devsecops/policy.toml"
BUILT_IN = "built-in"
_HEAD = re.compile(r"(HEAD|@)([~^@{].*)?")

ReadAt = Callable[[Path, str, str], bytes | None]
ReadLock = Callable[[str], bytes | None]


def in_ci() -> bool:
    """Return whether this is a build: ``CI`` or ``CODEBUILD_BUILD_ID`` is set, and not to 0 or false."""
    values = (os.environ.get(name, "") for name in ("CI", "CODEBUILD_BUILD_ID"))
    return any(value.strip().lower() not in ("", "0", "false") for value in values)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A policy and where it came from. `text` is empty for the built-in one."""

    policy: Policy
    in_force: PolicyInForce
    text: str
    in_a_file: bool
    gate: bool
    """False in a shell that named no policy from outside the judged tree: nothing is gated by it."""

    def judging_by(self, policy: Policy) -> Loaded:
        """Return the same with a policy that was tightened; its digest follows."""
        source, trusted = self.in_force.source, self.in_force.trusted
        return replace(self, policy=policy, in_force=in_force(policy, source, trusted=trusted))


def in_force(policy: Policy, source: str, *, trusted: bool) -> PolicyInForce:
    """Return what a verdict says about the policy; the digest covers every value in force."""
    return PolicyInForce(name=policy.preset, sha256=digest(canonical(policy)), source=source, trusted=trusted)


def default_policy() -> Policy:
    """Return the built-in policy."""
    return PRESETS["default"]


def load_policy(
    *, option: str | None, base: str | None = None, tree_root: Path, ci: bool, read_at: ReadAt
) -> Loaded:
    """Return the policy in force.

    `option` is ``FILE`` or ``REV:PATH`` (a text with a colon that starts with neither "/" nor "."), or
    None. `tree_root` is the folder that is judged. `read_at` reads a file of a revision of the
    repository there, None when the revision has no such file.

    Raises:
        UsageError: no such file, or what is wrong in it.
        IncompleteError: from `read_at`, for a revision that a shallow clone lacks.
    """
    if option is not None:
        if ":" in option and not option.startswith(("/", ".")):
            return _from_revision(option, tree_root, read_at, ci=ci)
        return _from_file(Path(option), tree_root, ci=ci)
    if base is not None:
        return _from_revision(f"{base}:{OWN}", tree_root, read_at, ci=ci)
    own = tree_root / OWN
    if ci or not own.is_file():
        return _built_in(BUILT_IN, trusted=ci, gate=ci)
    policy, text = _parse(_read(own), OWN, _beside(own))
    return Loaded(policy, in_force(policy, OWN, trusted=False), text, in_a_file=True, gate=False)


def _from_revision(option: str, root: Path, read_at: ReadAt, *, ci: bool) -> Loaded:
    rev, _, path = option.partition(":")
    if not rev or not path:
        raise UsageError(f"--policy {option}: give FILE or REV:PATH, such as origin/main:{OWN}.")
    trusted = _HEAD.fullmatch(rev) is None
    data = read_at(root, rev, path)
    if data is None:
        return _built_in(f"{BUILT_IN} ({rev} has no {path})", trusted=trusted, gate=ci or trusted)
    folder = posixpath.dirname(path)

    def lock(name: str) -> bytes | None:
        return (
            _whole(Path(name)) if name.startswith("/") else read_at(root, rev, posixpath.join(folder, name))
        )

    policy, text = _parse(data, option, lock)
    return Loaded(policy, in_force(policy, option, trusted=trusted), text, in_a_file=True, gate=ci or trusted)


def _from_file(path: Path, root: Path, *, ci: bool) -> Loaded:
    try:
        # Both names count: a link in the tree to a file outside is the tree's word, and the other way round.
        inside = any(
            place.is_relative_to(root.resolve())
            for place in (path.resolve(), path.parent.resolve() / path.name)
        )
    except (OSError, RuntimeError):
        raise UsageError(f"--policy {path}: it cannot be resolved; give a regular file.") from None
    policy, text = _parse(_read(path), str(path), _beside(path))
    return Loaded(
        policy,
        in_force(policy, str(path), trusted=not inside),
        text,
        in_a_file=True,
        gate=ci or not inside,
    )


def _built_in(source: str, *, trusted: bool, gate: bool) -> Loaded:
    policy = default_policy()
    return Loaded(policy, in_force(policy, source, trusted=trusted), "", in_a_file=False, gate=gate)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise UsageError(f"--policy {path}: no such file; give FILE or REV:PATH.") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from None


def _beside(policy: Path) -> ReadLock:
    return lambda name: _whole(policy.parent / name)


def _whole(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _parse(data: bytes, source: str, lock: ReadLock) -> tuple[Policy, str]:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise UsageError(f"{source} is not UTF-8 text.") from None
    policy = parse_policy(text, source)
    keep_locks(policy, source, lock)
    return policy, text
