"""A plugin that breaks, hangs, eats memory, exits or answers nonsense harms no other and is never green."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

import pytest

from tests.e2e.program import Program, check_named, check_second, two_plugins, write_policy

DEADLINE_S = 4.0
LOAD_DEADLINE_S = 30.0
"""What loading a plugin may take: the policy says nothing about that."""

SAID = {
    "raise": "RuntimeError: the plugin broke",
    "regex": "no answer within",
    "memory": "MemoryError",
    "os-exit": "ended before it answered",
    "sys-exit": "ended before it answered",
    "types": "wrong type",
    "none": "wrong type",
    "level": "wrong type",
}
AT_LOADING = [
    ("import", "raise"), ("import", "regex"), ("import", "memory"), ("import", "os-exit"),
    ("import", "sys-exit"), ("hook", "raise"), ("hook", "os-exit"), ("hook", "types"), ("hook", "none"),
]  # fmt: skip
AT_WORK = [
    *(("tool", "plan", kind) for kind in ("raise", "regex", "os-exit", "sys-exit", "types", "none")),
    *(("tool", "parse", kind) for kind in SAID),
    *(("scan", "scan", kind) for kind in SAID),
]


@pytest.mark.parametrize(("place", "kind"), AT_LOADING)
def test_a_plugin_that_cannot_be_loaded(program: Program, tree: Path, place: str, kind: str) -> None:
    plugins = two_plugins(program.folder, fault=f"{place} {kind}")
    done = program.scan(tree, policy=write_policy(program.folder, plugins, deadline_s=DEADLINE_S))
    assert program.left() == []
    assert done.seconds < LOAD_DEADLINE_S + 10
    check_named(done, "scanner-missing", "not installed")
    rejected = [r["message"] for r in done.reasons if r["code"] == "plugin-rejected"]
    # A hook that returns nothing contributes nothing, which is no fault of the plugin as a whole.
    assert [message.startswith("plugin fake (") for message in rejected] == [True] * (kind != "none")
    if place == "import" or kind in ("raise", "os-exit"):
        assert SAID[kind] in rejected[0]
    check_second(done)


@pytest.mark.parametrize(("style", "place", "kind"), AT_WORK)
def test_a_plugin_that_fails_at_work(program: Program, tree: Path, style: str, place: str, kind: str) -> None:
    plugins = two_plugins(program.folder, style=style, fault=f"{place} {kind}")
    done = program.scan(tree, policy=write_policy(program.folder, plugins, deadline_s=DEADLINE_S))
    assert program.left() == []
    assert done.seconds < DEADLINE_S + 10
    code = "plugin-rejected" if kind in ("os-exit", "sys-exit") else "scanner-failed"
    check_named(done, code, "got `None`" if (place, kind) == ("plan", "none") else SAID[kind])
    assert done.findings("fake") == []
    assert {state for state, _ in done.rows("fake").values()} == {"not-reached"}
    check_second(done)
    assert list(program.temporary.iterdir()) == []


@pytest.mark.parametrize("kind", ["raise", "memory", "os-exit", "sys-exit", "types", "regex"])
def test_a_format_that_fails(program: Program, tree: Path, kind: str) -> None:
    """The report is lost and the verdict says so; the saved run and the other formats are there."""
    plugins = two_plugins(program.folder, fault=f"render {kind}")
    copy = program.folder / "copy.sarif"
    done = program.scan(
        tree,
        "--report", "fake-words", "--report", "second-words", "--report", f"sarif={copy}",
        policy=write_policy(program.folder, plugins),
        limit_s=LOAD_DEADLINE_S + 10,
    )  # fmt: skip
    assert program.left() == []
    assert done.code == 3, done
    (reason,) = done.reasons
    assert reason["code"] == "output-lost"
    assert "fake-words" in reason["message"]
    assert done.last_line == done.statement["cause"]
    assert "fake-words" in done.last_line
    check_second(done)
    assert copy.read_bytes() == (done.output / "results.sarif").read_bytes()


@pytest.mark.parametrize("place", ["parse regex", "scan regex"])
def test_no_worker_outlives_the_program(program: Program, tree: Path, place: str) -> None:
    """A worker that is stuck in plugin code cannot hear that the program is gone; the kernel tells it."""
    plugins = two_plugins(program.folder, style="tool" if "parse" in place else "scan", fault=place)
    policy = write_policy(program.folder, plugins, deadline_s=60)
    child = program.start(tree, policy=policy, output=program.folder / "out")
    _wait_until_busy(child.pid)
    child.kill()
    child.wait()
    left = program.left(wait_s=3.0)
    program.end_left()
    assert left == []


def _wait_until_busy(pid: int) -> None:
    """Wait until a child of the program has used half a second of a core."""
    limit = time.monotonic() + 20
    while time.monotonic() < limit:
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                fields = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
                if int(fields[11]) > os.sysconf("SC_CLK_TCK") / 2:
                    return
        time.sleep(0.05)
    raise AssertionError("no child of the program got busy")
