"""What is known of a finding before the gate judges it."""

from __future__ import annotations

from devsecops.model import State, Value


class Standing(Value, frozen=True, kw_only=True):
    """Where a finding stands: against what it was compared with, and who accepted it."""

    state: State = "new"
    base: str | None = None
    """The id of the base finding that it is."""
    waiver: str | None = None
    """What waives it, in words; None: nothing does."""
