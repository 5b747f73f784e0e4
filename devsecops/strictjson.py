"""Reading JSON that somebody else wrote: what a lenient parser lets pass is an error here."""

from __future__ import annotations

import json
from typing import Any


def _no_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) != len(pairs):
        raise ValueError("an object names a key twice")
    return out


def _no_constant(word: str) -> Any:
    raise ValueError(f"{word} is not JSON")


def loads(data: bytes) -> Any:
    """Parse `data` by RFC 8259, UTF-8 only.

    Raises:
        ValueError: empty, truncated, NaN or Infinity, a key twice in an object, nested too deeply.
    """
    if not data.strip():
        raise ValueError("it is empty")
    try:
        return json.loads(data.decode("utf-8"), object_pairs_hook=_no_twice, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
