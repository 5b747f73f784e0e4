"""Scoring over findings of successive sdists that were labelled by hand (labels.toml)."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from benchmarks.identity import scanning
from benchmarks.identity.methods import OURS, ours, rivals
from benchmarks.identity.score import Score, judge, score, wrong
from benchmarks.identity.sdists import Step
from devsecops.model import Finding

LABELS = Path(__file__).with_name("labels.toml")
UNSURE = "unsure"


def read() -> dict[str, list[dict[str, str]]]:
    """Return the labels of each step."""
    by_step: dict[str, list[dict[str, str]]] = defaultdict(list)
    for label in tomllib.loads(LABELS.read_text(encoding="utf-8"))["label"]:
        by_step[label["step"]].append(label)
    return dict(by_step)


def truth(
    base: Mapping[str, Finding], head: Mapping[str, Finding], labels: list[dict[str, str]]
) -> tuple[dict[str, str | None], int]:
    """Return what the labels say, by id, and how many say nothing.

    Raises KeyError for a place without a finding.
    """
    olds, heads = _by_place(base), _by_place(head)
    sure = [label for label in labels if label["base"] != UNSURE]
    return {
        heads[label["rule"], label["head"]]: (
            None if label["base"] == "new" else olds[label["rule"], label["base"]]
        )
        for label in sure
    }, len(labels) - len(sure)


def _by_place(findings: Mapping[str, Finding]) -> dict[tuple[str, str], str]:
    return {
        (one.rule.id, f"{path}:{line}:{scanning.column(one)}"): one.id
        for one in findings.values()
        for path, line, _ in [scanning.place(one)]
    }


def run(step: Step, labels: list[dict[str, str]]) -> tuple[dict[str, Score], list[str]]:
    """Return the scores by method, and what went wrong with ours."""
    base, head = step.findings
    known, unsure = truth(base, head, labels)
    answers = {OURS: ours(base, head, step.change, step.looked, step.texts), **rivals(base, head)}
    scores, lines = {}, []
    for method, answer in answers.items():
        words = judge(base, head, known, answer, {})
        scores[method] = score(base, head, known, words)
        scores[method].unscored = unsure
        if method == OURS:
            lines = [f"{step.name}: {line}" for line in wrong(base, head, known, answer, words)]
    return scores, lines
