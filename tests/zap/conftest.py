"""One daemon of each version for each process of the session, with the tests' rules in it; the program."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from devsecops_zap.adapter import Adapter
from devsecops_zap.daemon import Daemon
from devsecops_zap.sources.zap import Zap
from tests.e2e.program import Program
from tests.zap import making
from tests.zap.flawed import Service
from tests.zap.starting import Starter

REPEAT = int(os.environ.get("DEVSECOPS_TEST_REPEAT") or 0)
"""So often each test here runs, and all of what else is drawn by chance; 0, as in CI: one pass of it."""
SEED = int(os.environ.get("DEVSECOPS_TEST_SEED") or random.randrange(1 << 32))
BOOT_WITHIN_S = 90.0
"""The promise is 30 s on a machine that has nothing else to do."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if REPEAT > 1:
        metafunc.fixturenames.append("repeat")  # also where nobody asks for it
        metafunc.parametrize("repeat", range(REPEAT))


@pytest.fixture(scope="session")
def zap_cache(devsecops_bin: Path, tool_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tool cache with both versions in it."""
    folder = tmp_path_factory.mktemp("zap-sync")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DEVSECOPS_CACHE", str(tool_cache))
        for version in making.VERSIONS:
            assert f"ZAP {version}  ready (Java" in making.sync(devsecops_bin, version, tool_cache, folder)
    return tool_cache


@pytest.fixture(scope="session")
def rules_addon(zap_cache: Path) -> Path:
    """The add-on of the tests' rules."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DEVSECOPS_CACHE", str(zap_cache))
        return making.compile_rules(zap_cache)


@pytest.fixture(scope="session")
def zap_of_version(zap_cache: Path, rules_addon: Path) -> Callable[[str], Zap]:
    """A version -> what is started, with the rules."""

    def zap(version: str) -> Zap:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("DEVSECOPS_CACHE", str(zap_cache))
            return making.made(version, zap_cache, rules_addon)

    return zap


class Booted:
    """A daemon that answers, and how it came to that."""

    def __init__(self, version: str, daemon: Daemon, starter: Starter, seconds: float) -> None:
        self.version = version
        self.daemon = daemon
        self.starter = starter
        self.seconds = seconds

    @property
    def adapter(self) -> Adapter:
        return self.daemon.adapter

    @property
    def log(self) -> str:
        return Path(self.daemon.process.log).read_text(errors="replace")


@pytest.fixture(scope="session")
def booted(
    zap_of_version: Callable[[str], Zap], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Booted]]:
    """A version -> its daemon, started on first use."""
    running: dict[str, Booted] = {}

    def boot(version: str) -> Booted:
        if version not in running:
            folder = tmp_path_factory.mktemp(f"zap-{version}")
            starter = Starter(folder)
            began = time.monotonic()
            daemon = Daemon(zap_of_version(version), folder / "zap", starter, hosts={})
            try:
                daemon.ready(began + BOOT_WITHIN_S)
            except BaseException:
                daemon.stop()
                raise
            running[version] = Booted(version, daemon, starter, time.monotonic() - began)
        return running[version]

    yield boot
    for one in running.values():
        one.daemon.stop()


@pytest.fixture
def program(devsecops_bin: Path, clean_env: dict[str, str], tmp_path: Path) -> Iterator[Program]:
    """The program; after the test no process of it may be left."""
    made = Program(devsecops_bin, tmp_path, clean_env)
    yield made
    left = made.left(wait_s=1.0)
    made.end_left()
    assert left == []


@pytest.fixture
def rules(rules_addon: Path) -> Path:
    """The add-on of the tests' rules; the program finds both ZAPs in its cache."""
    return rules_addon


@pytest.fixture
def repeat() -> int:
    """How often the test ran before."""
    return 0


@pytest.fixture
def seed(repeat: int) -> int:
    """Of what is drawn by chance: $DEVSECOPS_TEST_SEED, else a new one, printed on failure."""
    return SEED + repeat


@pytest.fixture(scope="session")
def flawed() -> Iterator[Service]:
    """A service with one flaw for each rule."""
    with Service(hardened=False) as service:
        yield service


@pytest.fixture(scope="session")
def hardened() -> Iterator[Service]:
    """The same service without the flaws."""
    with Service(hardened=True) as service:
        yield service
