"""Path patterns of a policy: anchored at the root, ``*`` inside one part, ``**`` across parts.

A pattern that names a folder means everything under it. There is no escape character: a character class
stands for a special character itself, as in ``[*]``. Patterns match path text (`devsecops.paths`), in which
a backslash is a character like any other.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable

NOTHING = r"(?!)"


def compile_globs(patterns: Iterable[str]) -> re.Pattern[str]:
    """Return an expression whose `fullmatch` tells whether any of the patterns means a path."""
    return re.compile("|".join(translate(pattern) for pattern in patterns) or NOTHING, re.DOTALL)


@functools.lru_cache(maxsize=1024)
def _compiled(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return compile_globs(patterns)


def matches(patterns: tuple[str, ...], path: str) -> bool:
    """Return whether any of the patterns means `path`, or a folder above it."""
    return _compiled(patterns).fullmatch(path) is not None


def translate(pattern: str, *, under: bool = True) -> str:
    """Return the expression of one pattern; with `under` a folder's name means what is in it as well.

    A ``/`` at the start changes nothing; one at the end leaves only what is under that folder. A pattern
    without a part, such as ``/`` or ``.``, means nothing: ``**`` means everything.
    """
    parts = [part for part in pattern.split("/") if part not in ("", ".")]
    if not parts:
        return NOTHING
    chunks: list[list[str]] = [[]]
    for part in parts:
        if part != "**":
            chunks[-1].append(_part(part))
        elif chunks[-1] or len(chunks) == 1:
            chunks.append([])
    return f"(?:{_across(chunks)}{_end(pattern, chunks[-1], under)})"


def _across(chunks: list[list[str]]) -> str:
    first, last = chunks[0], chunks[-1]
    if len(chunks) == 1:
        return "/".join(first)
    out = "".join(f"{part}/" for part in first)
    for middle in chunks[1:-1]:
        # Atomic: the first place that fits is as good as any later one, so nothing is tried twice.
        out += "(?>(?:[^/]+/)*?" + "".join(f"{part}/" for part in middle) + ")"
    return out + ("(?:[^/]+/)*" + "/".join(last) if last else ".+")


def _end(pattern: str, last: list[str], under: bool) -> str:
    if not last:
        return ""
    if pattern.endswith("/"):
        return "/.+"
    return "(?:/.*)?" if under else ""


def _part(part: str) -> str:
    """Return the expression of one part; ``*`` never meets a ``/``."""
    fixed = [""]
    at = 0
    while at < len(part):
        character = part[at]
        at += 1
        if character == "*":
            if fixed[-1] or len(fixed) == 1:
                fixed.append("")
        elif character == "?":
            fixed[-1] += "[^/]"
        elif character == "[" and (end := _class_end(part, at)) > 0:
            fixed[-1] += _class(part[at:end])
            at = end + 1
        else:
            fixed[-1] += re.escape(character)
    if len(fixed) == 1:
        return fixed[0]
    middle = "".join(f"(?>[^/]*?{piece})" for piece in fixed[1:-1])
    return f"{fixed[0]}{middle}[^/]*{fixed[-1]}"


def _class_end(part: str, start: int) -> int:
    """Return where the class that begins at `start` ends; -1 when it does not."""
    first = start + 1 if part[start : start + 1] in ("!", "^") else start
    return part.find("]", first + 1)


def _class(body: str) -> str:
    negated = body[0] in "!^"
    items = body[1:] if negated else body
    out = ""
    at = 0
    while at < len(items):
        if items[at + 1 : at + 2] == "-" and at + 2 < len(items):
            low, high = items[at], items[at + 2]
            if low <= high:
                out += f"{re.escape(low)}-{re.escape(high)}"
            at += 3
        else:
            out += re.escape(items[at])
            at += 1
    if not out:
        return "[^/]" if negated else NOTHING
    return f"(?!/)[{'^' if negated else ''}{out}]"
