"""Logins with real daemons of both versions: proved, looked at again, renewed or lost, and never silent."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from devsecops_zap.adapter import Adapter, poll
from devsecops_zap.config import Cookie, Form, Header, Json, Login, OAuth2
from devsecops_zap.daemon import Daemon
from devsecops_zap.login import (
    Gained,
    LoginError,
    Way,
    before_start,
    environment,
    establish,
    fixed,
    gain,
)
from devsecops_zap.sources.zap import Zap
from tests.targets import expiring, walled
from tests.targets.serving import Service, running
from tests.zap import making
from tests.zap.conftest import BOOT_WITHIN_S, Booted
from tests.zap.entering import KNOWN, enter, starter, way_to

Boot = Callable[[str], Booted]
both = pytest.mark.parametrize("version", making.VERSIONS)
FORM = Form(
    url="/login", username="env:ZUSER", password="env:ZPASS", csrf="csrf_token",
    logged_in=walled.LOGGED_IN, logged_out=walled.LOGGED_OUT,
)  # fmt: skip
COOKIE = Cookie(name="session", value="env:SESSION", logged_in=walled.LOGGED_IN)
OAUTH = Header(
    oauth2=OAuth2(url="http://localhost/", client_id="env:ID", client_secret="env:SECRET"),
    check="/api/me", logged_in=walled.LOGGED_IN,
)  # fmt: skip


@pytest.fixture
def wall() -> Iterator[Service[walled.Wall]]:
    with running(walled.make()) as service:
        yield service


@both
def test_a_form_with_a_csrf_token(booted: Boot, wall: Service[walled.Wall], version: str) -> None:
    one = booted(version)
    enter(one.adapter, wall.origin)
    session = establish(one.adapter, FORM, way_to(wall.origin))
    assert session.check(now=True)
    assert session.user is None
    assert wall.facts.counter["logins"] == 1
    assert wall.facts.counter["bad csrf"] == 0
    found = spidered(one.adapter, wall.origin)
    assert f"{wall.origin}/notes?q=milk" in found, "a page that only who is in gets to see"
    assert wall.facts.counter["logouts"] == wall.facts.counter["deletes"] == 0
    assert attacked(one.adapter, wall.origin) == {"/notes"}
    (cookie,) = session.secrets
    for text in (walled.PASSWORD, cookie):
        assert text not in one.log
    session.restore()
    assert not session.shown()


@both
def test_a_session_that_ends_is_begun_again_and_that_is_told(
    booted: Boot, wall: Service[walled.Wall], version: str
) -> None:
    zap = booted(version).adapter
    enter(zap, wall.origin)
    session = establish(zap, FORM, way_to(wall.origin))
    assert session.note() is None
    wall.facts.end_all()
    assert session.check(now=True)
    assert wall.facts.counter["logins"] == 2
    assert session.note() == (
        "The target ended the session once; it was begun again within some seconds, in which requests "
        "were not logged in."
    )
    before = wall.facts.counter["requests"]
    assert session.check()
    assert wall.facts.counter["requests"] == before, "it was looked at a moment ago"
    wall.facts.deleted = True
    wall.facts.end_all()
    assert not session.check(now=True)
    assert session.problem is not None
    assert session.problem.code == "phase-unfinished"
    assert session.problem.message == "/login answers 401 to the login"
    before = wall.facts.counter["requests"]
    assert not session.check(now=True), "what is lost stays lost"
    assert wall.facts.counter["requests"] == before
    session.restore()


@both
def test_a_cookie_that_somebody_else_got(booted: Boot, wall: Service[walled.Wall], version: str) -> None:
    zap = booted(version).adapter
    enter(zap, wall.origin)
    way = way_to(wall.origin, secrets=lambda _: wall.facts.begin(walled.USER))
    session = establish(zap, COOKIE, way)
    assert session.check(now=True)
    wall.facts.end_all()
    assert not session.check(now=True)
    assert session.problem is not None
    assert session.problem.message == "the login does not hold any longer"
    session.restore()
    with pytest.raises(LoginError, match=r"^/ does not show that ZAP is logged in; see user, password"):
        establish(zap, COOKIE, way_to(wall.origin, secrets=lambda _: "nobody's"))


def test_a_target_that_is_gone_is_no_login(booted: Boot) -> None:
    zap = booted("2.17.0").adapter
    with running(walled.make()) as wall:
        enter(zap, wall.origin)
        session = establish(zap, FORM, way_to(wall.origin))
    assert not session.check(now=True)
    assert session.problem is not None
    assert session.problem.message == f"{wall.origin} gives no answer: Connection refused"
    session.restore()


def form(password: str = "env:ZPASS", csrf: str | None = None, **patterns: str) -> Form:
    return Form(url="/login", username="env:ZUSER", password=password, csrf=csrf, **(patterns or IN))  # type: ignore[arg-type]


def posted(token: str | None = None) -> Json:
    return Json(
        url="/api/login", username="env:ZUSER", password="env:ZPASS", token=token, logged_in="Signed in"
    )


IN = {"logged_in": "Signed in"}
WRONG: list[tuple[Login, str]] = [
    (form("env:WRONG", "csrf_token"), "/login answers 401 to the login; see user, password"),
    (form(csrf="token"), r"/login \(status 200\) holds no field token; see page and csrf"),
    (form("env:NONE"), "env:NONE is not there; set it"),
    (form("env:EMPTY"), "env:EMPTY is empty"),
    (form(logged_in="Sign"), "/ holds logged_in though nobody is logged in; correct logged_in"),
    (form(logged_out="Go away"), r"/ \(status 200\) does not hold logged_out though nobody is logged in"),
    (
        Cookie(name="session", value="env:BROKEN", logged_in="Signed in"),
        "the cookie 'session' cannot be sent",
    ),
    (
        Header(value="env:BROKEN", logged_in="Signed in"),
        "the value of Authorization does not fit into a header",
    ),
    (posted("/token"), "the answer of /api/login holds no token at /token"),
    (posted(), "/api/login set no cookie"),
]


@pytest.mark.parametrize(("login", "text"), WRONG)
def test_a_login_that_does_not_work_says_where_and_holds_no_secret(
    booted: Boot, wall: Service[walled.Wall], login: Login, text: str
) -> None:
    zap = booted("2.17.0").adapter
    with pytest.raises(LoginError, match=text) as caught:
        establish(zap, login, way_to(wall.origin))
    said = repr(caught.value) + repr(vars(caught.value))
    assert not [value for value in KNOWN.values() if len(value) > 10 and value in said]


class Headed:
    """A daemon that was started with the header of a login."""

    def __init__(self, zap: Zap, folder: Path, gained: Gained, way: Way) -> None:
        self.starter = starter(folder)
        self.daemon = Daemon(zap, folder / "zap", self.starter, hosts={}, secrets=environment(gained, way))

    @property
    def adapter(self) -> Adapter:
        return self.daemon.adapter


@both
def test_a_token_of_an_endpoint_goes_into_all_requests_until_it_is_refused(
    zap_of_version: Callable[[str], Zap],
    wall: Service[walled.Wall],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    version: str,
) -> None:
    login = Header(
        oauth2=OAuth2(url=f"{wall.origin}/oauth/token", client_id="env:ID", client_secret="env:SECRET"),
        check="/api/me", logged_in=walled.LOGGED_IN,
    )  # fmt: skip
    way = way_to(wall.origin)
    assert before_start(login)
    assert not fixed(login)
    gained = gain(login, way)
    headed = Headed(zap_of_version(version), tmp_path / "run", gained, way)
    with headed.daemon as daemon:
        zap = daemon.ready(time.monotonic() + BOOT_WITHIN_S)
        enter(zap, wall.origin)
        session = establish(zap, login, way, gained)
        assert session.check(now=True)
        wall.facts.end_all()
        assert not session.check(now=True)
        assert session.problem is not None
        assert session.problem.message == "the login does not hold any longer"
        assert "lasts longer than the scan" in session.problem.remedy
        session.restore()

        token = gained.secrets[-1]
        monkeypatch.setattr(expiring, "TOKEN", token)
        with running(expiring.make(good_for=10)) as target:
            enter(zap, target.origin)
            soon = Header(value="env:TOKEN", logged_in="page 1")
            there = way_to(target.origin)
            session = establish(zap, soon, there, gained)
            spidered(zap, target.origin)
            assert target.facts["with token"] >= target.facts["requests"] - 2, "all but ours of nobody"
            assert target.facts["turned away"] > 1
            assert not session.check(now=True)
        pid = headed.starter.started[0].pid
        assert token.encode() not in Path(f"/proc/{pid}/cmdline").read_bytes()
        assert token not in Path(daemon.process.log).read_text(errors="replace")
        assert headed.starter.runs[0].secrets["ZAP_AUTH_HEADER_VALUE"] == f"Bearer {token}"


def test_a_running_zap_cannot_be_given_a_header(booted: Boot, wall: Service[walled.Wall]) -> None:
    zap = booted("2.17.0").adapter
    enter(zap, wall.origin)
    login = Json(
        url="/api/login", username="env:ZUSER", password="env:ZPASS", token="/access_token",
        check="/api/me", logged_in=walled.LOGGED_IN,
    )  # fmt: skip
    with pytest.raises(LoginError, match="a running ZAP cannot be given a header; start it with ZAP_AUTH"):
        establish(zap, login, way_to(wall.origin))


def spidered(zap: Adapter, origin: str) -> list[str]:
    """Spider as a scan does; return the URLs that are known then."""
    number = zap.action("spider", "scan", url=f"{origin}/", recurse="true", contextName="devsecops")
    assert _done(zap, "spider", number)
    poll(
        lambda: len(zap.view("core", "urls", baseurl=origin)), lambda n: n > 4, deadline=time.monotonic() + 5
    )
    return [str(url) for url in zap.view("core", "urls", baseurl=origin)]


def attacked(zap: Adapter, origin: str) -> set[str]:
    """Attack; return the paths in which reflected XSS was found."""
    number = zap.action("ascan", "scan", url=f"{origin}/", recurse="true", inScopeOnly="true")
    assert _done(zap, "ascan", number)
    urls = [str(alert["url"]) for alert in zap.alerts() if alert["pluginId"] == "690001"]
    return {url.removeprefix(origin).partition("?")[0] for url in urls}


def _done(zap: Adapter, what: str, number: str) -> bool:
    """Wait for a scan of ZAP."""

    def status() -> str:
        return str(zap.view(what, "status", scanId=number))

    return poll(status, lambda seen: seen == "100", deadline=time.monotonic() + 60)[1]
