"""Histories of every shape: what a merge would bring to the base is what is judged, or it is incomplete."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.e2e.program import Program
from tests.e2e.pulls import CLEAN, Files, Pull, Seen, failed, flaw, new, passed

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("tools_ready")]

OLD, FIXED = flaw("old"), flaw("old").replace("md5", "sha256")


@pytest.fixture
def pull(program: Program) -> Pull:
    """A base with an old flaw; the branch is checked out and has nothing yet."""
    return Pull.start(program, {"app/old.py": OLD, "app/clean.py": CLEAN})


def on(pull: Pull, branch: str, files: Files) -> str:
    """Commit on a branch; it stays checked out."""
    pull.repo.git("checkout", "-q", branch)
    pull.put(files)
    return pull.repo.commit(branch)


def test_a_merge_that_keeps_nothing_of_the_base(pull: Pull) -> None:
    """It throws the base's fix away while it says that it holds it."""
    on(pull, "main", {"app/old.py": FIXED})
    on(pull, "feature", {"app/clean.py": CLEAN + "\n"})
    pull.repo.git("merge", "-q", "-s", "ours", "-m", "merge", "main")
    seen = pull.judge(commit=False)
    failed(pull, seen, 2, "app/old.py:5")
    assert seen.states == new("app/old.py")


def test_a_revert_of_a_fix(pull: Pull) -> None:
    on(pull, "main", {"app/old.py": FIXED})
    pull.repo.git("checkout", "-q", "-B", "feature")
    pull.repo.git("revert", "--no-edit", "main")
    seen = pull.judge(commit=False)
    failed(pull, seen, 1, "app/old.py:5")
    assert seen.states == new("app/old.py")


def test_what_others_brought_to_the_base_is_not_ours(pull: Pull) -> None:
    on(pull, "main", {"app/theirs.py": flaw("theirs")})
    on(pull, "feature", {"app/clean.py": CLEAN + "\n"})
    pull.repo.git("merge", "-q", "-m", "merge", "main")
    seen = pull.judge(commit=False)
    passed(pull, seen, 1)
    assert seen.states == {}


def test_a_base_that_was_pushed_by_force(pull: Pull) -> None:
    """What it lost is new again for those who still have it."""
    first = pull.rev("main")
    on(pull, "main", {"app/lost.py": flaw("lost")})
    pull.repo.git("checkout", "-q", "-B", "feature")
    on(pull, "feature", {"app/clean.py": CLEAN + "\n"})
    pull.repo.git("branch", "-f", "main", first)
    on(pull, "main", {"app/more.py": CLEAN})
    pull.repo.git("checkout", "-q", "feature")
    seen = pull.judge(commit=False)
    assert seen.done.code == 1, seen.done
    assert seen.done.last_line.startswith(f"FAIL: change of 2 files since commit {first[:10]}: ")
    assert seen.states == new("app/lost.py")


def test_a_merge_of_many(pull: Pull) -> None:
    for name, text in (("one", CLEAN), ("two", flaw("two")), ("three", CLEAN)):
        pull.repo.git("checkout", "-q", "-b", name, "main")
        on(pull, name, {f"app/{name}.py": text})
    pull.repo.git("checkout", "-q", "feature")
    pull.repo.git("merge", "-q", "-m", "octopus", "one", "two", "three")
    assert len(pull.repo.git("rev-list", "--parents", "-1", "HEAD").split()) == 4
    seen = pull.judge(commit=False)
    failed(pull, seen, 3, "app/two.py:5")


def crossed(pull: Pull) -> Seen:
    """Two merges that cross: the base takes the fix, the branch takes the base and throws its fix away.

    One of the two commits that both sides hold still has the flaw, the other has not. What git makes of the
    merge of the branch has it again.
    """
    with_flaw = on(pull, "main", {"app/other.py": CLEAN})
    with_fix = on(pull, "feature", {"app/old.py": FIXED})
    pull.repo.git("merge", "-q", "--no-commit", with_flaw)
    pull.repo.git("checkout", "-q", with_flaw, "--", "app/old.py")
    pull.repo.git("commit", "-q", "-m", "cross")
    pull.repo.git("checkout", "-q", "main")
    pull.repo.git("merge", "-q", "-m", "cross", with_fix)
    bases = pull.repo.git("merge-base", "--all", "main", "feature").decode().split()
    assert set(bases) == {with_flaw, with_fix}
    pull.repo.git("checkout", "-q", "feature")
    return pull.judge(commit=False)


@pytest.mark.parametrize("salt", ["a", "b"])
def test_merges_that_cross_hide_no_fix_that_was_thrown_away(pull: Pull, salt: str) -> None:
    """Whichever of the two has the smaller name: with each salt it is another one."""
    pull.put({"salt.txt": salt})
    pull.repo.git("checkout", "-q", "main")
    pull.repo.commit()
    pull.repo.git("checkout", "-q", "-B", "feature")
    seen = crossed(pull)
    assert seen.states == new("app/old.py")
    failed(pull, seen, 1, "app/old.py:5")
    pull.repo.git("checkout", "-q", "main")
    pull.repo.git("merge", "-q", "-m", "merged", "feature")
    assert (pull.repo.root / "app/old.py").read_text() == OLD, "the merge brings the flaw"


@pytest.mark.parametrize("behind", [False, True])
def test_nothing_that_changed_is_said_so(pull: Pull, behind: bool) -> None:
    if behind:
        on(pull, "main", {"app/more.py": flaw("more")})
        pull.repo.git("checkout", "-q", "feature")
    since = pull.rev("feature")[:10]
    seen = pull.judge(commit=False)
    assert seen.done.code == 0, seen.done
    assert seen.done.last_line == f"PASS: change of 0 files since commit {since}: there is nothing to judge"
    assert seen.states == {}


def ended(pull: Pull, *words: str | Path) -> tuple[int, str]:
    done = pull.program.scan(pull.repo.root, "--offline", *words)
    return done.code, (done.err + done.out).decode()


def test_histories_that_share_nothing(pull: Pull) -> None:
    pull.repo.git("checkout", "-q", "--orphan", "other")
    pull.put({"app/new.py": flaw("new")})
    pull.repo.commit()
    code, said = ended(pull, "--base", "main")
    assert code == 3
    assert "share no commit; rebase the change onto main" in said


@pytest.mark.parametrize("name", ["no-such-branch", "0" * 40, "-x", "main..feature", "main:app"])
def test_a_base_that_is_none(pull: Pull, name: str) -> None:
    code, said = ended(pull, f"--base={name}")
    assert code == 2
    assert name in said
    assert "Traceback" not in said


def test_a_shallow_clone_names_the_command(pull: Pull, tmp_path: Path) -> None:
    on(pull, "feature", {"app/new.py": flaw("new")})
    on(pull, "main", {"app/clean.py": CLEAN + "\n"})
    clone = tmp_path / "clone"
    words = ["clone", "-q", "--depth", "1", "--no-single-branch", "-b", "feature", f"file://{pull.repo.root}"]
    subprocess.run(["git", *words, clone], check=True, capture_output=True)
    done = pull.program.scan(clone, "--offline", "--base", "origin/main")
    assert done.code == 3
    command = "git fetch --unshallow origin +refs/heads/main:refs/remotes/origin/main"
    assert command in done.err.decode()
    subprocess.run(command.split(), cwd=clone, check=True, capture_output=True)
    again = Seen(pull.program.scan(clone, "--offline", "--base", "origin/main"))
    assert again.states == new("app/new.py")
