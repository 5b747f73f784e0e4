"""A repository's own configuration is as hostile as its files: nothing of it runs, nothing is fetched."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from devsecops.errors import IncompleteError, UsageError
from devsecops.subject import git as room
from devsecops.subject import open_tree, read_at
from tests.subject.repos import MakeRepo, Repo


def _arm(repo: Repo, mark: Path) -> None:
    command = f"touch '{mark}'; cat"
    script = repo.root / ".git/evil"
    script.write_text(f"#!/bin/sh\ntouch '{mark}'\nexit 0\n")
    script.chmod(0o755)
    hooks = repo.root / ".git/hooks"
    hooks.mkdir(exist_ok=True)
    for hook in ("post-index-change", "post-checkout", "reference-transaction", "fsmonitor-watchman"):
        (hooks / hook).write_bytes(script.read_bytes())
        (hooks / hook).chmod(0o755)
    repo.put(".gitattributes", "* filter=evil diff=evil working-tree-encoding=UTF-16 merge=evil\n")
    for key in ("core.fsmonitor", "core.sshCommand", "core.pager", "core.editor", "core.askPass",
                "diff.external", "core.gitProxy", "core.alternateRefsCommand", "gpg.program",
                "credential.helper", "filter.evil.clean", "filter.evil.smudge", "filter.evil.process",
                "diff.evil.textconv", "diff.evil.command", "pager.ls-files", "pager.cat-file",
                "pager.ls-tree"):  # fmt: skip
        value = command if key.startswith("filter.") else str(script)
        repo.git("config", key, value)
    repo.git("config", "filter.evil.required", "true")
    repo.git("config", "alias.ls-files", f"!{script}")
    repo.git("config", "remote.origin.url", f"ext::sh -c touch% {mark}")
    repo.git("config", "trace2.normalTarget", str(mark))


def test_nothing_in_a_repository_runs(
    make_repo: MakeRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = make_repo()
    repo.put("a.py")
    head = repo.commit()
    mark = tmp_path / "MARK"
    _arm(repo, mark)
    for name in ("git", "cat-file", "sh"):
        fake = repo.put(f"bin/{name}", f"#!/bin/sh\ntouch '{mark}'\n", run=True)
    monkeypatch.setenv("PATH", f"{fake.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", str(fake))
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", f"'core.fsmonitor'='{fake}'")
    monkeypatch.setenv("GIT_DIR", str(tmp_path))
    for folder in (repo.root, repo.root / "bin"):
        for commit in (True, False):
            if commit and folder.name == "bin":
                continue
            with open_tree(folder, commit=commit) as tree:
                for entry in tree.entries:
                    assert tree.read(entry.path) is not None
    assert read_at(repo.root, "HEAD", "a.py") == b"x = 1\n"
    assert read_at(repo.root, head, "b.py") is None
    assert not mark.exists()


def test_a_folder_that_looks_like_a_repository_is_just_a_folder(make_repo: MakeRepo, tmp_path: Path) -> None:
    """Its configuration runs a command as soon as git believes that it is a repository."""
    repo = make_repo()
    inner = make_repo("repo/shaped", "--bare")
    mark = tmp_path / "MARK"
    inner.git("config", "core.fsmonitor", f"touch '{mark}'; false")
    inner.git("config", "core.bare", "false")
    inner.git("config", "core.worktree", str(tmp_path))
    repo.commit()
    for commit in (True, False):
        with open_tree(repo.root / "shaped", commit=commit) as tree:
            assert tree.root == repo.root
            assert {b"shaped/HEAD", b"shaped/config"} <= {entry.raw for entry in tree.entries}
    assert not mark.exists()


def test_a_work_tree_that_is_elsewhere_is_refused(make_repo: MakeRepo, tmp_path: Path) -> None:
    repo = make_repo()
    repo.put("a.py")
    repo.commit()
    repo.git("config", "core.worktree", str(tmp_path))
    with pytest.raises((UsageError, IncompleteError)):
        open_tree(repo.root)


@pytest.mark.parametrize("spoil", ["index", "HEAD", "config", "gitfile", "objects"])
def test_a_repository_that_git_cannot_read_is_incomplete(make_repo: MakeRepo, spoil: str) -> None:
    import shutil

    repo = make_repo()
    repo.put("a.py")
    repo.commit()
    place = repo.root / ".git"
    if spoil == "gitfile":
        shutil.rmtree(place)
        place.write_text("gitdir: /nowhere\n")
    elif spoil == "objects":
        shutil.rmtree(place / "objects")
        (place / "objects").mkdir()
    else:
        (place / spoil).write_bytes(b"garbage\x1b[31m\n")
    with pytest.raises(IncompleteError) as caught:
        open_tree(repo.root)
    assert "\n" not in str(caught.value)
    assert "\x1b" not in str(caught.value)


def test_an_owner_who_is_not_ours(
    make_repo: MakeRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = make_repo()
    repo.put("a.py")
    repo.commit()
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "none"))
    plain = room.environment
    monkeypatch.setattr(room, "environment", lambda: plain() | {"GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"})
    with pytest.raises(UsageError, match=r"belongs to another user.*safe.directory"):
        open_tree(repo.root)
    (tmp_path / ".gitconfig").write_text(
        f"[safe]\n\tdirectory = {repo.root}\n[core]\n\tfsmonitor = touch '{tmp_path}/MARK'; false\n"
    )
    with open_tree(repo.root) as tree:
        assert len(tree.entries) == 1
    assert not (tmp_path / "MARK").exists()
