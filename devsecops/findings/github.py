"""GitHub's ``primaryLocationLineHash``, so that an upload there finds the hash it would compute itself.

A line's hash is the polynomial hash, base 37 modulo 2**64, of the first 100 characters from the line's
start, over UTF-16 code units; blanks and tabs are left out and each line ending is one line feed. The
text ends with the unit 65535, then zeros. A colon and the count of equal hashes so far follow it.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter
from operator import mul
from sys import byteorder

WINDOW = 100
_BASE = 37
_MASK = (1 << 64) - 1
_END = 65535
_LF = 10
_POWERS = [pow(_BASE, WINDOW - 1 - place, 1 << 64) for place in range(WINDOW)]


class LineHashes:
    """The hashes of all lines of one text.

    Args:
        lines: the text's lines without their endings (``\\r\\n``, ``\\r`` or ``\\n``).
    """

    def __init__(self, lines: list[str]) -> None:
        units: array[int] = array("H")
        starts: list[int] = []
        utf16 = "utf-16-le" if byteorder == "little" else "utf-16-be"
        for line in lines:
            starts.append(len(units))
            units.frombytes(line.replace(" ", "").replace("\t", "").encode(utf16, "surrogatepass"))
            units.append(_LF)
        # The last line has no ending: what stands there is the end of the text.
        units[-1:] = array("H", [_END])
        self.starts = starts
        self.hashes = _hashed(units, starts)

    def window(self, line: int) -> int:
        """Return the last line (from 1) that has a part in the hash of `line` (from 1)."""
        return bisect_left(self.starts, self.starts[line - 1] + WINDOW)


def _hashed(units: array[int], starts: list[int]) -> list[str]:
    padded = units + array("H", bytes(2 * WINDOW))
    seen, out = Counter[int](), []
    for start in starts:
        value = sum(map(mul, _POWERS, padded[start : start + WINDOW])) & _MASK
        seen[value] += 1
        out.append(f"{value:x}:{seen[value]}")
    return out
