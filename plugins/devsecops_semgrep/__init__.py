"""semgrep with a rule pack of our own: security flaws in Python, JavaScript, TypeScript and Dockerfiles."""

from __future__ import annotations

from devsecops.api import hookimpl
from devsecops_semgrep.scanner import Semgrep

__all__ = ["Semgrep", "devsecops_scanners"]


@hookimpl
def devsecops_scanners() -> list[Semgrep]:
    """Return the one scanner of this plugin."""
    return [Semgrep()]
