"""What changed since a commit that somebody wrote down, as far as this clone knows it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from devsecops.change import Change
from devsecops.errors import IncompleteError, UsageError


def changes_to(repo: Path, head: str | None) -> Callable[[str], Change | None]:
    """Return what gives the difference between a commit and `head`; None where this clone cannot tell.

    Args:
        repo: any folder of the repository; outside of git nothing is known.
        head: the commit that was judged; None when it was not a commit.
    """
    import os

    from devsecops.subject.git import discover
    from devsecops.subject.history import difference
    from devsecops.subject.revisions import resolve

    git = None if head is None else discover(os.path.realpath(os.fsencode(repo)))

    def since(commit: str) -> Change | None:
        if git is None or head is None:
            return None
        try:
            return difference(git, resolve(git, commit), head)
        except (UsageError, IncompleteError):
            # Shallow, or squashed away: whoever asks has to do without.
            return None

    return since
