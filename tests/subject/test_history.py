"""What differs between two commits, held against the files themselves; histories of every shape."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devsecops import paths
from devsecops.change import Change, FileChange
from devsecops.errors import IncompleteError, UsageError
from devsecops.subject.git import Git, discover
from devsecops.subject.history import difference, merge_base
from tests.subject.repos import MakeRepo, Repo

ODD = [
    b"plain.py", "ünï.py".encode(), b"new\nline.py", b'quo"te.py', b"tab\there.py", b"\xff\xfe.py",
    b" lead.py",    b"-rf.py", b"a/b/c.py", b"diff --git a/x b/x", b"@@ -1 +1 @@.py", b"back\\slash.py",
]  # fmt: skip


def git_of(repo: Repo) -> Git:
    git = discover(os.fsencode(repo.root.resolve()))
    assert git is not None
    return git


def names(change: Change) -> list[tuple[str | None, str | None]]:
    return [(file.base, file.head) for file in change.files]


def followed(file: FileChange, before: bytes, after: bytes) -> None:
    """Every line that is followed is the same line on both sides, and the order is kept."""
    old, new = before.split(b"\n"), after.split(b"\n")
    last = 0
    for number, line in enumerate(old[:-1], 1):
        there = file.to_head(number)
        if there is not None:
            assert new[there - 1] == line
            assert there > last
            last = there


@pytest.mark.parametrize("raw", ODD)
def test_any_name_is_told_as_it_is(make_repo: MakeRepo, raw: bytes) -> None:
    repo = make_repo()
    repo.put(raw, b"a\nb\nc\n")
    repo.put("other.py", b"x\n")
    base = repo.commit()
    repo.put(raw, b"a\nB\nc\nd\n")
    head = repo.commit()
    (file,) = difference(git_of(repo), base, head).files
    assert (file.base, file.head) == (paths.to_text(raw), paths.to_text(raw))
    assert [file.to_head(line) for line in (1, 2, 3)] == [1, None, 3]


def test_every_kind_of_difference(make_repo: MakeRepo) -> None:
    repo = make_repo()
    text = b"".join(b"line %d\n" % n for n in range(40))
    for name in ("gone.py", "moved.py", "edited.py", "mode.py", "kind.py", "same.py", "binary.dat"):
        repo.put(name, text.replace(b"line", name.encode()))
    repo.put("binary.dat", b"\0\1\2" * 50 + b"\nx\n")
    base = repo.commit()
    (repo.root / "gone.py").unlink()
    (repo.root / "moved.py").rename(repo.root / "new place.py")
    repo.put("edited.py", b"first\n" + text.replace(b"line", b"edited.py"))
    repo.put("mode.py", text.replace(b"line", b"mode.py"), run=True)
    (repo.root / "kind.py").unlink()
    (repo.root / "kind.py").symlink_to("same.py")
    repo.put("binary.dat", b"\0\1\3" * 50 + b"\nx\n")
    repo.put("added.py", b"print(1)\n")
    head = repo.commit()
    change = difference(git_of(repo), base, head)
    assert names(change) == [
        ("gone.py", None), (None, "added.py"), ("binary.dat", "binary.dat"), ("edited.py", "edited.py"),
        ("kind.py", "kind.py"), ("mode.py", "mode.py"), ("moved.py", "new place.py"),
    ]  # fmt: skip
    by_name = {file.head or file.base: file for file in change.files}
    assert by_name["edited.py"].to_head(3) == 4
    assert by_name["new place.py"].to_head(3) == 3
    assert by_name["mode.py"].to_head(3) == 3
    assert by_name["kind.py"].to_head(1) is None
    assert [by_name["binary.dat"].to_head(n) for n in (1, 2)] == [None, 2]


def test_the_tree_cannot_say_what_is_followed(make_repo: MakeRepo) -> None:
    """No attribute, driver or setting of the repository changes what differs."""
    repo = make_repo()
    repo.put("a.py", b"a\nb\nc\n")
    base = repo.commit()
    repo.put(".gitattributes", b"*.py -diff binary diff=evil -text\n")
    repo.git("config", "diff.evil.textconv", "false")
    repo.git("config", "diff.external", "false")
    repo.git("config", "diff.evil.command", "false")
    repo.git("config", "diff.renames", "false")
    repo.git("config", "diff.noprefix", "true")
    repo.git("config", "diff.context", "9")
    repo.git("config", "diff.orderFile", "/etc/passwd")
    repo.git("config", "diff.relative", "true")
    repo.put("a.py", b"a\nX\nb\nc\n")
    head = repo.commit()
    change = difference(git_of(repo), base, head)
    assert names(change) == [(None, ".gitattributes"), ("a.py", "a.py")]
    assert [change.files[1].to_head(n) for n in (1, 2, 3)] == [1, 3, 4]


LINES = st.lists(
    st.sampled_from([b"a", b"b", b"-- x", b"+++ b/y", b"diff --git a/q b/q", b"@@ -1 +1 @@", b"", b"\\ No"]),
    max_size=10,
)


@given(before=LINES, after=LINES, end=st.booleans())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_content_that_looks_like_a_patch_is_content(
    make_repo: MakeRepo, before: list[bytes], after: list[bytes], end: bool
) -> None:
    old = b"".join(line + b"\n" for line in before)
    new = b"\n".join(after) + (b"\n" if end else b"")
    repo = make_repo()
    repo.put("a.py", old)
    repo.put("z.py", b"1\n2\n")
    base = repo.commit()
    repo.put("a.py", new)
    repo.put("z.py", b"0\n1\n2\n")
    head = repo.commit()
    change = difference(git_of(repo), base, head)
    assert names(change)[-1] == ("z.py", "z.py")
    assert change.files[-1].to_head(1) == 2
    for file in change.files[:-1]:
        followed(file, old, new)


def test_the_merge_base_is_where_the_ways_parted(make_repo: MakeRepo) -> None:
    repo = make_repo()
    repo.put("a.py", b"1\n")
    start = repo.commit()
    repo.git("checkout", "-q", "-b", "feature")
    repo.put("b.py", b"1\n")
    repo.commit()
    repo.git("checkout", "-q", "-")
    repo.put("c.py", b"1\n")
    main = repo.commit()
    assert merge_base(git_of(repo), main, "feature") == start
    assert names(difference(git_of(repo), start, repo.git("rev-parse", "feature").decode().strip())) == [
        (None, "b.py")
    ]


def test_histories_that_crossed_are_held_against_the_base_itself(make_repo: MakeRepo) -> None:
    repo = make_repo()
    repo.put("a.py", b"1\n")
    repo.commit()
    repo.git("branch", "-m", "one")
    repo.git("checkout", "-q", "-b", "two")
    repo.put("two.py", b"1\n")
    two = repo.commit()
    repo.git("checkout", "-q", "one")
    repo.put("one.py", b"1\n")
    one = repo.commit()
    repo.git("merge", "-q", "-m", "cross", two)
    repo.git("checkout", "-q", "two")
    repo.git("merge", "-q", "-m", "cross", one)
    tips = [repo.git("rev-parse", name).decode().strip() for name in ("one", "two")]
    assert len(repo.git("merge-base", "--all", "one", "two").split()) == 2
    assert merge_base(git_of(repo), "one", "two") == tips[0]
    assert merge_base(git_of(repo), "two", "one") == tips[1]


def test_what_shares_nothing_is_incomplete(make_repo: MakeRepo) -> None:
    repo = make_repo()
    repo.put("a.py", b"1\n")
    repo.commit()
    repo.git("branch", "-m", "one")
    repo.git("checkout", "-q", "--orphan", "other")
    repo.put("b.py", b"1\n")
    repo.commit()
    with pytest.raises(IncompleteError, match="share no commit; rebase"):
        merge_base(git_of(repo), "one", "other")
    with pytest.raises(UsageError, match="not a commit"):
        merge_base(git_of(repo), "no-such-branch", "other")


def test_a_shallow_clone_says_what_to_fetch(make_repo: MakeRepo, tmp_path: Path) -> None:
    repo = make_repo()
    repo.put("a.py", b"1\n")
    repo.commit()
    repo.git("branch", "-m", "main")
    repo.git("checkout", "-q", "-b", "feature")
    for number in range(3):
        repo.put("b.py", b"%d\n" % number)
        repo.commit()
    repo.git("checkout", "-q", "main")
    for number in range(3):
        repo.put("c.py", b"%d\n" % number)
        repo.commit()
    source = f"file://{repo.root}"
    clone = tmp_path / "clone"
    subprocess.run(
        ["git", "clone", "-q", "--depth", "1", "--no-single-branch", source, clone],
        check=True, capture_output=True,
    )  # fmt: skip
    git = discover(os.fsencode(clone.resolve()))
    assert git is not None
    with pytest.raises(IncompleteError, match="git fetch --unshallow origin"):
        merge_base(git, "origin/main", "origin/feature")
