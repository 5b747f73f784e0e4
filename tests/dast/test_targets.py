# ruff: noqa: E501
"""The targets do what they are for: each is asked over HTTP, as a scanner asks."""

from __future__ import annotations

import http.client
import json
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from devsecops_zap.addresses import read_url
from devsecops_zap.fence import leaves
from devsecops_zap.openapi import Document, read_document
from devsecops_zap.requests import from_document
from tests.targets import (
    breaking,
    clean,
    expiring,
    hanging,
    maze,
    shop,
    slow,
    trap,
    versioned,
    vulnerable,
    walled,
)
from tests.targets.serving import running

ROOT = Path(__file__).parents[2]
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}


class Answer:
    """Status, headers and text of an answer."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status, self.headers = response.status, response.headers
        self.text = response.read().decode()


def ask(
    port: int,
    path: str,
    method: str = "GET",
    body: str = "",
    headers: Mapping[str, str] | None = None,
    timeout: float = 20,
) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request(method, path, body or None, dict(headers or {}))
        return Answer(connection.getresponse())
    finally:
        connection.close()


def attack(port: int, flaw: vulnerable.Flaw, value: str) -> Answer:
    """Send a value where a flaw is."""
    path = flaw.template.replace("{" + flaw.param + "}", quote(value, safe=""))
    if flaw.place == "query":
        return ask(port, f"{path}?{urlencode({flaw.param: value})}")
    if flaw.place == "form":
        return ask(port, path, "POST", urlencode({flaw.param: value}), FORM)
    if flaw.place == "json":
        return ask(port, path, "POST", json.dumps({flaw.param: value}), JSON)
    if flaw.place == "header":
        return ask(port, path, headers={flaw.param: value})
    return ask(port, path, headers={"Cookie": f"{flaw.param}={value}"} if flaw.place == "cookie" else {})


def shows(port: int, flaw: vulnerable.Flaw) -> bool:
    """Whether the flaw is there, by what an attacker would see."""
    if flaw.kind == "xss":
        answer = attack(port, flaw, "<i>x7</i>")
        return "<i>x7</i>" in answer.text and "html" in (answer.headers["Content-Type"] or "")
    if flaw.kind == "sql-error":
        return (
            "sqlite3." in attack(port, flaw, "bob'").text and "sqlite3." not in attack(port, flaw, "bob").text
        )
    if flaw.kind == "sql-boolean":
        yes, no = attack(port, flaw, "lamp' AND 'a'='a"), attack(port, flaw, "lamp' AND 'a'='b")
        same = attack(port, flaw, "lamp")
        return yes.text == same.text != no.text and "sqlite" not in attack(port, flaw, "lamp'").text
    if flaw.kind == "traversal":
        return "root:" in attack(port, flaw, "../../../../../../etc/passwd").text
    if flaw.kind == "redirect":
        answer = attack(port, flaw, "http://evil.example/")
        return (answer.headers["Location"] or "").startswith("http://evil.example")
    return "Content-Security-Policy" not in ask(port, "/").headers


def test_every_planted_flaw_is_there_and_none_in_the_clean_twin() -> None:
    with running(vulnerable.make()) as bad, running(clean.make()) as good:
        assert [flaw for flaw in vulnerable.FLAWS if not shows(bad.port, flaw)] == []
        assert [flaw for flaw in vulnerable.FLAWS if shows(good.port, flaw)] == []
        assert good.facts["requests"] > len(vulnerable.FLAWS)
    assert {flaw.kind for flaw in vulnerable.FLAWS} == {
        "xss", "sql-error", "sql-boolean", "traversal", "redirect", "headers",
    }  # fmt: skip
    for kind in ("xss", "sql-error"):
        places = {flaw.place for flaw in vulnerable.FLAWS if flaw.kind == kind}
        assert places == {"query", "path", "json", "form", "header", "cookie"}


def described() -> Document:
    return read_document(vulnerable.DOCUMENT_FILE.read_bytes())


def test_the_document_is_of_the_service() -> None:
    """Every flaw is of an operation with that parameter; every request that we make of it is answered."""
    read = described()
    operations = {operation.id: operation for operation in read.operations}
    with running(vulnerable.make()) as bad, running(clean.make()) as good:
        seeds = from_document(read, read_url(bad.origin).origin, change_state=True)
        assert seeds.gaps == ()
        for flaw in vulnerable.FLAWS:
            assert f"{flaw.method} {flaw.template}" in operations
            points = [
                p for r in seeds.requests if r.operation == f"{flaw.method} {flaw.template}" for p in r.points
            ]
            assert not flaw.param or (flaw.place, flaw.param) in {(p.place, p.name) for p in points}
        for request in seeds.requests:
            path = request.url.removeprefix(bad.origin)
            for service in (bad, good):
                answer = ask(service.port, path, request.method, request.body, dict(request.headers))
                assert answer.status in (200, 302), request


def test_the_clean_service_hardens_every_answer() -> None:
    with running(clean.make()) as service:
        for path in ("/", "/none", "/files?name=none", "/go?to=x", "/search?q=<"):
            answer = ask(service.port, path)
            assert clean.HEADERS.items() <= dict(answer.headers.items()).items()
            assert not re.search(r"\d", answer.headers["Server"])
        assert ask(service.port, "/search", "DELETE").status == 405
        assert "&lt;script&gt;" in ask(service.port, f"/search?q={quote('<script>')}").text


def session(port: int, password: str = walled.PASSWORD) -> tuple[Answer, str]:
    """Log in by the form; return the answer and the Cookie header."""
    form = ask(port, "/login")
    assert walled.LOGGED_OUT in form.text
    token = re.search(r'name="csrf_token" value="([^"]+)"', form.text)
    assert token is not None
    fields = {"csrf_token": token[1], "username": walled.USER, "password": password}
    answer = ask(port, "/login", "POST", urlencode(fields), FORM)
    return answer, "; ".join(
        f"{k}={v.value}" for k, v in SimpleCookie(answer.headers["Set-Cookie"] or "").items()
    )


def test_the_wall() -> None:
    with running(walled.make()) as site:
        outside = ask(site.port, "/notes?q=a")
        assert (outside.status, outside.headers["Location"]) == (302, "/login")
        wrong, _ = session(site.port, "wrong")
        assert wrong.status == 401
        fields = {"username": walled.USER, "password": walled.PASSWORD}
        assert ask(site.port, "/login", "POST", urlencode(fields), FORM).status == 403
        right, cookie = session(site.port)
        assert right.status == 302
        inside = ask(site.port, "/notes?q=<i>x</i>", headers={"Cookie": cookie})
        assert walled.LOGGED_IN in inside.text
        assert "<i>x</i>" in inside.text
        assert ask(site.port, "/profile", "POST", "motto=a", {**FORM, "Cookie": cookie}).status == 403
        token = re.search(r'value="([^"]+)"', ask(site.port, "/profile", headers={"Cookie": cookie}).text)
        assert token is not None
        changed = ask(
            site.port, "/profile", "POST", f"csrf_token={token[1]}&motto=a", {**FORM, "Cookie": cookie}
        )
        assert changed.status == 200
        again = ask(
            site.port, "/profile", "POST", f"csrf_token={token[1]}&motto=a", {**FORM, "Cookie": cookie}
        )
        assert again.status == 403
        ask(site.port, "/logout", headers={"Cookie": cookie})
        assert ask(site.port, "/", headers={"Cookie": cookie}).status == 302
        counter = site.facts.counter
        assert (counter["logouts"], counter["deletes"], counter["changes"], counter["logins"]) == (1, 0, 1, 1)
        _, cookie = session(site.port)
        ask(site.port, "/account/delete", headers={"Cookie": cookie})
        assert session(site.port)[0].status == 401
        assert counter["deletes"] == 1


def test_the_other_doors_of_the_wall() -> None:
    with running(walled.make()) as site:
        body = {"username": walled.USER, "password": walled.PASSWORD}
        token = json.loads(ask(site.port, "/api/login", "POST", json.dumps(body), JSON).text)["access_token"]
        assert ask(site.port, "/api/login", "POST", "[]", JSON).status == 401
        grant = {
            "grant_type": "client_credentials", "client_id": walled.CLIENT_ID, "client_secret": walled.CLIENT_SECRET,
        }  # fmt: skip
        other = json.loads(ask(site.port, "/oauth/token", "POST", urlencode(grant), FORM).text)[
            "access_token"
        ]
        wrong = urlencode({**grant, "client_secret": "x"})
        assert ask(site.port, "/oauth/token", "POST", wrong, FORM).status == 401
        for one in (token, other):
            assert (
                walled.LOGGED_IN in ask(site.port, "/api/me", headers={"Authorization": f"Bearer {one}"}).text
            )
        site.facts.end_all()
        assert ask(site.port, "/api/me", headers={"Authorization": f"Bearer {token}"}).status == 401
        assert ask(site.port, "/basic/").headers["WWW-Authenticate"].startswith("Basic")
        login = "Basic c2Nhbm5lcjpub3QtYS1yZWFsLXBhc3N3b3Jk"
        assert walled.LOGGED_IN in ask(site.port, "/basic/", headers={"Authorization": login}).text


class Links(HTMLParser):
    """All URLs in attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.urls: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.urls += [
            value for name, value in attrs if value and name in ("href", "src", "action", "ping", "data")
        ]


def test_the_trap_lures_and_the_fence_sees_every_lure() -> None:
    with running(trap.make()) as site:
        origin, port = read_url(site.origin).origin, site.facts.port
        page = Links()
        page.feed(ask(site.port, "/", headers={"Host": "evil.example:1"}).text)
        out = [url for url in page.urls if str(port) in url]
        assert len(out) > 20
        assert [url for url in out if leaves(origin, url) is None] == []
        assert any("evil.example:1" in url for url in page.urls)
        jumps = [url for url in page.urls if url.startswith("/jump/")]
        for jump in jumps:
            assert leaves(origin, ask(site.port, jump).headers["Location"]) is not None
        for path in ("/refresh", "/based", "/robots.txt", "/sitemap.xml", "/openapi.json"):
            answer = ask(site.port, path)
            assert str(port) in answer.text
        assert leaves(origin, ask(site.port, "/any", "POST", "a=b", FORM).headers["Location"]) is not None
        seeds = from_document(read_document(ask(site.port, "/openapi.json").text.encode()), origin)
        assert [request.url for request in seeds.requests] == [f"{site.origin}/inside"]
        assert site.facts.connections == 0
        ask(port, "/plain")
        assert site.facts.connections == 1
        connection = http.client.HTTPConnection("::1", port, timeout=5)
        connection.request("GET", "/six")
        assert connection.getresponse().read() == b"outside"
        connection.close()
        assert site.facts.connections == 2
        assert ask(site.port, "/__connections").text == "2"


def test_the_slow_one() -> None:
    with running(slow.make(seconds=0.3)) as target:
        started = time.perf_counter()
        assert "page 7" in ask(target.port, "/").text
        assert time.perf_counter() - started >= 0.3


def test_the_hanging_one() -> None:
    with running(hanging.make(answered=2)) as target:
        assert ask(target.port, "/").status == ask(target.port, "/").status == 200
        with pytest.raises(TimeoutError):
            ask(target.port, "/", timeout=0.5)
        assert target.facts["hanging"] == 1


def test_the_breaking_one() -> None:
    with running(breaking.make()) as target:
        failed = [ask(target.port, "/").status >= 500 for _ in range(130)]
    thirds = [sum(failed[:20]), sum(failed[20:70]), sum(failed[70:120]), sum(failed[120:])]
    assert thirds[0] == 0
    assert 0 < thirds[1] < thirds[2] < 50
    assert thirds[3] == 10


def test_the_maze() -> None:
    with running(maze.make(big=3_000_000)) as target:
        path = ""
        for _ in range(30):
            page = Links()
            page.feed(ask(target.port, path or "/").text)
            path = page.urls[2]
        assert path.count("/") == 30
        assert len(ask(target.port, f"{path}/big").text) == 3_000_000
    assert maze.BIG == 100_000_000


def test_the_expiring_one() -> None:
    with running(expiring.make(good_for=3)) as target:
        login = {"Authorization": f"Bearer {expiring.TOKEN}"}
        assert ask(target.port, "/").status == 401
        assert [ask(target.port, "/", headers=login).status for _ in range(5)] == [200, 200, 200, 401, 401]


def test_the_versioned_one() -> None:
    with running(versioned.make(after=2)) as target:
        assert ask(target.port, "/").headers["X-Version"] == versioned.OLD
        assert json.loads(ask(target.port, "/version").text)["build"]["commit"] == versioned.OLD
        assert json.loads(ask(target.port, "/version?x=1").text)["build"]["commit"] == versioned.NEW


def test_the_example_service_runs_as_it_is() -> None:
    """Two of its flaws can be seen from outside, in handlers in which a scanner of source sees them too."""
    with running(shop.make()) as target:
        assert "lamp" in ask(target.port, "/products?name=lamp").text
        assert "sqlite3.OperationalError" in ask(target.port, "/products?name=lamp'").text
        assert "58.5" in ask(target.port, "/orders/bob").text
        assert "sqlite3.OperationalError" in ask(target.port, "/orders/bob'").text
        yes, no = (
            ask(target.port, "/orders/bob'%20AND%20'1'='1"),
            ask(target.port, "/orders/bob'%20AND%20'1'='2"),
        )
        assert "58.5" in yes.text
        assert "58.5" not in no.text


@pytest.mark.parametrize("name", ["vulnerable", "walled", "trap", "maze", "shop"])
def test_a_target_runs_by_itself(name: str) -> None:
    command = [sys.executable, "-m", f"tests.targets.{name}", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, encoding="utf-8") as process:
        try:
            assert process.stdout is not None
            ports = process.stdout.readline().split()
            assert len(ports) == (2 if name == "trap" else 1)
            assert ask(int(ports[0]), "/").status in (200, 302, 404)
        finally:
            process.kill()
