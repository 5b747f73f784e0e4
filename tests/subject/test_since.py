"""What changed since a commit that was written down; where the clone does not know it, nothing is said."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from devsecops.change import FileChange, Hunk
from devsecops.subject.since import changes_to
from tests.subject.repos import MakeRepo, Repo


@pytest.fixture
def repo(make_repo: MakeRepo) -> Repo:
    made = make_repo()
    for name in ("same.py", "edited.py", "moved.py", "gone.py"):
        made.put(name, "".join(f"{name} {n}\n" for n in range(20)))
    return made


def test_of_one_file_it_says_what_it_says_of_all(repo: Repo) -> None:
    base = repo.commit()
    repo.git("mv", "moved.py", "there.py")
    repo.git("rm", "-q", "gone.py")
    repo.put("edited.py", "first\n" + (repo.root / "edited.py").read_text())
    repo.put("new.py", "entirely\nnew\n")
    since = changes_to(repo.root, repo.commit())
    whole = since(base)
    assert whole is not None
    assert {(file.base, file.head) for file in whole.files} == {
        ("edited.py", "edited.py"), ("moved.py", "there.py"), ("gone.py", None), (None, "new.py"),
    }  # fmt: skip
    hunk = Hunk(base_start=0, base_count=0, head_start=1, head_count=1)
    near = {name: since(base, name) for name in ("same.py", "edited.py", "new.py", "moved.py", "gone.py")}
    said = {name: None if change is None else change.files for name, change in near.items()}
    assert said["same.py"] == ()
    assert said["edited.py"] == (FileChange(base="edited.py", head="edited.py", hunks=(hunk,)),)
    assert said["new.py"] is not None
    assert [(file.base, file.head) for file in said["new.py"]] == [(None, "new.py")]
    assert said["moved.py"] == said["gone.py"] == whole.files


@pytest.mark.parametrize("name", ["[a-z]*.py", ":(top)x.py", "-rf.py", "a\\\\b.py", "\\xff.py"])
def test_a_path_is_a_name_and_no_pattern(repo: Repo, name: str) -> None:
    base = repo.commit()
    repo.put(name.replace("\\\\", "\\").encode().replace(b"\\xff", b"\xff"), "x = 1\n")
    repo.put("edited.py", "y = 1\n")
    change = changes_to(repo.root, repo.commit())(base, name)
    assert change is not None
    assert [(file.base, file.head) for file in change.files] == [(None, name)]


def test_what_the_clone_does_not_know_has_no_history(repo: Repo, tmp_path: Path) -> None:
    first = repo.commit("first")
    head = repo.commit("more")
    assert changes_to(repo.root, head)("0" * 40) is None
    assert changes_to(repo.root, head)("0" * 40, "same.py") is None
    assert changes_to(repo.root, None)(head) is None
    assert changes_to(tmp_path, head)(head) is None
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", "--depth=1", f"file://{repo.root}", clone], check=True)
    whole = changes_to(repo.root, head)(first)
    assert whole is not None
    assert whole.files == ()
    assert changes_to(clone, head)(first) is None
    assert changes_to(clone, head)(head) is not None


def test_a_path_outside_is_not_known_and_spoils_nothing(repo: Repo) -> None:
    base = repo.commit()
    since = changes_to(repo.root, base)
    assert since(base, "../x.py") == since(base)
    assert since(base, "same.py") is not None
