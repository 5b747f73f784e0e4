"""All that a plugin imports. Its names are frozen by a test; contract 1."""

from __future__ import annotations

from devsecops import encode, sarif
from devsecops.canonical import encode_verdict
from devsecops.contract import (
    CONTRACT,
    Attested,
    Canary,
    Check,
    Context,
    DataScanner,
    Expect,
    InProcessScanner,
    Install,
    Installed,
    InstallingScanner,
    Objection,
    Parsed,
    RawOutput,
    Reads,
    ReadyTool,
    Refresh,
    Reporter,
    Scanner,
    ScanUnit,
    Spec,
    ToolEntry,
    ToolError,
    ToolRun,
    ToolScanner,
    ToolSpec,
)
from devsecops.hookspecs import hookimpl
from devsecops.model import (
    GREEN_STATES,
    SEVERITIES,
    Compared,
    Cover,
    Data,
    File,
    Finding,
    Gone,
    Http,
    Image,
    ImageLayer,
    Judged,
    Location,
    Package,
    Part,
    Problem,
    Reason,
    Region,
    Report,
    Resource,
    Rule,
    RuleRef,
    ScannerSummary,
    Severity,
    Source,
    Statement,
    Target,
    Unit,
    Verdict,
    View,
)
from devsecops.remote import Asked, Checked, Doing, Process, RemoteContext, RemoteScanner
from devsecops.strictjson import loads as read_json
from devsecops.texts import finding_at, scan_texts

__all__ = [
    "CONTRACT", "GREEN_STATES", "SEVERITIES", "Asked", "Attested", "Canary", "Check", "Checked", "Compared",
    "Context", "Cover", "Data", "DataScanner", "Doing", "Expect", "File", "Finding", "Gone", "Http", "Image",
    "ImageLayer", "InProcessScanner", "Install", "Installed", "InstallingScanner", "Judged", "Location",
    "Objection", "Package", "Parsed", "Part", "Problem", "Process", "RawOutput", "Reads", "ReadyTool",
    "Reason", "Refresh", "Region", "RemoteContext", "RemoteScanner", "Report", "Reporter", "Resource",
    "Rule", "RuleRef", "ScanUnit", "Scanner", "ScannerSummary", "Severity", "Source", "Spec", "Statement",
    "Target", "ToolEntry", "ToolError", "ToolRun", "ToolScanner", "ToolSpec", "Unit", "Verdict", "View",
    "encode", "encode_verdict", "finding_at", "hookimpl", "read_json", "sarif", "scan_texts",
]  # fmt: skip
