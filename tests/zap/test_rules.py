"""The tests' rules in real ZAPs: each finds its flaw, and nothing on the same service without flaws."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from devsecops_zap.adapter import Adapter, poll
from tests.zap import making
from tests.zap.conftest import Booted
from tests.zap.flawed import PAGES, Service

WITHIN_S = 120.0


def scan(zap: Adapter, service: Service) -> list[tuple[str, str, str]]:
    """Spider, wait for the passive queue where there is one, attack; return rule, path and parameter."""
    deadline = time.monotonic() + WITHIN_S
    zap.action("core", "newSession", name="", overwrite="true")
    zap.action("core", "setMode", mode="standard")
    zap.action("ascan", "setOptionTargetParamsInjectable", Integer="1")
    number = zap.action("spider", "scan", url=f"{service.url}/", recurse="true")
    assert _done(zap, "spider", number, deadline)
    assert poll(
        lambda: len(zap.view("core", "urls", baseurl=service.url)),
        lambda n: n > len(PAGES),
        deadline=deadline,
    )[1]
    number = zap.action("ascan", "scan", url=f"{service.url}/", recurse="true", inScopeOnly="false")
    assert _done(zap, "ascan", number, deadline)
    if zap.version().startswith("2.11"):
        assert poll(lambda: int(zap.view("pscan", "recordsToScan")), lambda n: n == 0, deadline=deadline)[1]
    found = zap.alerts(page=3)
    return sorted(
        {(a["pluginId"], a["url"].partition("?")[0].removeprefix(service.url), a["param"]) for a in found}
    )


def _done(zap: Adapter, what: str, number: str, deadline: float) -> bool:
    return poll(
        lambda: zap.view(what, "status", scanId=number), lambda seen: seen == "100", deadline=deadline
    )[1]


@pytest.mark.parametrize("version", making.VERSIONS)
def test_each_flaw_is_found_and_none_where_there_is_none(
    booted: Callable[[str], Booted], flawed: Service, hardened: Service, version: str
) -> None:
    zap = booted(version).adapter
    found = scan(zap, flawed)
    active = {(rule, path) for rule, path, _ in found if rule != "690006"}
    wanted = {(str(rule), page.partition("?")[0]) for page, rule in PAGES.items()}
    assert wanted <= active
    # What else they find is true as well: a statement that fails is shown, and a condition decides there too.
    assert active - wanted <= {("690003", "/user")}
    passive = {param for rule, path, param in found if rule == "690006"}
    assert passive == (
        set() if version == "2.17.0" else {"Content-Security-Policy", "X-Content-Type-Options"}
    )
    assert scan(zap, hardened) == []
    assert len([one for one in hardened.seen if one.startswith("/user?")]) > 5, "it was attacked"
