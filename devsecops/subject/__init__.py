"""What is judged, and the ledger of it."""

from __future__ import annotations

from devsecops.subject.opening import no_tree, open_change, open_tree
from devsecops.subject.revisions import read_at
from devsecops.subject.tree import ChangedWhileReadingError, Entry, Tree

__all__ = ["ChangedWhileReadingError", "Entry", "Tree", "no_tree", "open_change", "open_tree", "read_at"]
