"""The rules of the house: who may import whom, what is loaded when, how large things are, what stays out."""

from __future__ import annotations

import ast
import graphlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = {"devsecops": ROOT, "plugins": ROOT / "plugins", "reports": ROOT / "reports"}
LONGEST_MODULE, LONGEST_FUNCTION = 400, 60
LONGER = {"devsecops/model.py": 500}
"""All values stand in one module: it is the vocabulary, not logic."""


def tracked() -> list[Path]:
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    out = subprocess.run(command, check=True, capture_output=True).stdout.decode()
    return [path for name in sorted(out.split("\0")) if name and (path := ROOT / name).is_file()]


MODULES = {
    ".".join(path.relative_to(base).with_suffix("").parts).removesuffix(".__init__"): path
    for folder, base in SOURCES.items()
    for path in sorted((ROOT / folder).rglob("*.py"))
}
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in MODULES.items()}


def imports(name: str, *, everywhere: bool) -> Iterator[str]:
    """Yield the names that a module imports: at its top level, or also inside of functions."""
    package = name if MODULES[name].name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(TREES[name]) if everywhere else TREES[name].body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")
            above = parts[: len(parts) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                yield f"{base}.{alias.name}" if f"{base}.{alias.name}" in MODULES else base


def ours(target: str) -> bool:
    return target.partition(".")[0] in {name.partition(".")[0] for name in MODULES}


def test_plugins_and_reports_import_the_api_alone() -> None:
    wrong = [
        f"{name} imports {target}"
        for name in MODULES
        if not name.startswith("devsecops.") and name != "devsecops"
        for target in imports(name, everywhere=True)
        if ours(target) and target != "devsecops.api" and target.partition(".")[0] != name.partition(".")[0]
    ]
    assert wrong == []


def test_the_core_imports_no_plugin_and_the_model_imports_nothing() -> None:
    wrong = [
        f"{name} imports {target}"
        for name in MODULES
        if name.partition(".")[0] == "devsecops"
        for target in imports(name, everywhere=True)
        if ours(target) and (target.partition(".")[0] != "devsecops" or name == "devsecops.model")
    ]
    assert wrong == []


def test_no_circle_of_imports() -> None:
    graph = {name: {t for t in imports(name, everywhere=False) if t in MODULES} - {name} for name in MODULES}
    graphlib.TopologicalSorter(graph).prepare()


@pytest.mark.parametrize("words", [["--help"], ["scan", "--help"], ["--version"]])
def test_help_loads_neither_values_nor_plugins(
    devsecops_bin: Path, clean_env: dict[str, str], tmp_path: Path, words: list[str]
) -> None:
    python = devsecops_bin.with_name("python")
    command = [python if python.exists() else sys.executable, "-X", "importtime", devsecops_bin, *words]
    done = subprocess.run(
        command, env=clean_env, cwd=tmp_path, capture_output=True, encoding="utf-8", check=True
    )
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert "argparse" in loaded
    assert loaded.isdisjoint({"msgspec", "pluggy", "packaging", "cvss", "uv", "asyncio", "threading"})
    assert not [name for name in loaded if name.startswith("devsecops_")]


def test_modules_and_functions_stay_small() -> None:
    long = []
    for name, path in MODULES.items():
        where = str(path.relative_to(ROOT))
        lines = path.read_text(encoding="utf-8").count("\n")
        if lines > LONGER.get(where, LONGEST_MODULE):
            long.append(f"{where}: {lines} lines")
        long += [
            f"{where}:{node.lineno} {node.name}"
            for node in ast.walk(TREES[name])
            if isinstance(node, ast.FunctionDef)
            and (node.end_lineno or 0) - node.body[0].lineno + 1 > LONGEST_FUNCTION
        ]
    assert long == []


def test_nothing_of_one_machine_or_one_index_is_in_the_tree() -> None:
    """uv.lock names the public index by uv's own format; nothing else names one."""
    hosts = r"registry\.npmjs\.\w+|files\.pythonhosted\.\w+|pypi\.org/simple"
    homes = r"(?<![\w.])/(?:root|home/\w+|Users/\w+)/"
    pattern = re.compile("|".join([hosts, homes, re.escape(str(ROOT)) + r"\b"]).encode())
    found = [
        f"{path.relative_to(ROOT)}: {match.group().decode()}"
        for path in tracked()
        if path.name != "uv.lock" and path != Path(__file__)
        for match in pattern.finditer(path.read_bytes())
    ]
    assert found == []


def test_a_summary_in_the_help_is_the_commands_own() -> None:
    from importlib import import_module

    from devsecops.cli.main import COMMANDS

    assert {n: import_module(f"devsecops.cli.{n}").SUMMARY for n in COMMANDS} == COMMANDS
