"""What a scan tells on stderr while it works: lines, and on a terminal one that is rewritten in place."""

from __future__ import annotations

import contextlib
import os
import time
import unicodedata
from typing import TextIO

from devsecops.encode import one_line
from devsecops.remote import Doing

REDRAW_S = 0.1
PLAIN_S = 5.0
"""Where nothing can be rewritten, a scanner that is at the same thing says so again after this time."""
MARGIN = 4
"""Columns that stay free: the terminal may echo what is typed, such as ^C, and must not wrap."""
_WIPE = "\r\x1b[K"


def can_rewrite(out: TextIO, term: str, *, ci: bool) -> bool:
    """Return whether lines can be rewritten there: it is a terminal that is looked at and obeys."""
    return not ci and term not in ("", "dumb") and out.isatty()


class Narrator:
    """Tells what is going on.

    Args:
        out: where; None tells nothing.
        live: whether its last line can be rewritten.
    """

    def __init__(self, out: TextIO | None, *, live: bool) -> None:
        self._out, self._live = out, live
        self._doing: dict[str, Doing] = {}
        self._told: dict[str, tuple[str, float]] = {}
        self._drawn = ""
        self._drawn_at = 0.0

    def say(self, text: str) -> None:
        """Say a line that stays."""
        if self._out is None:
            return
        self._write(f"{self._wipe()}{one_line(text)}\n{self._line()}")

    def doing(self, scanner: str, doing: Doing | None) -> None:
        """Show what a scanner is at, in place of what it was at before; None: nothing any more."""
        if self._out is None:
            return
        # The scanner that spoke last is the one that is shown.
        self._doing.pop(scanner, None)
        if doing is not None:
            self._doing[scanner] = doing
        if self._live:
            now = time.monotonic()
            if doing is None or not self._drawn or now - self._drawn_at >= REDRAW_S:
                self._drawn_at = now
                self._write(self._wipe() + self._line())
        elif doing is not None:
            self._plainly(scanner, doing)

    def close(self) -> None:
        """Leave nothing behind that is not a whole line."""
        self._doing.clear()
        if self._out is not None:
            self._write(self._wipe())

    def _plainly(self, scanner: str, doing: Doing) -> None:
        what, at = self._told.get(scanner, ("", 0.0))
        now = time.monotonic()
        if doing.what != what or now - at >= PLAIN_S:
            self._told[scanner] = (doing.what, now)
            self.say(in_words(scanner, doing))

    def _wipe(self) -> str:
        wiped, self._drawn = _WIPE if self._drawn else "", ""
        return wiped

    def _line(self) -> str:
        """Return the line to draw, which is taken for drawn; nothing where there is none."""
        if self._live and self._doing:
            scanner, doing = next(reversed(self._doing.items()))
            self._drawn = fitting(scanner, doing, self._columns() - MARGIN)
        return self._drawn

    def _columns(self) -> int:
        assert self._out is not None
        with contextlib.suppress(OSError, ValueError):
            return os.get_terminal_size(self._out.fileno()).columns or 80
        return 80

    def _write(self, text: str) -> None:
        if text and self._out is not None:
            self._out.write(text)
            self._out.flush()


def in_words(scanner: str, doing: Doing) -> str:
    """Return what a scanner is at, as one line."""
    left = "" if doing.left_s is None else f"{max(doing.left_s, 0.0):,.0f} s left"
    seen = ", ".join(part for part in (doing.seen, left) if part)
    return one_line(": ".join(part for part in (scanner, doing.what, seen) if part))


def fitting(scanner: str, doing: Doing, columns: int) -> str:
    """Return the same in at most so many columns; the time that is left goes before what was seen."""
    text = in_words(scanner, doing)
    if _width(text) > columns:
        text = in_words(scanner, Doing(what=doing.what, left_s=doing.left_s))
    while text and _width(text) > columns:
        text = text[:-1]
    return text


def _width(text: str) -> int:
    """Return how many columns a terminal takes for a text without controls."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "FW" else 1
        for char in text
    )
