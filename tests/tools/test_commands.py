import argparse
import json
from pathlib import Path

import msgspec
import pytest

from devsecops.api import Canary, Expect, Reads, Spec, ToolSpec
from devsecops.cli import doctor, tools
from devsecops.errors import UsageError
from devsecops.registry import Registry, Rejected
from devsecops.service import Found
from tests.tools.wheels import make_lock, make_wheel, tiny

Capture = pytest.CaptureFixture[str]


def spec(name: str, tool: ToolSpec) -> Spec:
    canary = Canary(label="x", files={"a.py": ""}, expects=(Expect(rule="X", file="a.py"),))
    return Spec(name=name, kind="sast", reads=Reads(suffixes=(".py",)), tool=tool, controls=(canary,))


@pytest.fixture
def registry(wheels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry:
    """A scanner whose tool can be built, in a folder of its own."""
    registry = Registry()
    registry.scanners["small"] = spec("small", tiny(make_lock(wheels, make_wheel(wheels))))
    registry.owner["small"] = Found(name="small", target="small", distribution="small-plugin", version="3")
    monkeypatch.setattr("devsecops.registry.discover", lambda *_: registry)
    tree = tmp_path / "tree"
    tree.mkdir()
    monkeypatch.chdir(tree)
    for name in ("CI", "CODEBUILD_BUILD_ID", "DEVSECOPS_POLICY"):
        monkeypatch.delenv(name, raising=False)
    return registry


def sync(*names: str) -> int:
    return tools.run(argparse.Namespace(verb="sync", names=list(names), policy=None))


def look() -> int:
    return doctor.run(argparse.Namespace(json=True, policy=None))


def test_sync_then_doctor(registry: Registry, capsys: Capture) -> None:
    assert look() == 3
    before = json.loads(capsys.readouterr().out)
    assert before["tools"][0]["ready"] is False
    assert before["tools"][0]["remedy"] == "devsecops tools sync"
    assert sync("small") == 0
    said = capsys.readouterr()
    assert said.out.startswith("tiny 1.0  ready (CPython 3.")
    assert "building" in said.err
    assert look() == 0
    after = json.loads(capsys.readouterr().out)
    (tool,) = after["tools"]
    assert (tool["name"], tool["version"], tool["ready"], len(tool["lock"])) == ("tiny", "1.0", True, 64)
    (plugin,) = after["plugins"]
    assert (plugin["state"], plugin["scanners"], plugin["version"]) == ("loaded", ["small"], "3")
    assert doctor.run(argparse.Namespace(json=False, policy=None)) == 0


def test_a_missing_tool_and_a_rejected_plugin_are_three(
    registry: Registry, capsys: Capture, tmp_path: Path
) -> None:
    registry.scanners["gone"] = spec("gone", ToolSpec(name="gone", command=str(tmp_path / "no")))
    assert sync() == 3
    assert "gone  MISSING: the command of gone does not exist" in capsys.readouterr().out
    del registry.scanners["gone"]
    registry.rejected.append(Rejected(name="bad", distribution="bad-plugin", message="it raised\x1b[31m"))
    assert doctor.run(argparse.Namespace(json=False, policy=None)) == 3
    said = capsys.readouterr().out
    assert "bad (bad-plugin) rejected: it raised" in said
    assert "\x1b" not in said


def test_a_scanner_that_is_off_may_miss_its_tool(registry: Registry, capsys: Capture) -> None:
    Path(".devsecops").mkdir()
    Path(".devsecops/policy.toml").write_text('schema = 1\n[scanners.small]\nrequired = "off"\n')
    assert look() == 0
    assert json.loads(capsys.readouterr().out)["tools"][0]["required"] is False


def test_an_unknown_tool_is_a_usage_error(registry: Registry) -> None:
    with pytest.raises(UsageError, match="the nearest is small"):
        sync("smal")


def test_every_value_of_the_policy_has_its_origin(registry: Registry, capsys: Capture) -> None:
    Path(".devsecops").mkdir()
    Path(".devsecops/policy.toml").write_text("schema = 1\n[data]\nmax_age_days = 7\n")
    Path("devsecops.toml").write_text('fail_on = "low"\n')
    look()
    policy = json.loads(capsys.readouterr().out)["policy"]
    origins = {value["key"]: (value["value"], value["origin"]) for value in policy["values"]}
    assert origins["data.max_age_days"] == (7, ".devsecops/policy.toml")
    assert origins["gate.fail_on"] == ("low", "devsecops.toml")
    assert origins["gate.confidence"] == ("medium", "preset default")


def test_a_scanner_that_is_off_by_default_is_built_only_by_its_name(
    registry: Registry, capsys: Capture
) -> None:
    small = msgspec.structs.replace(registry.scanners["small"], default="off")
    registry.scanners["small"] = small
    assert sync() == 0
    assert capsys.readouterr().out == ""
    assert look() == 0
    seen = json.loads(capsys.readouterr().out)
    assert (seen["tools"][0]["required"], seen["tools"][0]["ready"]) == (False, False)
    (row,) = [value for value in seen["policy"]["values"] if value["key"].startswith("scanners.small")]
    assert (row["value"], row["origin"]) == ("off", "the scanner's default")
    Path(".devsecops").mkdir()
    Path(".devsecops/policy.toml").write_text('[scanners.small]\nrequired = "yes"\n')
    assert look() == 3
    assert json.loads(capsys.readouterr().out)["tools"][0]["required"] is True
    assert sync() == 0
    assert "tiny 1.0  ready" in capsys.readouterr().out
