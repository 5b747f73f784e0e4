"""A small run, judged and written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from devsecops.gate import judge
from devsecops.model import (
    Control,
    Cover,
    File,
    Finding,
    Kind,
    PolicyInForce,
    Region,
    Rule,
    RuleRef,
    RunFacts,
    ScanResult,
    Source,
    Tool,
    Unit,
)
from devsecops.output import OutputFolder
from devsecops.policy import default_policy
from devsecops.run import Run, seal, write_run

COMMIT = "a" * 40
SUBJECT = (Source(head=COMMIT, tree="git:" + "b" * 40),)
FORCE = PolicyInForce(name="default", sha256="0" * 64, source="origin/main:p.toml", trusted=True)
FACTS = RunFacts(id="r1", started="2026-11-24T00:00:00Z", seconds=1.5)
KINDS: dict[str, Kind] = {"bandit": "sast"}


def found(severity: Any = "high") -> Finding:
    return Finding(
        id="fabcdefghij",
        scanner="bandit",
        rule=RuleRef(tool="bandit", id="B602"),
        kind="sast",
        severity=severity,
        message="shell\x1b[31m",
        location=File(path="app/db.py", region=Region(start_line=4), snippet="run(x, shell=True)"),
        evidence={"cwe": "CWE-78"},
    )


def make(*findings: Finding, rows: tuple[Cover, ...] = (), **more: Any) -> Run:
    ledger = (Cover(unit=Unit(kind="file", id="app/db.py"), scanner="bandit", state="scanned"), *rows)
    result = ScanResult(
        scanner="bandit",
        kind="sast",
        status="complete",
        tool=Tool(name="bandit", version="1.9.0"),
        control=Control(kind="canary", found=True),
        findings=findings,
        rules=(Rule(tool="bandit", id="B602", summary="a shell is started", help="pass a list"),),
    )
    asked: dict[str, Any] = {
        "subject": SUBJECT,
        "results": (result,),
        "ledger": ledger,
        "policy": default_policy(),
        "in_force": FORCE,
        "today": "2026-11-24",
        "kinds": KINDS,
    }
    judged = judge(**{**asked, **more})
    return Run(
        verdict=seal(judged.statement, FACTS),
        results=(result,),
        ledger=ledger,
        judged=judged.judged,
        groups=judged.groups,
        rules=more.get("policy", default_policy()),
        plan={"bandit": "0" * 64},
        kinds=KINDS,
    )


def save(path: Path, run: Run, sarif: bytes | None = b'{"version":"2.1.0"}') -> Path:
    with OutputFolder.open(path) as folder:
        folder.begin(run.verdict)
        write_run(folder, run, sarif=sarif)
    return path
