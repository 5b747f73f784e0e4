"""JUnit XML for the test reports of CodeBuild, which reads no SARIF.

A report is SUCCEEDED when all of its cases are, and it keeps 500 of them, the FAILED first (AWS CodeBuild
user guide, "Test report statuses"). So:

- The first case is the verdict. It is a failure unless the verdict is a pass: no green report without one.
- What fails the policy is a failure, what keeps the verdict open an error, a finding that the policy lets
  pass a passed case whose name says so. Nothing is *skipped*: to CodeBuild that is a case that did not run.
- At most 500 cases; the last one counts what did not fit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from devsecops.api import Finding, Reason, Report, ScannerSummary, View, encode
from devsecops_reports.ordering import advice, also, by_severity, counted, file_of, ordered, waived
from devsecops_reports.sizes import cut_bytes
from devsecops_reports.text.findings import where
from devsecops_reports.text.header import header
from devsecops_reports.text.open import FAILING, phrase
from devsecops_reports.text.style import Style, line, number

MOST_CASES = 500
MOST_NAME, MOST_MESSAGE = 1_000, 5_000
"""Characters that CodeBuild keeps of a name and of a message; held in bytes."""
_KEPT = 50
"""So many reasons, and so many scanners, have a case whatever the number of findings."""


@dataclass(frozen=True, slots=True)
class Case:
    """One test case. `message` is one line, `text` what stands below it."""

    classname: str
    name: str
    outcome: Literal["pass", "failure", "error"]
    message: str = ""
    text: str = ""
    type: str = ""
    seconds: float = 0.0
    file: str | None = None
    line: int | None = None


def render(report: Report) -> bytes:
    """Return the document: one suite."""
    run, statement = report.verdict.run, report.verdict.statement
    cases = list(_cases(report))
    failures = sum(case.outcome == "failure" for case in cases)
    errors = sum(case.outcome == "error" for case in cases)
    totals = (
        f'name="devsecops" tests="{len(cases)}" failures="{failures}" errors="{errors}" '
        f'skipped="0" time="{_seconds(run.seconds)}"'
    )
    properties = {
        "verdict": statement.verdict,
        "cause": statement.cause,
        "policy": statement.policy.source,
        "evaluated_on": statement.evaluated_on,
    }
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f"<testsuites {totals}>",
        f"<testsuite {totals}>",
        "<properties>",
        *(f"<property{_attributes(name=name, value=line(text))}/>" for name, text in properties.items()),
        "</properties>",
        *(_element(case) for case in cases),
        "</testsuite>",
        "</testsuites>",
    ]
    return ("\n".join(lines) + "\n").encode("utf-8")


def _cases(report: Report) -> Iterator[Case]:
    """Yield the verdict, what fails, what is open, the scanners, what passes, and the rest as a number."""
    statement, failing = report.verdict.statement, counted(report)
    findings = ordered(report)
    bad = [finding for finding in findings if finding.id in failing]
    good = findings[len(bad) :]
    open_ = [reason for reason in statement.reasons if reason.code != "finding"]
    numbers = _share([len(bad), len(open_), len(statement.scanners), len(good)])
    yield _verdict(report)
    yield from _finding_cases(bad[: numbers[0]], report, failing)
    yield from (_reason(reason) for reason in open_[: numbers[1]])
    yield from (_scanner(summary, report) for summary in statement.scanners[: numbers[2]])
    yield from _finding_cases(good[: numbers[3]], report, failing)
    rest = _rest(bad[numbers[0] :], open_[numbers[1] :], statement.scanners[numbers[2] :], good[numbers[3] :])
    if rest is not None:
        yield rest


def _share(wanted: Sequence[int]) -> list[int]:
    """Return how many failing findings, reasons, scanners and passing findings get a case of their own."""
    room = MOST_CASES - 1  # the verdict
    if sum(wanted) <= room:
        return list(wanted)
    room -= 1  # the rest
    out = []
    for place, number_ in enumerate(wanted):
        reserved = sum(min(later, _KEPT) for later in wanted[max(place + 1, 1) : 3])
        out.append(min(number_, room - reserved))
        room -= out[-1]
    return out


def _verdict(report: Report) -> Case:
    statement = report.verdict.statement
    cause = line(statement.cause)
    warnings = [f"Warning: {line(phrase(reason))}" for reason in statement.warnings]
    text = "\n".join([cause, header(report, Style(View())), *warnings])
    passed = statement.verdict == "pass"
    return Case("devsecops", cause, "pass" if passed else "failure", cause, text, statement.verdict)


def _finding_cases(findings: Sequence[Finding], report: Report, failing: set[str]) -> Iterator[Case]:
    why = {opinion.finding: opinion.why for opinion in report.judged}
    help_of, others, accepted = advice(report), also(report), waived(report)
    for finding in findings:
        fails = finding.id in failing
        rule = line(f"{finding.rule.tool}/{finding.rule.id}")
        told = [
            line(finding.message),
            f"Where: {line(where(finding.location))}",
            f"Severity: {finding.severity}, confidence {finding.confidence}. {line(finding.basis)}".rstrip(),
            f"Policy: {line(why.get(finding.id, ''))}",
        ]
        if finding.id in accepted:
            told.append(line(accepted[finding.id]))
        if todo := finding.remedy or help_of.get((finding.rule.tool, finding.rule.id), ""):
            told.append(f"What to do: {line(todo)}")
        if finding.id in others:
            told.append(f"{others[finding.id].words} {line(', '.join(others[finding.id].rules))}")
        told.append(f"More: devsecops explain {line(finding.id)}")
        file = file_of(finding.location)
        name = f"{finding.severity} {rule} {line(where(finding.location))} {line(finding.id)}".rstrip()
        yield Case(
            classname=finding.scanner or finding.rule.tool,
            name=name if fails else f"{'waived' if finding.id in accepted else 'let pass'}: {name}",
            outcome="failure" if fails else "pass",
            message=f"{finding.severity}: {line(finding.message)}",
            text="\n".join(told),
            type=rule,
            file=file.path if file is not None else None,
            line=file.region.start_line if file is not None and file.region is not None else None,
        )


def _reason(reason: Reason) -> Case:
    said = line(phrase(reason))
    more = reason.units_total - len(reason.units)
    units = [line(unit) for unit in reason.units] + ([f"and {more:,} more"] if more > 0 else [])
    text = "\n".join([said, *units, *(["What to do:", reason.remedy] if reason.remedy else [])])
    outcome: Literal["failure", "error"] = "failure" if reason.code in FAILING else "error"
    return Case(reason.scanner or "devsecops", f"{reason.code}: {said}", outcome, said, text, reason.code)


def _scanner(summary: ScannerSummary, report: Report) -> Case:
    """Return whether a scanner passed its control; one that no verdict needs cannot spoil the report."""
    control = summary.control
    proved = summary.status in ("complete", "partial") and control is not None and control.found
    if control is not None and proved:
        how = "found what was planted for it" if control.kind == "canary" else "attested its own work"
        said = f"{summary.status}, {how}"
    elif summary.status == "not-applicable":
        said = "had nothing to look at"
    else:
        said = f"{summary.status}, did not prove that it works"
    said += "" if summary.required else ", not required"
    spoils = summary.required and not proved and summary.status != "not-applicable"
    version = f" {line(summary.tool.version)}" if summary.tool is not None else ""
    cover = ", ".join(f"{count:,} {state}" for state, count in sorted(summary.cover.items())) or "none"
    name = f"{line(summary.name)}{version}: {said}"
    detail = line(control.detail) if control is not None else ""
    told = [name, detail, f"Units: {line(cover)}", f"Findings: {summary.findings:,}"]
    return Case(
        classname=summary.name,
        name=name,
        outcome="error" if spoils else "pass",
        message=name,
        text="\n".join(text for text in told if text),
        type="control",
        seconds=report.verdict.run.scanner_seconds.get(summary.name, 0.0),
    )


def _rest(
    bad: Sequence[Finding],
    reasons: Sequence[Reason],
    scanners: Sequence[ScannerSummary],
    good: Sequence[Finding],
) -> Case | None:
    parts = []
    if bad:
        parts.append(f"{number(len(bad), 'finding')} that fail the policy ({by_severity(bad)})")
    if reasons:
        parts.append(number(len(reasons), "reason"))
    if scanners:
        parts.append(number(len(scanners), "scanner"))
    if good:
        parts.append(f"{number(len(good), 'finding')} that the policy lets pass ({by_severity(good)})")
    if not parts:
        return None
    said = f"not shown here: {', '.join(parts)}; all are in results.sarif and verdict.json"
    outcome: Literal["pass", "failure"] = "failure" if bad or reasons else "pass"
    return Case("devsecops", said, outcome, said, said, "rest")


# --- XML ----------------------------------------------------------------------------------------


def _element(case: Case) -> str:
    attributes = _attributes(
        classname=cut_bytes(line(case.classname), MOST_NAME),
        name=cut_bytes(case.name, MOST_NAME),
        time=_seconds(case.seconds),
        file=case.file,
        line=None if case.line is None else str(case.line),
    )
    text = encode.xml(cut_bytes(encode.visible(case.text), MOST_MESSAGE))
    if case.outcome == "pass":
        inner = f"<system-out>{text}</system-out>"
    else:
        told = _attributes(
            message=cut_bytes(case.message, MOST_MESSAGE), type=cut_bytes(case.type, MOST_NAME)
        )
        inner = f"<{case.outcome}{told}>{text}</{case.outcome}>"
    return f"<testcase{attributes}>{inner}</testcase>"


def _attributes(**values: str | None) -> str:
    return "".join(f' {name}="{encode.xml(value)}"' for name, value in values.items() if value is not None)


def _seconds(seconds: float) -> str:
    return f"{max(seconds, 0.0):.3f}"
