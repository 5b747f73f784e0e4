"""Where the files of a policy are read: on disk, or in a revision of the repository.

Whose word a file is depends on where it stands. What a policy names beside itself (a lock, what it extends,
waivers, a baseline) is read from the same place, so it is as trusted as the policy.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from devsecops.errors import UsageError

ReadAt = Callable[[Path, str, str], bytes | None]
ReadBeside = Callable[[str], bytes | None]


class Place(Protocol):
    """One file that may be there."""

    @property
    def shown(self) -> str:
        """What messages call it."""

    @property
    def identity(self) -> str:
        """The same for the same file, by whatever name."""

    @property
    def inside(self) -> bool:
        """Whether it stands in the tree that is judged."""

    def read(self) -> bytes | None:
        """Return its bytes; None when there is no such regular file."""

    def lock(self, name: str) -> bytes | None:
        """Return the bytes of a lock that a policy here names; its digest says whether it is the one."""

    def beside(self, name: str) -> Place:
        """Return the place that a policy here calls `name`; UsageError when it may not name it."""


@dataclass(frozen=True, slots=True)
class OnDisk:
    """A file on disk. `root` is the tree that is judged; `shown` is `path` as somebody wrote it."""

    path: Path
    shown: str
    root: Path

    @property
    def identity(self) -> str:
        """Its path without links."""
        return str(_resolved(self.path, self.shown))

    @property
    def inside(self) -> bool:
        """Whether it, or the link that it is, stands in the tree that is judged: then the tree says it."""
        root = self.root.resolve()
        here = _resolved(self.path, self.shown)
        return any(
            place.is_relative_to(root)
            for place in (here, _resolved(self.path.parent, self.shown) / self.path.name)
        )

    def read(self) -> bytes | None:
        """Return its bytes; None when there is no such regular file."""
        return _whole(self.path)

    def lock(self, name: str) -> bytes | None:
        """Return a lock's bytes; an absolute path is one."""
        return _whole(self.path.parent / name)

    def beside(self, name: str) -> OnDisk:
        """Return what `name` is from this file's folder, or by itself when it is absolute.

        A policy of the judged tree names files of that tree only.
        """
        there = OnDisk(
            self.path.parent / name, posixpath.join(posixpath.dirname(self.shown), name), self.root
        )
        if self.inside and not _resolved(there.path, there.shown).is_relative_to(self.root.resolve()):
            raise UsageError(
                f"{self.shown}: {name} is outside of the tree that is judged, and the policy is in it."
            )
        return there


@dataclass(frozen=True, slots=True)
class InRevision:
    """A file of a revision; `path` is from the root of the repository that `root` is in."""

    rev: str
    path: str
    root: Path
    read_at: ReadAt

    @property
    def shown(self) -> str:
        """``REV:PATH``."""
        return f"{self.rev}:{self.path}"

    @property
    def identity(self) -> str:
        """Its path without dots."""
        return posixpath.normpath(self.path)

    @property
    def inside(self) -> bool:
        """A revision is not the tree that is judged."""
        return False

    def read(self) -> bytes | None:
        """Return its bytes; UsageError for a folder or a link, IncompleteError when the clone lacks it."""
        return self.read_at(self.root, self.rev, self.path)

    def lock(self, name: str) -> bytes | None:
        """Return a lock's bytes: of the revision, or from an absolute path."""
        return _whole(Path(name)) if name.startswith("/") else self.beside(name).read()

    def beside(self, name: str) -> InRevision:
        """Return what `name` is from this file's folder; it cannot leave the revision."""
        path = posixpath.normpath(posixpath.join(posixpath.dirname(self.path), name))
        if name.startswith("/") or path == ".." or path.startswith("../"):
            raise UsageError(
                f"{self.shown}: {name} is not in {self.rev}; give a path from the policy's folder."
            )
        return InRevision(self.rev, path, self.root, self.read_at)


def reader(policy: Place) -> ReadBeside:
    """Return what reads the files that a policy trusts beside itself: waivers, a baseline.

    What it returns is None for a file that is not there, and raises UsageError for one that is not beside
    the policy: an absolute path, one with ``..``, or a link into or out of the tree that is judged.
    """

    def read(name: str) -> bytes | None:
        if name.startswith("/") or ".." in name.split("/"):
            raise UsageError(f"{policy.shown}: {name} is not beside it; give a name without ..")
        there = policy.beside(name)
        if there.inside and not policy.inside:
            raise UsageError(f"{there.shown} is in the tree that is judged, and {policy.shown} is not.")
        return there.read()

    return read


def nothing(name: str) -> bytes | None:
    """Return None: nothing is trusted."""
    return None


def _whole(path: Path) -> bytes | None:
    try:
        # A device or a pipe would never end.
        return path.read_bytes() if path.is_file() else None
    except (OSError, ValueError):
        return None


def _resolved(path: Path, shown: str) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError):
        raise UsageError(f"{shown} cannot be resolved; give a regular file.") from None
