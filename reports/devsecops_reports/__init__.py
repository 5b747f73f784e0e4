"""The plugin of the formats `text`, `json`, `sarif`, `junit` and `markdown`."""

from __future__ import annotations

from devsecops.api import Reporter, hookimpl


@hookimpl
def devsecops_reporters() -> list[Reporter]:
    """Return the formats that everybody has."""
    from devsecops_reports.formats import Json, Junit, Markdown, Sarif, Text

    return [Text(), Json(), Sarif(), Junit(), Markdown()]
