"""The benchmark of identity, small: generated edits with a known truth, labels that stand, honest counts."""

from __future__ import annotations

import os
from pathlib import Path

from benchmarks.identity import edits, generated, labelled
from benchmarks.identity.methods import OURS
from benchmarks.identity.score import Score, Word, judge, missed, score, table
from benchmarks.identity.sdists import PINS
from devsecops.model import Finding
from tests.findings.changes import findings

ROOT = Path(__file__).parents[2]
SEED = int(os.environ.get("DEVSECOPS_TEST_SEED", "0")) or 20261125


def test_generated_edits_hide_nothing_new_and_lose_little() -> None:
    files = generated.source([ROOT / "benchmarks" / "labelled" / "python", ROOT / "examples"])
    outcome = generated.run(files, 150, SEED)
    ours, index = outcome.scores[OURS], outcome.scores["index"]
    told = "\n".join([f"DEVSECOPS_TEST_SEED={SEED}", *outcome.wrong])
    assert set(outcome.did) == set(edits.EDITS)
    assert ours.words["kept"] + ours.words["found"] > 500, told
    assert not missed(ours, kept=0.98), told
    assert missed(index, kept=0.98), "a key that is known to be bad must be seen to be bad"
    assert list(outcome.scores) == [OURS, "line", "GitHub hash", "index"]
    assert len({sum(one.words.values()) + one.unscored for one in outcome.scores.values()}) == 1


def test_a_label_stands_for_every_drawn_finding_and_says_why() -> None:
    labels = [label for step in labelled.read().values() for label in step]
    assert len({(one["step"], one["rule"], one["head"]) for one in labels}) == len(labels) == 200
    assert all(one["why"] and one["base"] for one in labels)
    projects = {one["step"].split()[0] for one in labels}
    assert len(projects) >= 4
    assert all(f"[[{name}]]" in PINS.read_text(encoding="utf-8") for name in projects)


def by_id(text: str) -> dict[str, Finding]:
    return {one.id: one for one in findings({"a.py": text})}


def test_every_kind_of_mistake_is_counted() -> None:
    base, head = by_id("eval(a)\neval(b)\n"), by_id("eval(a)\neval(b)\neval(c)\neval(a)\n")
    a, b, c, again = sorted(head, key=lambda name: head[name].location.region.start_line)  # type: ignore[union-attr]
    old_a, old_b = sorted(base, key=lambda name: base[name].location.region.start_line)  # type: ignore[union-attr]
    truth = {a: old_a, b: old_b, c: None, again: None}

    def words(**said: str) -> list[Word]:
        names = {"a": a, "b": b, "c": c, "again": again}
        answer = {names[name]: (old, "unchanged") for name, old in said.items()}
        found = judge(base, head, truth, answer, {again: old_a})  # type: ignore[arg-type]
        return [found[name] for name in (a, b, c, again)]

    assert words(a=old_a, b=old_b) == ["kept", "kept", "found", "found"]
    assert words(a=old_a) == ["kept", "lost", "found", "found"]
    assert words(a=old_b, b=old_a) == ["mixed-up", "mixed-up", "found", "found"]
    assert words(a=old_a, c=old_b) == ["kept", "lost", "hidden", "found"]
    assert words(again=old_a, b=old_b) == ["kept", "kept", "found", "swapped"]
    assert words(a=old_a, b=old_b, again=old_b) == ["kept", "kept", "found", "hidden"]
    counted = score(base, head, truth, dict(zip((a, b, c, again), words(c=old_b), strict=True)))
    assert counted.words == {"lost": 2, "hidden": 1, "found": 1}
    assert len(missed(counted)) == 2
    del truth[b]
    unknown = score(base, head, truth, judge(base, head, truth, {}, {}))
    assert (unknown.unscored, (unknown + unknown).unscored) == (1, 2)
    assert table({"ours": unknown}).splitlines()[-1].split()[-2] == "1"
    assert missed(Score()), "nothing measured is no success"
