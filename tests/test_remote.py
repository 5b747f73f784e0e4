"""Scanners of running services: what the core does for them, and that nothing of them is left."""

import os
import textwrap
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from devsecops.engine.scan import Scanned, Setting, Side, scan
from devsecops.model import Problem, ScanResult, Source
from devsecops.policy import default_policy
from devsecops.registry import discover
from devsecops.subject import Tree
from devsecops.testing.engine import Held

HEAD = """
import time
from devsecops.api import *

class Probe:
    spec = Spec(name="probe", kind="dast", reads=Reads(), unit="remote", controls=Attested(label="probe"),
                deadline_s=20.0)

    def check(self, ctx):
        return Checked()

    def scan(self, ctx):
        said = []
        where = Unit(kind="url", id="GET /")
        cover = (Cover(unit=where, state="scanned"),)
{body}
        return Parsed(attested=True, version="1", cover=cover, notes=tuple(said))

@hookimpl
def devsecops_scanners():
    return [Probe()]
"""
SLEEP = 'ctx.start(ToolRun(argv=("/bin/sh", "-c", "echo up; sleep 300 & sleep 300")))'


def look(
    tmp_path: Path,
    body: str,
    *,
    said: list[str] | None = None,
    secrets: Mapping[str, str] | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> ScanResult:
    plugin = tmp_path / "probe.py"
    plugin.write_text(HEAD.replace("{body}", textwrap.indent(textwrap.dedent(body).strip(), " " * 8)))
    registry = discover((), [str(plugin)])
    assert not registry.rejected
    tree = Tree(part=Source(tree="dir:"), root=tmp_path, in_git=False, listed=[], content=Held({}), scope=b"")
    setting = Setting(
        registry=registry,
        policy=default_policy(),
        today="2026-01-01",
        offline=True,
        say=(said if said is not None else []).append,
        stopped=stopped,
        asks={"probe": {"target": "http://127.0.0.1:1"}},
        secrets=secrets or {},
    )
    found: list[Scanned] = scan([Side(tree, {"probe": ()})], setting)
    (result,) = found[0].results
    return result


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_a_process_is_started_watched_and_ended(tmp_path: Path) -> None:
    result = look(
        tmp_path,
        f"""
        process = {SLEEP}
        said.append(f"pid {{process.pid}}")
        assert process.wait(0.3) is None
        said.append("log " + open(process.log).read().strip())
        process.stop()
        said.append("end " + str(process.wait(10)))
        """,
    )
    assert result.status == "complete", result.problems
    notes = dict(note.split(" ", 1) for note in result.notes)
    assert notes["log"] == "up"
    assert notes["end"] == "its tool was cancelled"
    assert gone(int(notes["pid"]))


def test_what_it_leaves_running_is_ended_with_it(tmp_path: Path) -> None:
    result = look(tmp_path, f"said.append(str({SLEEP}.pid))")
    assert result.status == "complete"
    assert gone(int(result.notes[0]))


def test_a_process_that_cannot_be_started_is_said(tmp_path: Path) -> None:
    result = look(tmp_path, 'ctx.start(ToolRun(argv=("/nonexistent/zap",)))')
    assert result.problems == (
        Problem(code="scanner-failed", message="its tool cannot be started: No such file or directory"),
    )


def test_secrets_and_progress_go_through_the_core(tmp_path: Path) -> None:
    said: list[str] = []
    body = """
    ctx.progress("spider: 3 URLs")
    said.append(ctx.secret("env:TOKEN"))
    ctx.secret("env:OTHER")
    """
    result = look(tmp_path, body, said=said, secrets={"env:TOKEN": "swordfish"})
    assert said == ["probe: spider: 3 URLs"]
    assert "env:OTHER is not a secret that the policy names" in result.problems[0].message


def test_its_problems_are_those_of_its_result_and_its_findings_stay(tmp_path: Path) -> None:
    body = """
    finding = Finding(rule=RuleRef(tool="probe", id="1"), kind="dast", severity="high", message="bad",
                      location=Http(target="t", method="GET", template="/"))
    secret = "ghp_" + "a1B2" * 9
    return Parsed(attested=True, version="1", cover=cover, findings=(finding,), problems=(
        Problem(code="phase-unfinished", message=f"phase active was cut short at {secret}", remedy="wait"),))
    """
    result = look(tmp_path, body)
    (problem,) = result.problems
    assert (problem.code, problem.remedy) == ("phase-unfinished", "wait")
    assert "ghp_" not in problem.message
    assert (result.status, len(result.findings)) == ("partial", 1)
    assert result.control is not None
    assert result.control.found


def test_problems_without_a_control_are_told_alone(tmp_path: Path) -> None:
    body = """
    return Parsed(attested=False, cover=cover, problems=(Problem(code="outside-target", message="host x"),))
    """
    result = look(tmp_path, body)
    assert [problem.code for problem in result.problems] == ["outside-target"]
    assert result.status == "failed"
    assert result.control is not None
    assert not result.control.found


@pytest.mark.parametrize("code", ["no-such-code", ""])
def test_a_problem_of_no_known_kind_is_a_wrong_answer(tmp_path: Path, code: str) -> None:
    body = f"""
    return Parsed(attested=True, cover=cover, problems=(Problem(code={code!r}, message="x"),))
    """
    (problem,) = look(tmp_path, body).problems
    assert problem.code == "scanner-failed"
    assert "wrong type" in problem.message


def test_it_may_ask_which_files_there_are(tmp_path: Path) -> None:
    assert look(tmp_path, "said += [str(ctx.paths())]").notes == ("()",)


def test_a_scanner_that_is_asked_to_end_has_time_to_put_things_back(tmp_path: Path) -> None:
    mark = tmp_path / "back"
    ends = time.monotonic() + 2.0
    body = f"""
    while not ctx.cancelled():
        time.sleep(0.05)
    open({str(mark)!r}, "w").close()
    """
    result = look(tmp_path, body, stopped=lambda: time.monotonic() > ends)
    assert mark.exists()
    assert result.status == "complete", "whether the run was interrupted is for the caller to say"


@pytest.mark.parametrize("body", ["time.sleep(300)", "while True: pass"])
def test_one_that_does_not_listen_is_stopped(tmp_path: Path, body: str) -> None:
    began = time.monotonic()
    result = look(tmp_path, body, stopped=lambda: time.monotonic() > began + 1.0)
    assert time.monotonic() - began < 15
    assert [problem.code for problem in result.problems] == ["interrupted"]


def test_without_being_asked_it_does_not_apply(tmp_path: Path) -> None:
    plugin = tmp_path / "probe.py"
    plugin.write_text(HEAD.replace("{body}", " " * 8 + "pass"))
    registry = discover((), [str(plugin)])
    tree = Tree(part=Source(tree="dir:"), root=tmp_path, in_git=False, listed=[], content=Held({}), scope=b"")
    setting = Setting(
        registry=registry,
        policy=default_policy(),
        today="2026-01-01",
        offline=True,
        say=print,
        stopped=lambda: False,
    )
    (found,) = scan([Side(tree, {"probe": ()})], setting)
    assert [result.status for result in found.results] == ["not-applicable"]
