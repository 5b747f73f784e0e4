"""A scanner of running services, as far as it can be tried without one and without the network."""

from __future__ import annotations

import socket
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from devsecops.contract import Install
from devsecops.engine.scan import options_of
from devsecops.engine.settings import check_settings
from devsecops.errors import UsageError
from devsecops.registry import install
from devsecops.remote import Asked, Checked
from devsecops.testing.bench import Bench
from devsecops.testing.context import TODAY
from devsecops.testing.engine import Ran, run, with_limits
from devsecops.testing.faults import AFTER_S, never_complete

LONGEST_S = 120.0
"""For a scan of a service that is not there, where the scanner's own deadline is not shorter."""
INSTALL_S = 30.0
SECRET = "kit5ecret0f7he7arget"  # nobody's
NO_TARGETS = ("", "http://", "http://[::1", "http://127.0.0.1:99999/", "http://\x1b[2J\u202e/")


class Silent:
    """A place of this machine where connections are taken and nothing is answered."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.setblocking(False)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def __enter__(self) -> Silent:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def connections(self) -> int:
        """Return how many there were since this was asked last. They are closed."""
        count = 0
        while True:
            try:
                self._socket.accept()[0].close()
            except BlockingIOError:
                return count
            count += 1


def settings(bench: Bench) -> Iterator[str]:
    """It takes a target that is one, names it, and says the same when it is asked again."""
    with Silent() as target:
        told, again = (_told(bench, f"{target.url}/") for _ in range(2))
    if isinstance(told, str):
        yield told
        return
    yield from (f"it has something against a target of this machine: {error}" for error in told.errors)
    if not told.errors and told.target is None:
        yield "it does not say what it would look at: Checked.target"
    if told != again:
        yield "check() gave two answers to one question"


def no_target(bench: Bench) -> Iterator[str]:
    """It says what is wrong with what is no target, and with a key of the policy that it does not know."""
    for text in NO_TARGETS:
        told = _told(bench, text)
        if isinstance(told, str):
            yield f"with the target {text!r} {told}"
        elif not told.errors:
            yield f"it has nothing against the target {text!r}"
    if bench.spec.table is not None:
        told = _told(bench, "http://127.0.0.1:1/", more={"no_such_key": 1})
        if isinstance(told, str) or not told.errors:
            yield f"it has nothing against the key no_such_key in [{bench.spec.table}]"


def sends_nothing(bench: Bench) -> Iterator[str]:
    """While it checks its settings it sends nothing to the target and starts nothing."""
    asked: list[str] = []
    with Silent() as target:
        _told(bench, f"{target.url}/", asked=asked)
        if count := target.connections():
            yield f"it connected to the target, {count} times"
    if "start" in asked:
        yield "it starts a process"


def keeps_secrets(bench: Bench) -> Iterator[str]:
    """A password in the address of the target stands in nothing that it says."""
    with Silent() as target:
        told = _told(bench, target.url.replace("//", f"//user:{SECRET}@") + "/")
    if SECRET in str(told):
        yield "it repeats a password"


def installs_nothing(bench: Bench) -> Iterator[str]:
    """Asked what is there, it says so and fetches nothing."""
    with tempfile.TemporaryDirectory(dir=bench.folder) as folder:
        options = _options(bench, "http://127.0.0.1:1/")
        request = Install(options=options, folder=folder, build=False, deadline_s=INSTALL_S)
        try:
            made = install(bench.loaded.registry, bench.spec.name, request, lambda: False)
        except ValueError as error:
            yield f"install() does not answer: {error}"
            return
        if not made.ready and not (made.message or made.needs):
            yield "it does not say what is missing: Installed.message"
        if any(Path(folder).iterdir()):
            yield "it wrote into its folder although build was false"


def nobody_there(bench: Bench) -> Iterator[str]:
    """A target at which nobody listens is never a result that is complete."""
    with Silent() as target:
        url = f"{target.url}/"
    yield from never_complete(_scanned(bench, url), "nobody listens at the target")


def interrupted(bench: Bench) -> Iterator[str]:
    """A run that is interrupted ends at once, and is not complete."""
    began = time.monotonic()
    with Silent() as target:
        ran = _scanned(bench, f"{target.url}/", stop_at=began + 0.5)
    yield from never_complete(ran, "the run was interrupted")
    if time.monotonic() - began > AFTER_S:
        yield f"it took {time.monotonic() - began:.0f} s to end"


def _scanned(bench: Bench, url: str, stop_at: float = float("inf")) -> Ran:
    """Scan, with what is there: nothing is fetched for it."""
    rules = with_limits(bench.spec, bench.loaded.policy, deadline_s=min(bench.deadline_s, LONGEST_S))
    return run(
        bench.loaded, bench.spec.name, {}, rules=rules, offline=True, asks=_options(bench, url),
        stopped=lambda: time.monotonic() > stop_at,
    )  # fmt: skip


def _told(
    bench: Bench, url: str, *, more: Mapping[str, Any] | None = None, asked: list[str] | None = None
) -> Checked | str:
    """Return what it says of its settings, or why it says nothing."""
    said = asked if asked is not None else []
    try:
        return check_settings(
            bench.loaded.registry, bench.spec.name, _options(bench, url, more), read=lambda _: None,
            secrets={}, today=TODAY, asked=said.append,
        )  # fmt: skip
    except UsageError as error:
        return str(error)


def _options(bench: Bench, url: str, more: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return its options as in a shell; the policy's table, if there is one, lists this target alone."""
    spec, policy = bench.spec, bench.loaded.policy
    options = options_of(spec, policy)
    if spec.table is not None and (policy.dast or more):
        kept = {name: value for name, value in policy.dast.items() if name != "plan"}
        options[spec.table] = kept | {"targets": {"kit": {"url": url, "attackable": True}}} | dict(more or {})
    asked = msgspec.to_builtins(Asked(target=url))
    about = {"text": "", "source": "the policy", "in_a_file": False, "trusted": False, "shell": True}
    return options | {"ask": asked, "policy": about | {"files": {}, "places": {}}}
