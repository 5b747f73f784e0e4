"""Where things stand: the line of every key and value of TOML and JSON text that a parser accepted."""

from __future__ import annotations

import re

Place = tuple[str | int, ...]
"""Keys and positions from the root to a value."""

_JSON = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{},:]|\n|[^\s\[\]{},:"]++', re.DOTALL)
_TOML = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?\'{3,5}|"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+"|\'[^\'\n]*+\''
    r"|\#[^\n]*+|[\[\]{},=.]|\n|[A-Za-z0-9_+:-]++",
    re.DOTALL,
)
_DEEPEST = 6


def json_lines(text: str) -> dict[Place, int]:
    """Return the line of every key and array item of a JSON text, six levels deep."""
    import json

    lines: dict[Place, int] = {}
    stack: list[str | int] = []
    kinds: list[str] = []
    line = 1
    after_colon = False
    for match in _JSON.finditer(text):
        token = match.group()
        if token == "\n":
            line += 1
            continue
        if token == ":":
            after_colon = True
            continue
        if token in "]}":
            kinds.pop()
            stack.pop()
        elif token == ",":
            last = stack[-1]
            if isinstance(last, int):
                stack[-1] = last + 1
        elif kinds and kinds[-1] == "{" and not after_colon:
            stack[-1] = str(json.loads(token, strict=False))
            if len(stack) <= _DEEPEST:
                lines.setdefault(tuple(stack), line)
            continue
        else:
            if kinds and kinds[-1] == "[" and len(stack) <= _DEEPEST:
                lines.setdefault(tuple(stack), line)
            if token in "[{":
                kinds.append(token)
                stack.append(0)
        after_colon = False
    return lines


def _key(token: str) -> str:
    if token[:1] in "\"'":
        import tomllib

        return next(iter(tomllib.loads(f"{token}=0")))
    return token


class _Toml:
    """A walk over the tokens of TOML that is known to be valid."""

    def __init__(self, text: str) -> None:
        self.lines: dict[Place, int] = {}
        self._tokens: list[tuple[str, int]] = []
        self._at = 0
        self._counts: dict[Place, int] = {}
        line = 1
        for match in _TOML.finditer(text):
            token = match.group()
            if not token.startswith("#"):
                self._tokens.append((token, line))
            line += token.count("\n")
        self._tokens.append(("\n", line))

    def _peek(self) -> str:
        return self._tokens[self._at][0] if self._at < len(self._tokens) else ""

    def _next(self) -> tuple[str, int]:
        self._at += 1
        return self._tokens[self._at - 1]

    def _skip_lines(self) -> None:
        while self._peek() == "\n":
            self._at += 1

    def _keys(self) -> tuple[Place, int]:
        keys: list[str] = []
        line = self._tokens[self._at][1]
        while self._peek() not in ("=", "]", "\n", ""):
            token = self._next()[0]
            if token != ".":
                keys.append(_key(token))
        return tuple(keys), line

    def _current(self, keys: Place) -> Place:
        """Return the place of a table header: its last element where a part is an array of tables."""
        place: Place = ()
        for part in keys:
            place = (*place, part)
            if place in self._counts:
                place = (*place, self._counts[place])
        return place

    def _header(self, line: int) -> Place:
        double = self._peek() == "["
        if double:
            self._at += 1
        keys, _ = self._keys()
        self._at += 2 if double else 1
        if not double:
            place = self._current(keys)
        else:
            array = (*self._current(keys[:-1]), keys[-1])
            self._counts[array] = self._counts.get(array, -1) + 1
            place = (*array, self._counts[array])
        self.lines.setdefault(place, line)
        return place

    def _value(self, place: Place, depth: int) -> None:
        token, line = self._next()
        if depth > 50:
            raise RecursionError
        self.lines.setdefault(place, line)
        if token == "[":
            position = 0
            while True:
                self._skip_lines()
                if self._peek() == ",":
                    self._at += 1
                elif self._peek() == "]":
                    self._at += 1
                    return
                else:
                    self._value((*place, position), depth + 1)
                    position += 1
        elif token == "{":
            while True:
                self._skip_lines()
                if self._peek() == ",":
                    self._at += 1
                elif self._peek() == "}":
                    self._at += 1
                    return
                else:
                    self._pair(place, depth + 1)
        else:
            while self._peek() not in ("\n", ",", "]", "}", ""):  # 1.5, 12:30
                self._at += 1

    def _pair(self, table: Place, depth: int) -> None:
        keys, line = self._keys()
        self._at += 1
        self.lines.setdefault((*table, *keys), line)
        self._value((*table, *keys), depth)

    def walk(self) -> dict[Place, int]:
        table: Place = ()
        while True:
            self._skip_lines()
            if self._at >= len(self._tokens):
                return self.lines
            if self._peek() == "[":
                table = self._header(self._next()[1])
            else:
                self._pair(table, 0)


def toml_lines(text: str) -> dict[Place, int]:
    """Return the line of every key and array item of a TOML text that `tomllib` accepted."""
    try:
        return _Toml(text).walk()
    except (IndexError, ValueError):  # a place that cannot be found is line 1, never an error
        return {}
