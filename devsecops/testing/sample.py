"""Reports as a run makes them: a calm one, and one of hostile text."""

from __future__ import annotations

from functools import lru_cache

from devsecops.findings.complete import complete
from devsecops.findings.identity import name_findings
from devsecops.gate import judge
from devsecops.model import (
    Control,
    Cover,
    File,
    Finding,
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
)
from devsecops.policy import default_policy
from devsecops.run import Run, build_report, seal
from devsecops.testing.context import TODAY

EVIL = (
    "\x1b]0;title\x07\x1b[31m\x9b2J\u202e\u2066\u200b\u2028<script>alert(1)</script> ]]> & \"'` "
    "[link](javascript:alert(1)) | @everyone %0A ${x} {{x}}\r\n::error::\n# heading"
)
"""What a tree or a tool may put into any text: terminals, HTML, Markdown, XML and logs obey parts of it."""
EVIL_PATH = "app/<script>alert(1)</script>\x1b[31m\u202e|`x`.py"
MANY = 3_000


@lru_cache
def sample_report(*, hostile: bool = True, findings: int = 12, folder: str = "app") -> Report:
    """Return a report of a failed run.

    Args:
        hostile: file names, messages and causes hold what terminals, browsers and logs would obey.
        findings: how many, of three severities, two scanners and some files.
        folder: where those files are; half of the hostile ones have a path of their own.
    """
    rules = tuple(_rule(n, hostile) for n in range(3))
    found = name_findings([_finding(n, rules[n % 3], hostile, folder) for n in range(findings)])
    results = (
        ScanResult(
            scanner="sample",
            kind="sast",
            status="partial" if hostile else "complete",
            tool=Tool(name="sample", version="1.0"),
            control=Control(kind="canary", found=True),
            findings=found,
            rules=rules,
        ),
        *([_broken()] if hostile else []),
    )
    ledger = _ledger(hostile)
    in_force = PolicyInForce(name="default", sha256="0" * 64, source="built-in", trusted=True)
    subject = Source(remote="https://git.example.com/team/shop.git", head="1f" * 20, tree="git:" + "9" * 40)
    judgement = judge(
        subject=(subject,),
        results=results,
        ledger=ledger,
        policy=default_policy(),
        in_force=in_force,
        today=TODAY,
        left_out=(),
        problems=(),
        kinds={"sample": "sast", "broken": "sast"},
        gate=True,
        only=(),
    )
    run = Run(
        verdict=seal(judgement.statement, RunFacts(id="sample", started=f"{TODAY}T00:00:00Z", seconds=1.0)),
        results=results,
        ledger=ledger,
        judged=judgement.judged,
        groups=judgement.groups,
    )
    return build_report(run)


def _rule(number: int, hostile: bool) -> Rule:
    return Rule(
        tool="sample",
        id=f"S{number}",
        name=EVIL if hostile else f"sample-{number}",
        summary=f"Something is wrong. {EVIL if hostile else ''}".strip(),
        help=EVIL if hostile else "Put it right.",
        weakness="CWE-79",
        severity=("high", "medium", "low")[number],
        confidence="high",
    )


def _finding(number: int, rule: Rule, hostile: bool, folder: str) -> Finding:
    path = EVIL_PATH if hostile and number % 2 else f"{folder}/module_{number % 40}.py"
    at = File(path=path, region=Region(start_line=number % 50 + 1, start_column=2, end_column=9))
    finding = Finding(
        scanner="sample",
        rule=RuleRef(tool="sample", id=rule.id),
        kind="sast",
        weakness=rule.weakness,
        severity=rule.severity,
        confidence=rule.confidence,
        basis=EVIL if hostile else "sample",
        message=f"Finding {number}. {EVIL if hostile else ''}".strip(),
        location=Package(purl="pkg:pypi/shop@1.0", at=at) if number % 5 == 4 else at,
        related=(at,),
        evidence={"why": EVIL if hostile else "because"},
        remedy=EVIL if hostile else "",
    )
    return complete(finding, "\n" * (number % 50) + (EVIL if hostile else "call(argument)"))


def _broken() -> ScanResult:
    problem = Problem(code="scanner-failed", message=f"it ended with {EVIL}", remedy=EVIL)
    return ScanResult(scanner="broken", kind="sast", status="failed", problems=(problem,))


def _ledger(hostile: bool) -> tuple[Cover, ...]:
    rows = [Cover(unit=Unit(kind="file", id="app/module_0.py"), scanner="sample", state="scanned")]
    if hostile:
        unit = Unit(kind="file", id=EVIL_PATH)
        rows.append(Cover(unit=unit, scanner="sample", state="failed", why="syntax-error", note=EVIL))
    return tuple(rows)
