"""Order of versions, and whether one lies in the ranges of an advisory (the OSV schema's algorithm)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

Event = tuple[str, str]
"""``i`` introduced, ``f`` fixed, ``l`` last affected, ``m`` limit; and the version."""
Key = Any
"""Ordered within one ecosystem."""

_SEMVER = re.compile(
    r"[v=\s]*(\d{1,18})\.(\d{1,18})\.(\d{1,18})(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?\s*", re.ASCII
)
_LONGEST = 200


@lru_cache(maxsize=65536)
def _pep440(text: str) -> Key | None:
    from packaging.version import InvalidVersion, Version

    try:
        return Version(text)
    except (InvalidVersion, ValueError):  # ValueError: a number of more digits than Python reads
        return None


@lru_cache(maxsize=65536)
def _semver(text: str) -> Key | None:
    match = _SEMVER.fullmatch(text)
    if match is None:
        return None
    release = tuple(int(part) for part in match.group(1, 2, 3))
    if match.group(4) is None:
        return (release, 1, ())
    # Numbers are lower than words and compare as numbers (semver.org, 11.4).
    pre = tuple((0, int(p), "") if p.isdecimal() else (1, 0, p) for p in match.group(4).split("."))
    return (release, 0, pre)


def key(ecosystem: str, version: str) -> Key | None:
    """Return what orders `version` among the versions of `ecosystem`; None when it is not a version."""
    if len(version) > _LONGEST:
        return None
    return _semver(version) if ecosystem == "npm" else _pep440(version)


def normal_name(ecosystem: str, name: str) -> str:
    """Return the one spelling of a package's name."""
    if ecosystem == "PyPI":
        return re.sub(r"[-_.]+", "-", name).lower()
    return name


def in_range(ecosystem: str, at: Key, events: Iterable[Event]) -> bool:
    """Say whether the version with the key `at` is affected by one range.

    An event that cannot be read errs towards affected: it begins at the beginning or ends nothing.
    """
    inside = False
    limits: list[Key] = []
    ordered: list[tuple[bool, Key, str]] = []
    for what, text in events:
        edge = None if text in ("0", "*") else key(ecosystem, text)
        if what == "m":
            if edge is not None:
                limits.append(edge)
        elif what == "i" and edge is None:
            inside = True
        elif edge is not None:
            ordered.append((what == "i", edge, what))
    if limits and not any(at < limit for limit in limits):
        return False
    # At equal versions an introduction comes last.
    for _, edge, what in sorted(ordered, key=lambda item: (item[1], item[0])):
        if what == "i" and at >= edge:
            inside = True
        elif (what == "f" and at >= edge) or (what == "l" and at > edge):
            inside = False
    return inside


def affected(ecosystem: str, version: str, ranges: Sequence[Sequence[Event]], listed: Sequence[str]) -> bool:
    """Say whether `version` is listed, in any spelling of its ecosystem, or lies in one of `ranges`."""
    if version in listed:
        return True
    at = key(ecosystem, version)
    if at is None:
        return False
    if any(in_range(ecosystem, at, events) for events in ranges):
        return True
    return any(key(ecosystem, text) == at for text in listed)


def first_fixed(
    ecosystem: str, version: str, ranges: Sequence[Sequence[Event]], listed: Sequence[str]
) -> str | None:
    """Return the lowest fixed version above `version` that is not affected itself; None: there is none."""
    at = key(ecosystem, version)
    fixes = {text: key(ecosystem, text) for events in ranges for what, text in events if what == "f"}
    above = [(edge, text) for text, edge in fixes.items() if edge is not None and (at is None or edge > at)]
    for _, text in sorted(above, key=lambda item: (item[0], item[1])):
        if not affected(ecosystem, text, ranges, listed):
            return text
    return None
