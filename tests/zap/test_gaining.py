"""How a login is gained, without ZAP: real services, real processes; bounded, pinned, within the target."""

from __future__ import annotations

import base64
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from devsecops_zap.asking import MOST, Answer, NoAnswerError, ask, cookies
from devsecops_zap.config import Basic, Cookie, Form, Header, Json, Login, OAuth2
from devsecops_zap.fence import Limits, Resolved
from devsecops_zap.login import LoginError, Way, before_start, environment, fixed, gain
from devsecops_zap.login.forms import hidden_fields
from devsecops_zap.login.seen import shows_in
from devsecops_zap.pointer import pointed
from tests.targets import hanging, walled
from tests.targets.serving import Counter, Handler, Service, of_handler, running
from tests.zap.entering import not_started, pinned, secret, starter, unknown, way_to

Serve = Callable[[type[Handler]], Service[Counter]]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Runs handlers until the test is over."""
    services = []

    def start(handler: type[Handler]) -> Service[Counter]:
        service = of_handler(handler, Counter())
        opened = running(service)
        services.append(opened)
        return opened.__enter__()

    yield start
    for one in services:
        one.__exit__(None, None, None)


def test_static_ones_need_nobody() -> None:
    way = way_to("http://localhost:1")
    pair = base64.b64encode(f"{walled.USER}:{walled.PASSWORD}".encode()).decode()
    basic = Basic(username="env:ZUSER", password="env:ZPASS", logged_in="x")
    static = Header(name="X-Token", prefix="", value="env:SECRET", logged_in="x")
    cookie = Cookie(name="sid", value="env:SECRET", logged_in="x")
    assert gain(basic, way).header == ("Authorization", f"Basic {pair}")
    assert gain(static, way).header == ("X-Token", walled.CLIENT_SECRET)
    assert gain(cookie, way).cookies == (("sid", walled.CLIENT_SECRET),)
    assert [before_start(one) for one in (basic, static, cookie)] == [True, True, False]
    assert all(fixed(one) for one in (basic, static, cookie))
    assert environment(gain(static, way), way) == {
        "ZAP_AUTH_HEADER": "X-Token",
        "ZAP_AUTH_HEADER_VALUE": walled.CLIENT_SECRET,
        "ZAP_AUTH_HEADER_SITE": "localhost",
    }
    assert environment(gain(cookie, way), way) == {}


def command(text: str) -> Header:
    return Header(command=(sys.executable, "-I", "-c", text), logged_in="x")


def test_a_command_prints_the_token(tmp_path: Path) -> None:
    run = starter(tmp_path / "run")
    login = command("import os; print('not-a-real-token' if 'ZPASS' not in os.environ else '')")
    got = gain(login, way_to("http://localhost:1", start=run))
    assert got.header == ("Authorization", "Bearer not-a-real-token")
    assert "not-a-real-token" in got.secrets
    assert Path(run.started[0].log).read_bytes() == b"", "what it printed stays nowhere"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("print('half'); raise SystemExit(3)", "the token command failed: it ended with exit code 3"),
        ("print('a'); print('b')", "does not print one line"),
        ("pass", "does not print one line"),
        ("import time; time.sleep(60)", "did not end within 1 s"),
    ],
)
def test_a_command_that_fails(tmp_path: Path, text: str, why: str) -> None:
    run = starter(tmp_path / "run")
    with pytest.raises(LoginError, match=why):
        gain(command(text), way_to("http://localhost:1", start=run, seconds=1.0))
    assert run.started[0].child.poll() is not None
    with pytest.raises(LoginError, match="cannot be started"):
        gain(command(text), way_to("http://localhost:1"))


def test_client_credentials_in_the_form_where_basic_is_refused(serve: Serve) -> None:
    seen = []

    class Endpoint(Handler):
        def respond(self) -> None:
            data = parse_qs(self.body().decode())
            seen.append((self.headers.get("Authorization"), data))
            if "client_id" not in data:
                self.answer(401, '{"error": "invalid_client"}', "application/json")
            else:
                self.answer(200, '{"access_token": "not-a-real-token"}', "application/json")

    service = serve(Endpoint)
    endpoint = OAuth2(
        url=f"{service.origin}/token?a=1", client_id="env:ID", client_secret="env:SECRET", scope="read write"
    )
    # The endpoint is elsewhere: its address is looked up and has to be allowed like the target's.
    way = Way(
        pinned=pinned("http://localhost:1"), base="", secrets=secret, start=not_started, limits=Limits(),
        resolve=unknown,
    )  # fmt: skip
    assert gain(Header(oauth2=endpoint, logged_in="x"), way).header == (
        "Authorization",
        "Bearer not-a-real-token",
    )
    pair = base64.b64encode(f"{walled.CLIENT_ID}:{walled.CLIENT_SECRET}".encode()).decode()
    assert seen[0] == (f"Basic {pair}", {"grant_type": ["client_credentials"], "scope": ["read write"]})
    assert seen[1][0] is None
    assert seen[1][1]["client_secret"] == [walled.CLIENT_SECRET]


def test_a_token_endpoint_is_held_to_the_fence() -> None:
    def metadata(_: str) -> Resolved:
        return Resolved(addresses=("169.254.169.254",))

    way = Way(
        pinned=pinned("http://localhost:1"), base="", secrets=secret, start=not_started, limits=Limits(),
        resolve=metadata,
    )  # fmt: skip
    endpoint = OAuth2(url="https://login.example/token", client_id="env:ID", client_secret="env:SECRET")
    with pytest.raises(LoginError, match="it is never scanned"):
        gain(Header(oauth2=endpoint, logged_in="x"), way)


def test_a_login_stays_within_the_target(serve: Serve) -> None:
    class Elsewhere(Handler):
        def respond(self) -> None:
            away.facts.add("requests")
            self.answer(200, "", Set_Cookie="stolen=1")

    away = serve(Elsewhere)

    class Tempting(Handler):
        def respond(self) -> None:
            self.body()
            home.facts.add(f"{self.command} {self.path} {self.headers.get('Cookie')}")
            if self.command == "POST":
                self.answer(302, Set_Cookie="sid=first; Path=/; HttpOnly", Location="welcome?a=1")
            elif self.path == "/in/welcome?a=1":
                self.answer(302, Set_Cookie="more=2", Location=away.origin)
            else:
                self.answer(200, "<form><input name=password type=password></form>", Set_Cookie="pre=0")

    home = serve(Tempting)
    login = Form(url="/in/login", page="/in/", username="env:ZUSER", password="env:ZPASS", logged_in="x")
    got = gain(login, way_to(home.origin))
    assert got.cookies == (("more", "2"), ("pre", "0"), ("sid", "first"))
    assert home.facts.counts == {
        "GET /in/ None": 1,
        "POST /in/login pre=0": 1,
        "GET /in/welcome?a=1 pre=0; sid=first": 1,
    }
    assert away.facts["requests"] == 0


def test_a_json_login_with_a_cookie(serve: Serve) -> None:
    class Posted(Handler):
        def respond(self) -> None:
            assert self.headers.get("Content-Type") == "application/json"
            bodies.append(self.body())
            self.answer(200, "{}", "application/json", Set_Cookie="sid=1")

    bodies: list[bytes] = []
    login = Json(
        url="/in", username="env:ZUSER", password="env:ZPASS", username_field="name", extra={"tenant": "a"},
        logged_in="x",
    )  # fmt: skip
    assert gain(login, way_to(serve(Posted).origin)).cookies == (("sid", "1"),)
    assert bodies == [b'{"tenant": "a", "name": "scanner", "password": "not-a-real-password"}']
    assert not before_start(login)


@pytest.mark.parametrize("kind", ["hangs", "drips", "drips its head"])
def test_an_answer_that_never_ends_is_bounded(serve: Serve, kind: str) -> None:
    class Dripping(Handler):
        def respond(self) -> None:
            self.wfile.write(b"HTTP/1.1 200 OK\r\n" + (b"\r\n" if kind == "drips" else b"X: "))
            for _ in range(200):
                self.wfile.write(b"x")
                time.sleep(0.05)

    with running(hanging.make(answered=0)) as hung:
        origin = hung.origin if kind == "hangs" else serve(Dripping).origin
        began = time.monotonic()
        with pytest.raises(NoAnswerError, match=r"gives no answer: not within 0\.5 s"):
            ask(pinned(origin), "/", within_s=0.5)
        assert time.monotonic() - began < 3


def test_an_answer_without_end_is_cut_and_one_that_is_none_is_named(serve: Serve) -> None:
    class Large(Handler):
        def respond(self) -> None:
            self.answer(200, b"x" * (MOST + 1_000_000))

    class Noise(Handler):
        def respond(self) -> None:
            self.wfile.write(b"\x15\x03\x01\r\n\r\n")
            self.close_connection = True

    assert len(ask(pinned(serve(Large).origin), "/").body) == MOST
    noisy = serve(Noise)
    with pytest.raises(NoAnswerError, match="it does not speak HTTP as it should"):
        ask(pinned(noisy.origin), "/")
    with pytest.raises(NoAnswerError, match="it does not speak TLS as it should"):
        ask(pinned(noisy.origin.replace("http:", "https:")), "/")


def test_a_name_is_never_looked_up(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    class Named(Handler):
        def respond(self) -> None:
            self.answer(200, str(self.headers["Host"]))

    port = serve(Named).port
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert ask(pinned(f"http://shop.example:{port}"), "/").text == f"shop.example:{port}"


def test_cookies_that_are_kept() -> None:
    def answer(*cookies: str) -> Answer:
        return Answer(status=200, headers=tuple(("Set-Cookie", one) for one in cookies))

    first = answer("a=1; Path=/", "b = two=2 ;Secure", "nonsense", "c=3; Max-Age=0", "d=4; Max-Age=60")
    assert cookies([first]) == {"a": "1", "b": "two=2", "d": "4"}
    gone = answer("a=; Path=/", "b=x; Expires=Thu, 01-Jan-1970 00:00:00 GMT", "d=5; max-age=-1", "e=6")
    assert cookies([first, gone]) == {"e": "6"}


def test_hidden_fields_of_the_form_that_asks_for_the_password() -> None:
    page = """<meta name="csrf" content="of the page"><input type=hidden name=loose value=0>
    <form><input type=hidden name=token value=search><input name=q></form>
    <FORM action=/in><input TYPE=Hidden name=next value="/a&amp;b"/><input name=pass type=password>
    <input type=hidden name=token value="right"></form><form><input type=hidden name=other value=3>"""
    assert hidden_fields(page, "pass", "token") == {"next": "/a&b", "token": "right"}
    assert hidden_fields(page, "pass", "csrf")["csrf"] == "of the page"
    assert hidden_fields(page, "pass", "other")["other"] == "3"
    assert hidden_fields(page, "nothing", None) == {}
    assert hidden_fields("<form><input name=pass <<<", "pass", "token") == {}


@pytest.mark.parametrize(
    ("patterns", "status", "text", "shown"),
    [
        ({"logged_in": "Hello"}, 200, "Hello", True),
        ({"logged_in": "Hello"}, 200, "Please", False),
        ({"logged_in": "Hello", "logged_out": "Please"}, 200, "Hello, Please", False),
        ({"logged_out": "Please"}, 200, "anything", True),
        ({"logged_out": "Please"}, 401, "anything", False),
        ({"logged_out": "Please"}, 302, "anything", False),
        ({"logged_in": "^X-User: me$"}, 200, "", False),
        ({"logged_in": "X-User: me"}, 200, "", True),
    ],
)
def test_what_shows_that_one_is_in(patterns: dict[str, str], status: int, text: str, shown: bool) -> None:
    login: Login = Cookie(name="a", value="env:A", **patterns)
    answer = Answer(status=status, headers=(("X-User", "me"), ("Other", "x")), body=text.encode())
    assert shows_in(login, [answer]) == shown


def test_pointers() -> None:
    document = {"a": [{"b/c": 1, "~": 2}], "": 3, "a/b": 4}
    found = [
        pointed(document, one)
        for one in ("/a/0/b~1c", "/a/0/~0", "/", "/a~1b", "/a/1", "/a/-", "/a/00", "/x/y")
    ]
    assert found == [1, 2, 3, 4, None, None, None, None]
