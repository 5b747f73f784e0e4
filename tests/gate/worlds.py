"""Small worlds to judge: results and a ledger that agree, and ways to make them worse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

from devsecops.gate import Judgement, judge
from devsecops.model import (
    Control,
    Cover,
    Data,
    File,
    Finding,
    Kind,
    PolicyInForce,
    Problem,
    Region,
    RuleRef,
    ScanResult,
    Source,
    Tool,
    Unit,
)
from devsecops.policy import Policy, default_policy

TODAY = "2026-11-24"
TRUSTED = PolicyInForce(name="default", sha256="0" * 64, source="origin/main:p.toml", trusted=True)
SHELL = PolicyInForce(name="default", sha256="0" * 64, source="built-in", trusted=False)
KINDS: dict[str, Kind] = {"bandit": "sast", "advisories": "sca"}
SUBJECT = (Source(head="a" * 40, tree="git:" + "b" * 40),)
CONTROL = Control(kind="canary", found=True)


def finding(**changes: Any) -> Finding:
    base: dict[str, Any] = {
        "id": "f1",
        "scanner": "bandit",
        "rule": RuleRef(tool="bandit", id="B602"),
        "kind": "sast",
        "severity": "high",
        "message": "shell",
        "location": File(path="app/db.py", region=Region(start_line=41)),
    }
    return Finding(**{**base, **changes})


def row(
    path: str, scanner: str | None = "bandit", state: Any = "scanned", why: str = "", **more: Any
) -> Cover:
    return Cover(unit=Unit(kind="file", id=path), scanner=scanner, state=state, why=why, **more)


def result(scanner: str = "bandit", **changes: Any) -> ScanResult:
    base: dict[str, Any] = {
        "scanner": scanner,
        "kind": KINDS.get(scanner, "sast"),
        "status": "complete",
        "control": CONTROL,
        "tool": Tool(name=scanner, version="1"),
    }
    return ScanResult(**{**base, **changes})


GOOD = (result("advisories"), result("bandit"))
ROWS = (row("a.py"), row("b.py"), row("uv.lock", "advisories"))


def ask(
    results: Sequence[ScanResult] = GOOD,
    ledger: Sequence[Cover] = ROWS,
    policy: Policy | None = None,
    in_force: PolicyInForce = TRUSTED,
    kinds: Mapping[str, Kind] = KINDS,
    **more: Any,
) -> Judgement:
    return judge(
        subject=SUBJECT,
        results=results,
        ledger=ledger,
        policy=policy or default_policy(),
        in_force=in_force,
        today=more.pop("today", TODAY),
        kinds=kinds,
        **more,
    )


findings = st.builds(
    finding,
    id=st.sampled_from(["f1", "f2"]),
    kind=st.sampled_from(["sast", "sca", "secrets", "quality", "config"]),
    severity=st.sampled_from(["critical", "high", "medium", "low", "info", "unknown", "odd"]),
    confidence=st.sampled_from(["high", "medium", "low"]),
)
scanner_names = st.sampled_from(["bandit", "advisories", "lint", "stranger"])
problems = st.builds(
    Problem,
    code=st.sampled_from(["scanner-failed", "interrupted", "plugin-rejected", "output-lost", "odd"]),
    message=st.just("it broke"),
)
results = st.builds(
    result,
    scanner=scanner_names,
    kind=st.sampled_from(["sast", "sca", "quality"]),
    status=st.sampled_from(["complete", "partial", "failed", "missing", "not-applicable", "odd"]),
    control=st.sampled_from([CONTROL, None, Control(kind="canary", found=False)]),
    findings=st.lists(findings, max_size=2).map(tuple),
    problems=st.lists(problems, max_size=1).map(tuple),
    tool=st.sampled_from(
        [None]
        + [
            Tool(name="t", version="1", data=Data(digest="d", date=date))
            for date in ("2026-11-01", "2026-01-01", "2030-01-01", "soon")
        ]
    ),
)
rows = st.builds(
    row,
    st.sampled_from(["a.py", "b.js", "req.txt#x", "odd\x7f\u202e\U0001f600[*].py"]),
    st.one_of(st.none(), scanner_names),
    st.sampled_from(
        [
            "scanned",
            "same-as-base",
            "accepted",
            "excluded",
            "unsupported",
            "unresolved",
            "partial",
            "failed",
            "not-reached",
            "odd",
        ]
    ),
    st.sampled_from(["", "syntax-error", "unpinned", "no-data", "odd"]),
)
worlds = st.fixed_dictionaries(
    {
        "results": st.one_of(st.just(list(GOOD)), st.lists(results, max_size=3)),
        "ledger": st.one_of(st.just(list(ROWS)), st.lists(rows, max_size=4)),
        "in_force": st.sampled_from([TRUSTED, SHELL]),
        "left_out": st.lists(scanner_names, max_size=1),
        "problems": st.lists(st.tuples(st.one_of(st.none(), scanner_names), problems), max_size=1),
        "kinds": st.sampled_from([KINDS, {}, {**KINDS, "lint": "quality"}]),
    }
)
