"""Requirements files: the pins that safety is asked about, and every line that it cannot judge.

safety's own reader drops URLs without a word, ignores markers and follows includes out of the batch: it
gets a list of plain pins from here instead, and what is not one is a row of the ledger.
"""

from __future__ import annotations

import codecs
import fnmatch
import posixpath
import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from devsecops_safety.database import version

Why = Literal["unpinned", "url", "unparsable", "odd-version", "include"]
Exists = Callable[[str], bool]
"""Says whether the tree has a file, by its path."""

NAMES = ("requirements*.txt", "*requirements.txt", "requirements/*.txt")
_COMMENT = re.compile(r"(?:^|(?<=\s))#.*$")
_OPTIONS = re.compile(r"(?<=\s)-.*$", re.DOTALL)
_ELSEWHERE = re.compile(r"\.{0,2}/|\.$|file:|[a-z+]+://", re.IGNORECASE)
_EXACT = re.compile(r"===?\s*([^,;\s*]+)")
_FLAGS = ("--no-index", "--prefer-binary", "--require-hashes", "--pre", "--no-deps")
_SETTINGS = (
    "-i", "--index-url", "--extra-index-url", "-f", "--find-links", "--no-binary", "--only-binary",
    "--trusted-host", "--use-feature", "-c", "--constraint",
)  # fmt: skip
_LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class Pin:
    """A dependency with an exact version, on the lines `line` to `end` (None: too far to show)."""

    name: str
    version: str
    line: int
    end: int | None
    marker: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """A line that cannot be judged. `label` is what the ledger calls it."""

    label: str
    line: int
    why: Why


@dataclass(slots=True)
class Requirements:
    """What one file asks for."""

    pins: list[Pin] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)

    def skip(self, text: str, line: int, why: Why) -> None:
        """Add a line that cannot be judged."""
        self.gaps.append(Gap(" ".join(text.split())[:120] or "?", line, why))


def decode(data: bytes) -> str:
    """Return the text of a requirements file; bytes that are not UTF-8 stand as ``\\xNN``."""
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if data.startswith(mark):
            return data[len(mark) :].decode(name, "backslashreplace" if name == "utf-8" else "replace")
    return data.decode("utf-8", "backslashreplace")


def _lines(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield (first line, last line, text), continuations joined, comments gone.

    pip breaks lines where an editor does not, such as at U+2028; lines are counted as an editor does.
    """
    parts: list[str] = []
    first = number = 0
    for number, physical in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        for piece in physical.splitlines() or [""]:
            first = first if parts else number
            comment = piece.lstrip().startswith("#")
            if piece.endswith("\\") and not comment:
                parts.append(piece[:-1])
                continue
            # A comment ends a continuation and is no part of it.
            parts.append(" " + piece if comment and parts else piece)
            yield first, number, _COMMENT.sub("", "".join(parts)).strip()
            parts = []
    if parts:
        yield first, number, _COMMENT.sub("", "".join(parts)).strip()


def read(path: str, data: bytes, exists: Exists) -> Requirements:
    """Return what the requirements file `path` (its path in the tree) asks for."""
    out = Requirements()
    for first, last, text in _lines(decode(data)):
        if text.startswith("-"):
            _options(out, path, first, text, exists)
        elif text:
            _requirement(
                out, _OPTIONS.sub("", text).strip(), first, last if first < last <= first + 2 else None
            )
    return out


def _options(out: Requirements, path: str, line: int, text: str, exists: Exists) -> None:
    try:
        words = [part for word in shlex.split(text[:_LONGEST]) for part in _parts(word)]
    except ValueError:  # a quotation that does not end
        words = ["-?"]
    while words:
        name = words.pop(0)
        if name in _FLAGS:
            continue
        value = words.pop(0) if words else ""
        if name in ("-r", "--requirement"):
            if not _is_a_unit(path, value, exists):
                out.skip(text, line, "include")
        elif name in ("-e", "--editable"):
            out.skip(text, line, "url")
        elif name not in _SETTINGS:
            out.skip(text, line, "unparsable")
            return


def _parts(word: str) -> list[str]:
    """Split an option from the value that is written onto it."""
    if word.startswith("--"):
        return word.split("=", 1)
    return [word[:2], word[2:].removeprefix("=")] if re.match(r"-[A-Za-z].", word) else [word]


def _is_a_unit(path: str, target: str, exists: Exists) -> bool:
    """Say whether an included file is judged as a manifest of its own."""
    if target.startswith("/") or "://" in target:
        return False
    there = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
    name, tail = posixpath.basename(there), "/".join(there.split("/")[-2:])
    named = any(fnmatch.fnmatchcase(tail if "/" in one else name, one) for one in NAMES)
    return named and not there.startswith("../") and exists(there)


def _requirement(out: Requirements, text: str, line: int, end: int | None) -> None:
    try:
        if len(text) > _LONGEST:
            raise InvalidRequirement("too long")
        asked = Requirement(text)
    except (InvalidRequirement, RecursionError, ValueError):
        out.skip(text, line, "url" if _ELSEWHERE.match(text) else "unparsable")
        return
    exact = [m[1] for clause in asked.specifier if (m := _EXACT.fullmatch(str(clause)))]
    if asked.url is not None:
        out.skip(asked.name, line, "url")
    elif not exact:
        out.skip(asked.name, line, "unpinned")
    elif version(exact[0]) is None:
        out.skip(asked.name, line, "odd-version")
    else:
        marker = "" if asked.marker is None else str(asked.marker)
        out.pins.append(Pin(canonicalize_name(asked.name), exact[0], line, end, marker))
