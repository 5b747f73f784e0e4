"""Plugins of others beside the wheel: found, listed, run once the policy names them, and checked."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import tokenize
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import pytest
import uv

from tests.conftest import ROOT, Ran, RunDevsecops, clean_environment

STRANGER = ROOT / "tests" / "stranger"
LIMIT_S = 300
LONGEST = 40
SARIF_TOOLS = ROOT / "tests" / "sariftools" / "data"
WITHOUT_HELP = ("hadolint",)
"""Tools whose SARIF does not say what to do about a finding, which the check asks for."""


@dataclass(frozen=True)
class Beside:
    """An environment that holds the wheel and what strangers wrote."""

    folder: Path
    env: dict[str, str]

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    def __call__(self, *words: str | Path, cwd: Path | None = None) -> Ran:
        return self._run(self.folder / "bin" / "devsecops", *words, cwd=cwd)

    def execute(self, code: str) -> Ran:
        return self._run(self.python, "-c", code)

    def install(self, *what: Path) -> None:
        done = self._run(Path(uv.find_uv_bin()), "pip", "install", "--quiet", "--python", self.python, *what)
        assert done.returncode == 0, done.stderr

    def _run(self, *words: str | Path, cwd: Path | None = None) -> Ran:
        return subprocess.run(
            words,
            cwd=cwd or self.folder,
            env=self.env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=LIMIT_S,
            check=False,
        )


@pytest.fixture(scope="module")
def beside(tmp_path_factory: pytest.TempPathFactory, wheel: Path, tool_cache: Path) -> Beside:
    base = tmp_path_factory.mktemp("beside")
    command = [uv.find_uv_bin(), "venv", "--quiet", "--python", sys.executable, str(base / "venv")]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    made = Beside(base / "venv", clean_environment(base, tool_cache))
    # Built from a copy: what a build leaves is not left in our tree.
    package = shutil.copytree(STRANGER, base / "stranger", ignore=shutil.ignore_patterns("__pycache__"))
    made.install(wheel, package)
    return made


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "tree"
    folder.mkdir()
    (folder / "start.sh").write_text("#!/bin/sh\nmkdir -p /srv/shop\nchmod -R 777 /srv/shop\n")
    (folder / "app.ini").write_text("[app]\nname = shop\ndebug = On\n")
    return folder


def policy(folder: Path, allow: str) -> Path:
    path = folder / "policy.toml"
    path.write_text(f"schema = 1\n[plugins]\nallow = {json.dumps([allow] if allow else [])}\n")
    return path


@pytest.mark.e2e
def test_a_stranger_is_listed_and_runs_once_the_policy_names_it(
    beside: Beside, tree: Path, tmp_path: Path
) -> None:
    listed = beside("plugin", "list").stdout
    assert (
        "listed   open-modes  open-modes 1.0: runs only when the policy names it: [plugins] allow" in listed
    )
    assert "scanner  open-modes" not in listed
    out = tmp_path / "out"
    without = beside("scan", tree, "--policy", policy(tmp_path, ""), "--output", out, "--offline")
    assert without.returncode == 0, without.stdout + without.stderr
    assert "open-modes" not in (out / "verdict.json").read_text()
    named = beside("scan", tree, "--policy", policy(tmp_path, "open-modes"), "--output", out, "--offline")
    assert named.returncode == 1, named.stdout + named.stderr
    assert "open-modes/OPEN" in named.stdout
    assert "start.sh:3" in named.stdout.splitlines()[-1]


@pytest.mark.e2e
def test_a_stranger_passes_the_check(beside: Beside) -> None:
    done = beside("plugin", "check", "open-modes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].startswith("PASS: open-modes passes ")
    assert "FAIL" not in done.stdout


def lines_of(text: str) -> int:
    """Return how many lines are neither blank nor a comment."""
    ignored = (
        tokenize.COMMENT,
        tokenize.NL,
        tokenize.NEWLINE,
        tokenize.INDENT,
        tokenize.DEDENT,
        tokenize.ENDMARKER,
    )
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return len({line for t in tokens if t.type not in ignored for line in range(t.start[0], t.end[0] + 1)})


@pytest.mark.e2e
def test_a_new_plugin_is_short_passes_the_check_and_runs(beside: Beside, tree: Path, tmp_path: Path) -> None:
    made = beside("plugin", "new", "ini-debug", "--dir", tmp_path)
    assert made.returncode == 0, made.stderr
    folder = tmp_path / "ini-debug"
    module = folder / "ini_debug.py"
    assert made.stdout.splitlines()[-2] == f"next: devsecops plugin check {module}"
    assert made.stdout.splitlines()[-1].startswith(f"then: pip install {folder}, ")
    ruff = [sys.executable, "-m", "ruff", "format", "--isolated", "--check", "--quiet", str(folder)]
    subprocess.run(ruff, check=True)
    assert 20 < lines_of(module.read_text()) <= LONGEST
    checked = beside("plugin", "check", module)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    tests = folder / "test_ini_debug.py"
    run = f"import runpy; m = runpy.run_path({str(tests)!r}); [m[n]() for n in m if n.startswith('test_')]"
    tested = beside.execute(f"{run}; print(sum(n.startswith('test_') for n in m))")
    assert (tested.returncode, tested.stdout) == (0, "2\n"), tested.stderr
    beside.install(folder)
    assert (
        beside("plugin", "check", "ini-debug").stdout.splitlines()[-1].startswith("PASS: ini-debug passes ")
    )
    out = tmp_path / "out"
    done = beside("scan", tree, "--policy", policy(tmp_path, "ini-debug"), "--output", out, "--offline")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "app.ini:3" in done.stdout.splitlines()[-1]
    again = beside("plugin", "new", "ini-debug", "--dir", tmp_path)
    assert (again.returncode, "of that name" in again.stderr) == (2, True)


@pytest.mark.e2e
def test_a_new_check_passes_the_check_and_its_own_tests(beside: Beside, tmp_path: Path) -> None:
    made = beside("plugin", "new", "two-eyes", "--check", "--dir", tmp_path)
    assert made.returncode == 0, made.stderr
    folder = tmp_path / "two-eyes"
    ruff = [sys.executable, "-m", "ruff", "format", "--isolated", "--check", "--quiet", str(folder)]
    subprocess.run(ruff, check=True)
    assert "A check for devsecops." in (folder / "pyproject.toml").read_text()
    tests = folder / "test_two_eyes.py"
    run = f"import runpy; m = runpy.run_path({str(tests)!r}); [m[n]() for n in m if n.startswith('test_')]"
    tested = beside.execute(f"{run}; print(sum(n.startswith('test_') for n in m))")
    assert (tested.returncode, tested.stdout) == (0, "2\n"), tested.stderr
    beside.install(folder)
    assert "listed   two-eyes  devsecops-two-eyes 0.1.0: runs only when" in beside("plugin", "list").stdout
    last = beside("plugin", "check", "two-eyes").stdout.splitlines()[-1]
    assert last == "PASS: two-eyes passes 4 checks"


def sarif_policy(folder: Path) -> Path:
    """Write a policy with SARIF tools: without one the plugin contributes nothing."""
    for lock in SARIF_TOOLS.glob("*.lock"):
        shutil.copy(lock, folder)
    _, *tables = (SARIF_TOOLS / "tools.toml").read_text().split("[[tool]]\n")
    kept = [t for t in tables if not any(f'name = "{name}"' in t for name in WITHOUT_HELP)]
    assert len(kept) == len(tables) - len(WITHOUT_HELP)
    path = folder / "policy.toml"
    path.write_text("schema = 1\n" + "".join(f"[[tool]]\n{table}" for table in kept))
    return path


BUILT_IN = sorted(point.name for point in metadata.entry_points(group="devsecops"))


@pytest.mark.e2e
@pytest.mark.parametrize("name", BUILT_IN)
def test_every_built_in_passes_the_check(
    run_devsecops: RunDevsecops, tools_ready: Path, tmp_path: Path, name: str
) -> None:
    more: list[str | Path] = ["--policy", sarif_policy(tmp_path)] if name == "sarif" else []
    done = run_devsecops("plugin", "check", name, *more)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].startswith(f"PASS: {name} passes ")
