"""However a run is ended, verdict.json is absent, incomplete, or what the undisturbed run says."""

from __future__ import annotations

import json
import signal
from pathlib import Path

from tests.e2e.killing import FINAL, Killing, complaint
from tests.e2e.program import Program, two_plugins, write_policy

TRIALS = 20


def test_killed_at_any_moment(program: Program, tree: Path, seed: int) -> None:
    print(f"DEVSECOPS_TEST_SEED={seed}")
    policy = write_policy(program.folder, two_plugins(program.folder), mode="slow")
    killing = Killing(program, tree, policy)
    like = killing.undisturbed()
    assert like.code == 0
    found = set()
    for trial in killing.trials(like, TRIALS, seed):
        outcome = killing.run(trial, like)
        assert complaint(trial, outcome, like) == ""
        assert program.left(wait_s=5.0) == [], trial
        found.add(outcome.found)
    # The moments were spread: before the first verdict stood there, and after.
    assert {"absent", "incomplete"} <= found


def test_a_killed_run_does_not_harm_the_next(program: Program, tree: Path) -> None:
    policy = write_policy(program.folder, two_plugins(program.folder), mode="slow")
    killing = Killing(program, tree, policy)
    like = killing.undisturbed()
    output = program.folder / "one"
    for act in (FINAL, like.acts - 3, FINAL, like.acts // 2, like.acts - 8):
        env = killing.inside(act, signal.SIGKILL)
        child = program.start(tree, policy=policy, output=output, env=env)
        assert child.wait(60) == -signal.SIGKILL, act
        assert json.loads((output / "verdict.json").read_bytes())["statement"]["verdict"] == "incomplete"
    done = program.scan(tree, policy=policy, output=output)
    assert done.code == 0, done
    assert done.verdict["digest"] == like.digest
    assert not [path for path in output.rglob("*") if "tmp" in path.name]
    named = {*done.verdict["files"], "verdict.json", "devsecops.lock"}
    assert {str(path.relative_to(output)) for path in output.rglob("*") if path.is_file()} == named


def test_an_interrupted_run_says_so(program: Program, tree: Path) -> None:
    """A signal while a tool hangs: exit 3 at once, the verdict says interrupted, nothing is left."""
    policy = write_policy(program.folder, two_plugins(program.folder), mode="hang", deadline_s=300)
    for number in (signal.SIGTERM, signal.SIGINT):
        output = program.folder / number.name
        child = program.start(tree, policy=policy, output=output, pipes=True)
        _wait_for_tool(program)
        child.send_signal(number)
        out, err = child.communicate(timeout=15)
        assert child.returncode == 3, err
        assert program.left() == []
        statement = json.loads((output / "verdict.json").read_bytes())["statement"]
        assert statement["verdict"] == "incomplete"
        assert "interrupted" in {reason["code"] for reason in statement["reasons"]}
        assert out.decode().rstrip("\n").rpartition("\n")[2] == statement["cause"]
        assert "interrupted" in statement["cause"]


def _wait_for_tool(program: Program) -> None:
    import time

    limit = time.monotonic() + 20
    while time.monotonic() < limit:
        if sum("scan hang" in line for line in program.left()) >= 2:
            return
        time.sleep(0.05)
    raise AssertionError("the tool did not start")
