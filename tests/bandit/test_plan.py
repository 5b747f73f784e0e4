import ast
from pathlib import Path

import pytest

from devsecops.api import Canary, ScanUnit, ToolError
from devsecops_bandit import Bandit
from tests.bandit.samples import batch


def test_only_the_files_of_the_batch_and_nothing_of_the_trees_choice() -> None:
    units = (ScanUnit(id="-r", path="000001.py"), ScanUnit(id="my.github.io/a.py", path="000002.py"))
    (run,) = Bandit().plan(batch(root="/in", units=units))
    argv = list(run.argv)
    assert argv[0] == "/e/bin/python"
    assert argv[1] == "-I"
    assert Path(argv[4]).name == "launch.py"
    assert argv[argv.index("--") + 1 :] == ["000001.py", "000002.py"]
    assert argv[argv.index("-x") + 1] == ""
    assert "--ignore-nosec" in argv
    assert not {"-r", "--ini", "-c", "--exit-zero"} & set(argv)
    assert run.ok_exits == (0, 1)


def test_no_plan_without_a_tool() -> None:
    with pytest.raises(ToolError):
        Bandit().plan(batch(root="/in", tool=None))


def test_the_canary_is_valid_and_expects_every_kind_of_rule() -> None:
    controls = Bandit().spec.controls
    assert isinstance(controls, tuple)
    (canary,) = controls
    assert isinstance(canary, Canary)
    ast.parse(canary.files["canary.py"])
    assert {expect.rule[:2] for expect in canary.expects} == {"B1", "B3", "B4", "B5", "B6"}


def test_it_imports_nothing_of_the_core_but_the_api() -> None:
    import devsecops_bandit

    for file in Path(devsecops_bandit.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                assert not name.startswith("devsecops.") or name == "devsecops.api", f"{file.name}: {name}"
