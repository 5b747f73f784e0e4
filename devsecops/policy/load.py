"""Whose policy judges: the one that was named, in a shell the tree's own, else the built-in one."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from devsecops.canonical import canonical, digest
from devsecops.errors import UsageError
from devsecops.model import PolicyInForce
from devsecops.policy.chain import follow
from devsecops.policy.locks import keep_locks
from devsecops.policy.model import PRESETS, Policy
from devsecops.policy.parse import parse_alone, parse_files
from devsecops.policy.places import InRevision, OnDisk, Place, ReadAt, ReadBeside, nothing, reader
from devsecops.policy.texts import PolicyText, join

OWN = ".devsecops/policy.toml"
BUILT_IN = "built-in"
_HEAD = re.compile(r"(HEAD|@)([~^@{].*)?")

TreeOfPolicy = Literal["own", "revision", "outside", "none"]
"""The tree that a policy was read from: the judged one, a revision, a folder elsewhere, or none at all."""


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
    """All of its files as one text (`devsecops.policy.texts`), from which it can be parsed again."""
    in_a_file: bool
    gate: bool
    """False in a shell that named no policy from outside the judged tree: nothing is gated by it."""
    tree: TreeOfPolicy = "none"
    """Which tree it was read from, also where that tree has no policy file and the built-in one holds."""
    rev: str | None = None
    """The revision, as it was named, when `tree` is ``revision``."""
    beside: ReadBeside = nothing
    """Reads a file beside the policy that is as trusted as it is, such as its waivers; None: there is none.

    It raises UsageError for a name that is not beside the policy, and IncompleteError where the clone
    lacks the content.
    """
    files: tuple[PolicyText, ...] = ()
    """Its files: the one that extends nothing first, the one that was named last."""

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
    *, option: str | None, tree_root: Path, ci: bool, read_at: ReadAt, base: str | None = None
) -> Loaded:
    """Return the policy in force.

    `option` is ``FILE`` or ``REV:PATH`` (a text with a colon that starts with neither "/" nor "."), or
    None. Without it the policy is that of the revision `base`, when there is one. `tree_root` is the folder
    that is judged. `read_at` reads a file of a revision of the repository there, None when the revision has
    no such file.

    Raises:
        UsageError: no such file, or what is wrong in it.
        IncompleteError: from `read_at`, for a revision that a shallow clone lacks.
    """
    if option is None and base is not None:
        option = f"{base}:{OWN}"
    if option is not None:
        if ":" in option and not option.startswith(("/", ".")):
            return _from_revision(option, tree_root, read_at, ci=ci)
        return _from_file(Path(option), tree_root, ci=ci)
    if ci:
        return _built_in(BUILT_IN, trusted=True, gate=True)
    own = OnDisk(tree_root / OWN, OWN, tree_root)
    if not own.path.is_file():
        return replace(_built_in(BUILT_IN, trusted=False, gate=False), tree="own", beside=reader(own))
    return replace(_loaded(own, _read(own.path), tree_root, gate=False), tree="own")


def _from_revision(option: str, root: Path, read_at: ReadAt, *, ci: bool) -> Loaded:
    rev, _, path = option.partition(":")
    if not rev or not path:
        raise UsageError(f"--policy {option}: give FILE or REV:PATH, such as origin/main:{OWN}.")
    trusted = not names_head(rev)
    named = InRevision(rev, path, root, read_at)
    data = named.read()
    if data is None:
        built_in = _built_in(f"{BUILT_IN} ({rev} has no {path})", trusted=trusted, gate=ci or trusted)
        own = InRevision(rev, OWN, root, read_at)
        return replace(built_in, tree="revision", rev=rev, beside=reader(own))
    loaded = _loaded(named, data, root, gate=ci or trusted, trusted=trusted)
    return replace(loaded, tree="revision", rev=rev)


def names_head(rev: str) -> bool:
    """Return whether a revision is named by what is judged: ``HEAD``, or what it goes back to."""
    return _HEAD.fullmatch(rev) is not None


def _from_file(path: Path, root: Path, *, ci: bool) -> Loaded:
    place = OnDisk(path, str(path), root)
    inside = place.inside
    loaded = _loaded(place, _read(path), root, gate=ci or not inside)
    return replace(loaded, tree="own" if inside else "outside")


def _loaded(place: Place, data: bytes, root: Path, *, gate: bool, trusted: bool = True) -> Loaded:
    """Return the policy that stands at `place`. A file of the judged tree in it costs its trust."""
    links = follow(place, data)
    for link in links:
        alone = parse_alone(link.text)
        _check_plugins(alone, link.place, root)
        keep_locks(alone, link.text.source, link.place.lock)
    texts = [link.text for link in links]
    policy = parse_files(texts)
    trusted = trusted and not any(link.place.inside for link in links)
    return Loaded(
        policy,
        in_force(policy, place.shown, trusted=trusted),
        join(texts),
        in_a_file=True,
        gate=gate,
        beside=reader(place),
        files=tuple(texts),
    )


def _check_plugins(policy: Policy, place: Place, root: Path) -> None:
    """Raise UsageError when a policy from outside names a plugin that the judged tree wrote."""
    for name in policy.plugins.files:
        if not place.inside and OnDisk(Path(name), name, root).inside:
            raise UsageError(f"{place.shown}: plugins.files: {name} is in the tree that is judged.")


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
