"""The labelled corpus is what it says: every function is there once, has a label or is a helper."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.accuracy import classes
from benchmarks.labels import LABELLED, OUTSIDE, Labels, Span, function_at, read, spans

ROOT = Path(__file__).parents[2]
CORPUS = read(LABELLED, LABELLED / "labels.toml")
EXAMPLES = read(ROOT / "examples", LABELLED / "examples.toml")
TREES = pytest.mark.parametrize("labels", [CORPUS, EXAMPLES], ids=["corpus", "examples"])


def functions(labels: Labels, path: str) -> list[str]:
    return [span.function for span in spans(path, (labels.tree / path).read_text(encoding="utf-8"))]


@TREES
def test_every_function_has_a_label_or_is_a_helper(labels: Labels) -> None:
    for path, helpers in labels.helpers.items():
        labelled = {label.function for label in labels.labels if label.path == path}
        assert labelled.isdisjoint(helpers), path
        assert sorted(functions(labels, path)) == sorted((labelled - {OUTSIDE}) | set(helpers)), path
        assert labelled, path


def test_a_function_of_the_corpus_has_one_label() -> None:
    places = Counter((label.path, label.function) for label in CORPUS.labels)
    assert [place for place, count in places.items() if count > 1] == []
    assert len({(x.path, x.function, x.weakness) for x in EXAMPLES.labels}) == len(EXAMPLES.labels)


def test_every_file_is_named() -> None:
    beside = {"labels.toml", "examples.toml", "classes.toml"}
    tree = {path.relative_to(LABELLED).as_posix() for path in LABELLED.rglob("*") if path.is_file()}
    assert {path for path in tree if "__pycache__" not in path} == beside | set(CORPUS.helpers)


def test_enough_functions_of_enough_classes() -> None:
    assert sum(label.vulnerable for label in CORPUS.labels) >= 150
    assert sum(not label.vulnerable for label in CORPUS.labels) >= 150
    both = [{x.weakness for x in CORPUS.labels if x.vulnerable is kind} for kind in (True, False)]
    assert both[0] == both[1]
    assert len(both[0]) >= 25


@TREES
def test_every_label_names_a_known_class_and_says_why(labels: Labels) -> None:
    assert {label.weakness for label in labels.labels} <= set(classes())
    assert all(label.why and "\n" not in label.why for label in labels.labels)
    assert set(classes()) == {label.weakness for label in CORPUS.labels}


@pytest.mark.parametrize("path", [path for path in CORPUS.helpers if path.endswith(".py")])
def test_no_name_gives_the_label_away(path: str) -> None:
    tree = ast.parse((LABELLED / path).read_text(encoding="utf-8"))
    names = {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)}
    telling = ("safe", "vuln", "insecure", "unsafe", "good", "bad_", "secure", "taint", "exploit")
    assert [name for name in names if any(word in name.lower() for word in telling)] == []


def test_functions_of_python_are_found_with_their_decorators_and_classes() -> None:
    text = (
        "import x\n\n@x.route(\n    '/a'\n)\ndef a():\n    def inner():\n        pass\n\n\n"
        "class B:\n    size = 1\n\n    async def c(self):\n        pass\n"
    )
    assert spans("m.py", text) == [Span("a", 3, 8), Span("B.c", 14, 15)]


def test_functions_of_javascript_are_found_by_name_and_route() -> None:
    text = (
        "const a = 1;\nfunction b(x) {\n  if (x) {\n    c();\n  }\n}\nexports.c = async (req) => {\n};\n"
        'app.get("/d", (req, res) => {\n  res.end();\n});\n'
        "export async function e(x) {\n}\nexports.router = b;\n"
    )
    functions = [Span("b", 2, 6), Span("c", 7, 8), Span("get /d", 9, 11), Span("e", 12, 13)]
    assert spans("m.ts", text) == functions


def test_a_line_belongs_to_the_function_around_it_or_to_none() -> None:
    found = [Span("a", 3, 8), Span("b", 10, 11)]
    assert [function_at(found, line) for line in (2, 3, 8, 9, 11, 12)] == [
        OUTSIDE,
        "a",
        "a",
        OUTSIDE,
        "b",
        OUTSIDE,
    ]
    assert spans("Dockerfile", "FROM x\n") == []
