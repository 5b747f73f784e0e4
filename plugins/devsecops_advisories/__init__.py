"""The plugin of the scanner `advisories`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from devsecops.api import hookimpl

if TYPE_CHECKING:
    from devsecops_advisories.scanner import Advisories


@hookimpl
def devsecops_scanners() -> list[Advisories]:
    """Return the offline matcher of advisories."""
    from devsecops_advisories.scanner import Advisories

    return [Advisories()]
