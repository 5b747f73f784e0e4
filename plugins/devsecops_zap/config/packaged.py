"""The rules file of ZAP's packaged scans (zap-baseline.py and the like), read as policy.

Tab-separated: ``ID<TAB>IGNORE|INFO|WARN|FAIL<TAB>NAME[<TAB>MESSAGE]``, or
``ID,ID...|*<TAB>OUTOFSCOPE<TAB>REGEX`` for URLs at which these rules do not count. As in ZAP's scripts a
pattern has to match at the start of the URL.
"""

from __future__ import annotations

import re
from typing import Literal, get_args

import msgspec

from devsecops_zap.config.errors import ConfigError, nearest

Level = Literal["ignore", "info", "warn", "fail"]
_LEVELS = (*(level.upper() for level in get_args(Level)), "OUTOFSCOPE")
_IDS = re.compile(r"[0-9]{1,9}(?:-[0-9]{1,4})?")


class OutOfScope(msgspec.Struct, frozen=True, kw_only=True):
    """URLs at which rules do not count; no rules: none counts."""

    rules: tuple[str, ...]
    pattern: str
    line: int


class PackagedRules(msgspec.Struct, frozen=True, kw_only=True):
    """Rule id -> level, and what is out of scope."""

    levels: dict[str, Level]
    out: tuple[OutOfScope, ...] = ()

    def level(self, rule: str, url: str) -> Level | None:
        """Return what the file says of an alert of `rule` (``10038`` or ``10038-1``) at `url`; None: nothing.

        An entry for the whole rule holds for its parts that have none of their own.
        """
        names = (rule, rule.partition("-")[0])
        for scope in self.out:
            if (not scope.rules or not set(names).isdisjoint(scope.rules)) and re.match(scope.pattern, url):
                return "ignore"
        return next((self.levels[name] for name in names if name in self.levels), None)


def read_packaged(text: str, source: str) -> PackagedRules:
    """Return the rules in `text`. Raises ConfigError, which names the line; its key is the rule's id."""
    levels: dict[str, Level] = {}
    out: list[OutOfScope] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        parts = line.rstrip().split("\t")
        if len(parts) < 3:
            what = "three fields with tabs between them are needed"
            raise ConfigError(source, number, parts[0][:40], what, "write ID<TAB>LEVEL<TAB>NAME")
        ids, word = tuple(part.strip() for part in parts[0].split(",")), parts[1].strip()
        if word == "OUTOFSCOPE":
            out.append(_out(ids, parts[2], source, number))
            continue
        if word not in _LEVELS:
            raise ConfigError(
                source, number, parts[0][:40], f"{word!r} is not a level", nearest(word, _LEVELS)
            )
        if not _IDS.fullmatch(parts[0]):
            raise ConfigError(source, number, parts[0][:40], "it is not the id of a rule", "write its number")
        if parts[0] in levels:
            raise ConfigError(source, number, parts[0], "it stands there twice", "leave one of the lines")
        levels[parts[0]] = msgspec.convert(word.lower(), Level)
    return PackagedRules(levels=levels, out=tuple(out))


def _out(ids: tuple[str, ...], pattern: str, source: str, line: int) -> OutOfScope:
    rules = () if "*" in ids else ids
    wrong = next((rule for rule in rules if not _IDS.fullmatch(rule)), None)
    if wrong is not None:
        raise ConfigError(source, line, wrong[:40], "it is not the id of a rule", "write numbers, or *")
    try:
        re.compile(pattern)
    except re.error as error:
        raise ConfigError(
            source, line, ",".join(ids)[:40], f"not a pattern ({error})", "correct it"
        ) from None
    return OutOfScope(rules=rules, pattern=pattern, line=line)
