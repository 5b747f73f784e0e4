"""On which line of a TOML text a key stands. The text has been read by tomllib: it is valid."""

from __future__ import annotations

import tomllib


def key_lines(text: str) -> dict[str, int]:
    """Return dotted key -> line from 1, also of tables, of keys in inline tables and of items of arrays.

    An item of an array of tables is ``name[0]``. A key that holds a dot or a bracket stands as it is.
    """
    return _Reader(text).lines_of_keys()


class _Reader:
    def __init__(self, text: str) -> None:
        self.text, self.at, self.line = text, 0, 1
        self.lines: dict[str, int] = {}
        self.items: dict[str, int] = {}

    def lines_of_keys(self) -> dict[str, int]:
        table = ""
        while self._blank("\n"):
            if self.text[self.at] != "[":
                self._pair(table)
                continue
            twice = self.text.startswith("[[", self.at)
            self.at += 1 + twice
            line = self.line
            table = self._placed(self._key(), twice)
            self.lines.setdefault(table, line)
            if twice:
                self.lines.setdefault(table.rpartition("[")[0], line)
            self.at += 1 + twice
        return self.lines

    def _placed(self, parts: list[str], twice: bool) -> str:
        """Return the full key of a table's header: within the last item of each array of tables."""
        place = ""
        for number, part in enumerate(parts):
            place = f"{place}.{part}".lstrip(".")
            if twice and number == len(parts) - 1:
                self.items[place] = self.items.get(place, -1) + 1
            if place in self.items:
                place = f"{place}[{self.items[place]}]"
        return place

    def _blank(self, also: str) -> bool:
        """Skip blanks, comments and line ends; return whether something follows."""
        while self.at < len(self.text):
            char = self.text[self.at]
            if char == "#":
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            elif char in " \t\r" or (char == "\n" and also):
                self.line += char == "\n"
                self.at += 1
            else:
                return True
        return False

    def _key(self) -> list[str]:
        parts = []
        while True:
            self._blank("")
            start = self.at
            if self.text[start] in "\"'":
                self._string()
                parts.append(str(tomllib.loads(f"k = {self.text[start : self.at]}")["k"]))
            else:
                while self.text[self.at].isalnum() or self.text[self.at] in "_-":
                    self.at += 1
                parts.append(self.text[start : self.at])
            self._blank("")
            if self.text[self.at] != ".":
                return parts
            self.at += 1

    def _pair(self, table: str) -> None:
        line = self.line
        full = table
        for part in self._key():
            full = f"{full}.{part}".lstrip(".")
            self.lines.setdefault(full, line)
        self.at += 1
        self._value(full)

    def _value(self, key: str) -> None:
        self._blank("")
        char = self.text[self.at]
        if char in "\"'":
            self._string()
        elif char in "[{":
            self._inside(key, char)
        else:
            while self.at < len(self.text) and self.text[self.at] not in ",]}\n#":
                self.at += 1

    def _inside(self, key: str, opened: str) -> None:
        self.at += 1
        number = 0
        while self._blank("\n") and self.text[self.at] not in "]}":
            if self.text[self.at] == ",":
                self.at += 1
            elif opened == "{":
                self._pair(key)
            else:
                self.lines.setdefault(f"{key}[{number}]", self.line)
                self._value(f"{key}[{number}]")
                number += 1
        self.at += 1

    def _string(self) -> None:
        quote = self.text[self.at]
        end = quote * 3 if self.text.startswith(quote * 3, self.at) else quote
        self.at += len(end)
        while not self.text.startswith(end, self.at):
            self.line += self.text[self.at] == "\n"
            self.at += 2 if quote == '"' and self.text[self.at] == "\\" else 1
            self.line += self.text[self.at - 1 : self.at] == "\n" and self.text[self.at - 2] == "\\"
        self.at += len(end)
        while len(end) == 3 and self.text.startswith(quote, self.at):
            self.at += 1
