"""Versions of tools: readers of SARIF compare them, and want a number first."""

from __future__ import annotations

import re

from devsecops.encode import one_line

_NO_NUMBER = re.compile(r"0 \((.*)\)", re.DOTALL)
_UNKNOWN = "unknown"


def version_text(version: str) -> str:
    """Return a version that starts with a number; one that has none stands in brackets after 0."""
    text = one_line(version) or _UNKNOWN
    return text if text[0].isascii() and text[0].isdigit() else f"0 ({text})"


def plain_version(text: str) -> str:
    """Return the version that `version_text` wrote; empty for one that nobody knows."""
    match = _NO_NUMBER.fullmatch(text)
    version = match[1] if match else text
    return "" if match and version == _UNKNOWN else version
