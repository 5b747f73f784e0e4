import subprocess
from pathlib import Path

import pytest

from devsecops.api import RawOutput, ReadyTool
from devsecops.tools import ready
from devsecops_semgrep import Semgrep
from tests.semgrep.samples import DATA, FakeContext, lay_out
from tests.semgrep.test_parse import parse

pytestmark = pytest.mark.e2e


@pytest.fixture
def tool(tools_ready: Path, monkeypatch: pytest.MonkeyPatch) -> ReadyTool:
    monkeypatch.setenv("DEVSECOPS_CACHE", str(tools_ready))
    spec = Semgrep().spec.tool
    assert spec is not None
    return ready(spec, offline=True, say=pytest.fail)


def run(context: FakeContext, out: Path) -> RawOutput:
    """Run the tool as the runner does: next to nothing around it."""
    (planned,) = Semgrep().plan(context)
    env = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": "/nonexistent"}
    done = subprocess.run(planned.argv, cwd=context.root, env=env, capture_output=True, check=False)
    assert done.returncode in planned.ok_exits, done.stderr
    out.write_bytes(done.stdout)
    return RawOutput(exit=done.returncode, path=str(out), stderr="", seconds=1.0)


def test_the_real_tool_still_says_what_the_golden_report_says(tmp_path: Path, tool: ReadyTool) -> None:
    (tmp_path / "in").mkdir()
    root = lay_out(tmp_path / "in")
    context = FakeContext(root=str(root), tool=tool)
    said = Semgrep().parse(context, [run(context, tmp_path / "out.json")])
    golden = parse(root, (DATA / "report.json").read_bytes())
    assert said == golden
