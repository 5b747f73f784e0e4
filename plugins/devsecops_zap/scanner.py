"""The scanner `zap`: what it is, how its ZAP is made ready, what it checks, and what it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from devsecops.api import Attested, Checked, Install, Installed, Parsed, Reads, Spec

if TYPE_CHECKING:
    from devsecops.api import RemoteContext

SPEC = Spec(
    name="zap",
    kind="dast",
    unit="remote",
    reads=Reads(),
    controls=Attested(label="flawed-service"),
    deadline_s=18_000.0,
    memory_mb=3072,
    output_mb=4096,
    installs=True,
    table="dast",
)
"""Its deadline is above the budgets of the largest preset: these are what ends it."""


class ZapScanner:
    """Drives ZAP against a running service."""

    spec = SPEC

    def install(self, request: Install) -> Installed:
        """Make the ZAP ready that the options ask for. Raises ToolError."""
        from devsecops_zap.sources.ready import ready

        return ready(request)

    def check(self, ctx: RemoteContext) -> Checked:
        """Return what is wrong with the settings. Sends nothing to the target and starts nothing."""
        from devsecops_zap.checking import check

        return check(ctx)

    def scan(self, ctx: RemoteContext) -> Parsed:
        """Look at the target. Raises ToolError when ZAP could not be used at all."""
        from devsecops_zap.running import scan

        return scan(ctx)
