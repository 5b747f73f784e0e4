"""The plugin of the scanner `zap`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from devsecops.api import hookimpl

if TYPE_CHECKING:
    from devsecops_zap.scanner import ZapScanner


@hookimpl
def devsecops_scanners() -> list[ZapScanner]:
    """Return the scanner that drives ZAP against a running service."""
    from devsecops_zap.scanner import ZapScanner

    return [ZapScanner()]
