"""How tests run the program as a user does: its own process, a clean environment, one cache of tools."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Protocol

import hypothesis
import pytest
import uv

from devsecops.policy.load import in_ci

ROOT = Path(__file__).parents[1]
DEADLINE_S = 300
# How long one example takes says something of the machine, nothing of the code.
hypothesis.settings.register_profile("any machine", deadline=None)
hypothesis.settings.load_profile("any machine")
_DROPPED = ("CI", "HOME", "VIRTUAL_ENV", "NO_COLOR", "TMPDIR")
_DROPPED_PREFIXES = ("CODEBUILD_", "DEVSECOPS_", "GIT_", "PYTHON", "PYTEST_", "XDG_", "COV_")

Ran = subprocess.CompletedProcess[str]


class RunDevsecops(Protocol):
    """Runs the program: its words, where, and what the environment has more than a clean one."""

    def __call__(
        self, *args: str | Path, cwd: Path | None = None, env: Mapping[str, str] | None = None
    ) -> Ran: ...


def clean_environment(home: Path, cache: Path) -> dict[str, str]:
    """Return this machine's environment without what a build, a shell or a test put into it."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in _DROPPED and not name.startswith(_DROPPED_PREFIXES)
    }
    return kept | {
        "HOME": str(home),
        "XDG_STATE_HOME": str(home / "state"),
        "XDG_CONFIG_HOME": str(home / "config"),
        "DEVSECOPS_CACHE": str(cache),
        # The interpreters that are found do not depend on the home.
        "PYENV_ROOT": os.environ.get("PYENV_ROOT", str(Path.home() / ".pyenv")),
        "UV_PYTHON_DOWNLOADS": "never",
        "LC_ALL": "C.UTF-8",
    }


@pytest.fixture(scope="session")
def devsecops_bin() -> Path:
    """The program under test: $DEVSECOPS_BIN (the installed wheel), or the one beside this Python."""
    named = os.environ.get("DEVSECOPS_BIN")
    path = Path(named) if named else Path(sys.executable).parent / "devsecops"
    assert path.is_file(), f"{path} is not there; run uv sync, or set DEVSECOPS_BIN"
    return path.absolute()


@pytest.fixture(scope="session")
def tool_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The one cache of tool environments, shared by the session's processes; filled on first use."""
    named = os.environ.get("DEVSECOPS_TEST_CACHE")
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    cache = Path(named) if named else shared / "tool-cache"
    cache.mkdir(parents=True, exist_ok=True)
    return cache.absolute()


@pytest.fixture
def clean_env(tmp_path_factory: pytest.TempPathFactory, tool_cache: Path) -> dict[str, str]:
    """A clean environment with a home of its own."""
    return clean_environment(tmp_path_factory.mktemp("home"), tool_cache)


@pytest.fixture
def run_devsecops(devsecops_bin: Path, clean_env: dict[str, str], tmp_path: Path) -> RunDevsecops:
    """Runs the program in a clean environment, without input; stdout and stderr come back as text."""

    def run(*args: str | Path, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> Ran:
        return subprocess.run(
            [devsecops_bin, *args],
            cwd=cwd or tmp_path,
            env=clean_env | dict(env or {}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            timeout=DEADLINE_S,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def tools_ready(devsecops_bin: Path, tool_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tool cache, filled: a scan with --offline finds every tool there."""
    env = clean_environment(tmp_path_factory.mktemp("home"), tool_cache)
    done = subprocess.run(
        [devsecops_bin, "tools", "sync"],
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=DEADLINE_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return tool_cache


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel under test: $DEVSECOPS_TEST_WHEEL, or one that is built from the work tree."""
    named = os.environ.get("DEVSECOPS_TEST_WHEEL")
    if named:
        return Path(named)
    out = tmp_path_factory.mktemp("dist")
    command = [uv.find_uv_bin(), "build", "--quiet", "--wheel", "--out-dir", str(out), str(ROOT)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return next(out.glob("*.whl"))


def _not_skipped(report: pytest.TestReport | pytest.CollectReport) -> None:
    """In CI a test that was skipped is one that proved nothing: it fails."""
    if report.skipped and not hasattr(report, "wasxfail") and in_ci():
        why = report.longrepr[-1] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {why}"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _not_skipped(report)
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _not_skipped(report)
    return report
