"""What changed since a commit that somebody wrote down, as far as this clone knows it."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from devsecops.change import Change
from devsecops.errors import IncompleteError, UsageError
from devsecops.subject.git import Git


class Since:
    """Gives the difference between a commit and the head; use `changes_to`. Each is asked of git once."""

    def __init__(self, git: Git | None, head: str | None) -> None:
        self._git = git
        self._head = head
        self._whole: dict[str, Change | None] = {}
        self._commits: dict[str, str | None] = {}

    def __call__(self, commit: str, path: str = "") -> Change | None:
        """Return what differs; None where this clone cannot tell.

        With a path it is only what concerns the file there: one file's difference is quick, that of two
        trees is not. Where that file is gone, it is all that differs: it may have been renamed.
        """
        base = self._resolved(commit)
        if base is None:
            return None
        near = self._difference(base, path) if path else None
        if near is not None and all(file.head is not None for file in near.files):
            return near
        if base not in self._whole:
            self._whole[base] = self._difference(base, None)
        return self._whole[base]

    def _resolved(self, commit: str) -> str | None:
        from devsecops.subject.revisions import resolve

        if commit not in self._commits:
            self._commits[commit] = None
            with suppress(UsageError, IncompleteError):
                # Shallow, or squashed away: whoever asks has to do without.
                self._commits[commit] = None if self._git is None else resolve(self._git, commit)
        return self._commits[commit]

    def _difference(self, base: str, only: str | None) -> Change | None:
        from devsecops.subject.history import difference

        if self._git is None or self._head is None:
            return None
        try:
            return difference(self._git, base, self._head, only)
        except IncompleteError:
            return None


def changes_to(repo: Path, head: str | None) -> Since:
    """Return what gives the changes from a commit to `head`.

    Args:
        repo: any folder of the repository; outside of git nothing is known.
        head: the commit that was judged; None when it was not a commit.
    """
    import os

    from devsecops.subject.git import discover

    git = None if head is None else discover(os.path.realpath(os.fsencode(repo)))
    return Since(git, head)
