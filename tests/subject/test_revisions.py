from __future__ import annotations

from pathlib import Path

import pytest

from devsecops.errors import IncompleteError, UsageError
from devsecops.subject import open_tree, read_at
from tests.subject.repos import MakeRepo, Repo

POLICY = ".devsecops/policy.toml"


@pytest.fixture
def origin(make_repo: MakeRepo) -> Repo:
    repo = make_repo("origin")
    for number in range(3):
        repo.put(POLICY, f"number = {number}\n")
        repo.put("dir/x.py")
        repo.commit()
    (repo.root / "link.toml").symlink_to(POLICY)
    repo.commit()
    repo.git("branch", "other", "HEAD~3")
    return repo


def _clone(origin: Repo, folder: Path, *options: str) -> Path:
    origin.git("clone", "-q", *options, f"file://{origin.root}", str(folder))
    return folder


def test_a_file_of_a_revision(origin: Repo, tmp_path: Path) -> None:
    clone = _clone(origin, tmp_path / "clone")
    (clone / POLICY).write_text("dirty")
    for folder in (clone, clone / "dir"):
        assert read_at(folder, "origin/main", POLICY) == b"number = 2\n"
        assert read_at(folder, "origin/other", POLICY) == b"number = 0\n"
        assert read_at(folder, "HEAD~1", POLICY) == b"number = 2\n"
        assert read_at(folder, "HEAD", f"./{POLICY}") == b"number = 2\n"
        assert read_at(folder, "HEAD", "nothing/here.toml") is None
        assert read_at(folder, "HEAD", "*.toml") is None
        assert read_at(folder, "HEAD", ":(top)link.toml") is None


@pytest.mark.parametrize("name", ["dir", "dir/", "link.toml", ".devsecops"])
def test_what_is_no_file_is_not_taken_for_absent(origin: Repo, name: str) -> None:
    with pytest.raises(UsageError, match="is not a regular file"):
        read_at(origin.root, "HEAD", name)


@pytest.mark.parametrize(
    "rev",
    [
        "nope",
        "origin/nope",
        "0" * 40,
        "deadbeef",
        "-h",
        "--all",
        "",
        "a b",
        "a\nb",
        "main..other",
        "HEAD~40",
        "^main",
    ],
)
def test_a_revision_that_no_complete_clone_has_is_bad_usage(origin: Repo, tmp_path: Path, rev: str) -> None:
    clone = _clone(origin, tmp_path / "clone")
    for action in (lambda: read_at(clone, rev, POLICY), lambda: open_tree(clone, head=rev)):
        with pytest.raises(UsageError) as caught:
            action()
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("options", "rev", "command"),
    [
        (
            ("--depth=1",),
            "origin/other",
            "git fetch --unshallow origin +refs/heads/other:refs/remotes/origin/other",
        ),
        (("--depth=1",), "HEAD~1", "git fetch --unshallow --tags origin"),
        (
            ("--single-branch",),
            "origin/other",
            "git fetch origin +refs/heads/other:refs/remotes/origin/other",
        ),
    ],
)
def test_what_a_narrow_clone_lacks_is_incomplete_and_the_command_helps(
    origin: Repo, tmp_path: Path, options: tuple[str, ...], rev: str, command: str
) -> None:
    clone = _clone(origin, tmp_path / "clone", *options)
    with pytest.raises(IncompleteError) as caught:
        read_at(clone, rev, POLICY)
    sentence = str(caught.value)
    assert command in sentence
    words = sentence.partition("; run: git ")[2].replace("'", "").split()
    origin.git("-C", str(clone), *words)
    assert read_at(clone, rev, POLICY) is not None


@pytest.mark.parametrize("name", ["/etc/passwd", "../x.toml", ".devsecops/../../x"])
def test_a_path_from_outside_the_repository_is_bad_usage(origin: Repo, name: str) -> None:
    with pytest.raises(UsageError, match="from the repository's root"):
        read_at(origin.root, "HEAD", name)


def test_a_revision_needs_a_repository(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not in a git repository"):
        read_at(tmp_path, "main", POLICY)
