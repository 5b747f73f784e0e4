"""A short text that matches a simple pattern, made by reading the pattern: it is never compiled.

The pattern is of the scanned tree: running it could take for ever. Understood are literals, classes,
``\\d \\w \\s .``, repeats of these and anchors; anything else gives no text.
"""

from __future__ import annotations

import re

_ITEM = re.compile(
    r"(?P<cls>\[(?P<not>\^?)(?P<in>(?:\\.|[^\]\\])+)\])|(?P<esc>\\[dwsDWS])|(?P<dot>\.)"
    r"|\\(?P<quoted>[^A-Za-z0-9])|(?P<lit>[^\\\[\](){}*+?|^$.])"
)
_REPEAT = re.compile(r"(?:\{([0-9]{1,4})(?:,([0-9]{0,4}))?\}|([*+?]))\??")
_SHORT = {"d": "1", "w": "a", "s": " ", "D": "a", "W": "-", "S": "a"}
_MOST = 1_000


def text_of_pattern(pattern: str, least: int = 0) -> str | None:
    """Return a text that matches the whole of `pattern`, at least `least` long where a repeat allows it.

    None: the pattern is not one of the simple ones.
    """
    if len(pattern) > 500:
        return None
    at, end = pattern.startswith("^"), len(pattern) - (pattern.endswith("$") and not pattern.endswith("\\$"))
    position = int(at)
    parts: list[tuple[str, int, int]] = []
    while position < end:
        found = _ITEM.match(pattern, position, end)
        char = _character(found) if found else None
        if found is None or char is None:
            return None
        repeat = _REPEAT.match(pattern, found.end(), end)
        low, high = _times(repeat) if repeat else (1, 1)
        if low > _MOST:
            return None
        parts.append((char, low, high))
        position = repeat.end() if repeat else found.end()
    missing = min(least, _MOST) - sum(low for _, low, _ in parts)
    out = []
    for char, low, high in parts:
        more = max(0, min(missing, high - low))
        missing -= more
        out.append(char * (low + more))
    return "".join(out)


def _times(found: re.Match[str]) -> tuple[int, int]:
    if found[3]:
        return {"*": (0, _MOST), "+": (1, _MOST), "?": (0, 1)}[found[3]]
    low = int(found[1])
    return low, (low if "," not in found[0] else int(found[2]) if found[2] else _MOST)


def _character(found: re.Match[str]) -> str | None:
    if found["esc"]:
        return _SHORT[found["esc"][1]]
    if found["dot"]:
        return "a"
    if not found["cls"]:
        return found["quoted"] or found["lit"]
    if found["not"]:
        free = [c for c in "a1-A_ .x" if not _within(c, found["in"])]
        return free[0] if free else None
    first = re.match(r"\\(.)|(.)", found["in"], re.DOTALL)
    if first is None:
        return None
    if first[1]:
        return _SHORT.get(first[1]) if first[1].isalnum() else first[1]
    return first[2]


def _within(char: str, inside: str) -> bool:
    """Return whether a class without its brackets may hold `char`; a doubt is a yes."""
    if any(mark in inside for mark in ("\\w", "\\W", "\\d", "\\D", "\\s", "\\S")):
        return True
    spans = re.findall(r"\\?(.)-\\?(.)", inside, re.DOTALL)
    return char in inside or any(low <= char <= high for low, high in spans)
