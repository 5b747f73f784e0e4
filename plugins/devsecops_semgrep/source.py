"""The batch's files as semgrep sees them: lines, columns and encoding."""

from __future__ import annotations

import io
import re
import tokenize
from functools import lru_cache
from pathlib import Path

from devsecops.api import ToolError


class Source:
    """Reads the files of one batch, the last one kept."""

    def __init__(self, root: str) -> None:
        self._root = Path(root)
        self._split = lru_cache(maxsize=1)(self._lines)

    def lines(self, path: str) -> int:
        """Return how many lines a file has."""
        return len(self._split(path))

    def column(self, path: str, line: int, column: int) -> int | None:
        """Return a column in characters for one in bytes of UTF-8, both from 1; None when it is not there."""
        text = self._split(path)[line - 1]
        if not 1 <= column <= len(text) + 1:
            return None
        try:
            return len(text[: column - 1].decode()) + 1
        except UnicodeDecodeError:
            return None

    def encoding(self, path: str) -> str:
        """Return what is wrong with a file's encoding; empty when it is UTF-8, or declared in Python's way.

        semgrep 1.182.0 lists UTF-16 as scanned and finds nothing in it: such a file is never given to it.
        """
        data = self.read(path)
        if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return "it is UTF-16"
        try:
            data.decode()
        except UnicodeDecodeError:
            return "" if path.endswith(".py") and _declared(data) else "it is not UTF-8"
        return ""

    def read(self, path: str) -> bytes:
        """Return a file's content. Raises ToolError when it cannot be read."""
        try:
            return (self._root / path).read_bytes()
        except OSError as error:
            raise ToolError(f"a file of the batch cannot be read: {error.strerror}") from error

    def _lines(self, path: str) -> list[bytes]:
        return re.split(rb"\r\n|\n", self.read(path))


def _declared(data: bytes) -> bool:
    try:
        name, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        data.decode(name)
    except (SyntaxError, UnicodeDecodeError, LookupError):
        return False
    return name not in ("utf-8", "utf-8-sig")
