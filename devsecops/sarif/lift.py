"""Lifts results and rules of one run into findings and rules."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, get_args

from devsecops import model
from devsecops.model import CONFIDENCES, SEVERITIES, Confidence, Finding, Kind, Rule, RuleRef, Severity
from devsecops.sarif.loose import NAME, array, at, integer, obj, text
from devsecops.sarif.results import key_name
from devsecops.sarif.severity import from_level, from_score
from devsecops.sarif.uris import Resolver
from devsecops.sarif.versions import plain_version
from devsecops.sarif.web import messages

_CWE = re.compile(r"(?:external/cwe/)?cwe[-: ]?0*(\d{1,5})\b", re.IGNORECASE)
_PLACEHOLDER = re.compile(r"\{(\d{1,3})\}")
_PRECISION: dict[str, Confidence] = {"very-high": "high", "high": "high", "medium": "medium", "low": "low"}
_NO_FINDING = frozenset({"pass", "notApplicable"})
_MOST = 100
_FACTS = 50
"""Bounds of related locations and of evidence."""


class Lifter:
    """Lifts what one run holds."""

    def __init__(self, run: dict[str, Any], scanner: str, kind: Kind, root: str | None) -> None:
        tool = obj(run.get("tool"))
        driver = obj(tool.get("driver"))
        self._components = [driver, *map(obj, array(tool.get("extensions")))]
        self._rules = [array(part.get("rules")) for part in self._components]
        self._by_id: dict[str, dict[str, Any]] = {}
        for rules in self._rules:
            for rule in map(obj, rules):
                self._by_id.setdefault(text(rule.get("id"), NAME), rule)
        own = obj(obj(run.get("properties")).get("devsecops"))
        self._scanner = scanner or text(own.get("scanner"), NAME)
        self._kind: Kind = kind
        self._resolver = Resolver(run, root)
        self._lifted: dict[tuple[str, str], Rule] = {}
        self.tool = _tool(driver)

    def finding(self, result: dict[str, Any]) -> Finding | None:
        """Return the finding of a result; None for one that says that all is well, or is gone."""
        kind = text(result.get("kind"), NAME) or "fail"
        if kind in _NO_FINDING or result.get("baselineState") == "absent":
            return None
        raw = self._rule_of(result)
        rule = self._rule(raw, text(result.get("ruleId"), NAME))
        own = obj(obj(result.get("properties")).get("devsecops"))
        severity, score, basis = self._severity(result, raw, kind)
        places = [self.location(obj(place)) for place in array(result.get("locations"))[: _MOST + 1]]
        related = [self.location(obj(place)) for place in array(result.get("relatedLocations"))[:_MOST]]
        evidence = {text(key, NAME): text(value) for key, value in _some(own.get("evidence"))}
        return Finding(
            id=text(own.get("id"), NAME),
            scanner=self._scanner,
            rule=RuleRef(tool=rule.tool, id=rule.id),
            kind=_one_of(own.get("kind"), get_args(Kind), self._kind),
            weakness=(
                text(own.get("weakness"), NAME) or None
                if own
                else rule.weakness or _weakness(obj(result.get("properties")))
            ),
            severity=_one_of(own.get("severity"), SEVERITIES, severity),
            score=_score(own["score"]) if "score" in own else (None if own else score),
            confidence=_one_of(own.get("confidence"), CONFIDENCES, rule.confidence),
            basis=text(own.get("basis")) if own else basis,
            message=text(own.get("message")) or self.message(result, raw) or rule.summary or rule.id,
            location=places[0] if places else model.File(path=""),
            related=tuple((*places[1:], *related)[:_MOST]),
            keys=_keys(obj(result.get("partialFingerprints"))),
            evidence=evidence | messages(result) | _suppressed(array(result.get("suppressions"))),
            remedy=text(own.get("remedy")),
        )

    def known_rules(self, findings: Iterable[Finding]) -> tuple[Rule, ...]:
        """Return the rules of findings that this object lifted."""
        used = {(finding.rule.tool, finding.rule.id) for finding in findings}
        return tuple(self._lifted[key] for key in sorted(used))

    def message(self, holder: dict[str, Any], rule: Mapping[str, Any]) -> str:
        """Return the text of a message, with its arguments in place."""
        message = obj(holder.get("message"))
        said = text(message.get("text")) or text(message.get("markdown"))
        if not said and isinstance(message.get("id"), str):
            found = obj(obj(rule.get("messageStrings")).get(message["id"]))
            said = text(found.get("text")) or text(message["id"])
        arguments = [text(value) for value in array(message.get("arguments"))[:_MOST]]
        if arguments:
            said = _PLACEHOLDER.sub(lambda m: _argument(arguments, m), said)
        return said[:4000]

    def location(self, place: dict[str, Any]) -> model.Location:
        """Return a location; a file without a path when it names no place."""
        physical = obj(place.get("physicalLocation"))
        region = obj(physical.get("region"))
        context = obj(physical.get("contextRegion"))
        snippet = obj(region.get("snippet")).get("text") or obj(context.get("snippet")).get("text")
        file = model.File(
            path=self._resolver.path(obj(physical.get("artifactLocation"))),
            region=_region(region),
            snippet=text(snippet),
        )
        for logical in map(obj, array(place.get("logicalLocations"))[:_MOST]):
            found = _logical(logical, file)
            if found is not None:
                return found
        return file

    def path(self, place: dict[str, Any]) -> str:
        """Return the path of a location; empty when it names none."""
        return self._resolver.path(obj(obj(place.get("physicalLocation")).get("artifactLocation")))

    def _rule_of(self, result: dict[str, Any]) -> dict[str, Any]:
        reference = obj(result.get("rule"))
        component = integer(obj(reference.get("toolComponent")).get("index"))
        # An extension's place counts from 0, and the driver is our first.
        part = component + 1 if component is not None and component + 1 < len(self._components) else 0
        index = reference.get("index") if reference.get("index") is not None else result.get("ruleIndex")
        found = at(self._rules[part], index)
        if found is not None:
            return found
        name = text(result.get("ruleId"), NAME) or text(reference.get("id"), NAME)
        while name:
            if name in self._by_id:
                return self._by_id[name]
            name = name.rpartition("/")[0]  # a rule's id may be followed by parts of a hierarchy
        return {}

    def _rule(self, raw: dict[str, Any], name: str) -> Rule:
        name = name or text(raw.get("id"), NAME)
        own = obj(obj(raw.get("properties")).get("devsecops"))
        tool = text(own.get("tool"), NAME) or self.tool.name
        name = text(own.get("id"), NAME) or name.removeprefix(f"{tool}/") or "unnamed"
        known = self._lifted.get((tool, name))
        if known is None:
            known = self._lifted[tool, name] = _lift_rule(raw, own, tool, name)
        return known

    def _severity(
        self, result: dict[str, Any], rule: dict[str, Any], kind: str
    ) -> tuple[Severity, float | None, str]:
        for holder in (result, rule):
            value = obj(holder.get("properties")).get("security-severity")
            scored = from_score(value)
            if scored is not None:
                return scored[0], scored[1], f"security-severity {value}"
        level = text(result.get("level"), NAME)
        if not level and kind != "fail":
            level = "none"
        if not level:
            level = text(obj(rule.get("defaultConfiguration")).get("level"), NAME) or "warning"
        return from_level(level), None, f"level {level}"


def _tool(driver: dict[str, Any]) -> model.Tool:
    facts = obj(obj(driver.get("properties")).get("devsecops"))
    data = obj(facts.get("data"))
    version = text(driver.get("version"), NAME) or text(driver.get("semanticVersion"), NAME)
    return model.Tool(
        name=text(driver.get("name"), NAME) or "unnamed",
        version=plain_version(version),
        lock=text(facts.get("lock"), NAME) or None,
        rules=text(facts.get("rules"), NAME) or None,
        interpreter=text(facts.get("interpreter"), NAME) or None,
        data=(
            model.Data(digest=text(data.get("digest"), NAME), date=text(data.get("date"), NAME))
            if data
            else None
        ),
    )


def _lift_rule(raw: dict[str, Any], own: dict[str, Any], tool: str, name: str) -> Rule:
    properties = obj(raw.get("properties"))
    precision = _PRECISION.get(text(properties.get("precision"), NAME), "medium")
    scored = from_score(properties.get("security-severity"))
    default = text(obj(raw.get("defaultConfiguration")).get("level"), NAME)
    severity = scored[0] if scored is not None else from_level(default)
    summary = text(obj(raw.get("shortDescription")).get("text")) or text(
        obj(raw.get("fullDescription")).get("text")
    )
    return Rule(
        tool=tool,
        id=name,
        name=text(own.get("name") if own else raw.get("name"), NAME),
        summary=text(own.get("summary")) if own else summary,
        help=text(own.get("help"), 20_000) if own else text(obj(raw.get("help")).get("text"), 20_000),
        help_uri=text(raw.get("helpUri"), 2000),
        weakness=text(own.get("weakness"), NAME) or None if own else _weakness(properties, raw),
        severity=_one_of(own.get("severity"), SEVERITIES, severity),
        confidence=_one_of(own.get("confidence"), CONFIDENCES, precision),
    )


def _region(region: dict[str, Any]) -> model.Region | None:
    start = integer(region.get("startLine"), 1)
    if start is None:
        return None
    end = integer(region.get("endLine"), start)
    return model.Region(
        start_line=start,
        start_column=integer(region.get("startColumn"), 1),
        end_line=end if end is not None else start,
        end_column=integer(region.get("endColumn"), 1),
    )


def _logical(logical: dict[str, Any], file: model.File) -> model.Location | None:
    name, kind = text(logical.get("fullyQualifiedName")), logical.get("kind")
    facts = {key: text(value) for key, value in obj(logical.get("properties")).items()}
    if kind == "package" and name.startswith("pkg:"):
        return model.Package(purl=name, at=file)
    if kind == "resource" and name:
        return model.Resource(address=name, at=file)
    if kind == "operation" and {"target", "method", "template"} <= set(facts):
        return model.Http(
            target=facts["target"],
            method=facts["method"],
            template=facts["template"],
            param=facts.get("param"),
            at=file if file.path else None,
        )
    if kind == "layer" and {"digest", "layer", "package"} <= set(facts):
        return model.ImageLayer(digest=facts["digest"], layer=facts["layer"], package=facts["package"])
    return None


def _weakness(properties: dict[str, Any], rule: Mapping[str, Any] | None = None) -> str | None:
    words = [*array(properties.get("tags"))[:_MOST], properties.get("cwe")]
    words += array(properties.get("cwe"))[:_MOST]
    for entry in map(obj, array((rule or {}).get("relationships"))[:_MOST]):
        target = obj(entry.get("target"))
        words.append(
            f"{text(obj(target.get('toolComponent')).get('name'), NAME)}-{text(target.get('id'), NAME)}"
        )
        words.append(target.get("id"))
    for word in words:
        if isinstance(word, str) and (match := _CWE.match(word.strip())):
            return f"CWE-{int(match[1])}"
    return None


def _keys(fingerprints: dict[str, Any]) -> dict[str, str]:
    pairs = ((key_name(name), value) for name, value in _some(fingerprints))
    return {text(key, NAME): text(value, NAME) for key, value in pairs if key and text(value, NAME)}


def _suppressed(suppressions: list[Any]) -> dict[str, str]:
    """Return what the tool's own suppressions say: they are reported, and suppress nothing here."""
    said = []
    for entry in map(obj, suppressions[:_MOST]):
        parts = [text(entry.get(key), NAME) for key in ("kind", "status", "justification")]
        said.append(" ".join(part for part in parts if part) or "unknown")
    return {"suppressed": "; ".join(said)[:4000]} if said else {}


def _argument(arguments: list[str], match: re.Match[str]) -> str:
    place = int(match[1])
    return arguments[place] if place < len(arguments) else match[0]


def _some(value: Any) -> list[tuple[str, Any]]:
    return list(obj(value).items())[:_FACTS]


def _score(value: Any) -> float | None:
    scored = from_score(value)
    return scored[1] if scored is not None else None


def _one_of(value: Any, words: Iterable[str], default: Any) -> Any:
    return value if isinstance(value, str) and value in tuple(words) else default
