"""JSON or YAML text as nodes that know their lines, read without trust: size, depth and number are bounded.

PyYAML's event stream is what is read, for JSON too, because it has a mark for each event and keeps nothing.
The readers that there are do not tell on which line an operation stands. Besides, openapi-core 0.14 with its
openapi-spec-validator 0.9 brings 25 packages and fetches remote references; prance 26.7 brings nine and needs
a validator beside it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

from devsecops.api import ToolError

MOST_BYTES = 16 << 20
MOST_NODES = 1_000_000
DEEPEST = 200
_LARGEST = 10**18
Scalar = str | int | float | bool | None

_ESCAPE = re.compile(
    r"\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|u[dD][89a-fA-F]..|.)", re.DOTALL
)
_BREAKS = {code: f"\\u{code:04x}" for code in (0x85, 0x2028, 0x2029)}
_INT = re.compile(r"[-+]?[0-9]{1,300}")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,4})?")
_WORDS: dict[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


class DocumentError(ToolError):
    """A document that cannot be read; the text says why, and where."""


class Node:
    """A value and the line that it, or its key, begins on. Nodes may be shared: treat them as frozen."""

    __slots__ = ("line", "value")

    def __init__(self, value: Scalar | dict[str, Node] | list[Node], line: int) -> None:
        self.value, self.line = value, line

    def get(self, key: str) -> Node | None:
        """Return the value of `key` in a mapping; None when there is none, or this is no mapping."""
        return self.value.get(key) if isinstance(self.value, dict) else None

    def text(self, key: str, default: str = "") -> str:
        """Return the value of `key` when it is text."""
        found = self.get(key)
        return found.value if found is not None and isinstance(found.value, str) else default

    def flag(self, key: str) -> bool:
        """Return whether `key` is true."""
        found = self.get(key)
        return found is not None and found.value is True

    def number(self, key: str) -> int | float | None:
        """Return the value of `key` when it is a number of ordinary size."""
        found = self.get(key)
        value = found.value if found is not None else None
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return value if abs(value) <= _LARGEST else None

    def items(self) -> Iterator[tuple[str, Node]]:
        """Yield keys and values of a mapping, in the document's order; nothing of anything else."""
        if isinstance(self.value, dict):
            yield from self.value.items()

    def values(self) -> Iterator[Node]:
        """Yield the values of a mapping, in the document's order; nothing of anything else."""
        if isinstance(self.value, dict):
            yield from self.value.values()

    def each(self, key: str) -> list[Node]:
        """Return the items of the list under `key`; none when there is none."""
        found = self.get(key)
        return found.value if found is not None and isinstance(found.value, list) else []

    def plain(self, budget: int = 2_000) -> Any:
        """Return the value as JSON-ready data; DocumentError when it has too many nodes or is too deep."""
        left = [budget]

        def walk(node: Node, depth: int) -> Any:
            left[0] -= 1
            if left[0] < 0 or depth > DEEPEST:
                raise DocumentError(f"line {self.line}: an example that is too large")
            if isinstance(node.value, dict):
                return {key: walk(one, depth + 1) for key, one in node.value.items()}
            return (
                [walk(one, depth + 1) for one in node.value] if isinstance(node.value, list) else node.value
            )

        return walk(self, 0)


def read_nodes(data: bytes) -> Node:
    """Return the one document in `data`, JSON or YAML 1.2 (core schema; keys are always text).

    Raises:
        DocumentError: not UTF-8, not JSON or YAML, too large or too deep, a key twice, or no PyYAML.
    """
    if len(data) > MOST_BYTES:
        raise DocumentError(f"it is larger than {MOST_BYTES >> 20} MB")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentError(f"it is not UTF-8 (byte {error.start})") from None
    try:
        import yaml
    except ImportError:
        raise DocumentError("PyYAML is not installed; install devsecops[zap]") from None
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return _Builder().build(yaml.parse(_as_yaml(text), Loader=loader))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        raise DocumentError(f"{where}{getattr(error, 'problem', None) or 'not JSON or YAML'}") from None


def _as_yaml(text: str) -> str:
    """Write JSON as YAML reads it.

    Of its pairs of escapes one is made, and of a half of a pair the replacement character. What may stand in
    its strings and ends a line of YAML 1.1 is escaped.
    """
    if text.lstrip()[:1] not in ("{", "["):
        return text

    def one(match: re.Match[str]) -> str:
        if match[1]:
            code = 0x10000 + ((int(match[1], 16) - 0xD800) << 10) + int(match[2], 16) - 0xDC00
            return f"\\U{code:08x}"
        return "\\ufffd" if len(match[0]) == len("\\uXXXX") else match[0]

    return _ESCAPE.sub(one, text).translate(_BREAKS)


class _Builder:
    """Makes nodes from events, without recursion. An alias shares the anchor's node; none may hold itself."""

    def __init__(self) -> None:
        self.stack: list[tuple[Node, str | None, int]] = []
        self.keys: list[tuple[str, int] | None] = []
        self.anchors: dict[str, Node] = {}
        self.root: Node | None = None
        self.count = 0

    def build(self, events: Any) -> Node:
        for event in events:
            name, line = type(event).__name__, event.start_mark.line + 1
            if name in ("MappingStartEvent", "SequenceStartEvent"):
                self._open(Node({} if name[0] == "M" else [], line), event.anchor, line)
            elif name in ("MappingEndEvent", "SequenceEndEvent"):
                node, anchor, _ = self.stack.pop()
                self.keys.pop()
                if anchor:
                    self.anchors[anchor] = node
            elif name == "ScalarEvent":
                self._scalar(event, line)
            elif name == "AliasEvent":
                if event.anchor not in self.anchors:
                    raise DocumentError(f"line {line}: the alias {event.anchor} is of nothing before it")
                self._put(self.anchors[event.anchor], line)
            elif name == "DocumentStartEvent" and self.root is not None:
                raise DocumentError(f"line {line}: a second document")
        if self.root is None:
            raise DocumentError("it is empty")
        return self.root

    def _open(self, node: Node, anchor: str | None, line: int) -> None:
        if len(self.stack) >= DEEPEST:
            raise DocumentError(f"line {line}: nested more than {DEEPEST} deep")
        placed = self._put(node, line)
        self.stack.append((placed, anchor, line))
        self.keys.append(None)

    def _scalar(self, event: Any, line: int) -> None:
        if self.stack and isinstance(self.stack[-1][0].value, dict) and self.keys[-1] is None:
            self.count += 1
            if event.value in self.stack[-1][0].value:
                raise DocumentError(f"line {line}: the key {event.value[:60]!r} stands there twice")
            self.keys[-1] = (event.value, line)
            return
        plain = event.implicit[0] and event.style in (None, "")
        node = self._put(Node(_scalar(event.value) if plain else event.value, line), line)
        if event.anchor:
            self.anchors[event.anchor] = node

    def _put(self, node: Node, line: int) -> Node:
        """Hang `node` in what is open; a value in a mapping has the line of its key. Return what hangs."""
        self.count += 1
        if self.count > MOST_NODES:
            raise DocumentError(f"line {line}: more than {MOST_NODES} values")
        if not self.stack:
            self.root = node
            return node
        around = self.stack[-1][0].value
        if isinstance(around, list):
            around.append(node)
        elif isinstance(around, dict):
            key = self.keys[-1]
            if key is None:
                raise DocumentError(f"line {line}: a key is not text")
            node = node if node.line == key[1] else Node(node.value, key[1])
            around[key[0]] = node
            self.keys[-1] = None
        return node


def _scalar(text: str) -> Scalar:
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text) and math.isfinite(value := float(text)):
        return value
    return text
