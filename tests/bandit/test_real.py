import json
import re
import subprocess
from pathlib import Path

import pytest

from devsecops.api import Canary, RawOutput, ReadyTool, ScanUnit
from devsecops.tools import ready
from devsecops_bandit import Bandit
from devsecops_bandit.rules import ids
from tests.bandit.samples import DATA, FILES, MISSING, batch, lay_out
from tests.bandit.test_parse import STDERR, parse
from tests.batch import Batch

pytestmark = pytest.mark.e2e


@pytest.fixture
def tool(tools_ready: Path, monkeypatch: pytest.MonkeyPatch) -> ReadyTool:
    monkeypatch.setenv("DEVSECOPS_CACHE", str(tools_ready))
    spec = Bandit().spec.tool
    assert spec is not None
    return ready(spec, offline=True, say=pytest.fail)


def run(context: Batch) -> RawOutput:
    (planned,) = Bandit().plan(context)
    done = subprocess.run(
        planned.argv, cwd=context.root, env={"LANG": "C.UTF-8"}, capture_output=True, text=True, check=False
    )
    assert done.returncode in planned.ok_exits, done.stderr
    assert done.stdout == ""
    path = str(Path(context.scratch) / (planned.output or ""))
    return RawOutput(exit=done.returncode, path=path, stderr=done.stderr, seconds=1.0)


def test_the_real_tool_still_says_what_the_golden_report_says(tmp_path: Path, tool: ReadyTool) -> None:
    scratch = tmp_path / "out"
    scratch.mkdir()
    (tmp_path / "in").mkdir()
    root = lay_out(tmp_path / "in")
    context = batch(root=str(root), scratch=str(scratch), tool=tool)
    said = Bandit().parse(context, [run(context)])
    golden = parse(root, (DATA / "report.json").read_bytes(), STDERR)
    assert said.findings == golden.findings
    assert said.rules == golden.rules
    here = {(row.unit.id, row.state, row.why) for row in said.cover}
    assert here == {(row.unit.id, row.state, row.why) for row in golden.cover}
    assert len(here) == len(FILES) + len([MISSING])


def test_the_canary_gives_exactly_what_it_expects(tmp_path: Path, tool: ReadyTool) -> None:
    controls = Bandit().spec.controls
    assert isinstance(controls, tuple)
    assert isinstance(controls[0], Canary)
    (tmp_path / "000001.py").write_text(controls[0].files["canary.py"])
    units = (ScanUnit(id="canary", path="000001.py"),)
    context = batch(root=str(tmp_path), scratch=str(tmp_path), units=units, tool=tool)
    report = json.loads(run(context).data)
    found = {(result["test_id"], result["line_number"]) for result in report["results"]}
    assert found == {(expect.rule, expect.line) for expect in controls[0].expects}


def test_every_rule_of_the_real_tool_has_a_help_text(tool: ReadyTool) -> None:
    code = "from bandit.core.extension_loader import MANAGER as m;print(*m.plugins_by_id, *m.blacklist_by_id)"
    done = subprocess.run((str(tool.python), "-I", "-c", code), capture_output=True, text=True, check=True)
    assert {word for word in done.stdout.split() if re.fullmatch(r"B\d{3}", word)} == ids()
