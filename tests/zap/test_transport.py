"""What listens on a port may be anything: each call ends in time with an error that says what it is."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from devsecops_zap.adapter import Adapter, poll
from devsecops_zap.errors import ZapError, ZapFault, ZapRefused, ZapSilent, ZapUnreachable

Serve = Callable[[socket.socket], None]
KEY = "a-key-that-nobody-knows"


@pytest.fixture
def listen() -> Iterator[Callable[[Serve], Adapter]]:
    """Listens with what a test says, and gives the adapter that leads there."""
    servers: list[socket.socket] = []

    def start(serve: Serve) -> Adapter:
        server = socket.create_server(("127.0.0.1", 0))
        servers.append(server)

        def loop() -> None:
            while True:
                try:
                    peer, _ = server.accept()
                except OSError:
                    return
                with peer:
                    try:
                        serve(peer)
                    except OSError:
                        continue

        threading.Thread(target=loop, daemon=True).start()
        return Adapter(f"http://127.0.0.1:{server.getsockname()[1]}", KEY, call_s=0.6)

    yield start
    for server in servers:
        server.close()


def says(head: str, body: str = "") -> Serve:
    def serve(peer: socket.socket) -> None:
        peer.recv(65536)
        peer.sendall(f"HTTP/1.1 {head}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())

    return serve


def test_the_request_goes_to_zap_by_name_with_the_key_in_a_header(
    listen: Callable[[Serve], Adapter], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    got: list[str] = []

    def serve(peer: socket.socket) -> None:
        got.append(peer.recv(65536).decode())
        peer.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{"mode":"ok"}')

    assert listen(serve).view("core", "mode", a="b c&d") == "ok"
    head = got[0].split("\r\n")
    assert head[0] == "GET http://zap/JSON/core/view/mode/?a=b+c%26d HTTP/1.1"
    assert f"X-ZAP-API-Key: {KEY}" in head
    assert "Host: zap" in head
    assert KEY not in head[0]


@pytest.mark.parametrize(
    ("serve", "error"),
    [
        (lambda peer: time.sleep(3), ZapUnreachable),
        (lambda peer: None, ZapRefused),
        (lambda peer: peer.sendall(b"SSH-2.0-OpenSSH_9\r\n"), ZapRefused),
        (says("200 OK", "<html>"), ZapRefused),
        (says("200 OK", "[1]"), ZapRefused),
        (says("200 OK", "{}"), ZapRefused),
        (says("404 Not Found", "nothing here"), ZapRefused),
        (says("500 Oops", '{"a": "b"}'), ZapRefused),
        (says("403 Forbidden"), ZapRefused),
        (says("401 Who", '{"code": "bad_api_key", "message": "Provided API key is incorrect"}'), ZapRefused),
        (says("400 Bad", '{"code": "mode_violation", "message": "Mode"}'), ZapError),
        (says("200 OK", '{"code": "url_not_found", "message": "URL"}'), ZapError),
    ],
    ids=[
        "silent", "hangs up", "ssh", "html", "list", "empty", "404", "500", "403", "bad key", "refusal",
        "refusal with 200",
    ],
)  # fmt: skip
def test_what_is_not_an_answer_is_an_error(
    listen: Callable[[Serve], Adapter], serve: Serve, error: type[ZapFault]
) -> None:
    began = time.monotonic()
    with pytest.raises(error) as caught:
        listen(serve).action("core", "mode")
    assert time.monotonic() - began < 2
    assert KEY not in str(caught.value)


def test_an_answer_that_drips_ends_in_time(listen: Callable[[Serve], Adapter]) -> None:
    def serve(peer: socket.socket) -> None:
        peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")
        for _ in range(100):
            time.sleep(0.1)
            peer.sendall(b" ")

    began = time.monotonic()
    with pytest.raises(ZapUnreachable):
        listen(serve).action("core", "mode")
    assert time.monotonic() - began < 1.5


def test_an_answer_that_is_too_large_is_given_up(
    listen: Callable[[Serve], Adapter], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("devsecops_zap.transport.LARGEST", 1000)
    with pytest.raises(ZapFault, match="more than"):
        listen(says("200 OK", '{"a": "' + "x" * 2000 + '"}')).view("core", "mode")


def test_an_answer_that_was_cut_is_no_answer(listen: Callable[[Serve], Adapter]) -> None:
    def serve(peer: socket.socket) -> None:
        peer.recv(65536)
        peer.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"mode": "protect"')

    with pytest.raises(ZapUnreachable, match="broke off"):
        listen(serve).action("core", "mode")


def test_a_view_is_tried_again_and_an_action_never(listen: Callable[[Serve], Adapter]) -> None:
    seen: list[int] = []

    def serve(peer: socket.socket) -> None:
        peer.recv(65536)
        seen.append(1)
        if len(seen) == 1:
            peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{")
        else:
            peer.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{"mode":"ok"}')

    zap = listen(serve)
    assert zap.view("core", "mode") == "ok"
    assert len(seen) == 2
    seen.clear()
    with pytest.raises(ZapUnreachable):
        zap.action("core", "setMode", mode="safe")
    assert len(seen) == 1


def test_what_is_silent_is_not_asked_again(listen: Callable[[Serve], Adapter]) -> None:
    seen: list[int] = []

    def serve(peer: socket.socket) -> None:
        seen.append(1)
        peer.recv(65536)
        time.sleep(0.8)

    zap = listen(serve)
    with pytest.raises(ZapSilent):
        zap.view("core", "mode")
    assert len(seen) == 1


def test_nobody_listens() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        with pytest.raises(ZapUnreachable, match="no ZAP can be reached"):
            Adapter(f"http://127.0.0.1:{free.getsockname()[1]}", KEY).action("core", "mode")


@pytest.mark.parametrize(
    "url",
    ["https://127.0.0.1:1", "http://127.0.0.1", "http://u:p@127.0.0.1:1", "127.0.0.1:8080", "http://[:1"],
)
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(ZapFault, match="http://HOST:PORT"):
        Adapter(url, KEY)


def test_the_client_cannot_go_around_the_adapter() -> None:
    zap = Adapter("http://127.0.0.1:1", KEY)
    with pytest.raises(NotImplementedError):
        zap.api.urlopen("http://example.test/")
    with pytest.raises(ZapFault, match="only ZAP's own API"):
        zap.call("http://example.test/", {})
    assert KEY not in repr(vars(zap.api))


def test_pages_of_alerts_are_joined(listen: Callable[[Serve], Adapter]) -> None:
    asked: list[str] = []

    def serve(peer: socket.socket) -> None:
        line = peer.recv(65536).decode().split()[1]
        asked.append(line.partition("?")[2])
        start = int(line.partition("start=")[2].partition("&")[0])
        rows = ", ".join(f'{{"id": "{n}"}}' for n in range(start, min(start + 3, 7)))
        body = f'{{"alerts": [{rows}]}}'.encode()
        peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))

    assert [alert["id"] for alert in listen(serve).alerts(page=3)] == list("0123456")
    assert asked == [f"start={n}&count=3" for n in (0, 3, 6)]


def test_polls_come_faster_when_something_moves() -> None:
    slept: list[float] = []
    seen = iter([0] * 10 + [1] * 4 + [100])
    deadline = time.monotonic() + 60
    assert poll(lambda: next(seen), lambda n: n == 100, deadline=deadline, sleep=slept.append) == (100, True)
    assert slept[0] == 0.1
    assert slept[9] == 1.0
    assert slept[10] == 0.1
    assert all(0.1 <= one <= 1 for one in slept)
    assert poll(lambda: 5, lambda n: False, deadline=time.monotonic()) == (5, False)
    assert poll(lambda: 5, lambda n: False, deadline=deadline, cancelled=lambda: True) == (5, False)


def test_the_import_of_the_client_leaves_the_warnings_alone() -> None:
    code = (
        "import warnings; before = list(warnings.filters)\n"
        "from devsecops_zap.adapter import Adapter\n"
        "Adapter('http://127.0.0.1:1', 'x')\n"
        "assert warnings.filters == before, set(warnings.filters) - set(before)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
