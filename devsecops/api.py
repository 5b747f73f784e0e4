"""All that a plugin imports. Its names are frozen by a test; contract 1."""

from __future__ import annotations

from devsecops.contract import (
    CONTRACT,
    Attested,
    Canary,
    Context,
    DataScanner,
    Expect,
    InProcessScanner,
    Parsed,
    RawOutput,
    Reads,
    ReadyTool,
    Refresh,
    Reporter,
    Scanner,
    ScanUnit,
    Spec,
    ToolError,
    ToolRun,
    ToolScanner,
    ToolSpec,
)
from devsecops.hookspecs import hookimpl
from devsecops.model import (
    Cover,
    Data,
    File,
    Finding,
    Http,
    Package,
    Problem,
    Region,
    Report,
    Resource,
    Rule,
    RuleRef,
    Severity,
    Unit,
    Verdict,
)
from devsecops.strictjson import loads as read_json

__all__ = [
    "CONTRACT", "Attested", "Canary", "Context", "Cover", "Data", "DataScanner", "Expect", "File", "Finding",
    "Http", "InProcessScanner", "Package", "Parsed", "Problem", "RawOutput", "Reads", "ReadyTool", "Refresh",
    "Region", "Report", "Reporter", "Resource", "Rule", "RuleRef", "ScanUnit", "Scanner", "Severity", "Spec",
    "ToolError", "ToolRun", "ToolScanner", "ToolSpec", "Unit", "Verdict", "hookimpl", "read_json",
]  # fmt: skip
