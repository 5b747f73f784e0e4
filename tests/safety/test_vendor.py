"""The vendor's own command: what would be started, with a fake in its place. It was never tried for real."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from devsecops.api import Package, ReadyTool, ToolError
from devsecops.model import Finding
from devsecops_safety.scanner import Safety
from tests.conftest import RunDevsecops
from tests.safety.samples import TODAY, lay_out, run, tool_of

KEY = "q7Zr-0Kd81-xVb2-never-shown"
FAKE = Path(__file__).with_name("fake_safety.py")
BY_VENDOR: dict[str, Any] = {"api_key": "env:MY_KEY", "network": True}


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ReadyTool:
    monkeypatch.setenv("MY_KEY", KEY)
    return tool_of(str(write_fake(tmp_path / "fake")))


def write_fake(folder: Path) -> Path:
    folder.mkdir(parents=True)
    python = folder / "python"
    python.write_text(f"#!{sys.executable} -I\n{FAKE.read_text()}")
    python.chmod(0o755)
    return folder


def place(found: Finding) -> tuple[str, str, int]:
    location = found.location
    assert isinstance(location, Package)
    assert location.at.region is not None
    return found.rule.id, location.at.path, location.at.region.start_line


def test_the_command_and_its_environment(tmp_path: Path, fake: ReadyTool) -> None:
    context = lay_out(tmp_path / "batch", fake, **BY_VENDOR)
    (planned,) = plan = Safety().plan(context)
    assert planned.argv == (
        fake.python, "-I", "-m", "safety", "--disable-optional-telemetry", "check",
        "--file", f"{context.scratch}/pins.txt", "--save-json", f"{context.scratch}/safety.json",
        "--disable-audit-and-monitor", "--no-prompt",
    )  # fmt: skip
    assert planned.ok_exits == (0, 64)
    assert (planned.env, planned.secrets) == ({}, {"SAFETY_API_KEY": KEY})
    # Never both: with a key safety ignores a local database, so there is none.
    assert [path.name for path in Path(context.scratch).iterdir()] == ["pins.txt"]
    assert "jinja2==2.10\n" in (Path(context.scratch) / "pins.txt").read_text()
    run(context, plan)
    seen = json.loads((Path(str(fake.python)).parent / "seen.json").read_bytes())
    assert KEY not in " ".join(seen["argv"])
    assert {name for name, value in seen["env"].items() if KEY in value} == {"SAFETY_API_KEY"}


def test_what_the_vendor_finds_stands_at_the_pin_and_is_rated_by_our_data(
    tmp_path: Path, fake: ReadyTool
) -> None:
    context = lay_out(tmp_path / "batch", fake, **BY_VENDOR)
    said = Safety().parse(context, [run(context, Safety().plan(context))])
    assert sorted(map(place, said.findings)) == [
        ("66055", "000003.txt", 2),
        ("PYSEC-2019-217", "000003.txt", 3),
        ("PYSEC-2024-28", "000003.txt", 2),
    ]
    found = {one.rule.id: one for one in said.findings}
    assert found["66055"].severity == "unknown"
    assert (found["66055"].evidence["aliases"], found["66055"].evidence["fixed"]) == ("", "3.2.30, 4.0")
    assert found["66055"].remedy == "upgrade django to 3.2.30 or later"
    assert found["PYSEC-2024-28"].evidence["aliases"] == "CVE-2024-24680, SFTY-20240101-00001"
    assert {rule.id: bool(rule.help_uri) for rule in said.rules} == {
        "66055": False, "PYSEC-2019-217": True, "PYSEC-2024-28": True,
    }  # fmt: skip
    assert said.data is None
    assert said.notes == ("judged by the vendor's own database",)


def test_a_report_of_another_database_is_refused(tmp_path: Path, fake: ReadyTool) -> None:
    (Path(str(fake.python)).parent / "mode").write_text("ours")
    context = lay_out(tmp_path / "batch", fake, **BY_VENDOR)
    raw = run(context, Safety().plan(context))
    with pytest.raises(ToolError, match="database"):
        Safety().parse(context, [raw])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"api_key": "env:MY_KEY", "network": False}, "network = true is missing"),
        ({"api_key": "", "network": True}, 'api_key = "env:NAME" is missing'),
        ({"api_key": KEY, "network": True}, "must be a reference"),
        ({"api_key": "env:", "network": True}, "must be a reference"),
        ({"api_key": "env:NOT_SET", "network": True}, "NOT_SET, which is not set"),
    ],
)
def test_half_a_wish_is_refused_and_the_key_is_not_told(
    options: dict[str, Any], words: str, tmp_path: Path, fake: ReadyTool
) -> None:
    with pytest.raises(ToolError, match=words) as caught:
        Safety().plan(lay_out(tmp_path / "batch", fake, **options))
    assert KEY not in str(caught.value)


# --- through the program -----------------------------------------------------------------------------


@pytest.fixture
def instead(run_devsecops: RunDevsecops, tool_cache: Path, tmp_path: Path) -> Path:
    """A cache in which safety's environment is the fake; return the fake's folder."""
    assert run_devsecops("tools", "sync", "safety").returncode == 0
    (real,) = (tool_cache / "tools" / "safety").glob("*/devsecops.json")
    (metadata,) = real.parent.glob("lib/*/site-packages/safety-3.8.1.dist-info/METADATA")
    copy = tmp_path / "cache" / real.parent.relative_to(tool_cache)
    for file in (real, metadata):
        target = copy / file.relative_to(real.parent)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.read_bytes())
    return write_fake(copy / "bin")


@pytest.mark.e2e
@pytest.mark.parametrize("mode", ["", "silent", "leak"])
def test_the_program_by_the_vendor(
    mode: str, run_devsecops: RunDevsecops, instead: Path, tmp_path: Path
) -> None:
    (instead / "mode").write_text(mode)
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "requirements.txt").write_text("django==3.2.23\n")
    others = "".join(f'[scanners.{n}]\nrequired = "off"\n' for n in ("bandit", "advisories", "semgrep"))
    wish = '[scanners.safety]\nrequired = "yes"\napi_key = "env:MY_KEY"\nnetwork = true\n'
    (tmp_path / "policy.toml").write_text(others + wish)
    args = ("scan", tmp_path / "tree", "--policy", tmp_path / "policy.toml", "--output", tmp_path / "out")
    env = {"DEVSECOPS_CACHE": str(tmp_path / "cache"), "MY_KEY": KEY}
    done = run_devsecops(
        *args, "--as-of", TODAY, "--report", "sarif=" + str(tmp_path / "copy.sarif"), env=env
    )
    statement = json.loads((tmp_path / "out" / "verdict.json").read_bytes())["statement"]
    (summary,) = statement["scanners"]
    if mode:
        assert done.returncode == 3, done.stdout
        code = "self-test-failed" if mode == "silent" else "scanner-failed"
        assert code in {reason["code"] for reason in statement["reasons"]}
    else:
        # Data of the vendor has no date that could be too old.
        assert done.returncode == 1, done.stdout
        assert summary["control"]["found"] is True
        assert (summary["findings"], summary["tool"]["data"]) == (2, None)
    if mode == "leak":
        assert "invalid key ***" in done.stdout
    left = [done.stdout.encode(), done.stderr.encode(), (tmp_path / "copy.sarif").read_bytes()]
    left += [path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert len(left) > 6
    assert not [text for text in left if KEY.encode() in text]
