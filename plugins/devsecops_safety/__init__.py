"""The plugin of the scanner `safety`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from devsecops.api import hookimpl

if TYPE_CHECKING:
    from devsecops_safety.scanner import Safety


@hookimpl
def devsecops_scanners() -> list[Safety]:
    """Return the scanner that asks safety about pinned requirements."""
    from devsecops_safety.scanner import Safety

    return [Safety()]
