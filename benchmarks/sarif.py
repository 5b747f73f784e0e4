"""100,000 findings to SARIF and verdict.json, in a fresh process: seconds, and peak memory.

The figures are CPU seconds of one process; beside them stand those of encoding the same findings once with
nothing else done, so that machines can be compared.

    python benchmarks/sarif.py [NUMBER]
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
NUMBER = 100_000
MOST_SECONDS = 4.0
MOST_MB = 500.0


def peak_mb() -> float:
    """Return the largest resident size of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def make(number: int) -> Any:
    """Return a report of `number` findings in 2,000 files, by 70 rules."""
    sys.path.insert(0, str(ROOT))
    from devsecops.model import (
        File,
        Finding,
        Judged,
        PolicyInForce,
        Reason,
        Region,
        Report,
        Rule,
        RuleRef,
        RunFacts,
        ScannerSummary,
        Source,
        Statement,
        Tool,
    )
    from devsecops.run import seal

    severities: Any = ("low", "low", "medium", "high")
    rules = tuple(
        Rule(
            tool="bandit",
            id=f"B{n}",
            name=f"rule_{n}",
            summary=f"Rule {n} is broken.",
            help="Do not do that.",
        )
        for n in range(100, 170)
    )
    findings = tuple(
        Finding(
            id=f"f{n:010d}",
            scanner="bandit",
            rule=RuleRef(tool="bandit", id=rules[n % 70].id),
            kind="sast",
            weakness="CWE-78",
            severity=severities[n % 4],
            confidence="high",
            basis="bandit HIGH/HIGH",
            message=f"subprocess call with shell=True identified, security issue number {n}",
            location=File(
                path=f"package/module_{n % 2000}/file.py",
                region=Region(start_line=n // 100 + 1, start_column=5, end_line=n // 100 + 1, end_column=60),
                snippet=f'    subprocess.call("run {n} " + name, shell=True, cwd=folder, timeout=60)',
            ),
            keys={
                "tokens/1": f"{n:032x}",
                "context/1": f"{n * 7:032x}",
                "location/1": f"{n * 13:032x}",
                "github/1": f"{n:016x}:1",
            },
            evidence={"test": "blacklist"},
        )
        for n in range(number)
    )
    judged = tuple(
        Judged(finding=f.id, state="new", group=f.id, counted=f.severity == "high", why="gate.fail_on = high")
        for f in findings
    )
    counted = tuple(opinion.finding for opinion in judged if opinion.counted)
    statement = Statement(
        verdict="fail",
        cause=f"FAIL: {len(counted):,} findings at or above high",
        subject=(Source(tree="git:" + "0" * 40),),
        evaluated_on="2026-11-24",
        policy=PolicyInForce(name="default", sha256="0" * 64, source="built-in", trusted=True),
        scanners=(
            ScannerSummary(
                name="bandit",
                kind="sast",
                required=True,
                status="complete",
                tool=Tool(name="bandit", version="1.9.4"),
                findings=number,
            ),
        ),
        reasons=(Reason(code="finding", severity="high", message="many findings", findings=counted),),
    )
    verdict = seal(statement, RunFacts(id="r", started="2026-11-24T00:00:00Z", seconds=1.0))
    return Report(verdict=verdict, findings=findings, judged=judged, rules=rules)


def measure(number: int) -> dict[str, float]:
    """Measure in this process."""
    report = make(number)
    from devsecops import sarif
    from devsecops.canonical import canonical, encode_verdict

    before = peak_mb()
    start = time.process_time()
    log = sarif.write(report)
    written = time.process_time()
    verdict = encode_verdict(report.verdict)
    end = time.process_time()
    peak = peak_mb()
    plain = time.process_time()
    canonical(report.findings)
    return {
        "findings": number,
        "sarif_s": written - start,
        "verdict_s": end - written,
        "seconds": end - start,
        "sarif_mb": len(log) / 1e6,
        "verdict_mb": len(verdict) / 1e6,
        "report_in_memory_mb": before,
        "peak_mb": peak,
        "plain_encode_s": time.process_time() - plain,
    }


def main(number: int) -> int:
    """Print the figures of a fresh process; return 1 when they miss the goal."""
    done = subprocess.run(
        [sys.executable, __file__, "--here", str(number)], capture_output=True, text=True, check=True
    )
    figures = json.loads(done.stdout)
    for name, value in figures.items():
        print(f"{name:20} {value:12,.2f}")
    print(f"{'times plain encode':20} {figures['seconds'] / max(figures['plain_encode_s'], 1e-9):12,.1f}")
    good = figures["seconds"] <= MOST_SECONDS and figures["peak_mb"] <= MOST_MB
    print(f"{'goal':20} <= {MOST_SECONDS} s and <= {MOST_MB:.0f} MB: {'met' if good else 'MISSED'}")
    return 0 if good else 1


if __name__ == "__main__":
    if sys.argv[1:2] == ["--here"]:
        print(json.dumps(measure(int(sys.argv[2]))))
    else:
        sys.exit(main(int(sys.argv[1]) if sys.argv[1:] else NUMBER))
