"""From a report to SARIF: runs, and the log around them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import msgspec

from devsecops import __version__
from devsecops.encode import one_line, visible
from devsecops.model import (
    Cover,
    Finding,
    Group,
    Judged,
    Problem,
    Report,
    Rule,
    RuleRef,
    ScannerSummary,
    Source,
    Statement,
)
from devsecops.sarif import shape
from devsecops.sarif.notices import notices, successful
from devsecops.sarif.places import ROOT, file_of, uri
from devsecops.sarif.results import result
from devsecops.sarif.rules import descriptor, rule_id
from devsecops.sarif.versions import version_text

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
OURSELVES = "devsecops"
_HOMES = {
    "bandit": "https://bandit.readthedocs.io/",
    "safety": "https://docs.safetycli.com/",
    "semgrep": "https://semgrep.dev/docs/",
    "zap": "https://www.zaproxy.org/",
}
_SSH = re.compile(r"(?:(?P<user>[\w.-]+)@)?(?P<host>[\w.-]+):(?!/)(?P<path>[^:\s]+)")
_CODECOMMIT = re.compile(r"codecommit::(?P<region>[a-z0-9-]+)://(?:[\w.-]+@)?(?P<name>[\w.-]+)")
_URL = re.compile(r"(?:https?|ssh|git)://[!-~]+")
_ENCODER = msgspec.json.Encoder()


@dataclass(slots=True)
class _Scanner:
    """What belongs into one run."""

    name: str
    summary: ScannerSummary | None = None
    findings: list[Finding] = field(default_factory=list)
    gaps: list[Cover] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def status(self) -> str:
        return self.summary.status if self.summary is not None else "missing"

    @property
    def tool(self) -> str:
        tool = self.summary.tool if self.summary is not None else None
        return one_line(tool.name if tool is not None and tool.name else self.name)


def write(report: Report) -> bytes:
    """Return the report as SARIF 2.1.0. See `devsecops.sarif.write`."""
    statement = report.verdict.statement
    scanners = _scanners(report)
    rules = {rule_id(RuleRef(tool=rule.tool, id=rule.id)): rule for rule in report.rules}
    judged = {opinion.finding: opinion for opinion in report.judged}
    several = {
        one: group for group in report.groups if len(group.reported_by) > 1 for one in group.reported_by
    }
    tools = [scanner.tool for scanner in scanners]
    out = bytearray(b'{"$schema":' + _ENCODER.encode(SCHEMA) + b',"version":"2.1.0","runs":[')
    for place, scanner in enumerate(scanners):
        out += b",\n" if place else b"\n"
        unique = scanner.tool if tools.count(scanner.tool) == 1 else one_line(scanner.name)
        _write_run(out, scanner, unique, statement, rules, judged, several)
    said = {"verdict": statement.verdict, "cause": visible(statement.cause)}
    out += b'\n],"properties":' + _ENCODER.encode({"devsecops": said}) + b"}\n"
    return bytes(out)


def _scanners(report: Report) -> list[_Scanner]:
    """Return one entry per scanner that is spoken of anywhere, and one for what concerns no scanner."""
    statement = report.verdict.statement
    found: dict[str, _Scanner] = {}

    def of(name: str | None) -> _Scanner:
        return found.setdefault(name or "", _Scanner(name or OURSELVES))

    for summary in statement.scanners:
        of(summary.name).summary = summary
    for finding in report.findings:
        of(finding.scanner).findings.append(finding)
    for row in report.gaps:
        of(row.scanner).gaps.append(row)
    for name, problems in report.problems.items():
        of(name).problems += problems
    for reason in statement.reasons:
        # Gaps and findings stand there one by one.
        if reason.code in ("finding", "budget", "check") or (reason.units_total and of(reason.scanner).gaps):
            continue
        problem = Problem(code=reason.code, message=reason.message, remedy=reason.remedy)
        known = of(reason.scanner).problems
        if all((one.code, one.message) != (problem.code, problem.message) for one in known):
            known.append(problem)
    if not found:
        of(None)
    return [found[name] for name in sorted(found)]


def _write_run(
    out: bytearray,
    scanner: _Scanner,
    unique: str,
    statement: Statement,
    rules: dict[str, Rule],
    judged: dict[str, Judged],
    several: dict[str, Group],
) -> None:
    scanner.findings.sort(key=_order)
    by_rule: dict[str, list[Finding]] = {}
    for finding in scanner.findings:
        by_rule.setdefault(rule_id(finding.rule), []).append(finding)
    names = sorted(by_rule)
    descriptors = tuple(descriptor(rules.get(name), by_rule[name]) for name in names)
    index = {name: place for place, name in enumerate(names)}
    compared = statement.against is not None
    waived = {name for name, opinion in judged.items() if opinion.waiver is not None}
    suppressing = any(finding.id in waived for finding in scanner.findings)
    out += _ENCODER.encode(_run(scanner, unique, statement, descriptors))[:-1] + b',"results":['
    for place, finding in enumerate(scanner.findings):
        out += b",\n" if place else b"\n"
        value = result(
            finding, index, judged.get(finding.id), compared=compared, suppressing=suppressing,
            group=several.get(finding.id),
        )  # fmt: skip
        out += _ENCODER.encode(value)
    out += b"]}"


def _order(finding: Finding) -> tuple[Any, ...]:
    file = file_of(finding.location)
    region = file.region if file is not None else None
    return (
        file.path if file is not None else "",
        region.start_line if region is not None else 0,
        (region.start_column or 0) if region is not None else 0,
        finding.rule.tool,
        finding.rule.id,
        finding.id,
        finding.message,
    )


def _run(
    scanner: _Scanner, unique: str, statement: Statement, rules: tuple[shape.Descriptor, ...]
) -> shape.Run:
    sources = [part for part in statement.subject if isinstance(part, Source)]
    scope = sources[0].scope.strip("/") if sources else ""
    name = quote(unique, safe="@+ ").replace(" ", "-")
    return shape.Run(
        tool=shape.Tool(driver=_driver(scanner, rules)),
        invocations=(
            shape.Invocation(
                execution_successful=successful(scanner.problems, scanner.gaps, scanner.status),
                tool_execution_notifications=notices(scanner.problems, scanner.gaps, scanner.status),
            ),
        ),
        version_control_provenance=tuple(
            shape.VersionControlDetails(
                repository_uri=remote,
                revision_id=part.head,
                mapped_to=shape.ArtifactLocation(uri_base_id=ROOT),
            )
            for part in sources
            if part.remote and part.head and (remote := repository_uri(part.remote)) is not None
        ),
        original_uri_base_ids={
            ROOT: shape.ArtifactLocation(description=shape.Message(text="The root of the scanned tree."))
        },
        automation_details=shape.AutomationDetails(
            id=f"{OURSELVES}/{name}/{uri(scope)}/" if scope else f"{OURSELVES}/{name}/"
        ),
        column_kind="unicodeCodePoints",
        properties={"devsecops": {"scanner": visible(scanner.name), "status": scanner.status}},
    )


def _driver(scanner: _Scanner, rules: tuple[shape.Descriptor, ...]) -> shape.Driver:
    tool = scanner.summary.tool if scanner.summary is not None else None
    said = tool.version if tool is not None else (__version__ if scanner.name == OURSELVES else "")
    facts: dict[str, Any] = {}
    if tool is not None:
        for key in ("lock", "rules", "interpreter"):
            if value := getattr(tool, key):
                facts[key] = visible(value)
        if tool.data is not None:
            facts["data"] = {"digest": visible(tool.data.digest), "date": visible(tool.data.date)}
    name = scanner.tool
    purl = f"pkg:generic/{quote(name, safe='')}" + (f"@{quote(one_line(said), safe='')}" if said else "")
    return shape.Driver(
        name=name,
        full_name=f"{name} {one_line(said)}".strip(),
        version=version_text(said),
        # A tool that we do not know is at least named, as a package URL.
        information_uri=_HOMES.get(name, purl),
        rules=rules,
        properties={"devsecops": facts} if facts else None,
    )


def repository_uri(remote: str) -> str | None:
    """Return a git remote as a URI; None for what names no server (a path says nothing elsewhere)."""
    if match := _CODECOMMIT.fullmatch(remote):
        return f"https://git-codecommit.{match['region']}.amazonaws.com/v1/repos/{match['name']}"
    if _URL.fullmatch(remote):
        return remote
    if match := _SSH.fullmatch(remote):
        user = f"{match['user']}@" if match["user"] else ""
        return f"ssh://{user}{match['host']}/{quote(match['path'])}"
    return None
