"""A scanner that is off by default runs when it is asked for, and otherwise leaves no trace."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import RunDevsecops
from tests.e2e.program import Program, write_plugin, write_policy

pytestmark = pytest.mark.e2e


@pytest.fixture
def plugins(tmp_path: Path) -> list[Path]:
    """Two honest scanners; the one named fake is off by default."""
    made = [write_plugin(tmp_path / "plugins", name, style="scan") for name in ("fake", "second")]
    text = made[0].read_text()
    assert text.count("spec = Spec(") == 1
    made[0].write_text(text.replace("spec = Spec(", 'spec = Spec(default="off", '))
    return made


@pytest.mark.parametrize(
    ("table", "runs"),
    [("", False), ('required = "yes"', True), ('required = "auto"', True), ("deadline_s = 9", True),
     ('required = "off"', False)],
)  # fmt: skip
def test_its_table_in_the_policy_switches_it_on(
    table: str, runs: bool, program: Program, plugins: list[Path], tree: Path, tmp_path: Path
) -> None:
    policy = write_policy(tmp_path, plugins[1:])
    text = policy.read_text().replace(str(plugins[1]), f'{plugins[0]}", "{plugins[1]}')
    policy.write_text(text + (f"[scanners.fake]\n{table}\n" if table else ""))
    done = program.scan(tree, policy=policy)
    assert done.code == 0, done
    names = [summary["name"] for summary in done.statement["scanners"]]
    assert names == (["fake", "second"] if runs else ["second"])
    assert done.statement["left_out"] == []
    assert bool(done.rows("fake")) == runs


def test_what_the_repository_also_requires_runs(
    program: Program, plugins: list[Path], tree: Path, tmp_path: Path
) -> None:
    policy = write_policy(tmp_path, plugins[1:])
    policy.write_text(policy.read_text().replace(str(plugins[1]), f'{plugins[0]}", "{plugins[1]}'))
    (tree / "devsecops.toml").write_text('also_require = ["fake"]\n')
    done = program.scan(tree, policy=policy)
    assert {s["name"]: s["required"] for s in done.statement["scanners"]} == {"fake": True, "second": True}


def test_in_a_shell_without_a_policy_only_names_it(run_devsecops: RunDevsecops, tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "requirements.txt").write_text("devsecops-nothing==1\n")
    args = ("scan", tmp_path / "tree", "--output", tmp_path / "out", "--offline", "--only")
    found = {}
    for name in ("advisories", "safety"):
        run_devsecops(*args, name)
        statement = json.loads((tmp_path / "out" / "verdict.json").read_bytes())["statement"]
        found[name] = [one["name"] for one in statement["scanners"]]
        assert "safety" not in statement["left_out"]
    assert found == {"advisories": ["advisories"], "safety": ["safety"]}


def test_it_is_shown_as_off(run_devsecops: RunDevsecops, tmp_path: Path) -> None:
    lines = run_devsecops("plugin", "list").stdout.splitlines()
    (line,) = [line for line in lines if line.startswith("scanner  safety ")]
    assert line.endswith('off by default: [scanners.safety] required = "yes"')
    said = run_devsecops("doctor", cwd=tmp_path).stdout
    assert any("  safety: safety " in row and "(switched off)" in row for row in said.splitlines())
    assert 'scanners.safety.required = "off"  (the scanner\'s default)' in said
