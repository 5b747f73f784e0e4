"""Baselines and runs compared, with the real bandit over small repositories: git, shallow, dirty, no git."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from devsecops.against import Against, against
from devsecops.cli.regating import head_of
from devsecops.findings.baseline import Baseline, read_baseline, source_of
from devsecops.model import File
from devsecops.run import read_run
from devsecops.subject import open_tree
from tests.conftest import RunDevsecops
from tests.subject.repos import Repo

APP = """\
import subprocess
import hashlib


def run(x):
    subprocess.call(x, shell=True)


def old(y):
    digest = hashlib.md5(y)
    text = digest.hexdigest()
    return text
"""
MORE = "import os\n" + APP + "\n\ndef more(z):\n    subprocess.call(z + os.sep, shell=True)\n"
BROKEN = "def f(:\n"
POLICY = '[scanners.semgrep]\nrequired = "off"\n[scanners.advisories]\nrequired = "off"\n'

Became = dict[tuple[str, str, int], str]
"""Rule, path, line -> state."""


class Scans:
    """The program over one tree, with bandit alone, by a policy from outside."""

    def __init__(self, run: RunDevsecops, folder: Path) -> None:
        self.run, self.folder = run, folder
        self.policy = folder / "policy.toml"
        self.policy.write_text(POLICY)
        self.repo = Repo(folder / "repo")
        self.repo.put("app.py", APP)
        self.repo.put("other.py", APP)
        self.repo.put("broken.py", BROKEN)
        self.repo.commit("one")

    def change(self) -> None:
        """One file renamed, one edited with a flaw more."""
        self.repo.git("mv", "other.py", "moved.py")
        self.repo.put("app.py", MORE)

    def scan(self, tree: Path, name: str, *more: str) -> Path:
        output = self.folder / name
        done = self.run("scan", tree, "--offline", "--policy", self.policy, "--output", output, *more)
        assert done.returncode in (1, 3), done.stderr
        return output

    def write(self, run: Path) -> Baseline:
        path = self.folder / f"{run.name}.baseline.json"
        done = self.run("baseline", "write", run, "--output", path)
        assert done.returncode == 0, done.stderr
        return read_baseline(path.read_bytes(), str(path))

    def compare(self, run: Path, other: Path, repo: Path) -> tuple[Became, str]:
        """Return what each finding became by ``report --against``, and the last line."""
        kept = self.folder / f"{run.name}-against-{other.name}-{repo.name}"
        done = self.run("report", run, "--against", other, "--repo", repo, "--output", kept)
        last = done.stdout.rstrip("\n").rpartition("\n")[2]
        saved = read_run(kept)
        assert (done.returncode, last) == (1, saved.verdict.statement.cause), done.stderr
        said = {opinion.finding: opinion for opinion in saved.judged}
        assert all((one.state == "new") >= one.counted for one in saved.judged)
        became: Became = {}
        for result in saved.results:
            for one in result.findings:
                assert isinstance(one.location, File)
                assert one.location.region is not None
                became[one.rule.id, one.location.path, one.location.region.start_line] = said[one.id].state
        assert saved.compared is not None
        for gone in saved.compared.gone:
            assert isinstance(gone.finding.location, File)
            became[gone.finding.rule.id, gone.finding.location.path, 0] = gone.state
        return became, last


@pytest.fixture
def scans(run_devsecops: RunDevsecops, tools_ready: Path, tmp_path: Path) -> Scans:
    return Scans(run_devsecops, tmp_path)


FOLLOWED: Became = {
    ("B404", "app.py", 2): "unchanged",
    ("B602", "app.py", 7): "unchanged",
    ("B324", "app.py", 11): "unchanged",
    ("B602", "app.py", 17): "new",
    ("B404", "moved.py", 1): "unchanged",
    ("B602", "moved.py", 6): "unchanged",
    ("B324", "moved.py", 10): "unchanged",
}
BY_DIGEST: Became = {**FOLLOWED, ("B404", "app.py", 2): "new", ("B404", "app.py", 0): "fixed"}
"""Without lines what stands at the start of the edited file is not what it was: there is code above it."""


def test_two_runs_are_compared_by_git_else_by_digests(scans: Scans, tmp_path: Path) -> None:
    first = scans.scan(scans.repo.root, "first")
    scans.change()
    scans.repo.commit("two")
    second = scans.scan(scans.repo.root, "second")
    became, last = scans.compare(second, first, scans.repo.root)
    assert became == FOLLOWED
    assert " 1 finding at or above high (bandit/B602 app.py:17)" in last
    assert last.endswith(" (compared by git: not a gate)")

    url = scans.repo.root.as_uri()
    scans.repo.git("clone", "-q", "--depth", "1", url, str(tmp_path / "shallow"))
    for repo in (tmp_path / "shallow", tmp_path):
        became, last = scans.compare(second, first, repo)
        assert became == BY_DIGEST
        assert last.endswith(" (compared by digests: not a gate)")


def test_folders_without_git_are_compared_by_digests(scans: Scans, tmp_path: Path) -> None:
    for name in ("before", "after"):
        shutil.copytree(scans.repo.root, tmp_path / name / "tree", ignore=shutil.ignore_patterns(".git"))
    tree = tmp_path / "after" / "tree"
    (tree / "other.py").rename(tree / "moved.py")
    (tree / "app.py").write_text(MORE)
    first = scans.scan(tmp_path / "before" / "tree", "first")
    second = scans.scan(tree, "second")
    assert scans.compare(second, first, tmp_path)[0] == BY_DIGEST


def became(said: Against) -> list[tuple[str, str]]:
    return sorted(
        (one.rule.id, said.standings[one.id].state) for result in said.results for one in result.findings
    )


def test_a_tree_is_compared_with_a_baseline_also_when_it_is_no_commit(scans: Scans, tmp_path: Path) -> None:
    """What scan --baseline does: the tree can be read, so that more is followed than by digests alone."""
    base = scans.write(scans.scan(scans.repo.root, "first"))
    assert len(base.findings) == 6
    assert [row.unit.id for row in base.gaps] == ["broken.py"]
    scans.change()
    dirty = read_run(scans.scan(scans.repo.root, "dirty"))
    part = source_of(dirty.verdict.statement.subject)
    assert part is not None
    assert part.dirty
    wanted = sorted((rule, state) for (rule, _, _), state in FOLLOWED.items())
    with open_tree(scans.repo.root) as tree:
        said = against(base, replace(head_of(dirty), read=tree.read), scans.repo.root)
    assert said.by == "digests"
    assert became(said) == wanted
    assert [row.unit.id for row in said.known_gaps] == ["broken.py"]

    # A pipeline's source without its history: other digests, the same content.
    bare = tmp_path / "bare" / "tree"
    shutil.copytree(scans.repo.root, bare, ignore=shutil.ignore_patterns(".git"))
    run = read_run(scans.scan(bare, "bare-run"))
    with open_tree(bare) as tree:
        said = against(base, replace(head_of(run), read=tree.read), bare)
    assert became(said) == sorted((rule, state) for (rule, _, n), state in BY_DIGEST.items() if n)
    assert [row.unit.id for row in said.known_gaps] == ["broken.py"]

    # Nothing can be read: what has another kind of digest has changed, as far as anybody knows.
    said = against(base, head_of(run), None)
    assert said.known_gaps == ()


def test_what_left_the_scope_is_not_fixed(scans: Scans) -> None:
    scans.repo.put("lib/app.py", APP)
    scans.repo.commit("lib")
    base = scans.write(scans.scan(scans.repo.root, "first"))
    run = read_run(scans.scan(scans.repo.root / "lib", "scoped"))
    for repo in (scans.repo.root, None):
        said = against(base, head_of(run), repo)
        assert {one.state for one in said.standings.values()} == {"unchanged"}
        assert {one.state for one in said.gone} == {"not-looked-at"}


def test_a_run_is_judged_by_another_policy_as_a_scan_would_be(scans: Scans, tmp_path: Path) -> None:
    first = scans.scan(scans.repo.root, "first")
    other = tmp_path / "other.toml"
    accept = (
        '[[coverage.accept]]\npaths = ["broken.py"]\nscanners = ["bandit"]\n'
        'reason = "r"\nexpires = 2999-01-01\n'
        '[[scope.exclude]]\npaths = ["other.py"]\nreason = "r"\n[gate]\nfail_on = "critical"\n'
    )
    other.write_text(POLICY + accept)
    done = scans.run("report", first, "--policy", other, "--output", tmp_path / "again")
    scanned = scans.run(
        "scan", scans.repo.root, "--offline", "--policy", other, "--output", tmp_path / "scanned"
    )
    assert (done.returncode, scanned.returncode) == (0, 0), done.stderr + scanned.stderr
    made, wanted = (read_run(tmp_path / name) for name in ("again", "scanned"))
    assert made.ledger == wanted.ledger
    assert made.judged == wanted.judged
    statement, sentence = made.verdict.statement, wanted.verdict.statement.cause
    assert statement.cause == f"{sentence} (judged again by {other}: not a gate)"
    assert statement.scanners == wanted.verdict.statement.scanners
    commit = scans.repo.git("rev-parse", "HEAD").decode().strip()
    assert scans.run("verify", tmp_path / "scanned", "--commit", commit).returncode == 0
    assert scans.run("verify", tmp_path / "again", "--commit", commit).returncode == 3

    # The other way round it looks at a file that nobody scanned, and at a gap that nobody accepts.
    done = scans.run("report", tmp_path / "scanned", "--policy", scans.policy)
    assert done.returncode == 1
    assert "looks at 1 file that the scan left out: other.py" in done.stdout
    assert "broken.py" in done.stdout.rstrip("\n").rpartition("\n")[2]


def test_what_cannot_be_asked_is_a_usage_error(scans: Scans, tmp_path: Path) -> None:
    first = scans.scan(scans.repo.root, "first")
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("[scanners.bandits]\nrequired = 'off'\n")
    for words, said in (
        (("--output", tmp_path / "x"), "give --against or --policy"),
        (("--policy", wrong), "unknown scanner bandits; the nearest is bandit"),
        (("--policy", tmp_path / "none.toml"), "no such file"),
        (("--against", tmp_path / "none"), "cannot be read"),
    ):
        done = scans.run("report", first, *words)
        assert (done.returncode, said in done.stderr) == (2, True), done.stderr
    verdict = json.loads((first / "verdict.json").read_bytes())
    verdict["statement"]["evaluated_on"] = "2020-01-01"
    (first / "verdict.json").write_text(json.dumps(verdict))
    assert scans.run("report", first, "--policy", scans.policy).returncode == 3
    assert scans.run("baseline", "write", first).returncode == 3
