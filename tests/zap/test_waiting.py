"""Waiting for a deployment: real services that come up late, say a version, change it, or never answer."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from devsecops.api import Problem, ToolError
from devsecops_zap.config import VersionCheck
from devsecops_zap.daemon import Daemon, free_port
from devsecops_zap.sources.zap import Zap
from devsecops_zap.waiting import Expected, Ready, changed, expected, until_ready
from tests.targets import clean, hanging, versioned
from tests.targets.serving import Counter, Handler, Service, of_handler, running
from tests.targets.versioned import NEW, OLD
from tests.zap.entering import pinned, starter

HEADER, POINTER = f"X-Version={NEW}", f"/build/commit={NEW}"
AT_VERSION = VersionCheck(path="/version", pointer="/build/commit")


def service(after: int) -> Service[Counter]:
    return versioned.make(after=after)


@pytest.mark.parametrize(
    ("text", "check"),
    [
        (HEADER, None),
        (f"x-version={NEW[:7]}", None),
        (POINTER, VersionCheck(path="/version")),
        (NEW, AT_VERSION),
        (f"/build/a~1b/0={NEW}", AT_VERSION),
    ],
)
def test_the_version_that_is_expected(text: str, check: VersionCheck | None) -> None:
    lines: list[str] = []
    with running(service(after=2)) as target:
        want = expected(text, check)
        found = until_ready(pinned(target.origin), want, wait_s=10, say=lines.append)
        assert isinstance(found, Ready)
        assert found.version == NEW
        assert 0.9 < found.seconds < 5
        assert target.facts["requests"] == 5, "two old ones, and three new ones in a row"
        assert changed(pinned(target.origin), want, found) is None
    version = want.version if want else ""
    assert lines == [f"waiting: the target was not scanned: it is version {OLD}, not {version}"]


def test_another_version_is_not_scanned() -> None:
    with running(service(after=1_000)) as target:
        found = until_ready(pinned(target.origin), expected(HEADER, None), wait_s=1.2)
        assert 2 <= target.facts["requests"] <= 5
        at_once = until_ready(pinned(target.origin), expected(HEADER, None))
    assert found == at_once
    assert found == Problem(
        code="version-mismatch",
        message=f"the target was not scanned: it is version {OLD}, not {NEW}",
        remedy="Deploy the version that is expected, or wait longer for it (--wait).",
    )


def test_a_rollout_in_which_both_versions_answer_is_waited_for() -> None:
    """A balancer sends every second request to the old one."""
    counter = Counter()

    class Balanced(Handler):
        def respond(self) -> None:
            count = counter.add("requests")
            self.answer(200, X_Version=OLD if count < 12 and count % 2 else NEW)

    with running(of_handler(Balanced, counter)) as target:
        found = until_ready(pinned(target.origin), expected(HEADER, None), wait_s=20)
    assert isinstance(found, Ready)
    assert counter["requests"] == 14


@pytest.mark.parametrize("text", ["X-Other=abc", "/build=abc", "/version/none=abc"])
def test_a_target_that_says_no_version(text: str) -> None:
    with running(service(after=0)) as target:
        found = until_ready(pinned(target.origin), expected(text, VersionCheck(path="/version")))
    assert isinstance(found, Problem)
    assert found.code == "version-mismatch"
    assert "it says no version" in found.message


def test_what_never_answers_is_incomplete() -> None:
    began = time.monotonic()
    nobody = pinned(f"http://127.0.0.1:{free_port()}")
    found = until_ready(nobody, None, wait_s=1.0)
    assert isinstance(found, Problem)
    assert (found.code, found.message) == (
        "phase-unfinished",
        f"the target was not scanned: {nobody.origin} gives no answer: Connection refused",
    )
    assert 0.9 < time.monotonic() - began < 3


def test_a_hanging_one_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devsecops_zap.waiting.ANSWER_S", 0.4)
    with running(hanging.make(answered=0)) as target:
        found = until_ready(pinned(target.origin), None, wait_s=1.0)
    assert isinstance(found, Problem)
    assert "not within 0.4 s" in found.message


def test_a_gateway_without_a_service_is_no_target() -> None:
    counter = Counter()

    class Gateway(Handler):
        def respond(self) -> None:
            self.answer((502, 503, 504, 404)[min(counter.add("requests"), 4) - 1])

    with running(of_handler(Gateway, counter)) as target:
        found = until_ready(pinned(target.origin), None, wait_s=10)
        assert isinstance(found, Ready)
        assert counter["requests"] == 4
        counter.counts.clear()
        at_once = until_ready(pinned(target.origin), None)
    assert isinstance(at_once, Problem)
    assert at_once.message == f"the target was not scanned: {target.origin} answers 502"


def test_the_run_can_be_ended_meanwhile() -> None:
    ends = time.monotonic() + 0.7
    nobody = pinned(f"http://127.0.0.1:{free_port()}")
    found = until_ready(nobody, None, wait_s=60, cancelled=lambda: time.monotonic() > ends)
    assert isinstance(found, Problem)
    assert found.code == "interrupted"
    assert time.monotonic() < ends + 2


def test_a_deployment_in_mid_scan_is_told() -> None:
    with running(service(after=3)) as target:
        want = expected(OLD, AT_VERSION)
        found = until_ready(pinned(target.origin), want)
        assert isinstance(found, Ready)
        told = changed(pinned(target.origin), want, found)
    assert told is not None
    assert told.code == "version-mismatch"
    assert told.message == f"the target changed while it was scanned: from version {OLD} to version {NEW}"
    assert changed(pinned(target.origin), want, found) is None, "that it is gone is another's to say"


def test_what_a_target_says_is_hostile() -> None:
    class Hostile(Handler):
        def respond(self) -> None:
            said = "a\u202eb" if self.path == "/1" else "x" * 10_000
            self.answer(200, json.dumps({"v": said}), "application/json")

    with running(of_handler(Hostile, None)) as target:
        for path, text in (("/1", "it says no version"), ("/2", f"it is version {'x' * 200}, not")):
            want = expected("/v=1", VersionCheck(path=path))
            found = until_ready(pinned(target.origin), want)
            assert isinstance(found, Problem)
            assert text in found.message
            assert found.message.isascii()


@pytest.mark.parametrize("said", ["0123456", "0123456789ABCDEF0123456789abcdef01234567", "0123456789"])
def test_a_commit_may_be_cut_short(said: str) -> None:
    want = Expected(check=VersionCheck(header="X"), version="0123456789abcdef0123456789abcdef01234567")
    assert want.met(said)
    assert not want.met("012345")
    assert not want.met("0123457")
    assert not want.met(None)
    assert not Expected(check=VersionCheck(header="X"), version="v1.2.3").met("v1.2.30")


@pytest.mark.parametrize("text", ["abc", "=abc", "X-Version=", "X Version=abc", "/a/b", "X-V=\x07"])
def test_what_is_no_version_to_expect(text: str) -> None:
    with pytest.raises(ToolError, match="--expect-version"):
        expected(text, None)


def test_nothing_expected() -> None:
    assert expected(None, None) is None
    want = expected(None, AT_VERSION)
    with running(service(after=0)) as target, running(clean.make()) as other:
        found = until_ready(pinned(target.origin), want)
        assert isinstance(found, Ready)
        assert found.version == NEW
        found = until_ready(pinned(other.origin), want)
        assert isinstance(found, Ready)
        assert found.version is None
        assert changed(pinned(other.origin), want, found) is None


def test_a_base_path_is_asked() -> None:
    seen = []

    class Based(Handler):
        def respond(self) -> None:
            seen.append(self.path)
            self.answer(200, X_Version=NEW)

    with running(of_handler(Based, None)) as target:
        for want in (None, expected(HEADER, None, base="/api")):
            assert isinstance(until_ready(pinned(target.origin), want, base="/api"), Ready)
    assert set(seen) == {"/api/"}


@pytest.fixture
def late() -> Iterator[tuple[str, float]]:
    """A service that comes up after some seconds: its origin, and when."""
    port = free_port()
    at = time.monotonic() + 8.0
    opened: list[Service[Counter]] = []
    ended = threading.Event()

    def come_up() -> None:
        if not ended.wait(8.0):
            opened.append(versioned.make(port=port, after=0))
            opened[0].run()

    threading.Thread(target=come_up, daemon=True).start()
    yield f"http://127.0.0.1:{port}", at
    ended.set()
    for one in opened:
        one.close()


def test_zap_boots_meanwhile(
    zap_of_version: Callable[[str], Zap], late: tuple[str, float], tmp_path_factory: pytest.TempPathFactory
) -> None:
    origin, at = late
    folder = tmp_path_factory.mktemp("late")
    with Daemon(zap_of_version("2.11.1"), folder / "zap", starter(folder / "run"), hosts={}) as daemon:
        assert isinstance(until_ready(pinned(origin), expected(HEADER, None), wait_s=60), Ready)
        seconds = time.monotonic() - at
        assert seconds < 3, "it was seen at once"
        daemon.ready(time.monotonic() + 60)
    # Boots take 5 s and more on this machine; this one is over but for a moment.
    assert time.monotonic() - at < 8
