"""The vendor's own command and database: only when the policy gives a key and allows the network.

Written after the source of safety 3.8.1; it cannot be tried without an account.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

from devsecops.api import ReadyTool, ToolError, ToolRun

HOSTS = ("auth.safetycli.com", "data.safetycli.com", "platform.safetycli.com")
"""Those that ``safety check`` with a key asks, by ``safety/constants.py``."""
STAND_IN = ("jinja2", "2.10")
STAND_IN_CVE = "CVE-2019-10906"
"""The vendor does not know the control's package: this pin is asked about in its place."""
_REFERENCE = re.compile(r"env:([A-Za-z_][A-Za-z0-9_]*)")


def wanted(options: Mapping[str, Any]) -> bool:
    """Say whether the policy asks for the vendor's database.

    Raises:
        ToolError: it gives a key without the network, or the network without a key.
    """
    key, network = bool(options.get("api_key")), bool(options.get("network"))
    if key != network:
        missing = "network = true" if key else 'api_key = "env:NAME"'
        raise ToolError(f"the vendor's database needs both api_key and network: {missing} is missing")
    return key


def key_of(options: Mapping[str, Any]) -> str:
    """Return the key that ``api_key = "env:NAME"`` refers to.

    Raises:
        ToolError: it is no reference, or the variable is empty. The value is never told.
    """
    reference = _REFERENCE.fullmatch(str(options["api_key"]))
    if reference is None:
        raise ToolError('api_key must be a reference such as "env:SAFETY_API_KEY", never the key itself')
    key = os.environ.get(reference[1], "")
    if not key:
        raise ToolError(f"api_key refers to the variable {reference[1]}, which is not set")
    return key


def command(tool: ReadyTool, requirements: str, scratch: str, report: str, key: str) -> ToolRun:
    """Return ``safety check`` with the key in its environment alone; exit 64 says that it found something.

    Without ``--db``: with a key safety 3.8.1 ignores it without a word.
    """
    argv = (
        *tool.module("safety"), "--disable-optional-telemetry", "check", "--file", requirements,
        "--save-json", f"{scratch}/{report}", "--disable-audit-and-monitor", "--no-prompt",
    )  # fmt: skip
    return ToolRun(argv=argv, output=report, ok_exits=(0, 64), secrets={"SAFETY_API_KEY": key})
