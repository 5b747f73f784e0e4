"""Ids of findings within one run: derived from content, the same whatever the order they came in."""

from __future__ import annotations

from base64 import b32encode
from hashlib import sha256

import msgspec

from devsecops.findings.complete import file_of, package_name
from devsecops.model import SEVERITIES, Finding, Http, ImageLayer, Package, Resource

Sort = tuple[object, ...]


def _place(finding: Finding) -> tuple[str, int, int]:
    at = file_of(finding.location)
    if at is None:
        return ("", 0, 0)
    region = at.region
    return (at.path, region.start_line if region else 0, (region.start_column or 0) if region else 0)


def _content(finding: Finding) -> tuple[str, ...]:
    """Return what names a finding: no line, no version, nothing that moves when the rest is edited."""
    where = finding.location
    path = _place(finding)[0]
    head = (finding.kind, finding.rule.tool, finding.rule.id)
    if isinstance(where, Package):
        # One flaw keeps its id whichever of its names the data prefers; two scanners have one each.
        return (
            finding.kind,
            finding.rule.tool,
            finding.keys.get("package/1") or f"{finding.rule.id} {package_name(where.purl)} {path}",
        )
    if isinstance(where, Http):
        return (*head, where.target, where.method, where.template, where.param or "")
    if isinstance(where, Resource):
        return (*head, path, where.address)
    if isinstance(where, ImageLayer):
        return (*head, where.package)
    return (*head, path, finding.keys.get("tokens/1") or finding.message)


def _order(finding: Finding) -> Sort:
    """Return the order among equals: place, message, then all that is left, so that no tie stays open."""
    plain = msgspec.structs.replace(finding, id="")
    return (*_place(finding)[1:], finding.message, msgspec.json.encode(plain, order="deterministic"))


def _listed(finding: Finding) -> Sort:
    path, line, column = _place(finding)
    return (
        SEVERITIES.index(finding.severity),
        path,
        line,
        column,
        finding.rule.tool,
        finding.rule.id,
        finding.id,
    )


def _id(content: tuple[str, ...], ordinal: int) -> str:
    raw = "\0".join((*content, str(ordinal))).encode("utf-8", "backslashreplace")
    return "f" + b32encode(sha256(raw).digest()[:10]).decode("ascii").lower()[:10]


def name_findings(findings: tuple[Finding, ...] | list[Finding]) -> tuple[Finding, ...]:
    """Return `findings` with their ids, unique, worst first, then by place, whatever order they came in."""
    groups: dict[tuple[str, ...], list[Finding]] = {}
    for finding in findings:
        groups.setdefault(_content(finding), []).append(finding)
    named: dict[str, Finding] = {}
    for content in sorted(groups):
        equals = groups[content]
        ordered = sorted(equals, key=_order) if len(equals) > 1 else equals
        ordinal = 0
        for finding in ordered:
            while (name := _id(content, ordinal)) in named:
                ordinal += 1
            named[name] = msgspec.structs.replace(finding, id=name)
            ordinal += 1
    return tuple(sorted(named.values(), key=_listed))
