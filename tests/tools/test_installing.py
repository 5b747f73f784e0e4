"""A scanner that installs: asked in its worker, given its environments, told of once, and ended in time."""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from devsecops.cli import doctor, tools
from devsecops.errors import UsageError
from devsecops.installing import make_ready
from devsecops.registry import Registry, discover
from devsecops.tools import ToolMissing
from tests.tools.wheels import make_lock, make_wheel

PLUGIN = """
import os, pathlib, time
from devsecops import api

class Scanner:
    spec = api.Spec(
        name="heavy", kind="sast", reads=api.Reads(suffixes=(".py",)), installs=True,
        options={"version": "1", "java": True}, controls=api.Attested(label="x"),
    )

    def install(self, request):
        place = pathlib.Path(request.folder) / request.options["version"]
        with open(LOG, "a") as log:
            log.write(f"{request.build} {sorted(request.tools)} {request.exclude} {os.getpid()}\\n")
        FAULT
        if not place.exists():
            if not request.build:
                return api.Installed(name="Heavy", version="1", ready=False, message="it is not there")
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text("there")
        needs = api.ToolSpec(name="tiny", package="tiny", lock=LOCK)
        if request.options["java"] and "tiny" not in request.tools:
            return api.Installed(name="Heavy", ready=False, message="no tiny", needs=(needs,))
        return api.Installed(name="Heavy", version="1", lock="ab" * 32, command=str(place),
                             interpreter="Tiny", notes=("It is heavy.",), state={"at": str(place)})

    def scan(self, ctx):
        raise api.ToolError(f"given {ctx.installed.state['at']}")

@api.hookimpl
def devsecops_scanners():
    return [Scanner()]
"""

Make = Callable[..., Registry]


@pytest.fixture
def heavy(wheels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Loads the plugin, with a fault in it."""
    tree = tmp_path / "tree"
    tree.mkdir()
    monkeypatch.chdir(tree)
    for name in ("CI", "CODEBUILD_BUILD_ID", "DEVSECOPS_POLICY"):
        monkeypatch.delenv(name, raising=False)
    lock = make_lock(wheels, make_wheel(wheels))

    def make(fault: str = "pass") -> Registry:
        text = PLUGIN.replace("FAULT", fault).replace("LOG", repr(str(tmp_path / "log")))
        (tmp_path / "heavy.py").write_text(text.replace("LOCK", repr(str(lock))))
        registry = discover((), [str(tmp_path / "heavy.py")])
        only = Registry()
        assert [one for one in registry.rejected if one.name == "heavy"] == []
        only.scanners["heavy"], only.owner["heavy"] = registry.scanners["heavy"], registry.owner["heavy"]
        monkeypatch.setattr("devsecops.registry.discover", lambda *_: only)
        return only

    return make


def calls(tmp_path: Path) -> list[list[str]]:
    rows = [line.split(" ") for line in (tmp_path / "log").read_text().splitlines()]
    assert all(int(row[-1]) != os.getpid() for row in rows), "it ran in the core"
    return [row[:-1] for row in rows]


def nothing(text: str) -> None:
    pass


def test_it_is_asked_built_given_its_environment_and_asked_again(heavy: Make, tmp_path: Path) -> None:
    registry = heavy()
    said: list[str] = []
    options = {"version": "7", "java": True}
    made = make_ready(registry, "heavy", options, offline=False, say=said.append, exclude=tmp_path / "tree")
    assert made.state == {"at": str(tmp_path / "cache" / "tools" / "heavy" / "7")}
    tree = str(tmp_path / "tree")
    assert calls(tmp_path) == [["False", "[]", tree], ["True", "[]", tree], ["True", "['tiny']", tree]]
    assert said[0] == "Heavy 1: it is not there; fetching it ..."
    assert "building its locked environment" in said[1]
    again = make_ready(registry, "heavy", options, offline=True, say=said.append)
    assert again == made
    assert calls(tmp_path)[3:] == [["False", "[]", "None"], ["False", "['tiny']", "None"]]


def test_offline_builds_nothing(heavy: Make, tmp_path: Path) -> None:
    registry = heavy()
    with pytest.raises(ToolMissing, match="it is not there; devsecops tools sync heavy"):
        make_ready(registry, "heavy", {"version": "7", "java": True}, offline=True, say=nothing)
    assert not (tmp_path / "cache" / "tools" / "heavy").exists()
    make_ready(registry, "heavy", {"version": "7", "java": False}, offline=False, say=nothing)
    with pytest.raises(ToolMissing, match="tiny has no environment"):
        make_ready(registry, "heavy", {"version": "7", "java": True}, offline=True, say=nothing)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("raise api.ToolError('the shop is closed')", "the shop is closed"),
        ("os._exit(0)", "ended before it answered"),
        ("return 7", r"install\(\) gave int"),
        ("return api.Installed(name='Heavy', ready=False, message='no', remedy='buy one')", "no; buy one"),
        ("return api.Installed(name='Heavy', ready=False, message='still not')", "still not"),
        ("return api.Installed(name='Heavy', ready=False, message='x', needs=("
         "api.ToolSpec(name='tiny', package='tiny', lock=LOCK),))", "ever more environments"),
    ],
)  # fmt: skip
def test_what_goes_wrong_is_missing_with_its_reason(heavy: Make, fault: str, said: str) -> None:
    with pytest.raises(ToolMissing, match=said):
        make_ready(heavy(fault), "heavy", {"version": "7", "java": True}, offline=False, say=nothing)


def test_it_ends_when_the_run_does_and_by_its_deadline(heavy: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    registry = heavy("time.sleep(60)")
    began = time.monotonic()
    with pytest.raises(ToolMissing, match="the run was interrupted"):
        make_ready(registry, "heavy", {"version": "7"}, offline=False, say=nothing, stopped=lambda: True)
    monkeypatch.setattr("devsecops.installing.LOOK_S", 0.2)
    with pytest.raises(ToolMissing, match="no answer within"):
        make_ready(registry, "heavy", {"version": "7"}, offline=False, say=nothing)
    assert time.monotonic() - began < 10


def test_sync_and_doctor(heavy: Make, capsys: pytest.CaptureFixture[str]) -> None:
    heavy()
    assert doctor.run(argparse.Namespace(json=True, policy=None)) == 3
    (row,) = json.loads(capsys.readouterr().out)["tools"]
    assert (row["ready"], row["message"], row["remedy"]) == (
        False,
        "it is not there",
        "devsecops tools sync heavy",
    )
    assert tools.run(argparse.Namespace(verb="sync", names=["heavy"], policy=None)) == 0
    assert capsys.readouterr().out == "Heavy 1  ready (Tiny, lock abababababab)\n"
    assert doctor.run(argparse.Namespace(json=False, policy=None)) == 0
    assert "  heavy: Heavy 1 ready (Tiny, lock abababababab)\n    It is heavy.\n" in capsys.readouterr().out
    with pytest.raises(UsageError, match="the nearest is heavy"):
        tools.run(argparse.Namespace(verb="sync", names=["havy"], policy=None))


def test_sync_tells_what_is_missing(heavy: Make, capsys: pytest.CaptureFixture[str]) -> None:
    heavy("raise api.ToolError('the shop is closed')")
    assert tools.run(argparse.Namespace(verb="sync", names=[], policy=None)) == 3
    assert "heavy  MISSING: the shop is closed; correct what is named" in capsys.readouterr().out


def test_a_scan_is_given_what_was_installed(
    heavy: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from devsecops.testing import scan

    heavy()
    result = scan(tmp_path / "heavy.py", {"a.py": "x = 1\n"})
    at = str(tmp_path / "cache" / "tools" / "heavy" / "1")
    assert result.status == "failed"
    assert [one.message for one in result.problems] == [f"given {at}"]


def test_a_scanner_that_says_so_and_does_not_is_rejected(tmp_path: Path) -> None:
    text = PLUGIN.replace("def install", "def instal").replace("LOG", "''").replace("LOCK", "''")
    (tmp_path / "heavy.py").write_text(text.replace("FAULT", "pass"))
    (rejected,) = discover((), [str(tmp_path / "heavy.py")]).rejected
    assert rejected.message == "scanner heavy has no install()"
