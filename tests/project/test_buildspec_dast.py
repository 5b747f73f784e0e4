"""buildspecs/staging-dast.yml in a real bash: with every exit code, and what it asks the program."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.project.codebuild import build, read
from tests.project.conftest import ENDINGS, StubBuild, agrees

ROOT = Path(__file__).parents[2]
SPEC = ROOT / "buildspecs" / "staging-dast.yml"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
PROJECT = {
    "DEVSECOPS_POLICY": "/etc/policy.toml",
    "DAST_TARGET": "shop",
    "CODEBUILD_RESOLVED_SOURCE_VERSION": COMMIT,
}


@pytest.mark.parametrize(("code", "verdict", "ends", "exported"), ENDINGS)
def test_the_code_of_the_program_is_the_verdict_of_the_build(
    stub: StubBuild, code: int, verdict: str | None, ends: int, exported: str
) -> None:
    done = stub(SPEC, code, verdict, **PROJECT)
    agrees(done, code, verdict, ends, exported)
    assert done.exported["CAUSE"] == done.out.splitlines()[-1]


def test_the_deployed_commit_of_the_target_is_waited_for_and_judged(stub: StubBuild, tmp_path: Path) -> None:
    assert stub(SPEC, 0, "pass", **PROJECT).succeeded
    sync, scan = (tmp_path / "home" / "called").read_text().splitlines()
    assert sync == " tools sync zap --policy /etc/policy.toml"
    assert scan == (
        f"true scan --target shop --policy /etc/policy.toml --wait 10m --expect-version {COMMIT} "
        "--output devsecops-out --report junit"
    )


def test_what_the_project_sets_wins(stub: StubBuild, tmp_path: Path) -> None:
    more = PROJECT | {"EXPECT_VERSION": "v1.2", "DAST_WAIT": "2m", "DAST_BUDGET": "20m"}
    assert stub(SPEC, 0, "pass", **more).succeeded
    scan = (tmp_path / "home" / "called").read_text().splitlines()[-1]
    assert " --wait 2m --expect-version v1.2 --budget 20m --output " in scan


def test_a_build_that_ends_early_exports_no_pass(tmp_path: Path, clean_env: dict[str, str]) -> None:
    source, home = tmp_path / "source", tmp_path / "home"
    (source / "devsecops-out").mkdir(parents=True)
    wheel = tmp_path / "devsecops-1-py3-none-any.whl"
    wheel.write_bytes(b"not what was pinned")
    project = {"DEVSECOPS_HOME": str(home), "DEVSECOPS_WHEEL": str(wheel), "DEVSECOPS_SHA256": "0" * 64}
    done = build(read(SPEC), source, tmp_path / "state", clean_env | project)
    assert list(done.phases) == ["install"]
    assert not done.succeeded
    assert done.exported["VERDICT"] == "incomplete"
    assert done.exported["COUNTS"] == "none"
    assert not (home / "bin").exists()
    assert not (source / "devsecops-out").exists(), "it would be uploaded"


def test_both_buildspecs_install_in_the_same_way() -> None:
    """What is said and tested of one of them holds for the other: only the pins of the extra differ."""

    def commands(name: str) -> list[str]:
        found: list[str] = read(ROOT / "buildspecs" / name)["phases"]["install"]["commands"]
        return [one.replace("requirements-zap.txt", "requirements.txt") for one in found]

    assert commands("staging-dast.yml") == commands("pr-scan.yml")


@pytest.mark.e2e
def test_what_it_installs_can_scan_a_service(tmp_path: Path, wheel: Path, clean_env: dict[str, str]) -> None:
    """The pins in the wheel hold all that the scanner needs; without a ZAP the verdict is no pass."""
    source, home = tmp_path / "source", tmp_path / "home"
    source.mkdir()
    policy = tmp_path / "policy.toml"
    policy.write_text(
        '[dast.targets.shop]\nurl = "http://127.0.0.1:9"\nversion = {header = "X-Version"}\n'
        '[dast.zap]\nsource = "installed"\npath = "/nonexistent/zap"\n'
    )
    project = {
        "DEVSECOPS_HOME": str(home), "DEVSECOPS_WHEEL": str(wheel), "DAST_TARGET": "shop",
        "DEVSECOPS_SHA256": hashlib.sha256(wheel.read_bytes()).hexdigest(), "DAST_WAIT": "1s",
        "DEVSECOPS_POLICY": str(policy), "CODEBUILD_RESOLVED_SOURCE_VERSION": COMMIT,
    }  # fmt: skip
    done = build(read(SPEC), source, tmp_path / "state", clean_env | project)
    assert done.phases["install"] == 0, done.out
    assert done.phases["build"] in (2, 3), done.out
    assert done.exported["VERDICT"] == "incomplete"
    assert "more packages" not in done.out
    assert "zap" in done.out
    with zipfile.ZipFile(wheel) as held:
        assert "devsecops/data/requirements-zap.txt" in held.namelist()


def test_it_exports_what_a_manual_approval_shows() -> None:
    spec: dict[str, Any] = read(SPEC)
    assert spec["env"]["exported-variables"] == ["VERDICT", "COUNTS", "CAUSE"]
    assert spec["env"]["variables"]["VERDICT"] == "incomplete"
