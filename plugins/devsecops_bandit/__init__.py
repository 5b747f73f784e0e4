"""bandit: security flaws in Python code."""

from __future__ import annotations

from devsecops.api import hookimpl
from devsecops_bandit.scanner import Bandit

__all__ = ["Bandit", "devsecops_scanners"]


@hookimpl
def devsecops_scanners() -> list[Bandit]:
    """Return the one scanner of this plugin."""
    return [Bandit()]
