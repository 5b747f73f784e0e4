"""The plugin of the formats `text`, `json` and `sarif`."""

from __future__ import annotations

from devsecops.api import Reporter, hookimpl


@hookimpl
def devsecops_reporters() -> list[Reporter]:
    """Return the formats that everybody has."""
    from devsecops_reports.formats import Json, Sarif, Text

    return [Text(), Json(), Sarif()]
