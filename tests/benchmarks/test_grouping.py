"""Grouping holds its bars over the labelled pairs; the labels are what they say; the draw repeats itself."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from benchmarks.grouping import draw, store
from benchmarks.grouping.__main__ import PRECISION, RECALL, score
from benchmarks.grouping.methods import METHODS, OURS
from benchmarks.grouping.trees import EXAMPLES, Tree
from devsecops.model import Finding
from tests.findings.test_grouping import source

ROOT = Path(__file__).parents[2]
LABELS = store.labels()


def test_grouping_holds_its_bars_over_the_labels() -> None:
    found = score(OURS, LABELS)
    assert found.precision >= PRECISION >= 0.98, found.invented
    assert found.recall >= RECALL >= 0.8, found.missed
    assert found.right + len(found.missed) + len(found.invented) + found.apart == len(LABELS)


def test_what_is_known_to_be_bad_is_seen_to_be_bad() -> None:
    assert score("overlapping lines", LABELS).precision < PRECISION
    assert score("same CWE and overlapping lines", LABELS).recall < RECALL
    assert (
        score("same CWE and overlapping lines", [x for x in LABELS if "ruff" not in x.tools]).recall < RECALL
    )


def test_a_wrong_answer_is_counted() -> None:
    wrong = [replace(label, same=not label.same) for label in LABELS]
    right = score(OURS, LABELS)
    turned = score(OURS, wrong)
    assert (turned.right, turned.apart) == (len(right.invented), len(right.missed))
    assert len(turned.invented) == right.right
    assert len(turned.missed) == right.apart
    with pytest.raises(ValueError, match="are not two findings"):
        score(OURS, [replace(LABELS[0], one="bandit/B101 1:1:1:2")])


def test_the_labels_are_many_and_say_why() -> None:
    assert len({(x.tree, x.file, x.one, x.other) for x in LABELS}) == len(LABELS) >= 150
    assert sum(not label.same for label in LABELS) >= 60
    assert all(label.why and "\n" not in label.why for label in LABELS)
    assert all(re.fullmatch("[0-9a-f]{16}", label.digest) for label in LABELS)
    assert {label.tools for label in LABELS} == {
        ("advisories", "safety"), ("bandit", "ruff"), ("bandit", "semgrep"), ("ruff", "semgrep"),
    }  # fmt: skip
    pins = tomllib.loads((ROOT / "benchmarks/grouping/trees.toml").read_text(encoding="utf-8"))
    known = {f"{name} {pin['version']}" for name, pin in pins.items()} | {EXAMPLES}
    assert {label.tree for label in LABELS} <= known
    assert len({label.tree for label in LABELS}) >= 10


def test_labels_of_our_examples_are_about_the_files_that_are_there() -> None:
    here = [label for label in LABELS if label.tree == EXAMPLES]
    assert len(here) > 10
    for label in here:
        assert sha256((ROOT / label.file).read_bytes()).hexdigest()[:16] == label.digest, label.file


def test_what_is_stored_is_read_as_it_was_written() -> None:
    for (tree, _), here in store.findings().items():
        for one in here:
            assert store.row(tree, one) in store.FINDINGS.read_text(encoding="utf-8").splitlines()
        break
    assert set(METHODS) == {OURS, "same CWE and overlapping lines", "overlapping lines"}


def near() -> list[Finding]:
    return [
        source("bandit/B101", 1, 1, 1, 9), source("ruff/S101", 1, 1, 1, 7),
        source("ruff/S324", 2, 1, 2, 7), source("semgrep/py-weak-hash", 4, 1, 6, 7),
        source("bandit/B324", 7, 1, 7, 9), source("bandit/B324", 9, 1, 9, 9),
        source("ruff/S324", 7, 1, 7, 9, path="other.py"),
    ]  # fmt: skip


def test_the_pool_holds_every_two_tools_in_the_same_or_the_next_line() -> None:
    tree = Tree("t", ROOT)
    found = near()
    pool = [(pair.one.rule.id, pair.other.rule.id) for pair in draw.pairs(tree, found)]
    assert pool == [("B101", "S324"), ("B324", "py-weak-hash")]
    assert [store.told(p.one) for p in draw.pairs(tree, found[::-1])] == [
        "bandit/B101 1:1:1:9",
        "bandit/B324 7:1:7:9",
    ]


def test_a_draw_repeats_itself_and_takes_each_pair_once() -> None:
    tree = Tree("t", ROOT)
    found = [
        source(f"{tool}/x{n}", n, 1, n, 9) for n in range(1, 30) for tool in ("bandit", "ruff", "semgrep")
    ]
    pool = draw.pairs(tree, found)
    first = draw.drawn(pool, 50, 1)
    assert first == draw.drawn(pool, 50, 1) != draw.drawn(pool, 50, 2)
    assert len({(id(pair.one), id(pair.other)) for pair in first}) == 50
    assert len(draw.drawn(pool, 10_000, 1)) == len(pool)
