"""A plugin that cannot take part is named with the reason, and harms no other."""

from pathlib import Path

import pytest

from devsecops.registry import discover

GOOD = """
from devsecops.api import Canary, Expect, Parsed, Reads, Spec, hookimpl
class S:
    spec = Spec(name="good", kind="quality", reads=Reads(suffixes=(".txt",)), controls=())
    def scan(self, ctx):
        return Parsed()
@hookimpl
def devsecops_scanners():
    return [S()]
"""
FAULTS = {
    "import": ("import no_such_module", "ModuleNotFoundError"),
    "exit": ("import os; os._exit(0)", "ended before it answered"),
    "misspelt": ("def devsecops_scaners(): return []", "did you mean devsecops_scanners?"),
    "unmarked": ("def devsecops_scanners(): return []", "@hookimpl"),
    "raises": (
        "from devsecops.api import hookimpl\n@hookimpl\ndef devsecops_scanners(): 1/0",
        "ZeroDivision",
    ),
    "types": (
        "from devsecops.api import hookimpl\n@hookimpl\ndef devsecops_scanners(): return [1]",
        "no spec",
    ),
    "contract": (GOOD.replace('name="good",', 'name="later", contract=99,'), "contract 99"),
    "both": (
        GOOD.replace('"good"', '"b"').replace("    def scan", "    plan = parse = print\n    def scan"),
        "either",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_broken_plugin_is_rejected_with_its_reason_and_harms_no_other(tmp_path: Path, fault: str) -> None:
    text, words = FAULTS[fault]
    (tmp_path / "broken.py").write_text(text)
    (tmp_path / "fine.py").write_text(GOOD)
    registry = discover(files=[str(tmp_path / "broken.py"), str(tmp_path / "fine.py")])
    assert "good" in registry.scanners
    (rejected,) = [r for r in registry.rejected if r.name == "broken"]
    assert words in rejected.message


def test_a_second_scanner_of_the_same_name_is_rejected(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.py").write_text(GOOD)
    registry = discover(files=[str(tmp_path / "one.py"), str(tmp_path / "two.py")])
    assert [r.message for r in registry.rejected] == ["scanner good exists already, from one"]
