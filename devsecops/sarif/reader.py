"""From anybody's SARIF 2.1.0 to findings. Tolerant of what is missing, never silent about a result.

What may be a finding is never dropped: a result that is no object, or results that stand in another
file, are an error. Suppressed results are findings too, and say so in their evidence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from devsecops.model import Finding, Kind, Rule, Tool
from devsecops.sarif.lift import Lifter
from devsecops.sarif.loose import array, integer, obj, text
from devsecops.strictjson import loads

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Notice:
    """What the tool says about its own work. `path` is empty when it is about no file."""

    level: str
    text: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class SarifRun:
    """One run of a log. `successful` is None when the log does not say."""

    tool: Tool
    findings: tuple[Finding, ...]
    rules: tuple[Rule, ...]
    notices: tuple[Notice, ...]
    successful: bool | None


def read(
    data: bytes, *, scanner: str = "", kind: Kind = "sast", root: str | None = None
) -> tuple[SarifRun, ...]:
    """Return what a SARIF 2.1.0 log says, one value per run.

    `scanner` and `kind` are those of the findings, unless the log is one that we wrote; `root` is the
    absolute path that absolute URIs are taken relative to. Findings have no id unless the log is ours.

    Raises:
        ValueError: it is not SARIF 2.1.0, or holds something that may be a finding and cannot be read.
    """
    log = loads(data.removeprefix(_BOM))
    if not isinstance(log, dict) or log.get("version") != "2.1.0":
        raise ValueError("it is not SARIF 2.1.0")
    runs = log.get("runs")
    if not isinstance(runs, list):
        raise ValueError("it has no list of runs")
    return tuple(_run(run, place, scanner, kind, root) for place, run in enumerate(runs))


def _run(run: Any, place: int, scanner: str, kind: Kind, root: str | None) -> SarifRun:
    if not isinstance(run, dict):
        raise ValueError(f"run {place} is not an object")
    external = obj(run.get("externalPropertyFileReferences"))
    if external.get("results"):
        raise ValueError(f"the results of run {place} stand in another file")
    results = run.get("results")
    if results is None:
        results = []
    if not isinstance(results, list):
        raise ValueError(f"the results of run {place} are not a list")
    lifter = Lifter(run, scanner, kind, root)
    findings = []
    for number, result in enumerate(results):
        if not isinstance(result, dict):
            raise ValueError(f"result {number} of run {place} is not an object")
        finding = lifter.finding(result)
        if finding is not None:
            findings.append(finding)
    successful, notices = _invocations(run, lifter)
    return SarifRun(
        tool=lifter.tool,
        findings=tuple(findings),
        rules=lifter.known_rules(findings),
        notices=notices,
        successful=successful,
    )


def _invocations(run: dict[str, Any], lifter: Lifter) -> tuple[bool | None, tuple[Notice, ...]]:
    said: list[bool] = []
    notices: list[Notice] = []
    for entry in map(obj, array(run.get("invocations"))):
        if isinstance(entry.get("executionSuccessful"), bool):
            said.append(entry["executionSuccessful"])
        code = integer(entry.get("exitCode"))
        for key in ("toolExecutionNotifications", "toolConfigurationNotifications"):
            for note in map(obj, array(entry.get(key))):
                level = text(note.get("level"), 20) or "warning"
                message = lifter.message(note, {})
                if code is not None and not message:
                    message = f"it ended with exit code {code}"
                places = [lifter.path(obj(at)) for at in array(note.get("locations"))[:1]]
                notices.append(Notice(level, message, places[0] if places else ""))
    return (all(said) if said else None), tuple(notices)
