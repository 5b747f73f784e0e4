import json
import subprocess
from pathlib import Path

import pytest

from benchmarks import corpora
from devsecops.api import RawOutput, ReadyTool
from devsecops.tools import ready
from devsecops_semgrep import Semgrep
from devsecops_semgrep.pack import RULES
from devsecops_semgrep.prefilter import FORMULAS, can_match
from devsecops_semgrep.runs import language
from scripts import prefilters
from tests.batch import Batch
from tests.semgrep.samples import DATA, batch, lay_out
from tests.semgrep.test_parse import parse

pytestmark = pytest.mark.e2e
SUFFIXES = (".py", ".js", ".ts", ".tsx", ".dockerfile")
TARGETS = Path(__file__).with_name("rules")


@pytest.fixture
def corpus_cache(tool_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEVSECOPS_CACHE", str(tool_cache))


@pytest.fixture
def tool(tools_ready: Path, monkeypatch: pytest.MonkeyPatch) -> ReadyTool:
    monkeypatch.setenv("DEVSECOPS_CACHE", str(tools_ready))
    spec = Semgrep().spec.tool
    assert spec is not None
    return ready(spec, offline=True, say=pytest.fail)


def run(context: Batch, out: Path) -> RawOutput:
    """Run the tool as the runner does: next to nothing around it."""
    (planned,) = Semgrep().plan(context)
    env = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": "/nonexistent"}
    done = subprocess.run(planned.argv, cwd=context.root, env=env, capture_output=True, check=False)
    assert done.returncode in planned.ok_exits, done.stderr
    out.write_bytes(done.stdout)
    return RawOutput(exit=done.returncode, path=str(out), stderr="", seconds=1.0)


def test_the_real_tool_still_says_what_the_golden_report_says(tmp_path: Path, tool: ReadyTool) -> None:
    for name in ("in", "out"):
        (tmp_path / name).mkdir()
    root = lay_out(tmp_path / "in")
    context = batch(root=str(root), scratch=str(tmp_path / "out"), tool=tool)
    said = Semgrep().parse(context, [run(context, tmp_path / "out.json")])
    assert said == parse(root, (DATA / "report.json").read_bytes())


def test_the_formulas_are_those_of_the_locked_semgrep(tool: ReadyTool) -> None:
    assert prefilters.formulas(tool) == FORMULAS.read_bytes()


@pytest.mark.usefixtures("corpus_cache")
@pytest.mark.parametrize("name", ["flask", "requests", "targets"])
def test_no_finding_is_lost_by_choosing_the_rules(name: str, tmp_path: Path, tool: ReadyTool) -> None:
    """What semgrep finds with the whole pack in a file, it finds with the rules that are chosen for it."""
    tree = TARGETS if name == "targets" else corpora.tree(name)
    files = [
        path
        for path in sorted(tree.rglob("*"))
        if path.suffix in (".py", ".js", ".ts", ".tsx", ".dockerfile")
    ]
    assert tool.python is not None
    words = (
        tool.python, "-I", *tool.script("semgrep"), "scan", "--experimental", "--metrics=off",
        "--disable-version-check", "--json", "--quiet", "--disable-nosem", "--no-git-ignore",
        "--max-target-bytes", "0", "--config", str(RULES), "--", *map(str, files),
    )  # fmt: skip
    env = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": "/nonexistent"}
    done = subprocess.run(words, cwd=tmp_path, env=env, capture_output=True, check=True)
    found = {(r["path"], r["check_id"].rpartition(".")[2]) for r in json.loads(done.stdout)["results"]}
    assert len(found) > (150 if name == "targets" else -1)
    chosen = {str(file): can_match(file.read_bytes(), language(file.name)) for file in files}
    assert [pair for pair in sorted(found) if pair[1] not in chosen[pair[0]]] == []
