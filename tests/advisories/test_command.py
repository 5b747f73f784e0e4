"""`devsecops advisories update`: which ecosystems, and one sentence for what is wrong."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from devsecops import registry
from devsecops.cli import advisories
from devsecops.contract import Refresh
from devsecops.errors import IncompleteError, UsageError


def _args(*argv: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    advisories.arguments(parser)
    return parser.parse_args(argv)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Refresh]:
    requests: list[Refresh] = []

    def refresh(plugins: registry.Registry, scanner: str, request: Refresh) -> str:
        assert "advisories" in plugins.scanners
        assert scanner == "advisories"
        requests.append(request)
        if request.source and request.source.endswith("bad.zip"):
            raise ValueError("it is not a complete zip of OSV records")
        return "advisory index replaced"

    monkeypatch.setattr(registry, "refresh", refresh)
    return requests


def test_the_ecosystems_are_those_of_the_tree(
    asked: list[Refresh], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "node_modules/x").mkdir(parents=True)
    (tmp_path / "node_modules/x/package.json").touch()
    (tmp_path / "api").mkdir()
    (tmp_path / "api/dev-requirements.txt").touch()
    assert advisories.run(_args("update", str(tmp_path))) == 0
    (tmp_path / "package-lock.json").touch()
    assert advisories.run(_args("update", str(tmp_path))) == 0
    assert advisories.run(_args("update", "--ecosystem", "npm", str(tmp_path))) == 0
    assert [one.ecosystems for one in asked] == [("PyPI",), ("PyPI", "npm"), ("npm",)]
    assert capsys.readouterr().out.splitlines() == ["advisory index replaced"] * 3


@pytest.mark.parametrize(
    "argv",
    [("update", "/no/such/tree"), ("update", "--ecosystem", "pypy"), ("update", "--from", "/no/such.zip")],
)
def test_what_cannot_be_asked_is_a_usage_error(asked: list[Refresh], argv: tuple[str, ...]) -> None:
    with pytest.raises(UsageError):
        advisories.run(_args(*argv))
    assert asked == []


def test_a_failed_update_is_incomplete(asked: list[Refresh], tmp_path: Path) -> None:
    (tmp_path / "bad.zip").touch()
    with pytest.raises(IncompleteError, match="was not replaced: it is not a complete zip"):
        advisories.run(_args("update", "--from", str(tmp_path / "bad.zip")))
    assert asked[0].ecosystems == ()
