"""The labelled functions of a tree, and where each of them lies in its file.

In Python a function is named `function` or `Class.method`; nested ones belong to the one around them. In
JavaScript it begins at column 0, as `function NAME(`, `exports.NAME =` or a route such as `app.get("/path"`,
which is then named `get /path`. "*" is all that lies outside of them.
"""

from __future__ import annotations

import ast
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

LABELLED = Path(__file__).parent / "labelled"
OUTSIDE = "*"
LANGUAGES = {".py": "Python", ".js": "JavaScript", ".ts": "JavaScript", ".tsx": "JavaScript"}
_STARTS = re.compile(
    r"(?:export )?(?:async )?function (?P<function>\w+)\(|exports\.(?P<export>\w+) = "
    r"|(?:app|router)\.(?P<verb>get|post|put|patch|delete)\([\"'](?P<route>[^\"']+)"
)


@dataclass(frozen=True, slots=True)
class Label:
    """What a function of a file is. `path` is relative to its tree, with slashes."""

    path: str
    function: str
    weakness: str
    vulnerable: bool
    why: str

    @property
    def language(self) -> str:
        """Python, JavaScript (with TypeScript) or Dockerfile."""
        return LANGUAGES.get(Path(self.path).suffix, "Dockerfile")


@dataclass(frozen=True, slots=True)
class Labels:
    """A tree's labels, its files, and per file the functions without a label."""

    tree: Path
    labels: tuple[Label, ...]
    helpers: dict[str, tuple[str, ...]]


def read(tree: Path, path: Path) -> Labels:
    """Return the labels that `path` gives to the files of `tree`. Raises KeyError for a wrong shape."""
    files = tomllib.loads(path.read_text(encoding="utf-8"))["file"]
    labels = [
        Label(file["path"], function, weakness, kind == "vulnerable", why)
        for file in files
        for kind in ("vulnerable", "safe")
        for function, weakness, why in file.get(kind, [])
    ]
    return Labels(tree, tuple(labels), {file["path"]: tuple(file.get("helpers", [])) for file in files})


@dataclass(frozen=True, slots=True)
class Span:
    """The lines of a function, from 1, both ends included."""

    function: str
    first: int
    last: int


def spans(path: str, text: str) -> list[Span]:
    """Return the functions of a file, in order; none for a Dockerfile. Raises SyntaxError for bad Python."""
    if path.endswith(".py"):
        return _python(ast.parse(text).body, "")
    return _javascript(text.splitlines()) if Path(path).suffix in LANGUAGES else []


def _python(body: list[ast.stmt], prefix: str) -> list[Span]:
    out = []
    for node in body:
        if isinstance(node, ast.ClassDef):
            out += _python(node.body, f"{prefix}{node.name}.")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            out.append(Span(prefix + node.name, first, node.end_lineno or first))
    return out


def _javascript(lines: list[str]) -> list[Span]:
    out = []
    for number, line in enumerate(lines, 1):
        found = _STARTS.match(line)
        if found is None or not line.rstrip().endswith("{"):
            continue
        ends = (n for n, later in enumerate(lines[number:], number + 1) if later.startswith("}"))
        name = found["function"] or found["export"] or f"{found['verb']} {found['route']}"
        out.append(Span(name, number, next(ends, len(lines))))
    return out


def function_at(found: list[Span], line: int) -> str:
    """Return the function that a line belongs to, or OUTSIDE."""
    return next((span.function for span in found if span.first <= line <= span.last), OUTSIDE)
