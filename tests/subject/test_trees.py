from __future__ import annotations

import hashlib
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from devsecops import paths
from devsecops.errors import IncompleteError, UsageError
from devsecops.findings.redact import redact
from devsecops.processes import read_process, table
from devsecops.subject import ChangedWhileReadingError, Tree, open_tree, read_at
from tests.subject.repos import LFS_POINTER, ODD_NAMES, MakeRepo, Repo


def tree_rows(repo: Repo, rev: str = "HEAD") -> list[tuple[bytes, str]]:
    rows = (row.partition(b"\t") for row in repo.git("ls-tree", "-r", "-z", rev).split(b"\0")[:-1])
    return sorted((raw, f"git:{head.split()[2].decode()}") for head, _, raw in rows)


def by_raw(tree: Tree) -> dict[bytes, str]:
    return {entry.raw: entry.kind for entry in tree.entries}


@pytest.mark.parametrize("object_format", ["sha1", "sha256"])
def test_a_commit_holds_what_git_says(make_repo: MakeRepo, object_format: str) -> None:
    repo = make_repo("r", f"--object-format={object_format}")
    for raw in ODD_NAMES:
        repo.put(raw, raw)
    repo.put("run", "#!/bin/sh\n", run=True)
    head = repo.commit()
    for commit in (True, False):
        with open_tree(repo.root, commit=commit) as tree:
            assert [(entry.raw, entry.digest) for entry in tree.entries] == tree_rows(repo)
            assert [entry.raw for entry in tree.entries if entry.executable] == [b"run"]
            assert tree.part.head == head
            assert tree.part.tree == "git:" + repo.git("rev-parse", "HEAD^{tree}").decode().strip()
            assert not tree.part.dirty
            assert all(tree.read(entry.path) == entry.raw for entry in tree.entries if entry.raw in ODD_NAMES)


@pytest.mark.parametrize("commit", [True, False])
def test_every_kind_of_entry_is_told_apart(zoo: Repo, commit: bool) -> None:
    with open_tree(zoo.root, commit=commit) as tree:
        assert [(entry.raw, entry.digest) for entry in tree.entries] == tree_rows(zoo)
        assert not tree.part.dirty
        kinds = by_raw(tree)
        links = {raw for raw, kind in kinds.items() if kind == "symlink"}
        assert links == {b"link.py", b"linkdir", b"loop", b"dangling.py", b"out.py"}
        assert {raw for raw, kind in kinds.items() if kind == "submodule"} == {b"sub"}
        assert {raw for raw, kind in kinds.items() if kind == "lfs"} == {b"model.py", b"weights.bin"}
        assert {kinds[raw] for raw in kinds if raw.startswith(b"shaped/")} == {"file"}
        assert tree.read("binary.bin") == bytes(range(256)) * 20
        assert tree.read("empty.py") == b""
        for name in ("link.py", "linkdir/real.py", "loop", "out.py", "sub", "sub/in.py", "model.py", "absent",
                     "../inner/in.py", "/etc/hostname", ".git/config"):  # fmt: skip
            assert tree.read(name) is None, name


def test_a_work_tree_is_what_is_on_disk(zoo: Repo) -> None:
    zoo.put(".gitignore", "ignored/\n*.log\n")
    zoo.put("ignored/x.py")
    zoo.put("x.log")
    zoo.put("new.py")
    zoo.put("pkg/real.py", "changed = 1\n")
    (zoo.root / "empty.py").unlink()
    (zoo.root / "binary.bin").unlink()
    os.mkfifo(zoo.root / "binary.bin")
    Repo(zoo.root / "nested").put("y.py")
    with open_tree(zoo.root) as tree:
        kinds = by_raw(tree)
        assert b"empty.py" not in kinds
        assert b"x.log" not in kinds
        assert not any(raw.startswith((b"ignored", b".git/", b"nested/")) for raw in kinds)
        assert (kinds[b"new.py"], kinds[b"nested"], kinds[b"binary.bin"]) == ("file", "submodule", "other")
        assert tree.read("pkg/real.py") == b"changed = 1\n"
        assert tree.part.dirty
        assert tree.part.tree.startswith("dir:")
        first = tree.part.tree
    with open_tree(zoo.root) as tree:
        assert tree.part.tree == first
    zoo.put("new.py", "other = 1\n")
    with open_tree(zoo.root) as tree:
        assert tree.part.tree != first


@pytest.mark.parametrize("change", ["content", "mode", "deleted", "untracked", "staged"])
def test_any_difference_from_head_is_dirty(make_repo: MakeRepo, change: str) -> None:
    repo = make_repo()
    file = repo.put("a.py")
    repo.put("b.py")
    repo.commit()
    if change == "content":
        stat = file.stat()
        file.write_text("x = 2\n")
        os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    elif change == "mode":
        file.chmod(0o755)
    elif change == "deleted":
        file.unlink()
    else:
        repo.put("c.py")
        if change == "staged":
            repo.git("add", "c.py")
    with open_tree(repo.root) as tree:
        assert tree.part.dirty
        assert tree.part.tree.startswith("dir:")


def test_a_file_below_a_link_is_not_there(make_repo: MakeRepo, tmp_path: Path) -> None:
    repo = make_repo()
    repo.put("a/b.py")
    repo.commit()
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/b.py").write_text("x = 1\n")
    (repo.root / "a/b.py").unlink()
    (repo.root / "a").rmdir()
    (repo.root / "a").symlink_to(tmp_path / "outside")
    with open_tree(repo.root) as tree:
        assert by_raw(tree) == {b"a": "symlink"}
        assert tree.read("a/b.py") is None


def test_a_scope_limits_the_entries_and_not_the_tree(zoo: Repo) -> None:
    zoo.put("pkg2/x.py")
    zoo.commit()
    whole = zoo.git("rev-parse", "HEAD^{tree}").decode().strip()
    for commit in (True, False):
        with open_tree(zoo.root / "pkg", commit=commit) as tree:
            assert by_raw(tree) == {b"pkg/real.py": "file"}
            assert (tree.part.scope, tree.part.tree, tree.root) == ("pkg", f"git:{whole}", zoo.root)
            assert tree.read("requirements.txt") == b"flask==1.0\n"
        with open_tree(zoo.root / "script", commit=commit) as tree:
            assert by_raw(tree) == {b"script": "file"}
            assert tree.part.scope == "script"
        with open_tree(zoo.root / "shaped", commit=commit) as tree:
            assert len(tree.entries) == 4


def test_a_commit_is_judged_whatever_is_on_disk(make_repo: MakeRepo) -> None:
    repo = make_repo()
    repo.put("old/a.py", "first = 1\n")
    first = repo.commit()
    repo.git("rm", "-q", "-r", "old")
    repo.put("b.py")
    repo.commit()
    repo.put("b.py", "dirty = 1\n")
    with open_tree(repo.root, commit=True) as tree:
        assert tree.read("b.py") == b"x = 1\n"
    with open_tree(repo.root / "old", head=first) as tree:
        assert tree.read("old/a.py") == b"first = 1\n"
        assert tree.part.head == first
    with pytest.raises(UsageError, match="no such path in HEAD"):
        open_tree(repo.root / "old", commit=True)


def test_before_the_first_commit(make_repo: MakeRepo) -> None:
    repo = make_repo()
    with open_tree(repo.root) as tree:
        assert (tree.entries, tree.part.head, tree.part.dirty) == ((), None, False)
    repo.put("a.py")
    with open_tree(repo.root) as tree:
        assert (len(tree.entries), tree.part.head, tree.part.dirty) == (1, None, True)
    with pytest.raises(UsageError, match="no commit yet"):
        open_tree(repo.root, commit=True)


def test_a_folder_without_git(tmp_path: Path) -> None:
    root = tmp_path / "folder"
    for name in ("a.py", "sub/b.py", "env/pyvenv.cfg", "env/c.py", "sub/node_modules/d.js", ".tox/e.py",
                 "__pycache__/f.pyc", ".hidden/g.py", "vendor/h.py"):  # fmt: skip
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    (root / "link").symlink_to("/etc")
    os.mkfifo(root / "fifo")
    (root / "lfs").write_bytes(LFS_POINTER)
    with open_tree(root) as tree:
        assert by_raw(tree) == {
            b"a.py": "file", b"sub/b.py": "file", b".hidden/g.py": "file", b"vendor/h.py": "file",
            b"link": "symlink", b"fifo": "other", b"lfs": "lfs",
        }  # fmt: skip
        assert tree.left_out == (
            (".tox", "built-in:.tox"), ("__pycache__", "built-in:__pycache__"),
            ("env", "built-in:pyvenv.cfg"), ("sub/node_modules", "built-in:node_modules"),
        )  # fmt: skip
        assert tree.entries[1].digest == "sha256:" + hashlib.sha256(b"a.py").hexdigest()
        assert (tree.in_git, tree.name, tree.part.remote) == (False, "folder", None)
    with open_tree(root, commit=True) as same:
        assert same.part == tree.part
    other = tmp_path / "elsewhere" / "folder"
    other.parent.mkdir()
    subprocess.run(["cp", "-a", root, other], check=True)
    with open_tree(other) as copy:
        assert copy.part == tree.part
    with open_tree(root / "sub/b.py") as tree:
        assert (by_raw(tree), tree.part.scope, tree.root) == ({b"b.py": "file"}, "b.py", root / "sub")


def test_paths_that_are_no_subject(make_repo: MakeRepo, tmp_path: Path) -> None:
    (tmp_path / "dangling").symlink_to("nowhere")
    os.mkfifo(tmp_path / "fifo")
    repo = make_repo()
    repo.put(".gitignore", "ignored\n")
    repo.put("ignored/a.py")
    make_repo("bare", "--bare")
    for path, sentence in {
        "absent": "no such path: ", "absent/deep": "no such path: ", "dangling": "no such path: ",
        "fifo": "neither a file nor a folder", "bare": "bare git repository",
        "repo/ignored": "git ignores it", "repo/.git": "git ignores it",
    }.items():  # fmt: skip
        with pytest.raises(UsageError, match=sentence) as caught:
            open_tree(tmp_path / path)
        assert "\n" not in str(caught.value)
    with pytest.raises(UsageError, match="no commit to judge"):
        open_tree(tmp_path, head="HEAD")


def test_a_secret_in_a_name_is_in_no_unit_id(make_repo: MakeRepo) -> None:
    token = "ghp_" + "Zx9" * 12
    repo = make_repo()
    for name in ("a.py", f"{token}.py", f"d/{token}/x.py", f"d/{token}1/x.py", "z.py"):
        repo.put(name, name)
    repo.put(f"{redact(token + '.py')}#1", "taken")
    repo.commit()
    for commit in (True, False):
        with open_tree(repo.root, commit=commit) as tree:
            assert token not in repr([entry.path for entry in tree.entries])
            assert len({entry.path for entry in tree.entries}) == 6
            for entry in tree.entries:
                content = tree.read(entry.path)
                assert content == tree.read(paths.to_text(entry.raw))
                assert content in (entry.raw, b"taken")


def test_the_remote_is_told_without_credentials(make_repo: MakeRepo) -> None:
    repo = make_repo()
    repo.commit()
    for url, told in {
        "https://user:pa55@example.org/a/b.git?token=q#f": "https://example.org/a/b.git",
        "https://0123456789abcdef@example.org/r": "https://example.org/r",
        "ssh://git:pw@example.org:22/r": "ssh://git@example.org:22/r",
        "git@example.org:a/b.git": "git@example.org:a/b.git",
        "codecommit::eu-west-1://profile@Repo": "codecommit::eu-west-1://Repo",
    }.items():
        repo.git("config", "remote.origin.url", url)
        with open_tree(repo.root) as tree:
            assert tree.part.remote == told


def test_a_file_that_changes_while_it_is_read_is_never_mixed_up(make_repo: MakeRepo, tmp_path: Path) -> None:
    repo = make_repo()
    file = repo.put("a.py")
    with open_tree(repo.root) as tree:
        tree.write("a.py", tmp_path / "copy")
        assert (tmp_path / "copy").read_bytes() == b"x = 1\n"
        file.write_text("x = 2\n")
        assert tree.read("a.py") is None
        with pytest.raises(ChangedWhileReadingError):
            tree.write("a.py", tmp_path / "second")
        assert not (tmp_path / "second").exists()
        file.unlink()
        file.symlink_to(tmp_path / "copy")
        assert tree.read("a.py") is None
        file.unlink()
        os.mkfifo(file)
        assert tree.read("a.py") is None


def test_a_file_that_cannot_be_opened_is_an_entry(
    make_repo: MakeRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = make_repo()
    repo.put("a.py")
    repo.put("deep/b.py")
    repo.commit()
    real = os.open

    def refusing(path: bytes, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        if path in (b"a.py", b"deep"):
            raise PermissionError(13, "Permission denied")
        return real(path, flags, mode, dir_fd=dir_fd)

    monkeypatch.setattr(os, "open", refusing)
    with open_tree(repo.root) as tree:
        assert {(entry.raw, entry.kind, entry.unreadable) for entry in tree.entries} == {
            (b"a.py", "other", True), (b"deep/b.py", "other", True),
        }  # fmt: skip
        assert tree.part.dirty


def test_a_socket_is_no_file(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s.py"))
        with open_tree(tmp_path) as tree:
            assert by_raw(tree) == {b"s.py": "other"}


def _blob_file(repo: Repo, path: str) -> Path:
    oid = repo.git("rev-parse", f"HEAD:{path}").decode().strip()
    return repo.root / ".git/objects" / oid[:2] / oid[2:]


@pytest.mark.parametrize("size", [5, 500, 200_000])
@pytest.mark.parametrize("damage", ["gone", "garbage", "swapped"])
def test_content_that_the_repository_lacks_is_named(make_repo: MakeRepo, size: int, damage: str) -> None:
    repo = make_repo()
    repo.put("a.py", "a" * size)
    repo.put("other.py", "b" * size)
    repo.commit()
    blob = _blob_file(repo, "a.py")
    blob.chmod(0o600)
    if damage == "gone":
        blob.unlink()
    else:
        blob.write_bytes(_blob_file(repo, "other.py").read_bytes() if damage == "swapped" else b"garbage")
    with pytest.raises(IncompleteError, match=r"a\.py"), open_tree(repo.root, commit=True) as tree:
        tree.read("a.py")


def test_a_partial_clone_fetches_nothing_and_names_what_it_lacks(make_repo: MakeRepo, tmp_path: Path) -> None:
    repo = make_repo()
    for number in range(30):
        repo.put(f"{number:02}.py", str(number))
    repo.commit()
    repo.git("config", "uploadpack.allowFilter", "true")
    url = f"file://{repo.root}"
    repo.git("clone", "-q", "--no-checkout", "--filter=blob:none", url, str(tmp_path / "partial"))
    with pytest.raises(IncompleteError, match=r"00\.py.*without --filter"):
        open_tree(tmp_path / "partial", commit=True)
    with pytest.raises(IncompleteError, match=r"00\.py.*without --filter"):
        read_at(tmp_path / "partial", "HEAD", "00.py")


_CHILD = """
import os, sys
from pathlib import Path
from devsecops.subject import open_tree
tree = open_tree(Path(sys.argv[1]), commit=True)
assert tree.read("a.py") == b"x = 1\\n"
if os.fork() == 0:  # holds the reader's pipes open
    os.read(0, 1)
    os._exit(0)
if os.fork() == 0:
    assert tree.read("b.py") == b"x = 2\\n"
    os.write(1, f"{os.getpid()}\\n".encode())
    os.read(0, 1)
    os._exit(0)
os.read(0, 1)
"""


def _readers(parent: int) -> list[int]:
    found = [process.pid for process in table().values() if process.parent == parent]
    return [pid for pid in found if b"cat-file" in Path(f"/proc/{pid}/cmdline").read_bytes()]


@pytest.mark.skipif(sys.platform != "linux", reason="the parent-death signal is Linux's")
def test_the_reader_dies_with_the_process_and_is_not_shared_by_a_fork(make_repo: MakeRepo) -> None:
    repo = make_repo()
    repo.put("a.py")
    repo.put("b.py", "x = 2\n")
    repo.commit()
    argv = [sys.executable, "-c", _CHILD, str(repo.root)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        fork = int(process.stdout.readline())
        (reader,) = _readers(process.pid)
        assert len(_readers(fork)) == 1
        process.kill()
        process.wait()
        for _ in range(250):
            found = read_process(reader)
            if found is None or not found.alive:
                break
            time.sleep(0.02)
        else:
            pytest.fail("git outlives the process that started it")
        process.stdin.close()


def test_a_byte_order_mark_is_not_written_out(make_repo: MakeRepo, tmp_path: Path) -> None:
    """Some tools find nothing in the statement behind one; what is identified is the content as it is."""
    repo = make_repo()
    repo.put("a.py", b"\xef\xbb\xbfx = 1\n")
    with open_tree(repo.root) as tree:
        tree.write("a.py", tmp_path / "out.py")
        assert tree.read("a.py") == b"\xef\xbb\xbfx = 1\n"
    assert (tmp_path / "out.py").read_bytes() == b"x = 1\n"
