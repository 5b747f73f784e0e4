"""Values for parameters and bodies: examples first, then what the schema asks for. Equal in every run.

Sources: OpenAPI 3.0.4 and 3.1.1 (schema object), JSON Schema 2020-12 (validation).
"""

from __future__ import annotations

import math
from typing import Any

from devsecops_zap.openapi.document import Document
from devsecops_zap.openapi.nodes import DocumentError, Node
from devsecops_zap.openapi.texts import text_of_pattern

DEEPEST = 8
MOST_VALUES = 2_000
_TEXT = "devsecops"
_MIXED = ("allOf", "oneOf", "anyOf")
FORMATS: dict[str, str] = {
    "date": "2024-01-31", "date-time": "2024-01-31T12:00:00Z", "time": "12:00:00Z", "duration": "P1D",
    "uuid": "123e4567-e89b-42d3-a456-426614174000", "email": "someone@example.com",
    "idn-email": "someone@example.com", "hostname": "www.example.com", "idn-hostname": "www.example.com",
    "ipv4": "192.0.2.1", "ipv6": "2001:db8::1", "uri": "https://www.example.com/",
    "url": "https://www.example.com/", "uri-reference": "/devsecops", "iri": "https://www.example.com/",
    "byte": "ZGV2c2Vjb3Bz", "json-pointer": "/devsecops", "regex": "devsecops", "password": "Dev5ec0ps-",
}  # fmt: skip


class Values:
    """Makes values of the schemas of one document.

    Args:
        document: where references lead.
        optional: whether properties that are not required are set too.
    """

    def __init__(self, document: Document, *, optional: bool = True) -> None:
        self.document, self.optional = document, optional
        self.left = MOST_VALUES

    def of(self, schema: Node, *holders: Node) -> Any:
        """Return a JSON-ready value: an example of `holders` (parameter, media type), else one of the schema.

        Raises:
            DocumentError: a reference that leads out, nowhere or in a circle, or a schema without an end.
        """
        self.left = MOST_VALUES
        for holder in holders:
            found = self._example(holder)
            if found is not None:
                return found.plain()
        return self._value(schema, 0)

    def _example(self, node: Node) -> Node | None:
        for key in ("example", "x-example"):
            if (found := node.get(key)) is not None:
                return found
        examples = node.get("examples")
        if examples is None:
            return None
        if isinstance(examples.value, list):
            return examples.value[0] if examples.value else None
        for one in examples.values():
            value = self.document.follow(one).get("value")
            if value is not None:
                return value
        return None

    def _value(self, node: Node, depth: int) -> Any:
        self.left -= 1
        if self.left < 0:
            raise DocumentError(f"line {node.line}: a schema asks for more than {MOST_VALUES} values")
        if depth > DEEPEST * 4:
            raise DocumentError(f"line {node.line}: a schema that requires itself")
        node = self.document.follow(node)
        for key in ("example", "default", "const"):
            if (found := node.get(key)) is not None:
                return found.plain()
        for key in ("examples", "enum"):
            listed = node.each(key)
            if listed:
                return listed[0].plain()
        if any(node.get(key) for key in _MIXED):
            return self._mixed(node, depth)
        return self._typed(node, _kind(node), depth)

    def _typed(self, node: Node, kind: str, depth: int) -> Any:
        if kind == "object":
            return self._object(node, depth)
        if kind == "array":
            return self._array(node, depth)
        if kind in ("integer", "number"):
            return _number(node, kind)
        return {"boolean": True, "null": None}.get(kind) if kind in ("boolean", "null") else _text(node)

    def _mixed(self, node: Node, depth: int) -> Any:
        """Return a value of all of `allOf` and the first of each choice, objects laid over each other."""
        own = node.get("properties") or node.get("type")
        parts = [self._typed(node, _kind(node), depth + 1)] if own is not None else []
        parts += [self._value(one, depth + 1) for one in node.each("allOf")]
        for key in ("oneOf", "anyOf"):
            choices = [one for one in node.each(key) if self.document.follow(one).text("type") != "null"]
            if choices:
                parts.append(self._value(choices[0], depth + 1))
        objects = [part for part in parts if isinstance(part, dict)]
        if objects:
            return {key: value for part in objects for key, value in part.items()}
        return parts[-1] if parts else _TEXT

    def _object(self, node: Node, depth: int) -> dict[str, Any]:
        required = [one.value for one in node.each("required") if isinstance(one.value, str)]
        properties = dict(properties.items()) if (properties := node.get("properties")) is not None else {}
        names = [name for name in required if name in properties]
        if self.optional and depth < DEEPEST:
            names += [name for name in properties if name not in required]
        out = {}
        for name in names:
            inner = self.document.follow(properties[name])
            if not inner.flag("readOnly"):
                out[name] = self._value(properties[name], depth + 1)
        return out

    def _array(self, node: Node, depth: int) -> list[Any]:
        least = int(node.number("minItems") or 0)
        if depth >= DEEPEST and not least:
            return []
        first = node.each("prefixItems")
        out = [self._value(one, depth + 1) for one in first]
        items = node.get("items")
        wanted = max(1, min(least, 100)) - len(out)
        if items is not None and isinstance(items.value, dict):
            out += [self._value(items, depth + 1) for _ in range(wanted)]
        elif not first:
            out += [_TEXT] * wanted
        return out


def _kind(node: Node) -> str:
    """Return the type of a schema: in 3.1 the first of several that is not null; else by its keys."""
    found = node.get("type")
    if found is not None and isinstance(found.value, list):
        kinds = [str(one.value) for one in found.value if one.value != "null"]
        return kinds[0] if kinds else "null"
    if found is not None and isinstance(found.value, str):
        return found.value
    if node.get("properties") is not None:
        return "object"
    if node.get("items") is not None or node.get("prefixItems") is not None:
        return "array"
    return "number" if node.get("minimum") or node.get("maximum") else "string"


def _number(node: Node, kind: str) -> int | float:
    """Return 1 where it is allowed, else the nearest that is."""
    low, high = node.number("minimum"), node.number("maximum")
    step = 1 if kind == "integer" else 0.5
    for name, flag in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        sign = 1 if name == "minimum" else -1
        bound = node.number(flag)
        limit = low if sign > 0 else high
        if bound is None and node.flag(flag) and limit is not None:
            bound = limit
        if bound is not None and sign > 0:
            low = bound + step if low is None or bound >= low else low
        elif bound is not None:
            high = bound - step if high is None or bound <= high else high
    value: int | float = 1
    if low is not None and value < low:
        value = low
    if high is not None and value > high:
        value = high
    multiple = node.number("multipleOf")
    if multiple:
        value = -(-value // multiple) * multiple
        value = high // multiple * multiple if high is not None and value > high else value
        value = value if math.isfinite(value) else 1
    return int(-(-value // 1)) if kind == "integer" and abs(value) < 1e15 else value


def _text(node: Node) -> str:
    pattern, form = node.text("pattern"), node.text("format")
    least, most = int(node.number("minLength") or 0), node.number("maxLength")
    found = text_of_pattern(pattern, least) if pattern else None
    text = FORMATS.get(form, _TEXT) if found is None else found
    if form == "binary":
        text = _TEXT
    if len(text) < least:
        text = (text + _TEXT * (min(least, 10_000) // len(_TEXT) + 1))[: min(least, 10_000)]
    return text if most is None else text[: max(int(most), 0)]
