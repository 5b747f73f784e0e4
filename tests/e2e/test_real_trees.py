"""Real projects and real tools: the ledger is git's list, remedies on the screen work, old data is told."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from benchmarks.corpora import tree
from benchmarks.ledger import check, commit
from tests.conftest import RunDevsecops

pytestmark = pytest.mark.e2e


@pytest.fixture
def corpus_cache(tool_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEVSECOPS_CACHE", str(tool_cache))


@pytest.mark.usefixtures("corpus_cache", "tools_ready")
@pytest.mark.parametrize("name", ["flask", "requests"])
def test_every_entry_of_a_real_commit_is_accounted_for(
    name: str, tmp_path: Path, devsecops_bin: Path, clean_env: dict[str, str]
) -> None:
    commit(tree(name), tmp_path / "repository")
    states = check(tmp_path / "repository", devsecops_bin, tmp_path / "out", clean_env)
    assert states["bandit: scanned"] > 30


def _scan(run: RunDevsecops, tree: Path, output: Path, *more: str | Path) -> tuple[int, dict[str, object]]:
    done = run("scan", tree, "--output", output, "--offline", "--as-of", "2024-10-20", *more)
    statement: dict[str, object] = json.loads((output / "verdict.json").read_bytes())["statement"]
    assert done.stdout.rstrip("\n").rpartition("\n")[2] == statement["cause"], done.stderr
    return done.returncode, statement


@pytest.mark.usefixtures("tools_ready")
def test_the_lines_to_paste_accept_exactly_the_gaps(tmp_path: Path, run_devsecops: RunDevsecops) -> None:
    project = tmp_path / "project"
    (project / "tests").mkdir(parents=True)
    (project / "ok.py").write_text("print('hello')\n")
    (project / "tests/syntax[1].py").write_text("def broken(:\n")
    (project / "requirements.txt").write_text("flask\n")
    (project / "package.json").write_text('{"dependencies": {"left-pad": "^1.0.0"}}')
    code, statement = _scan(run_devsecops, project, tmp_path / "one")
    assert code == 3
    policy = tmp_path / "policy.toml"
    text = "schema = 1\n"
    for reason in statement["reasons"]:  # type: ignore[attr-defined]
        remedy = reason["remedy"]
        assert "[[coverage.accept]]" in remedy, reason
        text += remedy[remedy.index("[[coverage.accept]]") :] + "\n"
    policy.write_text(text)
    code, statement = _scan(run_devsecops, project, tmp_path / "two", "--policy", policy)
    assert (code, statement["verdict"]) == (0, "pass"), statement["cause"]
    assert "accepted" in str(statement["cause"]) or statement["warnings"]
    (project / "tests/other.py").write_text("def broken(:\n")
    code, statement = _scan(run_devsecops, project, tmp_path / "three", "--policy", policy)
    assert code == 3, "a gap that nobody accepted"


@pytest.mark.parametrize("fault", ["truncated", "garbage", "empty", "of a wrong digest"])
def test_a_broken_index_is_never_green(fault: str, tmp_path: Path, run_devsecops: RunDevsecops) -> None:
    from devsecops_advisories.index import embedded_path

    good = embedded_path().read_bytes()
    bad = {
        "truncated": good[: len(good) // 2],
        "garbage": os.urandom(1000),
        "empty": b"",
        "of a wrong digest": good[:-1] + bytes([good[-1] ^ 1]),
    }[fault]
    cache = tmp_path / "cache"
    (cache / "advisories").mkdir(parents=True)
    (cache / "advisories/index.bin").write_bytes(bad)
    project = tmp_path / "project"
    project.mkdir()
    (project / "requirements.txt").write_text("idna==3.10\n")
    env = {"DEVSECOPS_CACHE": str(cache)}
    done = run_devsecops("scan", project, "--output", tmp_path / "out", "--offline", env=env)
    statement = json.loads((tmp_path / "out/verdict.json").read_bytes())["statement"]
    assert done.returncode == 3, done.stdout
    reasons = [reason for reason in statement["reasons"] if reason["scanner"] == "advisories"]
    assert "scanner-failed" in {reason["code"] for reason in reasons}
    assert any("advisories update" in reason["message"] + reason["remedy"] for reason in reasons)


@pytest.mark.parametrize(("day", "words"), [("2024-10-01", "2024-10-10"), ("2024-12-01", "52 days old")])
def test_data_from_the_future_or_too_old_is_incomplete(
    day: str, words: str, tmp_path: Path, run_devsecops: RunDevsecops
) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "requirements.txt").write_text("idna==3.10\n")
    done = run_devsecops("scan", project, "--output", tmp_path / "out", "--offline", "--as-of", day)
    assert done.returncode == 3, done.stdout
    assert words in done.stdout.rstrip("\n").rpartition("\n")[2]
