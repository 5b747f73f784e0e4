"""Reports as a run makes them: small, hostile, large."""

from __future__ import annotations

from typing import Any

import msgspec

from devsecops.encode import one_line
from devsecops.findings.complete import complete
from devsecops.findings.identity import name_findings
from devsecops.gate import judge
from devsecops.model import (
    Control,
    Cover,
    Data,
    File,
    Finding,
    Kind,
    Package,
    PolicyInForce,
    Problem,
    Region,
    Report,
    Rule,
    RuleRef,
    RunFacts,
    ScanResult,
    Source,
    Tool,
    Unit,
    View,
)
from devsecops.policy import default_policy
from devsecops.run import Run, build_report, seal

COMMIT = "1f3c9ab27d4e5a60718293a4b5c6d7e8f9012345"
SUBJECT = Source(
    remote="https://git.example.com/team/shop-api.git", head=COMMIT, tree="git:" + "9" * 40, dirty=False
)
DEFAULT = PolicyInForce(name="default", sha256="0" * 64, source="built-in", trusted=True)
KINDS: dict[str, Kind] = {"advisories": "sca", "bandit": "sast"}
DB_PY = """import sqlite3
import subprocess


def orders(cursor: sqlite3.Cursor, customer: str) -> list[tuple[int]]:
    cursor.execute("SELECT id FROM orders WHERE customer = '" + customer + "'")
    return cursor.fetchall()


def backup(name: str) -> None:
    subprocess.call("pg_dump shop > /backup/" + name, shell=True)
"""
B602 = Rule(
    tool="bandit",
    id="B602",
    name="subprocess_popen_with_shell_equals_true",
    summary="A command is run by a shell.",
    help="Give the command as a list of arguments and leave out shell=True.",
    help_uri="https://bandit.readthedocs.io/en/latest/plugins/b602_subprocess_popen_with_shell_equals_true.html",
    weakness="CWE-78",
    severity="high",
    confidence="high",
)
B608 = Rule(
    tool="bandit",
    id="B608",
    name="hardcoded_sql_expressions",
    summary="SQL is put together from text.",
    help="Pass the values as parameters: execute(sql, values).",
    weakness="CWE-89",
    severity="medium",
)
GHSA = Rule(
    tool="advisories",
    id="GHSA-2gwj-7jmv-h26r",
    name="GHSA-2gwj-7jmv-h26r",
    summary="A version of django with a known vulnerability is asked for.",
    help="Upgrade to a version that the advisory does not list as affected.",
    help_uri="https://osv.dev/vulnerability/GHSA-2gwj-7jmv-h26r",
    weakness="CWE-89",
    severity="critical",
    confidence="high",
)


def bandit(rule: Rule, line: int, column: int, end: int, **more: Any) -> Finding:
    facts: dict[str, Any] = {
        "scanner": "bandit",
        "rule": RuleRef(tool="bandit", id=rule.id),
        "kind": "sast",
        "weakness": rule.weakness,
        "severity": rule.severity,
        "confidence": rule.confidence,
        "basis": f"bandit {rule.severity.upper()}/{rule.confidence.upper()}",
        "message": rule.summary,
        "location": File(
            path="app/db.py",
            region=Region(start_line=line, start_column=column, end_line=line, end_column=end),
        ),
    }
    return complete(Finding(**{**facts, **more}), DB_PY)


def advisory() -> Finding:
    return complete(
        Finding(
            scanner="advisories",
            rule=RuleRef(tool="advisories", id=GHSA.id),
            kind="sca",
            weakness="CWE-89",
            severity="critical",
            score=9.8,
            confidence="high",
            basis="CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H of GHSA-2gwj-7jmv-h26r",
            message="django 3.2.12 is affected by GHSA-2gwj-7jmv-h26r (CVE-2022-28346, PYSEC-2022-190)",
            location=Package(
                purl="pkg:pypi/django@3.2.12",
                at=File(path="requirements.txt", region=Region(start_line=2, end_line=2)),
            ),
            evidence={"aliases": "CVE-2022-28346, PYSEC-2022-190", "fixed": "3.2.13", "package": "django"},
            remedy="upgrade django to 3.2.13 or later",
        ),
        "# pinned\ndjango==3.2.12\nsqlparse==0.5.4\n",
    )


def scanned(scanner: str | None, *names: str, kind: Any = "file", **more: Any) -> tuple[Cover, ...]:
    state: Any = more.pop("state", "scanned")
    return tuple(Cover(unit=Unit(kind=kind, id=name), scanner=scanner, state=state, **more) for name in names)


def result(scanner: str, *findings: Finding, **more: Any) -> ScanResult:
    facts: dict[str, Any] = {
        "scanner": scanner,
        "kind": KINDS.get(scanner, "sast"),
        "status": "complete",
        "tool": Tool(name=scanner, version="1.9.4", interpreter="3.13.5"),
        "control": Control(kind="canary", found=True),
        "findings": name_findings(findings),
        "rules": {"bandit": (B602, B608), "advisories": (GHSA,)}.get(scanner, ()),
    }
    return ScanResult(**{**facts, **more})


def advisories(*findings: Finding, **more: Any) -> ScanResult:
    data = Data(digest="a" * 64, date="2026-11-20")
    tool = Tool(name="advisories", version="0.1.0", data=data)
    return result("advisories", *findings, **{"tool": tool, **more})


def report(
    *results: ScanResult, ledger: tuple[Cover, ...] = (), view: View | None = None, **more: Any
) -> Report:
    """Judge results by the default policy and return what reporters get."""
    facts = RunFacts(
        id="r1",
        started="2026-11-24T00:00:00+00:00",
        seconds=3.2,
        scanner_seconds={"advisories": 0.04, "bandit": 1.42},
    )
    problems: tuple[tuple[str | None, Problem], ...] = more.pop("problems", ())
    ordered = tuple(sorted(results, key=lambda one: one.scanner))
    asked: dict[str, Any] = {
        "subject": (SUBJECT,),
        "results": ordered,
        "ledger": ledger,
        "policy": default_policy(),
        "in_force": DEFAULT,
        "today": "2026-11-24",
        "problems": problems,
        "kinds": KINDS,
    }
    judged = judge(**{**asked, **more})
    run = Run(
        verdict=seal(judged.statement, facts),
        results=ordered,
        ledger=ledger,
        judged=judged.judged,
        groups=judged.groups,
        compared=more.get("compared"),
        problems=problems,
    )
    return build_report(run, view)


FILES = ("app/__init__.py", "app/db.py", "app/views.py", "tests/test_db.py")


def passing(**more: Any) -> Report:
    """Return a pass with findings below the gate."""
    low = bandit(B608, 6, 20, 79)
    ledger = (
        *scanned("bandit", *FILES),
        *scanned("advisories", "requirements.txt"),
        *scanned(None, "README.md", "logo.png", state="unsupported", why="no-scanner"),
    )
    return report(result("bandit", low), advisories(), ledger=ledger, **more)


def failing(**more: Any) -> Report:
    """Return a fail that is incomplete as well: sast, sca, a broken file, an unpinned manifest."""
    ledger = (
        *scanned("bandit", *FILES),
        *scanned("bandit", "scripts/old.py", state="failed", why="syntax-error", note="line 3"),
        *scanned("advisories", "requirements.txt"),
        *scanned(
            "advisories",
            "tools/requirements.in#requests",
            kind="package",
            state="unresolved",
            why="unpinned",
            note="line 1: no exact version and no lock beside it that names it",
        ),
        *scanned(None, "README.md", "logo.png", state="unsupported", why="no-scanner"),
        *scanned(None, "current", state="excluded", why="symlink", by="built-in:symlink"),
    )
    return report(
        result("bandit", bandit(B602, 11, 5, 66), bandit(B608, 6, 20, 79), status="partial"),
        advisories(advisory()),
        ledger=ledger,
        **more,
    )


def waived(**more: Any) -> Report:
    """Return a fail whose findings are all waived but the advisory: one by an entry, one by a mark."""
    made = failing(**more)
    grave, medium = (next(f for f in made.findings if f.rule.id == rule) for rule in ("B602", "B608"))
    by = {
        grave.id: {
            "waiver": f"waiver[{grave.id}]",
            "justification": "our own jobs (ana@example.com)",
            "until": "2027-01-31",
        },
        medium.id: {"waiver": "inline: nosec B608"},
    }
    judged = tuple(
        msgspec.structs.replace(one, counted=False, why=by[one.finding]["waiver"], **by[one.finding])
        if one.finding in by
        else one
        for one in made.judged
    )
    return msgspec.structs.replace(made, judged=judged)


EVIL = (
    "\x1b]0;owned\x07\x1b[31m \u202egnp.exe\u2066 \x9b5m \u2028 </script><img src=x> "
    "[click](http://evil.example) {0} `x` |\r\n::error::"
)
EVIL_PATH = "a b/\x1b[2J#?%41\u202e/é\\\\xff\\xff:[x](y).py"


def hostile(**more: Any) -> Report:
    """Return a report in which every text of a tool or a tree is an attack."""
    rule = Rule(
        tool="bandit", id="B9\x1b[1m", name=EVIL, summary=EVIL, help=EVIL, help_uri="javascript:alert(1)"
    )
    at = File(path=EVIL_PATH, region=Region(start_line=3, start_column=2, end_line=3, end_column=9))
    finding = bandit(
        rule,
        1,
        1,
        1,
        message=EVIL,
        basis=EVIL,
        evidence={EVIL: EVIL},
        remedy=EVIL,
        location=File(path=at.path, region=at.region, snippet=EVIL),
        related=(at, Package(purl=EVIL, at=at)),
        severity="high",
    )
    broken = Problem(code="scanner-failed", message=f"it ended with {EVIL}", remedy=EVIL)
    ledger = (
        *scanned("bandit", "a.py"),
        *scanned("bandit", EVIL_PATH, state="failed", why=EVIL, note=EVIL),
    )
    return report(
        result("bandit", finding, status="partial", rules=(rule,)),
        result("sem\x1bgrep", status="failed", tool=None, problems=(broken,)),
        ledger=ledger,
        problems=((None, Problem(code="plugin-rejected", message=f"plugin {one_line(EVIL)} raised {EVIL}")),),
        **more,
    )


def several(**more: Any) -> Report:
    """Return a report of many kinds: sast and sca, a failed and a missing scanner, hostile text."""
    bad = hostile()
    ledger = (*failing_ledger(), *scanned("bandit", EVIL_PATH, state="failed", why=EVIL, note=EVIL))
    return report(
        result(
            "bandit",
            bandit(B602, 11, 5, 66),
            bandit(B608, 6, 20, 79),
            *bad.findings,
            status="partial",
            rules=(B602, B608, *bad.rules),
        ),
        advisories(advisory()),
        result(
            "semgrep",
            status="failed",
            problems=(
                Problem(code="scanner-failed", message=f"it was ended: {EVIL}", remedy="Run it again."),
            ),
        ),
        result("zap", status="missing", tool=None),
        ledger=ledger,
        **more,
    )


def failing_ledger() -> tuple[Cover, ...]:
    return (
        *scanned("bandit", *FILES),
        *scanned("bandit", "scripts/old.py", state="failed", why="syntax-error", note="line 3"),
        *scanned("bandit", "scripts/older.py", state="accepted", why="syntax-error", by="coverage.accept[0]"),
        *scanned("advisories", "requirements.txt"),
        *scanned("advisories", "setup.in#requests", kind="package", state="unresolved", why="unpinned"),
    )
