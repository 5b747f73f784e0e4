"""The text of a file as lines of code: what keys and matching compare."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from functools import cached_property

LINE_END = re.compile(r"\r\n|\r|\n")
TOKEN = re.compile(r"\w+|[^\w\s]")
_COMMENT_ONLY = re.compile(r"\s*(?:#|//|/\*|\*[ /]|<!--|$)")
_TRAILING_COMMENT = re.compile(
    r"\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|(?P<comment>(?:^|(?<=\s))(?:#|//)(?=[ !:]|$).*)"
)


def is_code(line: str) -> bool:
    """Tell a line that holds code from an empty one and one that is a comment only."""
    return not _COMMENT_ONLY.match(line)


def tokens(line: str) -> str:
    """Return the tokens of a line, a blank between them, without a comment at its end."""
    return " ".join(TOKEN.findall(_TRAILING_COMMENT.sub(_without_comment, line)))


def _without_comment(match: re.Match[str]) -> str:
    return "" if match["comment"] is not None else match[0]


class Code:
    """The lines of code of one text. Lines count from 1.

    Args:
        text: the whole file, decoded; not redacted, so nothing of it may leave.
    """

    def __init__(self, text: str) -> None:
        self._lines = LINE_END.split(text)

    @cached_property
    def _numbers(self) -> list[int]:
        return [number for number, line in enumerate(self._lines, 1) if is_code(line)]

    @cached_property
    def lines(self) -> list[str]:
        """The tokens of all lines of code."""
        return [tokens(self._lines[number - 1]) for number in self._numbers]

    def span(self, start: int, end: int) -> tuple[str, ...]:
        """Return the tokens of the lines of code from `start` to `end`."""
        return tuple(self.lines[bisect_left(self._numbers, start) : bisect_right(self._numbers, end)])

    def before(self, start: int, count: int) -> tuple[str, ...]:
        """Return `count` lines of code above `start`, the nearest first."""
        place = bisect_left(self._numbers, start)
        return tuple(reversed(self.lines[max(0, place - count) : place]))

    def after(self, end: int, count: int) -> tuple[str, ...]:
        """Return `count` lines of code below `end`, the nearest first."""
        place = bisect_right(self._numbers, end)
        return tuple(self.lines[place : place + count])
