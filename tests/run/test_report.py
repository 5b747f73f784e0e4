import argparse
from pathlib import Path

import pytest

from devsecops.cli import report
from devsecops.errors import UsageError
from devsecops.model import Problem, Report
from devsecops.output import OutputLost
from devsecops.registry import Registry
from devsecops.service import Format
from tests.run.runs import found, make, save


@pytest.fixture(autouse=True)
def _formats(monkeypatch: pytest.MonkeyPatch) -> None:
    def discover(_: object) -> Registry:
        registry = Registry()
        for name in ("text", "broken"):
            registry.reporters[name] = Format(name=name, media_type="text/plain", suffix=".txt")
        return registry

    def render(_: Registry, names: list[str], about: Report) -> dict[str, bytes | Problem]:
        broken = Problem(code="plugin-rejected", message="it raised")
        text = about.verdict.statement.cause.encode()
        return {name: broken if name == "broken" else text for name in names}

    monkeypatch.setattr("devsecops.registry.discover", discover)
    monkeypatch.setattr("devsecops.registry.render", render)


def run(path: Path, *wanted: str) -> int:
    asked = {"run": str(path), "report": list(wanted), "verbose": False}
    return report.run(argparse.Namespace(**asked, against=None, policy=None, output=None, repo="."))


def test_it_ends_with_the_verdicts_code(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert run(save(tmp_path / "pass", make())) == 0
    assert capsysbinary.readouterr().out.startswith(b"PASS")
    assert run(save(tmp_path / "fail", make(found())), f"text={tmp_path / 'a.txt'}") == 1
    assert (tmp_path / "a.txt").read_bytes().startswith(b"FAIL")
    assert run(save(tmp_path / "open", make(results=()))) == 3


def test_a_format_that_cannot_be_written_is_lost_output(tmp_path: Path) -> None:
    with pytest.raises(OutputLost, match="broken could not be written: it raised"):
        run(save(tmp_path / "out", make()), "broken")


@pytest.mark.parametrize("wanted", [("txt",), ("text", "text=-"), ("text=/none/a.txt",)])
def test_bad_wishes_are_usage_errors(tmp_path: Path, wanted: tuple[str, ...]) -> None:
    with pytest.raises(UsageError):
        run(save(tmp_path / "out", make()), *wanted)
