"""The same question gives the same bytes: whatever folder, locale, time zone, hash seed, order and cores."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.program import Done, Program, two_plugins, write_plugin, write_policy
from tests.subject.repos import ENV

AS_OF = "2026-11-20"
FILES = {
    "app/db.py": 'import subprocess\nTOKEN = "hunter2hunter2"\nsubprocess.call("ls " + TOKEN, shell=True)\n',
    "app/broken.py": "def broken(:\n",
    "app/ünï.py": "eval(input())\nassert True\n",
    "tests/test_db.py": "import pickle\npickle.loads(b'')\n",
    "requirements.txt": "jinja2==2.4.1\ndjango==3.2.0\nflask\n",
    "one.fake": "DANGER\n",
    "two.fake": "DANGER\n",
    "README.md": "# a tree\n",
}
KEPT = ("ledger.jsonl", "results.sarif", "run.json", "judged.json", "results/bandit.json",
        "results/advisories.json", "results/fake.json", "results/second.json")  # fmt: skip


def _make(folder: Path, order: Sequence[str], *, git: bool) -> Path:
    for name in order:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(FILES[name])
    if git:
        for args in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "work"]):
            subprocess.run(["git", *args], cwd=folder, env=ENV, check=True)
    return folder


def _one_core() -> None:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


@pytest.mark.e2e
@pytest.mark.parametrize("git", [True, False], ids=["commit", "folder"])
def test_a_second_run_gives_the_same_bytes(program: Program, tools_ready: Path, git: bool) -> None:
    policy = write_policy(
        program.folder, two_plugins(program.folder), others="", deadline_s=60, more="[gate]\nconfidence='low'"
    )
    names = sorted(FILES)
    first = _make(program.folder / "a" / "project", names, git=git)
    second = _make(program.folder / "b" / "elsewhere" / "project", names[::-1], git=git)

    def scan(tree: Path, output: str, prepare: Callable[[], None] | None, **env: str) -> Done:
        return program.scan(
            tree if output == "one" else Path(),
            "--offline", "--as-of", AS_OF, *(["--head", "HEAD"] if git else []),
            policy=policy, output=program.folder / output, cwd=None if output == "one" else tree,
            env=env, prepare=prepare,
        )  # fmt: skip

    one = scan(first, "one", None, PYTHONHASHSEED="1", TZ="UTC")
    two = scan(
        second, "two", _one_core,
        PYTHONHASHSEED="4321", TZ="Pacific/Kiritimati", LC_ALL="POSIX", LANG="tr_TR.UTF-8", COLUMNS="40",
    )  # fmt: skip
    assert one.code == two.code == 1, one
    assert {s["name"]: s["status"] for s in one.statement["scanners"]} == {
        "advisories": "partial", "bandit": "partial", "fake": "complete", "second": "complete",
        "semgrep": "complete",
    }  # fmt: skip
    assert _canonical(one.statement) == _canonical(two.statement)
    assert one.verdict["digest"] == two.verdict["digest"]
    for name in KEPT:
        assert (one.output / name).read_bytes() == (two.output / name).read_bytes(), name
    assert one.verdict["files"] == two.verdict["files"]
    assert one.last_line == two.last_line
    assert str(program.folder / "a").encode() not in _all_bytes(one.output)


def test_tools_that_run_in_turn_read_the_same_commit(program: Program) -> None:
    """What ends the strays of one tool leaves the reader of the repository alone."""
    plugins = [write_plugin(program.folder / "plugins", name) for name in ("fake", "other", "third")]
    tree = _make(program.folder / "project", sorted(FILES), git=True)
    done = program.scan(
        tree, "--head", "HEAD", policy=write_policy(program.folder, plugins), prepare=_one_core
    )
    assert done.code == 0, done
    for name in ("fake", "other", "third"):
        assert done.findings(name) == [("DANGER", "one.fake", 1), ("DANGER", "two.fake", 1)]


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _all_bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())
