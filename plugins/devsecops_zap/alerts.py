"""From ZAP's alerts to findings: equal ones are one, and none depends on ports, ids, messages and payloads.

The shapes are those of core/view/alerts of ZAP 2.11.1 and 2.17.0; the newer has more keys, none is needed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Literal
from urllib.parse import unquote

import msgspec

from devsecops.api import File, Finding, Http, Region, Rule, RuleRef, Severity, ToolError
from devsecops_zap.addresses import AddressError, Origin, read_url
from devsecops_zap.exchange import hidden
from devsecops_zap.openapi.document import Operation, placeholders
from devsecops_zap.openapi.matching import Matcher
from devsecops_zap.paths import VALUE, attacked, spanned, steady, template

Confidence = Literal["high", "medium", "low"]
_RISKS: dict[str, Severity] = {"high": "high", "medium": "medium", "low": "low", "informational": "info"}
_CODES = {"3": "high", "2": "medium", "1": "low", "0": "informational"}
_CONFIDENCES: dict[str, Confidence] = {
    "confirmed": "high", "user confirmed": "high", "high": "high", "medium": "medium", "low": "low",
}  # fmt: skip
_FALSE = "false positive"
_SEVERITIES: tuple[Severity, ...] = ("high", "medium", "low", "info", "unknown")
_LEVELS: tuple[Confidence, ...] = ("high", "medium", "low")
_MOST = 500
_PARAM = 200


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a target.

    `fallback` is its line in the policy; `document` the path of its OpenAPI document in the tree, when it
    is there; `handler` gives the place of a route's handler in the source.
    """

    alias: str
    origin: Origin
    fallback: File | None = None
    document: str | None = None
    matcher: Matcher | None = None
    handler: Callable[[str, str], File | None] | None = None


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """One alert, read: what a finding is made of."""

    rule: str
    name: str
    risk: str
    confidence: str
    method: str
    path: str
    origin: Origin
    param: str
    attack: str
    evidence: str
    cwe: str | None
    wasc: str | None
    description: str
    solution: str
    reference: str
    message_id: str


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """What the alerts of a run say. `messages` maps each finding's place in the tuple to a message id."""

    findings: tuple[Finding, ...]
    rules: tuple[Rule, ...]
    messages: tuple[str, ...]
    strangers: tuple[str, ...] = ()
    """Origins of alerts that are no target's."""


def read_alert(raw: Mapping[str, object]) -> Alert | None:
    """Return an alert; None for one that somebody marked as a false positive. Raises ToolError."""
    text = {key: value for key, value in raw.items() if isinstance(value, str)}
    rule = text.get("alertRef") or text.get("pluginId") or ""
    try:
        url = read_url(_written(text.get("url", "")))
    except AddressError as error:
        raise ToolError(f"an alert of rule {rule or '?'} has no URL that can be read: {error}") from None
    if not re.fullmatch(r"-?[0-9]{1,9}(?:-[0-9]{1,4})?", rule):
        raise ToolError(f"an alert has no rule id: {rule[:40]!r}")
    confidence = text.get("confidence", "").strip().lower()
    if confidence == _FALSE:
        return None
    risk = text.get("risk", "").strip().lower()
    return Alert(
        rule=rule, name=(text.get("name") or text.get("alert") or f"Rule {rule}").strip(),
        risk=_CODES.get(risk, risk), confidence=confidence, method=text.get("method", "").upper() or "GET",
        path=url.path or "/", origin=url.origin, param=text.get("param", ""), attack=text.get("attack", ""),
        evidence=text.get("evidence", ""), cwe=_number(text.get("cweid")), wasc=_number(text.get("wascid")),
        description=text.get("description", ""), solution=text.get("solution", ""),
        reference=text.get("reference", ""), message_id=text.get("messageId", ""),
    )  # fmt: skip


def _written(url: str) -> str:
    """Percent-encode what ZAP leaves as it is in a URL, such as a payload's spaces and backslashes."""
    return re.sub(
        r"[^!-\[\]-~]", lambda m: "".join(f"%{b:02X}" for b in m[0].encode("utf-8", "replace")), url
    )


def _number(text: str | None) -> str | None:
    return text if text and text.isdecimal() and int(text) > 0 else None


def read_alerts(raw: Iterable[Mapping[str, object]], sites: Iterable[Site]) -> Read:
    """Return the findings of a run's alerts, sorted; those of one rule, operation and parameter are one.

    Raises:
        ToolError: an alert without a rule or a URL.
    """
    by_origin = {site.origin: site for site in sites}
    groups: dict[tuple[str, ...], list[tuple[Alert, Finding]]] = {}
    strangers: set[str] = set()
    for alert in filter(None, map(read_alert, raw)):
        site = by_origin.get(alert.origin)
        if site is None:
            strangers.add(str(alert.origin))
            continue
        finding = _finding(alert, site)
        where = finding.location
        assert isinstance(where, Http)
        key = (where.target, alert.rule, where.template, where.method, where.param or "")
        groups.setdefault(key, []).append((alert, finding))
    chosen = [min(groups[key], key=_weight) for key in sorted(groups)]
    return Read(
        findings=tuple(finding for _, finding in chosen),
        messages=tuple(alert.message_id for alert, _ in chosen),
        rules=_rules(chosen),
        strangers=tuple(sorted(strangers)),
    )


def _weight(pair: tuple[Alert, Finding]) -> tuple[object, ...]:
    """The worst comes first; among equals the one with the shortest text, whichever ZAP saw first."""
    alert, finding = pair
    texts = finding.evidence
    return (
        _SEVERITIES.index(finding.severity), _LEVELS.index(finding.confidence),
        len(texts.get("attack", "")), sorted(texts.items()), finding.message, len(alert.path),
    )  # fmt: skip


def _finding(alert: Alert, site: Site) -> Finding:
    operation, shape, param = _placed(alert, site)
    method = alert.method
    at = site.fallback
    if operation is not None and site.document is not None:
        at = File(path=site.document, region=Region(start_line=operation.line))
    route = shape if operation is None else operation.template
    handler = site.handler(method, route) if site.handler is not None else None
    name = param[:_PARAM] or None
    return Finding(
        rule=RuleRef(tool="zap", id=alert.rule),
        kind="dast",
        weakness=f"CWE-{alert.cwe}" if alert.cwe else None,
        severity=_RISKS.get(alert.risk, "unknown"),
        confidence=_CONFIDENCES.get(alert.confidence, "low"),
        basis=f"ZAP risk {alert.risk or 'not given'}, confidence {alert.confidence or 'not given'}",
        message=f"{alert.name} in {method} {shape}" + (f", parameter {name}" if name else ""),
        location=Http(target=site.alias, method=method, template=shape, param=name, at=at),
        related=() if handler is None else (handler,),
        evidence=_evidence(alert, str(site.origin)),
    )


def _placed(alert: Alert, site: Site) -> tuple[Operation | None, str, str]:
    """Return the operation, the path's template and the parameter of an alert.

    ZAP also attacks by a part put behind a path: then the operation is that of the path before it.
    """
    path = spanned(alert.path, alert.attack)
    find = site.matcher.find if site.matcher is not None else lambda method, path: None
    operation = find(alert.method, path)
    if operation is not None:
        return operation, operation.template, _declared(alert, operation, site, path)
    before, _, last = path.rpartition("/")
    if attacked(unquote(last), alert.attack) and (operation := find(alert.method, before or "/")) is not None:
        parts = operation.template.rstrip("/").split("/")
        return operation, f"{'/'.join(parts)}/{VALUE}", f"path[{len(parts)}]"
    return None, template(path, alert.attack), _undeclared(alert, path)


def _evidence(alert: Alert, origin: str) -> dict[str, str]:
    facts = {
        "attack": steady(hidden(alert.attack), origin),
        "evidence": steady(hidden(alert.evidence), origin),
        "wasc": f"WASC-{alert.wasc}" if alert.wasc else "",
    }
    return {name: value[:_MOST] for name, value in facts.items() if value}


def _declared(alert: Alert, operation: Operation, site: Site, path: str) -> str:
    """Return the parameter's name as the document has it. For a part of the path ZAP gives its old value."""
    known = {p.name for p in operation.parameters if p.place != "path"}
    base = site.matcher.base if site.matcher is not None else ""
    parts = path[len(base) :].strip("/").split("/")
    named = None
    for shape, part in zip(operation.template.strip("/").split("/"), parts, strict=False):
        names = placeholders(shape)
        if not names:
            continue
        if attacked(unquote(part), alert.attack):
            return names[0]
        if alert.param and alert.param in (part, unquote(part)):
            named = named or names[0]
    return alert.param if alert.param in known or named is None else named


def _undeclared(alert: Alert, path: str) -> str:
    """Return the parameter's name, for a part of the path its number from 1 as ``path[2]``."""
    parts = [unquote(part) for part in path.split("/")]
    for number, part in enumerate(parts):
        if attacked(part, alert.attack):
            return f"path[{number}]"
    return alert.param


def _rules(chosen: Iterable[tuple[Alert, Finding]]) -> tuple[Rule, ...]:
    found: dict[str, Rule] = {}
    for alert, finding in sorted(chosen, key=lambda pair: (pair[0].rule, *_weight(pair))):
        first = re.match(r".{1,400}?[.!?](?=\s|$)", alert.description.strip(), re.DOTALL)
        uri = re.search(r"https?://[^\s<>\"']{1,500}", alert.reference)
        rule = Rule(
            tool="zap", id=alert.rule, name=alert.name[:200], help=alert.solution.strip()[:2_000],
            summary=" ".join((first[0] if first else alert.description[:400]).split()),
            help_uri=uri[0] if uri else "", weakness=finding.weakness, severity=finding.severity,
            confidence=finding.confidence,
        )  # fmt: skip
        found.setdefault(alert.rule, rule)
    return tuple(found[rule] for rule in sorted(found))
