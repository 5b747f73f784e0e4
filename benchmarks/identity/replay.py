"""Scoring over successive sdists, with git's own diff as the truth.

A head finding in lines that git calls unchanged, in a file that git follows, with one of its rule in the same
lines of the base, is that one. One in added lines is new when no finding of its rule was removed in the same
hunk and nothing that says the same was removed anywhere. All else is not scored.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from benchmarks.identity import scanning
from benchmarks.identity.methods import OURS, ours, rivals
from benchmarks.identity.score import Score, judge, score, wrong
from benchmarks.identity.sdists import Step
from devsecops.change import Change, FileChange
from devsecops.model import Finding, RuleRef

_Place = tuple[RuleRef, str, int, int]


class _Lines:
    """Line by line, from git's hunks alone, which base line a head line is."""

    def __init__(self, file: FileChange) -> None:
        self.base = file.base
        self._hunks = file.hunks

    def base_line(self, line: int) -> int | None:
        """Return the base line that a head line is; None for an added one."""
        shift = 0
        for hunk in self._hunks:
            if hunk.head_count and hunk.head_start <= line < hunk.head_start + hunk.head_count:
                return None
            after = hunk.head_start + hunk.head_count if hunk.head_count else hunk.head_start + 1
            if line >= after:
                shift += hunk.base_count - hunk.head_count
        return line + shift

    def removed_beside(self, line: int) -> range:
        """Return the base lines that were removed where the head line was added."""
        for hunk in self._hunks:
            if hunk.head_start <= line < hunk.head_start + hunk.head_count:
                return range(hunk.base_start, hunk.base_start + hunk.base_count)
        return range(0)


def truth(base: Mapping[str, Finding], head: Mapping[str, Finding], change: Change) -> dict[str, str | None]:
    """Return what git's diff alone says of the head's findings."""
    files = {one.head: _Lines(one) for one in change.files if one.head is not None and one.text}
    before = _by_place(base.values())
    kept: dict[str, str | None] = {}
    for (rule, path, start, end), group in _by_place(head.values()).items():
        lines = files.get(path)
        if lines is None or lines.base is None:
            continue
        first = lines.base_line(start)
        if first is not None and all(lines.base_line(start + n) == first + n for n in range(end - start + 1)):
            old = before.get((rule, lines.base, first, first + end - start), [])
            if len(old) == len(group):
                kept.update({b.id: a.id for a, b in zip(old, group, strict=True)})
    stayed = set(kept.values())
    removed = [one for one in base.values() if one.id not in stayed]
    return kept | {
        one.id: None for one in head.values() if one.id not in kept and _is_new(one, removed, files)
    }


def _by_place(findings: Iterable[Finding]) -> dict[_Place, list[Finding]]:
    groups: dict[_Place, list[Finding]] = defaultdict(list)
    for one in sorted(findings, key=scanning.column):
        groups[(one.rule, *scanning.place(one))].append(one)
    return dict(groups)


def _is_new(one: Finding, removed: Iterable[Finding], files: Mapping[str, _Lines]) -> bool:
    path, start, end = scanning.place(one)
    lines = files.get(path)
    if lines is None or any(lines.base_line(n) is not None for n in range(start, end + 1)):
        return False
    beside = {n for line in range(start, end + 1) for n in lines.removed_beside(line)}
    for other in removed:
        if other.rule == one.rule:
            where, first, last = scanning.place(other)
            if other.keys.get("tokens/1") == one.keys.get("tokens/1"):
                return False
            if where == lines.base and not beside.isdisjoint(range(first, last + 1)):
                return False
    return True


def run(step: Step) -> tuple[dict[str, Score], list[str]]:
    """Return the scores by method, and what went wrong with ours."""
    base, head = step.findings
    known = truth(base, head, step.change)
    mine = ours(base, head, step.change, step.looked, step.texts)
    scores, lines = {}, []
    for method, answer in {OURS: mine, **rivals(base, head)}.items():
        words = judge(base, head, known, answer, {})
        scores[method] = score(base, head, known, words)
        if method == OURS:
            lines = [f"{step.name}: {line}" for line in wrong(base, head, known, answer, words)]
    return scores, lines
