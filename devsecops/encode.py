"""Hostile text made fit to be shown."""

from __future__ import annotations

import unicodedata

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Control, format (bidi among them), surrogates, unassigned, line and paragraph separators."""


def visible(text: str) -> str:
    """Return `text` with everything that could move, hide or reorder what is shown written as an escape.

    Tabs and line ends are escaped as well: whoever wants lines splits them first.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(c) if unicodedata.category(c) in _HIDDEN else c for c in text)


def one_line(text: str) -> str:
    """Return `text` as one visible line: runs of white space become one space."""
    return visible(" ".join(text.split()))


def _shown(character: str) -> str:
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
