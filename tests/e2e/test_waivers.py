"""Waivers and inline marks reach the verdict: only those of the tree that the policy was read from."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import RunDevsecops
from tests.subject.repos import Repo

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("tools_ready")]
POLICY = "schema = 1\n" + "".join(f'[scanners.{n}]\nrequired = "off"\n' for n in ("advisories", "semgrep"))
JOBS = """\
import subprocess


def run(job):
    log(job)
    subprocess.call(job, shell=True)
    done(job)
"""
FILE = ".devsecops/waivers.toml"
Scan = Callable[..., "Said"]


class Said:
    """One run: its code, its text, and where findings of B602 stand that count, and that are waived."""

    def __init__(self, code: int, text: str, out: Path) -> None:
        self.code, self.text = code, text
        self.verdict: dict[str, Any] = json.loads((out / "verdict.json").read_bytes())
        self.sarif: dict[str, Any] = json.loads((out / "results.sarif").read_bytes())
        results = json.loads((out / "results" / "bandit.json").read_bytes())["findings"]
        self.grave = {one["id"]: one for one in results if one["rule"]["id"] == "B602"}
        judged = {one["finding"]: one for one in json.loads((out / "judged.json").read_bytes())["judged"]}
        self.open = sorted(self._place(name) for name in self.grave if judged[name]["counted"])
        self.waived = {
            self._place(name): judged[name]["waiver"] for name in self.grave if judged[name]["waiver"]
        }
        self.warnings = [one["message"] for one in self.verdict["statement"]["warnings"]]

    def _place(self, name: str) -> str:
        at = self.grave[name]["location"]
        return f"{at['path']}:{at['region']['start_line']}"

    @property
    def last(self) -> str:
        return self.text.splitlines()[-1]


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = Repo(tmp_path / "repo")
    made.put(".devsecops/policy.toml", POLICY)
    made.put("app/jobs.py", JOBS)
    made.commit()
    made.git("config", "user.email", "ana@example.com")
    return made


@pytest.fixture
def scan(repo: Repo, run_devsecops: RunDevsecops, tmp_path: Path) -> Scan:
    """Judges the commit that is checked out by the rules on main."""

    def run(*words: str, policy: str = "main:.devsecops/policy.toml") -> Said:
        more = ("--policy", policy) if policy else ()
        out = tmp_path / "out"
        done = run_devsecops("scan", "--offline", "--output", out, *more, *words, cwd=repo.root)
        assert done.returncode in (0, 1, 3), done.stderr
        return Said(done.returncode, done.stdout, out)

    return run


@pytest.fixture
def accepted(repo: Repo, scan: Scan, run_devsecops: RunDevsecops, tmp_path: Path) -> str:
    """The one grave finding is waived on main; returns its id."""
    (found,) = scan("--head", "HEAD").grave
    name = str(found)
    words = ("waive", name, "--reason", "our own jobs", "--until", "90d", "--run", tmp_path / "out")
    done = run_devsecops(*words, cwd=repo.root)
    assert done.returncode == 0, done.stderr
    repo.commit("waive")
    repo.git("checkout", "-q", "-b", "feature")
    return name


def test_a_waived_finding_is_no_reason_to_fail_and_shows_why(accepted: str, scan: Scan) -> None:
    said = scan("--head", "HEAD")
    assert (said.code, said.open, said.waived) == (0, [], {"app/jobs.py:6": f"waiver[{accepted}]"})
    assert said.last.startswith("PASS")
    until = (datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=90)).isoformat()
    assert "Findings that are waived (1)" in said.text
    assert f"Waived until {until} by waiver[{accepted}]: our own jobs (ana@example.com)" in said.text
    (run,) = said.sarif["runs"]
    shown = {one["ruleId"]: one["suppressions"] for one in run["results"]}
    assert shown == {
        "bandit/B404": [],
        "bandit/B602": [
            {
                "kind": "external",
                "status": "accepted",
                "justification": "our own jobs (ana@example.com)",
                "properties": {"devsecops": {"waiver": f"waiver[{accepted}]", "until": until}},
            }
        ],
    }


def test_a_saved_run_judged_by_another_policy_has_the_waivers_beside_that(
    accepted: str, repo: Repo, run_devsecops: RunDevsecops, tmp_path: Path
) -> None:
    """Before it was merged it accepted nothing; beside the policy that judges again it does."""
    run, again = tmp_path / "out", tmp_path / "again"
    by = ("scan", "--offline", "--output", run, "--policy", "main~1:.devsecops/policy.toml", "--head", "HEAD")
    assert run_devsecops(*by, cwd=repo.root).returncode == 1
    for policy, code in (("main:.devsecops/policy.toml", 0), ("main~1:.devsecops/policy.toml", 1)):
        words = ("report", run, "--policy", policy, "--output", again)
        done = run_devsecops(*words, cwd=repo.root)
        assert done.returncode == code, done.stderr + done.stdout
    done = run_devsecops("report", run, "--policy", "main:.devsecops/policy.toml", cwd=repo.root)
    assert f"by waiver[{accepted}]: our own jobs (ana@example.com)" in " ".join(done.stdout.split())


@pytest.mark.usefixtures("accepted")
def test_it_follows_its_flaw_and_no_copy_of_it(repo: Repo, scan: Scan) -> None:
    repo.git("mv", "app/jobs.py", "app/work.py")
    repo.put("app/work.py", '"""Jobs."""\n' + JOBS)
    repo.put("app/more.py", "a = 1\nb = 2\nc = 3\n" + JOBS)
    repo.commit()
    said = scan("--head", "HEAD")
    assert (said.open, list(said.waived)) == (["app/more.py:9"], ["app/work.py:7"])
    based = scan("--base", "main", policy="")
    assert (based.code, based.open) == (1, ["app/more.py:9"])


@pytest.mark.usefixtures("accepted")
def test_a_waived_file_that_is_renamed_over_a_new_flaw_stays_open(repo: Repo, scan: Scan) -> None:
    other = (
        "import os, subprocess\n\n\ndef evil(q):\n    x = 1\n    subprocess.call(q, shell=True)\n    y = 2\n"
    )
    repo.put("app/evil.py", other)
    repo.commit()
    repo.git("mv", "-f", "app/evil.py", "app/jobs.py")
    repo.commit()
    for said in (scan("--head", "HEAD"), scan("--base", "main", policy="")):
        assert (said.code, said.open, said.waived) == (1, ["app/jobs.py:6"], {})


def test_a_waiver_of_the_change_itself_accepts_nothing(
    repo: Repo, scan: Scan, run_devsecops: RunDevsecops
) -> None:
    repo.git("checkout", "-q", "-b", "feature")
    repo.put("app/new.py", JOBS)
    repo.commit()
    names = scan("--base", "main", policy="").grave
    words = ("--reason", "trust me", "--until", "9d", "--run", repo.root.parent / "out")
    for name in names:
        run_devsecops("waive", name, *words, cwd=repo.root)
    repo.commit()
    assert (repo.root / FILE).read_text().count("[[waiver]]") == len(names) > 0
    said = scan("--base", "main", policy="")
    assert (said.code, said.open, said.waived) == (1, ["app/new.py:6"], {})
    assert scan("--head", "HEAD").waived == {}
    own = scan(policy="")
    assert set(own.waived) == {"app/new.py:6"}
    assert own.last.endswith("(own policy, not a gate)")


def test_a_mark_counts_once_it_is_on_the_base(repo: Repo, scan: Scan) -> None:
    repo.git("checkout", "-q", "-b", "feature")
    marked = JOBS.replace("shell=True)", "shell=True)  # nosec B602")
    repo.put("app/jobs.py", marked)
    repo.commit()
    said = scan("--head", "HEAD")
    assert (said.code, said.open, said.waived) == (1, ["app/jobs.py:6"], {})
    assert set(scan(policy="").waived) == {"app/jobs.py:6"}
    repo.git("branch", "-f", "main", "HEAD")
    repo.put("app/jobs.py", "import os\n" + marked)
    repo.put("app/more.py", marked)
    repo.commit()
    said = scan("--head", "HEAD")
    assert (said.open, said.waived) == (["app/more.py:6"], {"app/jobs.py:7": "inline: nosec B602"})
    (run,) = said.sarif["runs"]
    kinds = [entry["kind"] for one in run["results"] for entry in one["suppressions"]]
    assert kinds == ["inSource"]
    repo.git("checkout", "-q", "main")
    repo.put(".devsecops/policy.toml", POLICY + '[waivers]\nforbid_marks = ["nosec"]\n')
    repo.commit()
    repo.git("checkout", "-q", "feature")
    assert scan("--head", "HEAD").waived == {}


def test_what_expired_is_told_and_accepts_nothing(accepted: str, repo: Repo, scan: Scan) -> None:
    repo.git("checkout", "-q", "main")
    day = (datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=91)).isoformat()
    said = scan("--head", "HEAD", "--as-of", day)
    assert (said.code, said.open) == (1, ["app/jobs.py:6"])
    (warning,) = [one for one in said.warnings if accepted in one]
    assert " expired on " in warning


def test_a_broken_file_on_the_base_is_a_mistake_of_configuration(
    repo: Repo, run_devsecops: RunDevsecops
) -> None:
    repo.put(FILE, '[[waiver]]\nrule = "bandit/B602"\n')
    repo.commit()
    done = run_devsecops(
        "scan", "--offline", "--policy", "main:.devsecops/policy.toml", "--head", "HEAD", cwd=repo.root
    )
    assert done.returncode == 2
    assert "waivers.toml beside main:.devsecops/policy.toml: waiver[0]: object missing" in done.stderr
