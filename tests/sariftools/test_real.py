"""The real tools, each in its own locked environment: alone, and through the program."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from devsecops.api import ReadyTool
from devsecops.policy import at_hand, load_policy
from devsecops.tools import ready
from devsecops_sarif import SarifTool
from tests.conftest import clean_environment
from tests.e2e.program import OTHERS_OFF, Program, write_tree
from tests.sariftools.samples import DATA, ENTRIES, FILES, WORKFLOW, Batch, lay_out, really_run

pytestmark = pytest.mark.e2e
POLICY = DATA / "tools.toml"


@pytest.fixture(scope="session")
def environments(devsecops_bin: Path, tool_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tools of the policy, built by the program itself."""
    env = clean_environment(tmp_path_factory.mktemp("home"), tool_cache)
    command: list[str | Path] = [devsecops_bin, "tools", "sync", *ENTRIES, "--policy", POLICY]
    done = subprocess.run(
        command, env=env, cwd=tmp_path_factory.mktemp("empty"), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert [line.partition(" (")[0] for line in done.stdout.splitlines()] == [
        f"{name} {entry.version}  ready" for name, entry in ENTRIES.items()
    ]
    return tool_cache


@pytest.fixture
def tools(environments: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, ReadyTool]:
    monkeypatch.setenv("DEVSECOPS_CACHE", str(environments))
    loaded = load_policy(option=str(POLICY), tree_root=tmp_path, ci=False, read_at=lambda *_: None)
    specs = [SarifTool(entry).spec.tool for entry in at_hand(loaded.policy.tool)]
    return {spec.name: ready(spec, offline=True, say=pytest.fail) for spec in specs if spec is not None}


@pytest.mark.parametrize("name", sorted(ENTRIES))
def test_the_real_tool_still_says_what_the_golden_log_says(
    name: str, tools: dict[str, ReadyTool], tmp_path: Path
) -> None:
    batch = Batch(name, root=str(tmp_path / "in"), scratch=str(tmp_path / "out"), tool=tools[name])
    (tmp_path / "out").mkdir()
    lay_out(tmp_path / "in", name)
    (run,) = SarifTool(ENTRIES[name]).plan(batch)
    said = really_run(ENTRIES[name], run.argv, batch)
    assert _sorted(json.loads(said)) == _sorted(json.loads((DATA / f"{name}.sarif").read_bytes()))


def _sorted(log: Any) -> Any:
    """zizmor looks at its files side by side: its results have no order."""
    for run in log["runs"]:
        run["results"].sort(key=lambda result: json.dumps(result, sort_keys=True))
    return log


TREE = {
    ".github/workflows/ci.yml": WORKFLOW,
    ".github/workflows/broken.yaml": "on: [\n",
    "Dockerfile": FILES["hadolint"]["000001"],
    "docker/-x.dockerfile": "FRO debian\n",
    "build/app.py": "import json\n",
    "build/a b.py": "import json\n",
    "build/broken.py": "def f(:\n",
    "pyproject.toml": '[tool.ruff]\nexclude = ["*.py"]\n',
    ".hadolint.yaml": "ignored: [DL3003]\n",
    "zizmor.yml": "rules: {template-injection: {disable: true}}\n",
}


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    """The policy of the three tools and nothing else, with its locks beside it, outside of the tree."""
    folder = tmp_path / "policy"
    shutil.copytree(DATA, folder)
    (folder / "tools.toml").write_text(OTHERS_OFF + POLICY.read_text())
    return folder / "tools.toml"


def test_three_tools_by_their_entries_alone(program: Program, environments: Path, policy: Path) -> None:
    tree = write_tree(program.folder / "tree", TREE)
    done = program.scan(tree, "--offline", "--as-of", "2026-11-24", policy=policy)
    assert done.code == 1, done
    zizmor = done.findings("zizmor")
    assert ("template-injection", ".github/workflows/ci.yml", 8) in zizmor
    assert ("unpinned-uses", ".github/workflows/ci.yml", 7) in zizmor
    assert ("DL3003", "Dockerfile", 3) in done.findings("hadolint")
    assert sorted(done.findings("ruff")) == [("F401", "build/a b.py", 1), ("F401", "build/app.py", 1)]
    assert done.rows("zizmor") == {
        ".github/workflows/ci.yml": ("scanned", ""),
        ".github/workflows/broken.yaml": ("failed", "bad-output"),
    }
    assert done.rows("hadolint") == {
        "Dockerfile": ("scanned", ""),
        "docker/-x.dockerfile": ("failed", "not-read"),
    }
    assert done.rows("ruff") == {
        "build/app.py": ("scanned", ""),
        "build/a b.py": ("scanned", ""),
        "build/broken.py": ("failed", "not-read"),
    }
    summary = {scanner["name"]: scanner for scanner in done.statement["scanners"]}
    assert {name: summary[name]["tool"]["version"] for name in ENTRIES} == {
        name: entry.version for name, entry in ENTRIES.items()
    }
    assert {name: summary[name]["tool"]["lock"] for name in ENTRIES} == {
        name: entry.lock_sha256 for name, entry in ENTRIES.items()
    }
    assert all(summary[name]["control"]["found"] for name in ENTRIES)
    again = program.scan(
        tree, "--offline", "--as-of", "2026-11-24", policy=policy, output=program.folder / "again"
    )
    assert again.verdict["digest"] == done.verdict["digest"]


def test_what_a_quality_tool_finds_is_reported_and_not_gated(
    program: Program, environments: Path, policy: Path
) -> None:
    tree = write_tree(program.folder / "tree", {"app.py": "import json\n", "broken.py": "def f(:\n"})
    needs_one = '[scanners.bandit]\nrequired = "off"\n'
    assert needs_one in policy.read_text()
    done = program.scan(tree, "--offline", policy=policy)
    assert done.code == 0, done
    assert done.findings("ruff") == [("F401", "app.py", 1)]
    assert done.statement["counts"] == {"high": {"new": 1}}
    assert [w["scanner"] for w in done.statement["warnings"]] == ["ruff"]
    policy.write_text(policy.read_text() + '[scanners.ruff]\nrequired = "yes"\n')
    assert program.scan(tree, "--offline", policy=policy).code == 3


def test_a_project_tool_sees_names_and_folders(program: Program, environments: Path, policy: Path) -> None:
    """An action is one by its name alone: as a file by itself, under another name, zizmor refuses it."""
    action = (
        "name: a\ndescription: b\ninputs: {t: {description: t}}\nruns:\n  using: composite\n  steps:\n"
        '    - run: echo "${{ inputs.t }}"\n      shell: bash\n'
    )
    tree = write_tree(program.folder / "tree", {"sub/action.yml": action})
    text = policy.read_text()
    reads = 'reads = { names = [".github/workflows/*.yml", ".github/workflows/*.yaml"] }'
    assert reads in text
    by_name = text.replace(reads, 'reads = { names = ["action.yml"] }')
    policy.write_text(by_name)
    done = program.scan(tree, "--offline", policy=policy)
    assert (done.code, done.rows("zizmor")) == (3, {"sub/action.yml": ("failed", "bad-output")}), done
    policy.write_text(
        by_name.replace('reads = { names = ["action', 'unit = "project"\nreads = { names = ["action')
    )
    done = program.scan(tree, "--offline", policy=policy)
    assert done.rows("zizmor") == {"sub/action.yml": ("scanned", "")}, done
    assert done.findings("zizmor") == [("template-injection", "sub/action.yml", 7)]


def test_a_tool_that_cannot_be_had_is_missing(program: Program, policy: Path) -> None:
    tree = write_tree(program.folder / "tree", {"Dockerfile": "FROM debian:12\n"})
    cache = {"DEVSECOPS_CACHE": str(program.folder / "empty-cache")}
    done = program.scan(tree, "--offline", policy=policy, env=cache)
    assert done.code == 3, done
    assert [(r["code"], r["scanner"]) for r in done.reasons] == [
        ("scanner-missing", "hadolint"),
        ("not-covered", "hadolint"),
    ]
