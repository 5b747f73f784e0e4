"""Both trees of a change are those that are opened alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from devsecops.errors import IncompleteError
from devsecops.subject import open_change, open_tree
from tests.subject.repos import LFS_POINTER, MakeRepo, Repo


@pytest.mark.parametrize("turned", [False, True])
def test_both_trees_of_a_change_are_those_that_are_opened_alone(zoo: Repo, turned: bool) -> None:
    """The base is made from the head and what differs: of every kind, in both directions."""
    zoo.git("branch", "-f", "one")
    for name in ("empty.py", "model.py", "link.py", "new\nline.py", "pkg/real.py"):
        (zoo.root / name).unlink()
    zoo.git("rm", "-q", "--cached", "sub")
    zoo.put("link.py", "x = 2\n")
    zoo.put("pkg/real.py/inside.py", LFS_POINTER)
    zoo.put("tool.sh", "#!/bin/sh\nfalse\n")
    zoo.put(b"fresh-\xff.py", LFS_POINTER)
    (zoo.root / "script").chmod(0o644)
    (zoo.root / "dangling.py").unlink()
    (zoo.root / "dangling.py").symlink_to("elsewhere")
    zoo.git("add", "-A", ":!sub")
    zoo.git("commit", "-q", "-m", "changed")
    zoo.git("branch", "-f", "two")
    if turned:
        zoo.git("checkout", "-q", "-b", "three")
        zoo.git("read-tree", "one")
        zoo.git("commit", "-q", "-m", "turned")
    base = "two" if turned else "one"
    after, before, _ = open_change(zoo.root, base=base)
    with after, before:
        for tree, name in ((after, "HEAD"), (before, base)):
            with open_tree(zoo.root, head=name) as alone:
                assert tree.entries == alone.entries
                assert tree.part.tree == alone.part.tree
                for entry in alone.entries:
                    assert tree.read(entry.path) == alone.read(entry.path)
        assert len(set(after.entries) ^ set(before.entries)) > 12


def test_content_that_only_the_base_has_and_the_clone_lacks(make_repo: MakeRepo) -> None:
    repo = make_repo()
    repo.put("a.py", "x = 1\n")
    repo.commit()
    repo.git("branch", "one")
    repo.put("a.py", "x = 2\n")
    repo.commit()
    blob = repo.git("rev-parse", "one:a.py").decode().strip()
    (repo.root / ".git/objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(IncompleteError, match=r"content of a\.py"):
        open_change(Path(repo.root), base="one")
