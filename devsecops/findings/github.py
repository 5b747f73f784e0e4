"""GitHub's ``primaryLocationLineHash``, so that an upload there finds the hash it would compute itself.

A line's hash is the polynomial hash, base 37 modulo 2**64, of the first 100 characters from the line's
start, over UTF-16 code units; blanks and tabs are left out and each line ending is one line feed. The
text ends with the unit 65535, then zeros. A colon and the count of equal hashes so far follow it.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter
from functools import cached_property
from itertools import accumulate
from operator import mul
from sys import byteorder

WINDOW = 100
_BASE = 37
_MASK = (1 << 64) - 1
_END = 65535
_POWERS = [pow(_BASE, WINDOW - 1 - place, 1 << 64) for place in range(WINDOW)]


class LineHashes:
    """The hashes of all lines of one text.

    Args:
        lines: the text's lines without their endings (``\\r\\n``, ``\\r`` or ``\\n``).
    """

    def __init__(self, lines: list[str]) -> None:
        utf16 = "utf-16-le" if byteorder == "little" else "utf-16-be"
        text = "\n".join(lines).replace(" ", "").replace("\t", "")
        units: array[int] = array("H")
        units.frombytes(text.encode(utf16, "surrogatepass"))
        parts = text.split("\n")
        plain = len(units) == len(text)
        lengths = (len(part) if plain else len(part.encode(utf16, "surrogatepass")) // 2 for part in parts)
        starts = list(accumulate((length + 1 for length in lengths), initial=0))[:-1]
        # The last line has no ending: what stands there is the end of the text.
        units.append(_END)
        self.starts = starts
        self._units = units + array("H", bytes(2 * WINDOW))

    @cached_property
    def _nth(self) -> list[int]:
        """How many lines up to each begin with the same window: counted without hashing all of them."""
        data, size = memoryview(self._units).cast("B"), self._units.itemsize
        seen, out = Counter[bytes](), []
        for start in self.starts:
            window = bytes(data[start * size : (start + WINDOW) * size])
            seen[window] += 1
            out.append(seen[window])
        return out

    def of(self, line: int) -> str:
        """Return the hash of `line` (from 1)."""
        start = self.starts[line - 1]
        value = sum(map(mul, _POWERS, self._units[start : start + WINDOW])) & _MASK
        return f"{value:x}:{self._nth[line - 1]}"

    def window(self, line: int) -> int:
        """Return the last line (from 1) that has a part in the hash of `line` (from 1)."""
        return bisect_left(self.starts, self.starts[line - 1] + WINDOW)
