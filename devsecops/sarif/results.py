"""Results: one for each finding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from devsecops.encode import visible
from devsecops.findings.marks import LABEL
from devsecops.model import Finding, Group, Judged, Severity, State
from devsecops.sarif.places import place
from devsecops.sarif.rules import rule_id
from devsecops.sarif.severity import LEVELS, score
from devsecops.sarif.shape import BaselineState, Location, Message, Result, Suppression
from devsecops.sarif.web import web_request, web_response

GITHUB = "primaryLocationLineHash"
_RANKS: dict[Severity, float] = {"info": 5.0}
_BASELINE: dict[State, BaselineState] = {
    "new": "new", "updated": "updated", "unchanged": "unchanged", "not-looked-at": "unchanged",
    "fixed": "absent",
}  # fmt: skip
_RELATED = 100
"""What GitHub keeps of a result's locations."""


def fingerprint_name(key: str) -> str:
    """Return the name of an identity key in ``partialFingerprints``."""
    if key == "github/1":
        return GITHUB
    name, _, version = key.rpartition("/")
    return f"devsecops/{name}/v{version}" if name and version.isdecimal() else f"devsecops/{key}"


def key_name(name: str) -> str | None:
    """Return the identity key that `fingerprint_name` named; None for anybody else's."""
    if name == GITHUB:
        return "github/1"
    if not name.startswith("devsecops/"):
        return None
    key = name.removeprefix("devsecops/")
    stem, _, version = key.rpartition("/")
    return f"{stem}/{version[1:]}" if stem and version[:1] == "v" and version[1:].isdecimal() else key


def plain(text: str) -> str:
    """Return `text` for ``message.text``: what would read as a link there is broken up."""
    return visible(text).replace("](", "] (")


def _message(finding: Finding) -> str:
    return plain(finding.message).strip() or f"{rule_id(finding.rule)} has no message for this."


def _rank(finding: Finding) -> float | None:
    number = score(finding.severity, finding.score)
    return round(number * 10, 1) if number is not None else _RANKS.get(finding.severity)


def _properties(
    finding: Finding, evidence: dict[str, str], opinion: Judged | None, group: Group | None, text: str
) -> dict[str, Any]:
    own: dict[str, Any] = {
        "id": finding.id,
        "kind": finding.kind,
        "severity": finding.severity,
        "confidence": finding.confidence,
    }
    if finding.score is not None:
        own["score"] = finding.score
    if finding.weakness is not None:
        own["weakness"] = visible(finding.weakness)
    if finding.basis:
        own["basis"] = visible(finding.basis)
    if evidence:
        own["evidence"] = evidence
    if finding.remedy:
        own["remedy"] = visible(finding.remedy)
    if (message := visible(finding.message)) != text:
        own["message"] = message
    if opinion is not None:
        own["counted"] = opinion.counted
    if group is not None:
        own["group"] = group.id
        if group.confirmed:
            own["confirmedAtRunTime"] = True
    return {"devsecops": own}


def _located(finding: Finding) -> tuple[Location, ...]:
    at = place(finding.location)
    return (at,) if at is not None else ()


def suppressions(opinion: Judged | None) -> tuple[Suppression, ...]:
    """Return what accepts a finding: an entry of the file of waivers, or a mark in the source."""
    if opinion is None or opinion.waiver is None:
        return ()
    facts = {"waiver": visible(opinion.waiver)} | ({"until": visible(opinion.until)} if opinion.until else {})
    return (
        Suppression(
            kind="inSource" if opinion.waiver.startswith(LABEL) else "external",
            status="accepted",
            justification=visible(opinion.justification) or None,
            properties={"devsecops": facts},
        ),
    )


def result(
    finding: Finding,
    rules: Mapping[str, int],
    opinion: Judged | None,
    *,
    compared: bool,
    suppressing: bool = False,
    group: Group | None = None,
) -> Result:
    """Return the result of a finding.

    `rules` gives the place of each rule by its id; `compared` says that there is a base; `suppressing` that
    some result of the same run is accepted: then all of them say whether they are (SARIF 2.1.0, 3.27.23).
    `group` is the one that it is in, where other findings are too.
    """
    text = _message(finding)
    name = rule_id(finding.rule)
    keys = finding.keys
    evidence = {visible(key): visible(finding.evidence[key]) for key in sorted(finding.evidence)}
    request, response = web_request(evidence.get("request", "")), web_response(evidence.get("response", ""))
    apart = {name for name, web in (("request", request), ("response", response)) if web is not None}
    evidence = {name: said for name, said in evidence.items() if name not in apart}
    return Result(
        rule_id=name,
        rule_index=rules[name],
        level=LEVELS[finding.severity],
        message=Message(text=text),
        locations=_located(finding),
        related_locations=tuple(at for one in finding.related[:_RELATED] if (at := place(one)) is not None),
        partial_fingerprints=(
            {fingerprint_name(visible(key)): visible(keys[key]) for key in sorted(keys)} if keys else None
        ),
        baseline_state=_BASELINE[opinion.state] if compared and opinion is not None else None,
        suppressions=suppressions(opinion) if suppressing else None,
        rank=_rank(finding),
        web_request=request,
        web_response=response,
        properties=_properties(finding, evidence, opinion, group, text),
    )
