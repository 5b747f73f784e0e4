"""A tool that lies, breaks or hangs never makes a run green, and takes no other scanner with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.program import (
    FAKE_FILES,
    FILES,
    FOUND,
    Program,
    check_named,
    check_second,
    two_plugins,
    write_policy,
    write_tree,
)

DEADLINE_S = 4.0

MODES = {
    "missing": ("scanner-missing", "does not exist"),
    "not-executable": ("scanner-missing", "not executable"),
    "silent": ("scanner-failed", "it is empty"),
    "truncated": ("scanner-failed", "its report is broken"),
    "nan": ("scanner-failed", "NaN is not JSON"),
    "twice": ("scanner-failed", "names a key twice"),
    "deep": ("scanner-failed", "nested too deeply"),
    "flood": ("scanner-failed", "wrote more than it may"),
    "liar": ("self-test-failed", "canary"),
    "stranger": ("scanner-failed", "never given"),
    "nothing": ("not-covered", "did not reach 4 of 4 files"),
    "exit137": ("scanner-failed", "exit code 137"),
    "signal9": ("scanner-failed", "signal 9"),
    "hang": ("scanner-failed", "was ended after"),
    "shout": ("scanner-failed", "exit code 1"),
}


def test_the_honest_tool_passes(program: Program, tree: Path) -> None:
    """What the other tests compare with: without a lie the same run is green."""
    done = program.scan(tree, policy=write_policy(program.folder, two_plugins(program.folder)))
    assert done.code == 0, done
    assert done.statement["verdict"] == "pass"
    assert done.findings("fake") == FOUND
    assert done.rows("fake") == dict.fromkeys(FAKE_FILES, ("scanned", ""))
    check_second(done)
    assert list(program.temporary.iterdir()) == []
    assert program.left() == []


@pytest.mark.parametrize("mode", MODES)
def test_a_lying_tool_is_incomplete(program: Program, tree: Path, mode: str) -> None:
    plugins = two_plugins(program.folder)
    tool = program.folder / "plugins" / "tool"
    if mode == "missing":
        tool.unlink()
    if mode == "not-executable":
        tool.chmod(0o644)
    policy = write_policy(program.folder, plugins, mode=mode, deadline_s=DEADLINE_S)
    done = program.scan(tree, policy=policy)
    assert program.left() == []
    assert done.seconds < DEADLINE_S + 10
    check_named(done, *MODES[mode])
    check_second(done)
    if mode != "nothing":
        assert done.findings("fake") == []
        assert {state for state, _ in done.rows("fake").values()} == {"not-reached"}
    assert list(program.temporary.iterdir()) == []


@pytest.mark.parametrize("mode", ["exit137", "silent", "liar"])
def test_a_tool_that_fails_on_all_of_many_batches(program: Program, tmp_path: Path, mode: str) -> None:
    """Batches that are planned ahead wait for the word of the control, and must not keep it waiting."""
    large = {f"large-{n}.fake": f"{n:063}\n" * 2_000 for n in range(12)}
    tree = write_tree(tmp_path / "large", large)
    plugins = two_plugins(program.folder)
    quick = "assert ctx.tool is not None"
    slow = f"__import__('time').sleep(0.3); {quick}"  # a batch ends while the next one is planned
    plugins[0].write_text(plugins[0].read_text().replace(quick, slow))
    done = program.scan(tree, policy=write_policy(program.folder, plugins, mode=mode), limit_s=40)
    code, words = MODES[mode]
    check_named(done, code, words)
    assert {state for state, _ in done.rows("fake").values()} == {"not-reached"}


HOSTILE = {
    "KILLS-THE-TOOL": "crashed",
    "HANGS-THE-TOOL": "timeout",
    "GARBLES-THE-REPORT": "bad-output",
    "EATS-MEMORY": "memory",
}


@pytest.mark.parametrize("word", HOSTILE)
def test_a_file_that_ends_the_tool_is_found_by_halving(program: Program, word: str) -> None:
    tree = write_tree(
        program.folder / "tree", FILES | {"deep/hostile.fake": f"DANGER\n{word}\n", "last.fake": "DANGER\n"}
    )
    policy = write_policy(program.folder, two_plugins(program.folder), deadline_s=14, fake="memory_mb = 200")
    done = program.scan(tree, policy=policy)
    rows = done.rows("fake")
    assert rows.pop("deep/hostile.fake") == ("failed", HOSTILE[word]), done
    assert rows == dict.fromkeys([*FAKE_FILES, "last.fake"], ("scanned", ""))
    assert done.findings("fake") == sorted([*FOUND, ("DANGER", "last.fake", 1)], key=lambda f: f[1:])
    check_named(done, "not-covered", "deep/hostile.fake")
    assert "deep/hostile.fake" in done.last_line
    assert program.left() == []


def test_what_runs_out_of_time_is_tried_again_alone(program: Program) -> None:
    """One that then ends is as good as any; one that does not is a gap, and takes no other with it."""
    hostile = {"deep/slow.fake": "DANGER\nSLOW-AMONG-OTHERS\n", "never.fake": "DANGER\nSLOW-ALWAYS\n"}
    tree = write_tree(program.folder / "tree", FILES | hostile)
    done = program.scan(tree, policy=write_policy(program.folder, two_plugins(program.folder)))
    rows = done.rows("fake")
    assert rows.pop("never.fake") == ("failed", "timeout"), done
    assert rows == dict.fromkeys([*FAKE_FILES, "deep/slow.fake"], ("scanned", ""))
    assert done.findings("fake") == sorted([*FOUND, ("DANGER", "deep/slow.fake", 1)], key=lambda f: f[1:])
    check_named(done, "not-covered", "never.fake")
