"""plugin new and plugin check: what they refuse, and what they say."""

from __future__ import annotations

from pathlib import Path

import pytest

from devsecops.cli.plugin_new import files_of
from tests.conftest import RunDevsecops


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Debug", "lower-case"), ("-x", "lower-case"), ("a--b", "lower-case"), ("../up", "lower-case"),
        ("a" * 41, "at most 40"), ("bandit", "of that name"), ("reports", "of that name"),
        ("class", "has a word"), ("json", "has a word"), ("devsecops-bandit", "has a word"),
    ],
)  # fmt: skip
def test_a_name_that_cannot_be_is_refused(
    run_devsecops: RunDevsecops, tmp_path: Path, name: str, words: str
) -> None:
    done = run_devsecops("plugin", "new", "--dir", tmp_path, "--", name)
    assert done.returncode == 2
    assert words in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(run_devsecops: RunDevsecops, tmp_path: Path) -> None:
    (tmp_path / "ini-debug").mkdir()
    (tmp_path / "ini-debug" / "ini_debug.py").write_text("mine\n")
    done = run_devsecops("plugin", "new", "ini-debug", "--dir", tmp_path)
    assert done.returncode == 2
    assert "exists; nothing was written" in done.stderr
    assert [path.name for path in (tmp_path / "ini-debug").iterdir()] == ["ini_debug.py"]
    missing = run_devsecops("plugin", "new", "ini-debug", "--dir", tmp_path / "none")
    assert missing.returncode == 2
    assert "cannot be written" in missing.stderr


def test_a_plugin_that_is_not_there_is_usage(run_devsecops: RunDevsecops, tmp_path: Path) -> None:
    done = run_devsecops("plugin", "check", "bandti")
    assert done.returncode == 2
    assert "no such plugin is installed; the nearest is bandit" in done.stderr
    assert run_devsecops("plugin", "check", tmp_path / "none.py").returncode == 2


def test_a_plugin_that_fails_says_where_in_the_last_line(run_devsecops: RunDevsecops, tmp_path: Path) -> None:
    plugin = tmp_path / "ini_debug.py"
    plugin.write_text(files_of("ini-debug")["ini_debug.py"].replace("line=2", "line=3"))
    done = run_devsecops("plugin", "check", plugin)
    assert done.returncode == 1
    assert "  FAIL  finds its canaries" in done.stdout
    last = done.stdout.splitlines()[-1]
    assert last.startswith(f"FAIL: {plugin} fails ")
    assert "finds its canaries (scanner ini-debug)" in last


def test_the_policys_options_are_in_force(run_devsecops: RunDevsecops, tmp_path: Path) -> None:
    """With the same plugin: its one option, set by the policy, takes the flaw from it."""
    plugin = tmp_path / "ini_debug.py"
    text = files_of("ini-debug")["ini_debug.py"]
    text = text.replace("controls=(CANARY,),", 'controls=(CANARY,), options={"blind": False},')
    text = text.replace("ctx, look,", 'ctx, (lambda u, t: ()) if ctx.options["blind"] else look,')
    plugin.write_text(text)
    policy = tmp_path / "policy.toml"
    policy.write_text("[scanners.ini-debug]\nblind = true\n")
    assert run_devsecops("plugin", "check", plugin).returncode == 0
    done = run_devsecops("plugin", "check", plugin, "--policy", policy)
    assert done.returncode == 1
    assert "its canary (ini, DEBUG-ON) was not found" in done.stdout
    policy.write_text("[scanners.ini-debug]\nblnd = true\n")
    assert run_devsecops("plugin", "check", plugin, "--policy", policy).returncode == 2
