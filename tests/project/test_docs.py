"""What the documents say is what the program does."""

from __future__ import annotations

import json
import os
import re
import runpy
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pluggy
import pytest

from devsecops.api import CONTRACT
from devsecops.cli.main import COMMANDS
from devsecops.cli.main import parser as command_line
from devsecops.contract import Spec
from devsecops.errors import DevsecopsError, IncompleteError, UsageError
from devsecops.gate import exit_code
from devsecops.hookspecs import PROJECT, Hooks
from devsecops.model import Outcome, PolicyInForce, Source, Statement
from devsecops.testing import check
from scripts import first_run, lock_wheel, make_docs
from tests.conftest import RunDevsecops, clean_environment
from tests.project.test_house import tracked

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [path for path in tracked() if path.suffix == ".md"]


def test_generated_pages_are_current() -> None:
    made = make_docs.pages()
    docs = ROOT / "docs"
    there = {name: (docs / name).read_text(encoding="utf-8") for name in made if (docs / name).exists()}
    assert sorted(name for name, text in made.items() if there.get(name) != text) == []
    assert {f"rules/{page.name}" for page in docs.glob("rules/*.md")} <= set(made)


def test_the_pins_of_the_buildspec_are_those_of_the_lock() -> None:
    for extras, file in lock_wheel.PINS.items():
        assert file.read_text(encoding="utf-8") == lock_wheel.pins(extras)


@pytest.mark.parametrize("name", make_docs.hook_names())
def test_the_example_of_a_hook_runs(name: str, tmp_path: Path) -> None:
    text = make_docs.hooks().partition(f"## {name}(")[2]
    code = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    assert code is not None
    module = ModuleType("example")
    exec(compile(code[1], name, "exec"), module.__dict__)
    plugins = pluggy.PluginManager(PROJECT)
    plugins.add_hookspecs(Hooks)
    plugins.register(module)
    plugins.check_pending()
    arguments = {"tools": ()} if name == "devsecops_scanners" else {}
    made: list[Any] = [item for items in getattr(plugins.hook, name)(**arguments) for item in items]
    assert len(made) == 1
    if name == "devsecops_scanners":
        assert isinstance(made[0].spec, Spec)
        assert made[0].spec.contract == CONTRACT
    else:
        assert made[0].name
        assert callable(made[0].check if name == "devsecops_checks" else made[0].render)
    plugin = tmp_path / "example.py"
    plugin.write_text(code[1], encoding="utf-8")
    assert [(one.name, one.wrong) for one in check(plugin) if not one.passed] == []


@pytest.mark.e2e
def test_the_examples_of_the_kit_run(
    page_block: Callable[[str], Path], tmp_path: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tests in docs/plugins.md, run as its reader would."""
    monkeypatch.setenv("DEVSECOPS_CACHE", str(own_cache))
    ran = 0
    for name in ("debug_ini.py", "test_debug_ini.py", "test_a_tool.py"):
        path = page_block(name)
        for number, (function, test) in enumerate(sorted(runpy.run_path(str(path)).items())):
            if function.startswith("test_"):
                test(*([tmp_path / f"{path.stem}-{number}"] if test.__code__.co_argcount else []))
                ran += 1
    assert ran == 4


def test_links_lead_somewhere() -> None:
    broken = []
    for page in PAGES:
        for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
            path, _, anchor = target.partition("#")
            if "://" in target:
                continue
            there = (page.parent / path).resolve() if path else page
            if not there.exists() or (anchor and anchor not in anchors(there)):
                broken.append(f"{page.relative_to(ROOT)}: {target}")
    assert broken == []


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_command_in_a_document_is_one() -> None:
    """Every `devsecops ...` in the documents is parsed by the program's own parser, as far as it goes."""
    wrong = []
    for page in PAGES:
        for line in re.findall(r"(?:^|`|\./|bin/)devsecops ([a-z][^`\n|#]*)", page.read_text("utf-8"), re.M):
            words = shlex.split(line.replace("...", " "))
            if words[0] not in COMMANDS:
                wrong.append(f"{page.name}: devsecops {line}")
                continue
            known = subcommand_options(words[0])
            wrong += [f"{page.name}: {w}" for w in words if w.startswith("--") and w not in known]
    assert wrong == []


def subcommand_options(command: str) -> set[str]:
    text = make_docs.cli()
    assert command_line() is not None
    return set(re.findall(r"`(--[\w-]+)", text[text.index(f"### devsecops {command}\n") :]))


def test_the_exit_codes_in_the_readme_are_those_of_the_program() -> None:
    rows = dict(re.findall(r"^\| (\d) \| (\w+)", README, re.MULTILINE))
    assert rows == {"0": "pass", "1": "fail", "2": "usage", "3": "incomplete", "4": "internal"}
    policy = PolicyInForce(name="default", sha256="0", source="main:p.toml", trusted=True)
    codes: dict[Outcome, int] = {"pass": 0, "fail": 1, "incomplete": 3}
    for verdict, code in codes.items():
        assert rows[str(code)] == verdict
        statement = Statement(
            verdict=verdict,
            cause="",
            subject=(Source(tree="git:0"),),
            evaluated_on="2026-01-01",
            policy=policy,
        )
        assert exit_code(statement) == code
    assert [error.exit_code for error in (UsageError, IncompleteError, DevsecopsError)] == [2, 3, 4]


def commands(heading: str) -> list[str]:
    """Return the commands of the first block under a heading of the README."""
    found = re.search(rf"^## {heading}\n.*?^```\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1].splitlines()


def test_ci_runs_the_readmes_tests() -> None:
    (tests,) = commands("Tests")
    command = tests.rpartition("bin/uv ")[2]
    assert f'"$uv" {command} </dev/null\n' in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


@pytest.mark.e2e
def test_the_first_run_in_the_readme_is_what_happens(
    devsecops_bin: Path, tools_ready: Path, own_cache: Path, tmp_path: Path
) -> None:
    shown = first_run.split(README)[1]
    assert shown == first_run.block(first_run.run(devsecops_bin, clean_environment(tmp_path, own_cache)))


@pytest.mark.e2e
def test_the_first_command_works_on_a_fresh_machine(tmp_path: Path, own_cache: Path) -> None:
    """In a copy of what is tracked, with an empty home: set-up, tool, verdict."""
    (command,) = commands("First run")
    clone = tmp_path / "clone"
    for path in tracked():
        to = clone / path.relative_to(ROOT)
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_bytes(path.read_bytes())
    subprocess.run(["git", "init", "--quiet"], cwd=clone, check=True)
    path_of_python = f"{Path(sys.base_prefix) / 'bin'}:{os.environ['PATH']}"
    env = clean_environment(tmp_path, own_cache) | {"PATH": path_of_python}
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=clone,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "examples/shop/api/app.py:52" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("FAIL: ")


@pytest.fixture
def page_block(tmp_path: Path) -> Callable[[str], Path]:
    """Writes a Python block of docs/plugins.md to a file outside of the tree."""

    def write(name: str) -> Path:
        page = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")
        block = re.search(rf"<!-- {name} -->\n```python\n(.*?)```", page, re.DOTALL)
        assert block is not None
        path = tmp_path / name
        path.write_text(block[1], encoding="utf-8")
        return path

    return write


@pytest.mark.e2e
def test_the_plugin_in_the_docs_works(
    run_devsecops: RunDevsecops, page_block: Callable[[str], Path], tmp_path: Path
) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "app.ini").write_text("[app]\nname = shop\ndebug = On\n")
    (tree / "latin.ini").write_bytes(b"[app]\nname = caf\xe9\n")
    policy = tmp_path / "policy.toml"
    policy.write_text(f"schema = 1\n[plugins]\nfiles = [{json.dumps(str(page_block('debug_ini.py')))}]\n")
    out = tmp_path / "out"
    done = run_devsecops("scan", tree, "--policy", policy, "--output", out, "--offline")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "debug-ini/DEBUG-ON" in done.stdout
    assert "app.ini:3" in done.stdout
    rows = [json.loads(line) for line in (out / "ledger.jsonl").read_text().splitlines()]
    states = {row["unit"]["id"]: row["state"] for row in rows if row["scanner"] == "debug-ini"}
    assert states == {"app.ini": "scanned", "latin.ini": "failed"}
