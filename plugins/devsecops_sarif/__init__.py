"""Any tool that writes SARIF: one scanner for each [[tool]] of the trusted policy."""

from __future__ import annotations

from devsecops.api import ToolEntry, hookimpl
from devsecops_sarif.scanner import SarifTool

__all__ = ["SarifTool", "devsecops_scanners"]


@hookimpl
def devsecops_scanners(tools: tuple[ToolEntry, ...]) -> list[SarifTool]:
    """Return one scanner for each tool of the policy."""
    return [SarifTool(tool) for tool in tools]
