"""DEVSECOPS_IDENTITY_KEY: secrets have an identity outside the run only with it, and no plugin sees it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.conftest import RunDevsecops

pytestmark = pytest.mark.e2e

PLUGIN = """
import os
from devsecops.api import Canary, Expect, Reads, Rule, Spec, finding_at, hookimpl, scan_texts

RULE = Rule(tool="keys", id="K1", summary="A key.", severity="high")
FOUND = Expect(rule="K1", file="a.txt", line=1)
CANARY = Canary(label="text", files={"a.txt": "key = 1\\n"}, expects=(FOUND,))


def look(unit, text):
    for number, line in enumerate(text.split("\\n"), 1):
        if line.startswith("key"):
            yield finding_at(unit, number, RULE, kind="secrets")


class Keys:
    spec = Spec(name="keys", kind="secrets", reads=Reads(suffixes=(".txt",)), controls=(CANARY,))

    def scan(self, ctx):
        assert "DEVSECOPS_IDENTITY_KEY" not in os.environ
        return scan_texts(ctx, look, rules=[RULE], version="1")


@hookimpl
def devsecops_scanners():
    return [Keys()]
"""


def git(repo: Path, *words: str) -> None:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    subprocess.run(["git", "-C", str(repo), *who, *words], check=True, capture_output=True)


def keys(out: Path) -> list[str | None]:
    result = json.loads((out / "results" / "keys.json").read_bytes())
    return [finding["keys"].get("secret/1") for finding in result["findings"]]


def test_a_secret_is_found_again_with_the_key_alone(run_devsecops: RunDevsecops, tmp_path: Path) -> None:
    (tmp_path / "keys.py").write_text(PLUGIN)
    policy = tmp_path / "policy.toml"
    off = "".join(f'[scanners.{name}]\nrequired = "off"\n' for name in ("advisories", "bandit", "semgrep"))
    policy.write_text(f'[plugins]\nfiles = ["{tmp_path / "keys.py"}"]\n{off}')
    repo = tmp_path / "repo"
    repo.mkdir()
    git(repo, "init", "--quiet", "--initial-branch=main")
    (repo / "a.txt").write_text("key = hunter2-hunter2\n")
    git(repo, "add", "a.txt")
    git(repo, "commit", "--quiet", "--message", "one")
    git(repo, "checkout", "--quiet", "-b", "change")
    # Redaction leaves nothing of the line to compare: only the keyed hash tells that it is the same secret.
    (repo / "a.txt").write_text("other\nlines\nkey = hunter2-hunter2\nmore\n")
    git(repo, "commit", "--quiet", "--all", "--message", "two")
    out = tmp_path / "out"
    args = ("scan", repo, "--policy", policy, "--base", "main", "--offline", "--output", out)
    told = run_devsecops(*args, env={"DEVSECOPS_IDENTITY_KEY": "k1"})
    (first,) = keys(out)
    assert told.returncode == 0, told
    run_devsecops(*args, env={"DEVSECOPS_IDENTITY_KEY": "k2"})
    (second,) = keys(out)
    run_devsecops(*args)
    assert keys(out) == [None]
    assert None not in (first, second)
    assert first != second
    for file in out.rglob("*"):
        assert not file.is_file() or b"hunter2-hunter2" not in file.read_bytes()
