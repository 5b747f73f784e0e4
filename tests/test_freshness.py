"""Old data is refreshed in a shell, once an hour, and whatever happens the scan goes on."""

from pathlib import Path

import pytest

from devsecops.freshness import freshen
from devsecops.registry import discover

PLUGIN = """
from pathlib import Path
from devsecops.api import Data, Parsed, Reads, Spec, ToolError, hookimpl
class Aged:
    spec = Spec(name="aged", kind="sca", reads=Reads(), controls=(), data=True)
    def scan(self, ctx): return Parsed()
    def data(self): return Data(digest="x", date="2026-01-10")
    def refresh(self, request):
        with Path(__file__).with_name("tries").open("a") as file:
            file.write("x")
        raise ToolError("there is no network")
@hookimpl
def devsecops_scanners(): return [Aged()]
"""


def test_a_failed_refresh_is_told_and_not_tried_again_within_the_hour(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEVSECOPS_CACHE", str(tmp_path / "cache"))
    (tmp_path / "aged.py").write_text(PLUGIN)
    registry = discover(files=[str(tmp_path / "aged.py")])
    said: list[str] = []
    for today in ("2026-01-20", "2026-03-01", "2026-03-01"):
        freshen(registry, ["aged"], max_age_days=30, today=today, say=said.append)
    assert (tmp_path / "tries").read_text() == "x"
    assert any("there is no network" in text for text in said)
