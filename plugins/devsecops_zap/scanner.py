"""The scanner `zap`: what it is, and how its ZAP is made ready."""

from __future__ import annotations

from devsecops.api import (
    Attested,
    Checked,
    Context,
    Install,
    Installed,
    Parsed,
    Reads,
    RemoteContext,
    Spec,
    ToolError,
)

SPEC = Spec(
    name="zap",
    kind="dast",
    unit="remote",
    reads=Reads(),
    controls=Attested(label="flawed-service"),
    deadline_s=1800.0,
    memory_mb=2048,
    table="dast",
    installs=True,
    default="off",
)


class ZapScanner:
    """Drives ZAP against a running service."""

    spec = SPEC

    def install(self, request: Install) -> Installed:
        """Make the ZAP ready that the options ask for. Raises ToolError."""
        from devsecops_zap.sources.ready import ready

        return ready(request)

    def check(self, ctx: RemoteContext) -> Checked:
        """Refuse: the phases are not there yet."""
        return Checked(errors=("--target: the phases of a scan are not there yet",))

    def scan(self, ctx: Context) -> Parsed:
        """Look at the target. Raises ToolError: the phases are not there yet."""
        raise ToolError("no phase of a scan is there yet")
