"""Which rules of the pack can match in a file: semgrep's own test, made once for each file.

semgrep makes it too, anew for each word of each pair of rule and file, which on a large tree costs many times
what parsing does. The formulas are semgrep's (``semgrep-core -prefilter_of_rules``, 1.182.0), written down by
``scripts/prefilters.py``. What cannot be told exactly here is taken for a rule that can match.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import msgspec

FORMULAS = Path(__file__).with_name("prefilters.json")
_WORD = re.compile(rb"\w+")
_LARGE = 100_000
_LONG = 2_000
"""Bytes of a file, and of a line of it, up to which expressions are looked for: some take quadratic time."""
_PLAIN = re.compile(r"\w+", re.ASCII)


class Words(msgspec.Struct, frozen=True, tag="words"):
    """Holds when the file has all of these words."""

    words: tuple[str, ...]


class Regexp(msgspec.Struct, frozen=True, tag="regexp"):
    """Holds when the expression (PCRE) is found in the file."""

    regexp: str


class Texts(msgspec.Struct, frozen=True, tag="texts"):
    """Holds when one of these texts occurs anywhere in the file."""

    texts: tuple[str, ...]


class And(msgspec.Struct, frozen=True, tag="and"):
    """Holds when all of it holds."""

    parts: tuple[Formula, ...]


class Or(msgspec.Struct, frozen=True, tag="or"):
    """Holds when a part of it holds."""

    parts: tuple[Formula, ...]


Formula = Words | Texts | Regexp | And | Or


class Content:
    """The text of one file, asked about many times. `words` are all of its words."""

    def __init__(self, data: bytes) -> None:
        self.words = frozenset(_WORD.findall(data))
        self._data = data
        self._tame = data.isascii() and len(data) <= _LARGE and max(map(len, data.split(b"\n"))) <= _LONG
        self._found: dict[str, bool] = {}

    def holds(self, text: bytes) -> bool:
        """Tell whether a text occurs anywhere."""
        return text in self._data

    def matches(self, regexp: str) -> bool:
        """Tell whether an expression is found.

        It is said to be where bytes and characters may differ, and where looking for it may take long.
        """
        if not self._tame:
            return True
        if regexp not in self._found:
            self._found[regexp] = _compiled(regexp).search(self._data) is not None
        return self._found[regexp]


_compiled = cache(lambda regexp: re.compile(regexp.encode()))
Test = Callable[[Content], bool]


def can_match(data: bytes, language: str) -> frozenset[str]:
    """Return the ids of the rules of a language (a folder of the pack) that can match in a file."""
    content = Content(data)
    return frozenset(rule for rule, test in _tests()[language].items() if test(content))


@cache
def _tests() -> dict[str, dict[str, Test]]:
    kind = dict[str, dict[str, Formula | None]]
    formulas: dict[str, dict[str, Formula | None]] = msgspec.json.decode(FORMULAS.read_bytes(), type=kind)
    return {
        language: {rule: _always if formula is None else _test(formula) for rule, formula in rules.items()}
        for language, rules in formulas.items()
    }


def _always(content: Content) -> bool:
    return True


def _test(formula: Formula) -> Test:
    match formula:
        case Words(words=words):
            return _all_words(words)
        case Texts(texts=texts):
            raw = [text.encode() for text in texts]
            return lambda content: any(map(content.holds, raw))
        case Regexp(regexp=regexp):
            return lambda content: content.matches(regexp)
        case And(parts=parts):
            tests = [_test(part) for part in sorted(parts, key=_cost)]
            return lambda content: all(test(content) for test in tests)
        case Or(parts=parts):
            return _any(parts)


def _all_words(words: tuple[str, ...]) -> Test:
    plain = frozenset(word.encode() for word in words if _PLAIN.fullmatch(word))
    other = [word.encode() for word in words if not _PLAIN.fullmatch(word)]
    if not other:
        return lambda content: plain <= content.words
    return lambda content: plain <= content.words and all(map(content.holds, other))


def _any(parts: tuple[Formula, ...]) -> Test:
    """Single words, of which there may be many, are looked up together."""
    alone = [part for part in parts if _is_word(part)]
    words = frozenset(part.words[0].encode() for part in alone if isinstance(part, Words))
    tests = [_test(part) for part in sorted(parts, key=_cost) if part not in alone]
    return lambda content: not words.isdisjoint(content.words) or any(test(content) for test in tests)


def _is_word(formula: Formula) -> bool:
    return (
        isinstance(formula, Words)
        and len(formula.words) == 1
        and _PLAIN.fullmatch(formula.words[0]) is not None
    )


def _cost(formula: Formula) -> int:
    """Words are told at once, expressions are looked for."""
    match formula:
        case Words():
            return 0
        case Texts(texts=texts):
            return len(texts)
        case Regexp():
            return 1_000
        case And(parts=parts) | Or(parts=parts):
            return 1 + sum(_cost(part) for part in parts)
