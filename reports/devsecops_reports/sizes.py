"""Sizes as the strictest reader counts them: bytes of UTF-8, never fewer than characters of any kind."""

from __future__ import annotations

_SIGN = "..."


def size(text: str) -> int:
    """Return how many bytes of UTF-8 `text` has. A lone surrogate counts as what `encode` makes of it."""
    return len(text.encode("utf-8", "backslashreplace"))


def cut_bytes(text: str, most: int) -> str:
    """Return at most `most` bytes of `text`; what is cut off shows as ``...`` in the middle."""
    data = text.encode("utf-8", "backslashreplace")
    if len(data) <= most:
        return text
    room = max(most - len(_SIGN), 0)
    head = room * 2 // 3
    first = data[:head].decode("utf-8", "ignore")
    last = data[len(data) - (room - head) :].decode("utf-8", "ignore") if room - head else ""
    return f"{first}{_SIGN}{last}"
