"""buildspecs/pr-scan.yml in a real bash, phase by phase: with every exit code, and with the real program."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.conftest import clean_environment
from tests.project.codebuild import build, read
from tests.project.conftest import ENDINGS, StubBuild, agrees

ROOT = Path(__file__).parents[2]
SPEC = ROOT / "buildspecs" / "pr-scan.yml"
POLICY = "schema = 1\n[data]\nmax_age_days = 100000\n"
GOOD = "def add(a, b):\n    return a + b\n"
BAD = "import subprocess\n\n\ndef run(text):\n    return subprocess.call(text, shell=True)\n"


@pytest.mark.parametrize(("code", "verdict", "ends", "exported"), ENDINGS)
def test_the_code_of_the_program_is_the_verdict_of_the_build(
    stub: StubBuild, code: int, verdict: str | None, ends: int, exported: str
) -> None:
    agrees(stub(SPEC, code, verdict), code, verdict, ends, exported)


def test_the_policy_is_the_destinations_and_the_commit_is_judged(stub: StubBuild, tmp_path: Path) -> None:
    assert stub(SPEC, 0, "pass", DEVSECOPS_POLICY="abc:policy.toml").succeeded
    called = (tmp_path / "home" / "called").read_text().splitlines()
    asked = "--base origin/main --policy abc:policy.toml --offline --output devsecops-out --report junit"
    assert called[-1] == f"true scan . {asked}"
    assert [line.split()[:2] for line in called[:-1]] == [["tools", "sync"], ["advisories", "update"]]


def test_a_build_that_ends_early_exports_no_pass(tmp_path: Path, clean_env: dict[str, str]) -> None:
    source, home = tmp_path / "source", tmp_path / "home"
    source.mkdir()
    wheel = tmp_path / "devsecops-1-py3-none-any.whl"
    wheel.write_bytes(b"not what was pinned")
    project = {"DEVSECOPS_HOME": str(home), "DEVSECOPS_WHEEL": str(wheel), "DEVSECOPS_SHA256": "0" * 64}
    done = build(read(SPEC), source, tmp_path / "state", clean_env | project)
    assert list(done.phases) == ["install"]
    assert not done.succeeded
    assert done.exported == {"VERDICT": "incomplete", "COUNTS": "none"}
    assert not (home / "bin").exists()


def test_a_build_that_ends_early_uploads_nothing_of_the_commit(
    tmp_path: Path, clean_env: dict[str, str]
) -> None:
    """Reports and artifacts are uploaded after a failed build as well: a green one may not lie there."""
    source = tmp_path / "source"
    (source / "devsecops-out").mkdir(parents=True)
    (source / "devsecops-out" / "report-junit.xml").write_text("<testsuites/>")
    project = {"DEVSECOPS_HOME": str(tmp_path / "home"), "DEVSECOPS_WHEEL": "/none.whl"}
    done = build(read(SPEC), source, tmp_path / "state", clean_env | project)
    assert not done.succeeded
    assert reported(source) == []


def reported(source: Path) -> list[Path]:
    """Return the files that CodeBuild would read as a test report."""
    (group,) = read(SPEC)["reports"].values()
    assert group["file-format"] == "JUNITXML"
    return [path for pattern in group["files"] for path in source.glob(pattern)]


def git(folder: Path, *args: str) -> str:
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", "-C", str(folder), *args]
    done = subprocess.run(command, check=True, capture_output=True, encoding="utf-8")
    return done.stdout.strip()


def commit(folder: Path, **files: str) -> str:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_py", ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "a change")
    return git(folder, "rev-parse", "HEAD")


@pytest.mark.e2e
def test_pull_requests_with_the_real_program(tmp_path: Path, wheel: Path, own_cache: Path) -> None:
    """A good head passes, a bad head fails, and what the head brings along changes nothing."""
    origin, source = tmp_path / "origin", tmp_path / "source"
    git(tmp_path, "init", "--quiet", "--initial-branch=main", str(origin))
    (origin / ".devsecops").mkdir()
    (origin / ".devsecops" / "policy.toml").write_text(POLICY)
    commit(origin, old_py=BAD)  # what was there before is not this change's
    base = commit(origin, app_py=GOOD)
    git(origin, "checkout", "--quiet", "-b", "good")
    commit(origin, more_py=GOOD)
    git(origin, "checkout", "--quiet", "-b", "bad")
    ran = tmp_path / "ran"
    boom = f"open({str(ran)!r}, 'w')\n"
    (origin / ".devsecops" / "policy.toml").write_text('schema = 1\npreset = "audit"\n')
    hostile = {f"{name}_py": boom for name in ("venv", "zipfile", "pip", "json", "sitecustomize", "bandit")}
    commit(origin, bad_py=BAD, **hostile, **{"devsecops-out__verdict.json": "{}"})
    home = tmp_path / "installed"
    project = {
        "DEVSECOPS_HOME": str(home),
        "DEVSECOPS_WHEEL": str(wheel),
        "DEVSECOPS_SHA256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
        "DEVSECOPS_ADVISORIES": str(records(tmp_path / "records.zip")),
        "DEVSECOPS_CACHE": str(own_cache),
        "CODEBUILD_BUILD_ID": "pr-scan:1",
    }
    env = clean_environment(tmp_path, tmp_path) | project
    for branch, ends, verdict in (("good", 0, "pass"), ("bad", 1, "fail")):
        shutil.rmtree(source, ignore_errors=True)
        git(tmp_path, "clone", "--quiet", "--depth=1", "--branch", branch, origin.as_uri(), str(source))
        git(source, "remote", "set-branches", "origin", branch)
        phases = ("install", "pre_build", "build") if branch == "good" else ("pre_build", "build")
        done = build(read(SPEC), source, tmp_path / f"state-{branch}", env, phases)
        assert done.phases == dict.fromkeys(phases, 0) | {"build": ends}, done.out
        assert done.exported["VERDICT"] == verdict, done.out
        assert ("high=1" in done.exported["COUNTS"]) == (branch == "bad")
        said = json.loads((source / "devsecops-out" / "verdict.json").read_text())["statement"]
        assert done.out.splitlines()[-1] == said["cause"]
        (report,) = reported(source)
        cases = list(ElementTree.parse(report).iter("testcase"))
        assert cases[0].get("name") == said["cause"]
        red = [case for case in cases if case.find("system-out") is None]
        assert bool(red) == (verdict != "pass")
        assert said["policy"]["source"] == "origin/main:.devsecops/policy.toml"
        assert said["policy"]["trusted"]
        assert said["subject"][0]["base"] == base, "the merge base, though the clone was shallow"
    assert not ran.exists(), "code of the pull request ran"


def records(path: Path) -> Path:
    """Write a zip of OSV records with one in it."""
    record = {
        "id": "PYSEC-2026-1",
        "modified": "2026-11-01T00:00:00Z",
        "affected": [{"package": {"ecosystem": "PyPI", "name": "bad-one"}, "versions": ["1.0"]}],
    }
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("PYSEC-2026-1.json", json.dumps(record))
    return path
