"""An output that cannot be written is exit 2 or 3, and nothing but the output is ever touched."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import resource
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.program import Done, Program, two_plugins, write_policy

PAGE = os.sysconf("SC_PAGE_SIZE")


@contextlib.contextmanager
def _mounted(folder: Path, options: str) -> Iterator[bool]:
    """Mount a small file system in memory; False where that is not allowed."""
    folder.mkdir()
    mount = shutil.which("mount")
    argv = [mount or "mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    done = mount is not None and subprocess.run(argv, check=False, capture_output=True).returncode == 0
    try:
        yield done
    finally:
        if done:
            subprocess.run(["umount", "-l", str(folder)], check=True)


def _no_larger_than(size: int) -> Callable[[], None]:
    # Only the soft limit: the tools' own is larger, and who is not root could not raise a hard one.
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def _check_lost(done: Done) -> None:
    """One sentence, no traceback, and no verdict that is better than incomplete."""
    assert done.code in (2, 3), done
    words = done.err.decode()
    assert "Traceback" not in words
    assert "internal error" not in words
    assert str(done.output) in words or "INCOMPLETE" in done.last_line
    path = done.output / "verdict.json"
    if path.exists():
        assert json.loads(path.read_bytes())["statement"]["verdict"] == "incomplete"


def _check_whole(done: Done) -> None:
    """Everything that the verdict names is there."""
    assert done.statement["verdict"] == "pass"
    for name, sha256 in done.verdict["files"].items():
        assert hashlib.sha256((done.output / name).read_bytes()).hexdigest() == sha256


def test_a_full_disk_at_every_write(program: Program, tree: Path) -> None:
    """One page more at a time, until all of it fits."""
    policy = write_policy(program.folder, two_plugins(program.folder))
    with _mounted(program.folder / "disk", f"size={64 * PAGE}") as mounted:
        output = program.folder / "disk" / "out"
        codes = []
        for free in range(1, 41):
            prepare = None
            if mounted:
                shutil.rmtree(output, ignore_errors=True)
                filler = program.folder / "disk" / "filler"
                filler.write_bytes(b"x" * PAGE * (64 - free))
            else:
                output = program.folder / f"out-{free}"
                prepare = _no_larger_than(free * 512)
            # Python itself would cache half a module.
            env = {"PYTHONDONTWRITEBYTECODE": "1"}
            done = program.scan(tree, policy=policy, output=output, prepare=prepare, env=env)
            codes.append(done.code)
            if done.code == 0:
                break
            _check_lost(done)
        assert codes[-1] == 0, "it never fitted"
        assert len(codes) > 4, "nothing was ever lost"
        assert 3 in codes
        _check_whole(done)


def test_a_file_size_limit(program: Program, tree: Path) -> None:
    """No file of the program may be larger: incomplete or an error, never green."""
    policy = write_policy(program.folder, two_plugins(program.folder))
    for size in (0, 100, 1_000, 3_000):
        output = program.folder / f"out-{size}"
        done = program.scan(tree, policy=policy, output=output, prepare=_no_larger_than(size))
        _check_lost(done)


def test_an_output_that_cannot_be_written(program: Program, tree: Path) -> None:
    policy = write_policy(program.folder, two_plugins(program.folder), mode="shout")
    with _mounted(program.folder / "disk", "size=64k,ro") as mounted:
        if not mounted:
            (program.folder / "disk").chmod(0o555)
        done = program.scan(tree, policy=policy, output=program.folder / "disk" / "out")
        assert done.code == 2, done
        _check_lost(done)
        assert not done.output.exists()
    (program.folder / "file").write_text("mine")
    for output in (program.folder / "file", program.folder / "file" / "out"):
        done = program.scan(tree, policy=policy, output=output)
        assert done.code == 2, done
        assert (program.folder / "file").read_text() == "mine"


def test_nothing_is_written_beside_a_plugin(program: Program, tree: Path) -> None:
    """A module that was cached while the disk was full would be broken in every later run."""
    plugins = two_plugins(program.folder)
    before = sorted((program.folder / "plugins").rglob("*"))
    assert program.scan(tree, policy=write_policy(program.folder, plugins)).code == 0
    assert sorted((program.folder / "plugins").rglob("*")) == before


def _victim(program: Program) -> Path:
    victim = program.folder / "victim"
    victim.mkdir()
    (victim / "verdict.json").write_text("mine")
    (victim / "results").mkdir()
    return victim


def _untouched(victim: Path) -> bool:
    names = sorted(str(path.relative_to(victim)) for path in victim.rglob("*"))
    return names == ["results", "verdict.json"] and (victim / "verdict.json").read_text() == "mine"


def test_an_output_behind_a_link(program: Program, tree: Path) -> None:
    policy = write_policy(program.folder, two_plugins(program.folder))
    victim = _victim(program)
    (program.folder / "link").symlink_to(victim)
    for output in (program.folder / "link", program.folder / "link" / "results"):
        done = program.scan(tree, policy=policy, output=output)
        assert done.code == 2, done
        assert "link" in done.err.decode()
        assert _untouched(victim)
    done = program.scan(tree, "--report", f"json={program.folder}/link/x.json", policy=policy)
    assert done.code == 2, done
    assert _untouched(victim)


def test_an_output_that_a_tool_replaces_by_a_link(program: Program, tree: Path) -> None:
    victim = _victim(program)
    output = program.folder / "out"
    policy = write_policy(program.folder, two_plugins(program.folder), mode=f"swap:{output}:{victim}")
    done = program.scan(tree, policy=policy, output=output)
    assert output.is_symlink(), "the tool did not do it"
    assert done.code == 3, done
    assert _untouched(victim)
    assert "INCOMPLETE" in done.err.decode().rstrip("\n").rpartition("\n")[2]
    moved = json.loads((program.folder / "out-moved" / "verdict.json").read_bytes())
    assert moved["statement"]["verdict"] == "incomplete"


@pytest.mark.parametrize(
    "name",
    ["verdict.json", ".verdict.json.devsecops-tmp", "results.sarif", ".results.sarif.devsecops-tmp",
     "ledger.jsonl", "devsecops.lock", "results", "results/fake.json", "results/.fake.json.devsecops-tmp"],
)  # fmt: skip
def test_a_link_planted_in_the_output(program: Program, tree: Path, name: str) -> None:
    policy = write_policy(program.folder, two_plugins(program.folder))
    victim = _victim(program)
    place = program.folder / "out" / name
    place.parent.mkdir(parents=True)
    place.symlink_to(victim / ("results" if name == "results" else "verdict.json"))
    done = program.scan(tree, policy=policy)
    assert _untouched(victim)
    assert done.code in (0, 2, 3), done
    if done.code == 0:
        assert not place.is_symlink()
        _check_whole(done)
    else:
        _check_lost_by_link(done)


def _check_lost_by_link(done: Done) -> None:
    assert "Traceback" not in done.err.decode()
    assert "internal error" not in done.err.decode()


def test_a_copy_that_is_lost(program: Program, tree: Path) -> None:
    """The exit code and the verdict on disk never disagree, even when the last copy cannot be written."""
    copies = program.folder / "copies"
    copies.mkdir()
    victim = _victim(program)
    policy = write_policy(program.folder, two_plugins(program.folder), mode=f"swap:{copies}:{victim}")
    done = program.scan(tree, "--report", f"sarif={copies}/copy.sarif", policy=policy)
    assert copies.is_symlink(), "the tool did not do it"
    assert _untouched(victim)
    assert done.code == 3, done
    assert done.statement["verdict"] == "incomplete"
    assert "output-lost" in {reason["code"] for reason in done.reasons}


def test_a_copy_is_what_the_folder_holds(program: Program, tree: Path) -> None:
    policy = write_policy(program.folder, two_plugins(program.folder))
    sarif, verdict = program.folder / "copy.sarif", program.folder / "copy.json"
    done = program.scan(
        tree,
        "--report", f"sarif={sarif}", "--report", f"json={verdict}",
        "--report", "fake-words", "--report", "second-words",
        policy=policy,
    )  # fmt: skip
    assert done.code == 0, done
    assert sarif.read_bytes() == (done.output / "results.sarif").read_bytes()
    assert verdict.read_bytes() == (done.output / "verdict.json").read_bytes()
    words = [name for name in done.verdict["files"] if name.endswith(".txt")]
    assert len(words) == 2
    for name in words:
        assert (done.output / name).read_text() == done.statement["cause"]
    _check_whole(done)
