"""A [[tool]] that lies, breaks or hangs never makes a run green, whatever its unit."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.e2e.program import (
    FAKE_FILES,
    FAKES,
    FILES,
    FOUND,
    OTHERS_OFF,
    Program,
    check_named,
    check_second,
    write_plugin,
    write_tree,
)

pytestmark = pytest.mark.e2e
DEADLINE_S = 4.0
CANARY = """
[[tool.canary]]
label = "fake"
files = { "sub/canary.fake" = "a line\\nDANGER\\n" }
expects = [{ rule = "DANGER", file = "sub/canary.fake", line = 2 }]
"""


def write_policy(
    folder: Path, mode: str = "honest", *, unit: str = "file", deadline_s: float = DEADLINE_S, more: str = ""
) -> Path:
    """Write a policy with the tool named fake, and beside it an honest plugin named second."""
    second = write_plugin(folder / "plugins", "second", style="scan")
    tool = folder / "tools" / "fake tool"
    tool.parent.mkdir(exist_ok=True)
    tool.write_text(f"#!{sys.executable} -I\n" + (FAKES / "tool.py").read_text())
    tool.chmod(0o755)
    text = f"""{OTHERS_OFF}
[plugins]
files = [{json.dumps(str(second))}]
[scanners.second]
required = "yes"
[scanners.fake]
deadline_s = {deadline_s}
{more}
[[tool]]
name = "fake"
kind = "sast"
command = {json.dumps(str(tool))}
args = ["sarif", {json.dumps(mode)}, "{{files}}"]
unit = "{unit}"
reads = {{ suffixes = [".fake"] }}
{CANARY}"""
    policy = folder / "policy.toml"
    policy.write_text(text)
    return policy


units = pytest.mark.parametrize("unit", ["file", "project"])


@units
def test_the_honest_tool_passes(program: Program, tree: Path, unit: str) -> None:
    """What the other tests compare with: without a lie the same run is green."""
    done = program.scan(tree, policy=write_policy(program.folder, unit=unit))
    assert done.code == 0, done
    assert done.findings("fake") == FOUND
    assert done.rows("fake") == dict.fromkeys(FAKE_FILES, ("scanned", ""))
    check_second(done)
    (summary,) = [s for s in done.statement["scanners"] if s["name"] == "fake"]
    assert (summary["tool"]["version"], summary["control"]["found"]) == ("1.5", True)
    result = json.loads((done.output / "results" / "fake.json").read_bytes())
    assert {f["message"] for f in result["findings"]} == {"danger in two.fake", "danger in deep/four.fake"}
    assert list(program.temporary.iterdir()) == []


MODES = {
    "missing": ("scanner-missing", "does not exist"),
    "not-executable": ("scanner-missing", "not executable"),
    "in-the-tree": ("scanner-missing", "lies in the scanned tree"),
    "silent": ("scanner-failed", "it is empty"),
    "truncated": ("scanner-failed", "its SARIF cannot be read"),
    "nan": ("scanner-failed", "NaN is not JSON"),
    "twice": ("scanner-failed", "names a key twice"),
    "deep": ("scanner-failed", "nested too deeply"),
    "flood": ("scanner-failed", "wrote more than it may"),
    "liar": ("self-test-failed", "canary"),
    "stranger": ("scanner-failed", "never given"),
    "version": ("scanner-failed", "not SARIF 2.1.0"),
    "runless": ("scanner-failed", "holds no run"),
    "unsuccessful": ("scanner-failed", "says that it failed"),
    "lost": ("scanner-failed", "says that it failed: lost my way"),
    "elsewhere": ("scanner-failed", "stand in another file"),
    "nowhere": ("scanner-failed", "names no file"),
    "exit137": ("scanner-failed", "exit code 137"),
    "signal9": ("scanner-failed", "signal 9"),
    "hang": ("scanner-failed", ""),
    "shout": ("scanner-failed", "it is empty"),
}


@pytest.mark.parametrize("mode", MODES)
@units
def test_a_lying_tool_is_incomplete(program: Program, tree: Path, mode: str, unit: str) -> None:
    policy = write_policy(program.folder, mode, unit=unit)
    tool = program.folder / "tools" / "fake tool"
    if mode == "missing":
        tool.unlink()
    if mode == "not-executable":
        tool.chmod(0o644)
    if mode == "in-the-tree":
        inside = tool.rename(tree / "fake tool")
        policy.write_text(policy.read_text().replace(str(tool), str(inside)))
    done = program.scan(tree, policy=policy)
    assert program.left() == []
    assert done.seconds < DEADLINE_S + 10
    check_named(done, *MODES[mode])
    check_second(done)
    assert done.findings("fake") == []
    assert {state for state, _ in done.rows("fake").values()} == {"not-reached"}
    assert list(program.temporary.iterdir()) == []


HOSTILE = {
    "KILLS-THE-TOOL": "crashed",
    "HANGS-THE-TOOL": "timeout",
    "GARBLES-THE-REPORT": "bad-output",
    "CONFESS": "tool-error",
}


@pytest.mark.parametrize("word", HOSTILE)
def test_a_file_that_ends_the_tool_is_found_by_halving(program: Program, word: str) -> None:
    tree = write_tree(program.folder / "tree", FILES | {"deep/hostile.fake": f"{word}\n"})
    done = program.scan(tree, policy=write_policy(program.folder, deadline_s=14))
    rows = done.rows("fake")
    assert rows.pop("deep/hostile.fake") == ("failed", HOSTILE[word]), done
    assert rows == dict.fromkeys(FAKE_FILES, ("scanned", ""))
    assert done.findings("fake") == FOUND
    check_named(done, "not-covered", "deep/hostile.fake")


def test_a_project_that_ends_the_tool_is_failed_as_a_whole(program: Program) -> None:
    tree = write_tree(program.folder / "tree", FILES | {"deep/hostile.fake": "KILLS-THE-TOOL\n"})
    done = program.scan(tree, policy=write_policy(program.folder, unit="project"))
    assert done.rows("fake") == dict.fromkeys([*FAKE_FILES, "deep/hostile.fake"], ("failed", "crashed")), done
    assert done.findings("fake") == []
    check_named(done, "not-covered", "could not read 5 of 5 files")
    assert done.findings("second") == FOUND


def test_hostile_names_in_a_project(program: Program) -> None:
    names = ["-rf.fake", "a b.fake", "a:b.fake", "devsecops-control-0/x.fake", "nl\n.fake", "HEAD/q'.fake"]
    tree = write_tree(program.folder / "tree", dict.fromkeys(names, "DANGER\n"))
    done = program.scan(tree, policy=write_policy(program.folder, unit="project"))
    assert done.rows("fake") == dict.fromkeys(names, ("scanned", "")), done
    assert sorted(path for _, path, _ in done.findings("fake")) == sorted(names)


def test_a_name_that_is_another_scanners_is_a_usage_error(program: Program, tree: Path) -> None:
    policy = write_policy(program.folder)
    for name in ("second", "bandit"):
        clash = program.folder / f"{name}.toml"
        text = policy.read_text().replace('name = "fake"', f'name = "{name}"')
        clash.write_text(text.replace(f"[scanners.fake]\ndeadline_s = {DEADLINE_S}\n", ""))
        done = program.scan(tree, policy=clash)
        assert done.code == 2, done
        assert f"tool[0].name: there is a scanner {name} already" in done.err.decode()


def test_a_secret_in_what_the_tool_says_stays_there(program: Program) -> None:
    """In a message, in an error, in a name: nothing leaves the worker as it was."""
    secret = "AKIA" + "Q7Z5X3C1V9B7N5M3"
    tree = write_tree(program.folder / "tree", {f"{secret}.fake": "DANGER CONFESS\n", "b.fake": "DANGER\n"})
    done = program.scan(tree, policy=write_policy(program.folder, unit="project"))
    assert done.code == 3, done
    written = b"".join(path.read_bytes() for path in done.output.rglob("*") if path.is_file())
    assert secret.encode() not in written + done.out + done.err
