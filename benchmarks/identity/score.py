"""Counting: what a method says of head findings beside what is true of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from benchmarks.identity.scanning import place
from devsecops.findings.complete import file_of
from devsecops.model import Finding

Truth = Mapping[str, str | None]
"""Head id -> the id of the base finding that it is, or None for a new one. Others could not be scored."""
Answer = Mapping[str, tuple[str, Literal["unchanged", "updated"]]]
"""Head id -> what a method says that it is. Others are new."""


Word = Literal["kept", "lost", "mixed-up", "found", "hidden", "as-updated", "swapped"]
"""Of an old finding: kept; lost (called new); mixed-up (taken for another old one). Of a new one: found;
hidden (taken for an old one, and does not gate); as-updated (taken for an edit, and gates); swapped (taken
for the old one that it equals or is a copy of, which is called new in its place)."""


@dataclass
class Score:
    """How many of what."""

    words: Counter[Word] = field(default_factory=Counter)
    moved: Counter[Word] = field(default_factory=Counter)
    """Those old ones of `words` whose file has another path now."""
    unscored: int = 0

    def __add__(self, other: Score) -> Score:
        return Score(self.words + other.words, self.moved + other.moved, self.unscored + other.unscored)


def judge(
    base: Mapping[str, Finding],
    head: Mapping[str, Finding],
    truth: Truth,
    answer: Answer,
    copies: Mapping[str, str],
) -> dict[str, Word]:
    """Return a word for each head finding that something is known of. Findings are by id.

    `copies`: head id of a new finding -> the id of the base finding whose lines it is a copy of.
    """
    owner = {old: name for name, old in truth.items() if old is not None}
    words: dict[str, Word] = {}
    for name, old in truth.items():
        said = answer.get(name)
        if old is None and said is not None:
            rightful = owner.get(said[0])
            equal = rightful and (copies.get(name) == said[0] or _alike(head[name], head[rightful]))
            if rightful and equal and rightful not in answer:
                words[name], words[rightful] = "swapped", "kept"
            elif rightful and equal and _new_in_place(rightful, base, owner, answer):
                words[name] = "swapped"
            else:
                words[name] = "as-updated" if said[1] == "updated" else "hidden"
        elif old is None:
            words[name] = "found"
        elif said is not None and _right(base, said[0], old):
            words[name] = "kept"
        else:
            words.setdefault(name, "lost" if said is None else "mixed-up")
    return words


def _new_in_place(name: str, base: Mapping[str, Finding], owner: Mapping[str, str], answer: Answer) -> bool:
    """Tell whether a row of old ones that say the same, each taken for the next, ends with one called new."""
    said, seen = base[answer[name][0]].keys.get("tokens/1"), set[str]()
    while name in answer and name not in seen:
        seen.add(name)
        old = answer[name][0]
        if base[old].keys.get("tokens/1") != said or old not in owner:
            return False
        name = owner[old]
    return name not in answer


def score(
    base: Mapping[str, Finding], head: Mapping[str, Finding], truth: Truth, words: Mapping[str, Word]
) -> Score:
    """Return the counts for one pair of trees."""
    moved = [name for name, old in truth.items() if old is not None and _path(base[old]) != _path(head[name])]
    return Score(Counter(words.values()), Counter(words[name] for name in moved), len(head) - len(truth))


def _alike(one: Finding, other: Finding) -> bool:
    keys = ("tokens/1", "context/1")
    return one.rule == other.rule and all(one.keys.get(key) == other.keys.get(key) for key in keys)


def _right(base: Mapping[str, Finding], said: str, old: str) -> bool:
    """Tell whether the right one was named, or one that cannot be told from it in the same file."""
    if said == old:
        return True
    return _path(base[said]) == _path(base[old]) and _alike(base[said], base[old])


def _path(finding: Finding) -> str:
    at = file_of(finding.location)
    return "" if at is None else at.path


def add(scores: dict[str, Score], more: Mapping[str, Score]) -> None:
    """Add scores to `scores`, by method."""
    for method, one in more.items():
        scores[method] = scores.get(method, Score()) + one


def wrong(
    base: Mapping[str, Finding],
    head: Mapping[str, Finding],
    truth: Truth,
    answer: Answer,
    words: Mapping[str, Word],
) -> list[str]:
    """Return a line for every finding that was lost, mixed up, hidden or taken for an edit."""
    lines = []
    for name, word in sorted(words.items()):
        if word not in ("kept", "found", "swapped"):
            said, old = answer.get(name), truth[name]
            lines.append(
                f"{word}: {head[name].rule.id} {place(head[name])} is {place(base[old]) if old else 'new'}, "
                f"said {place(base[said[0]]) if said else 'new'}"
            )
    return lines


def table(scores: Mapping[str, Score]) -> str:
    """Return a row a method."""
    head = ("method", "old", "kept", "mixed up", "new", "hidden", "as updated", "swapped", "renamed", "kept",
            "not scored")  # fmt: skip
    rows = [head, *(_row(name, one) for name, one in scores.items())]
    widths = [max(len(row[n]) for row in rows) for n in range(len(head))]
    rows.insert(1, tuple("-" * width for width in widths))
    return "\n".join(
        "| " + " | ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) + " |"
        for row in rows
    )


def _row(name: str, one: Score) -> tuple[str, ...]:
    old, moved = ([c[w] for w in ("kept", "lost", "mixed-up")] for c in (one.words, one.moved))
    fresh = [one.words[w] for w in ("found", "hidden", "as-updated", "swapped")]
    counts = (sum(fresh), *fresh[1:], sum(moved))
    return (
        name,
        str(sum(old)),
        percent(old[0], sum(old)),
        str(old[2]),
        *map(str, counts),
        percent(moved[0], sum(moved)),
        str(one.unscored),
    )


def percent(part: int, whole: int) -> str:
    """Return a share, never rounded up."""
    return f"{int(10_000 * part / whole) / 100:.2f} %" if whole else "-"


def missed(one: Score, kept: float = 0.995, renames: float = 0.9) -> list[str]:
    """Return the bars that were missed, in words."""
    old, moved = (sum(c[w] for w in ("kept", "lost", "mixed-up")) for c in (one.words, one.moved))
    wrong = []
    if not old or one.words["kept"] < kept * old:
        wrong.append(f"kept {percent(one.words['kept'], old)}, the bar is {kept:.1%}")
    if moved and one.moved["kept"] < renames * moved:
        wrong.append(f"renames kept {percent(one.moved['kept'], moved)}, the bar is {renames:.0%}")
    if one.words["hidden"]:
        wrong.append(f"{one.words['hidden']} new ones hidden, the bar is 0")
    return wrong
