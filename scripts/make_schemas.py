"""Write the JSON Schemas of the files that others read: devsecops/schemas/*.json."""

from __future__ import annotations

import ast
import inspect
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec

from devsecops import model, run
from devsecops.findings import baseline
from devsecops.policy import file
from devsecops.waivers.file import WaiverFile

FOLDER = Path(__file__).parents[1] / "devsecops" / "schemas"
SCHEMAS: dict[str, tuple[type, str]] = {
    "verdict-1.json": (model.Verdict, "verdict.json"),
    "run-1.json": (run.SavedRun, "run.json"),
    "policy-1.json": (file.PolicyFile, ".devsecops/policy.toml"),
    "waivers-1.json": (WaiverFile, ".devsecops/waivers.toml"),
    "baseline-1.json": (baseline.Baseline, "baseline.json"),
}


def field_notes(module: ModuleType) -> dict[str, dict[str, str]]:
    """Return class -> field -> the text under it in the source."""
    out: dict[str, dict[str, str]] = {}
    for node in ast.parse(inspect.getsource(module)).body:
        if not isinstance(node, ast.ClassDef):
            continue
        for field, note in zip(node.body, node.body[1:], strict=False):
            if (
                isinstance(field, ast.AnnAssign)
                and isinstance(field.target, ast.Name)
                and isinstance(note, ast.Expr)
                and isinstance(note.value, ast.Constant)
            ):
                out.setdefault(node.name, {})[field.target.id] = inspect.cleandoc(str(note.value.value))
    return out


def make(kind: type, title: str) -> dict[str, Any]:
    """Return the JSON Schema of a struct, with what its source says about each field."""
    schema = msgspec.json.schema(kind)
    notes = {**field_notes(model), **field_notes(run), **field_notes(baseline)}
    for name, definition in schema["$defs"].items():
        for field, text in notes.get(name, {}).items():
            # Two modules may each have a class of that name.
            if field in definition["properties"]:
                definition["properties"][field].setdefault("description", text)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title, **schema}


def render(name: str) -> str:
    """Return the text of one schema file."""
    return json.dumps(make(*SCHEMAS[name]), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def main() -> int:
    """Write all of them."""
    FOLDER.mkdir(exist_ok=True)
    for name in SCHEMAS:
        (FOLDER / name).write_text(render(name), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
