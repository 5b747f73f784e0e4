"""Old data is refreshed in a shell, once an hour, and whatever happens the scan goes on."""

from pathlib import Path

import pytest

from devsecops.engine.task import Finished, oldest_data
from devsecops.freshness import freshen
from devsecops.model import Data
from devsecops.registry import data_of, discover

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


def test_the_oldest_data_of_all_batches_is_what_was_judged_by() -> None:
    old, new = Data(digest="b", date="2026-01-10"), Data(digest="a", date="2026-02-10")
    assert oldest_data([Finished(data=new), Finished(), Finished(data=old)]) == old
    assert oldest_data([Finished()]) is None


def test_a_scanner_with_a_tool_says_what_data_it_judges_by_and_who_refreshes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEVSECOPS_CACHE", str(tmp_path / "cache"))
    registry = discover()
    assert data_of(registry, "safety") == data_of(registry, "advisories")
    said: list[str] = []
    freshen(registry, ["safety"], max_age_days=30, today="2026-11-24", say=said.append)
    assert "devsecops advisories update" in said[-1]
