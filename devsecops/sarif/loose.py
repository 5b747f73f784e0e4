"""Reading JSON of strangers: each function gives a bounded value of the right type, or an empty one."""

from __future__ import annotations

from typing import Any

from devsecops.encode import visible
from devsecops.sarif.places import LARGEST

MESSAGE = 4000
NAME = 500


def obj(value: Any) -> dict[str, Any]:
    """Return `value` when it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def array(value: Any) -> list[Any]:
    """Return `value` when it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def text(value: Any, most: int = MESSAGE) -> str:
    """Return at most `most` visible characters of `value` when it is a string, else an empty one."""
    return visible(value[:most]) if isinstance(value, str) else ""


def integer(value: Any, least: int = 0) -> int | None:
    """Return `value` when it is a whole number of `least` to 2**31 - 1, else None."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= LARGEST:
        return None
    return value


def at(values: list[Any], place: Any) -> dict[str, Any] | None:
    """Return the object at a place of a list; None when there is none."""
    index = integer(place)
    if index is None or index >= len(values):
        return None
    value = values[index]
    return value if isinstance(value, dict) else None
