"""The text of a policy: one file, or several where one extends another, as one text and back.

A saved run holds the policy as one text. A single file is that text; of several each has a first line that
says how long it is, so that nothing inside a file can end it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from devsecops.encode import one_line
from devsecops.errors import UsageError

_HEAD = re.compile(r"# policy file (\d{1,2}) of (\d{1,2}), (\d{1,9}) characters: ([^\n]*)\n")


class PolicyText(NamedTuple):
    """One file of a policy. `source` is a path or ``REV:PATH``, as messages name it."""

    source: str
    text: str


def join(texts: Sequence[PolicyText]) -> str:
    """Return the files as one text; `texts` starts with the one that extends nothing."""
    if len(texts) == 1 and not _HEAD.match(texts[0].text):
        return texts[0].text
    out = []
    for number, one in enumerate(texts, 1):
        size, source = len(one.text), one_line(one.source)
        out.append(f"# policy file {number} of {len(texts)}, {size} characters: {source}\n{one.text}\n")
    return "".join(out)


def split(text: str, source: str) -> tuple[PolicyText, ...]:
    """Return the files that `join` made one text of. `source` names a single one.

    Raises:
        UsageError: a part is missing or has another length than its first line says.
    """
    out: list[PolicyText] = []
    at = 0
    while head := _HEAD.match(text, at):
        number, count, size = (int(head[group]) for group in (1, 2, 3))
        end = head.end() + size
        if number != len(out) + 1 or text[end : end + 1] != "\n":
            break
        out.append(PolicyText(head[4], text[head.end() : end]))
        at = end + 1
        if number == count and at == len(text):
            return tuple(out)
    if out or head:
        raise UsageError(f"{source}: the text of a policy in several files is damaged.")
    return (PolicyText(source, text),)
