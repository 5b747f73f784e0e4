"""The control: a small service of ours with flaws, on loopback, that ZAP meets before the target.

Nothing real is behind it: the database is in memory, the list of accounts is made up.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import msgspec

from devsecops_zap.config import Phase


class Flaw(msgspec.Struct, frozen=True, kw_only=True):
    """A page with a flaw; `rules` are the ids of ZAP's own release rules that are for it."""

    page: str
    phase: Phase
    rules: tuple[str, ...]


FLAWS = (
    Flaw(page="/echo?text=hello", phase="active", rules=("40012",)),
    Flaw(page="/user?name=ann", phase="active", rules=("40018", "40024")),
    Flaw(page="/count?min=1", phase="active", rules=("40018",)),
    Flaw(page="/file?name=readme.txt", phase="active", rules=("6",)),
    Flaw(page="/go?to=/", phase="active", rules=("20019",)),
    Flaw(page="/", phase="passive", rules=("10020", "10021", "10038", "10063")),
)
"""Reflected XSS, SQL injection by error and by condition, path traversal, redirect; missing headers."""
LINKED = "/linked"
"""No request of ours asks for it: only who follows links comes here."""
_ACCOUNTS = "root:x:0:0:root:/root:/bin/sh\nbin:x:1:1:bin:/bin:/sbin/nologin\n"
_ROWS = "create table user(name, age); insert into user values ('ann', 30), ('bob', 40);"
_HOME = f'<html><head><title>Control</title></head><body><a href="{LINKED}">more</a></body></html>'


class Control:
    """The service; use it as a context manager. `seen` are the paths that were asked for."""

    def __init__(self, host: str) -> None:
        """Listen on the address `host`, on a free port."""
        self.seen: set[str] = set()
        control = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                with contextlib.suppress(ConnectionError, TimeoutError):
                    control.answer(self)

            def version_string(self) -> str:
                return "control"

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer((host, 0), Handler)
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])

    def __enter__(self) -> Control:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        parts = urlsplit(request.path)
        self.seen.add(parts.path)
        status, page, headers = _page(parts.path, dict(parse_qsl(parts.query, keep_blank_values=True)))
        data = page.encode("utf-8", "replace")
        request.send_response(status)
        for name, value in {"Content-Type": "text/html; charset=utf-8", **headers}.items():
            request.send_header(name, value)
        request.send_header("Content-Length", str(len(data)))
        request.end_headers()
        request.wfile.write(data)


def _page(path: str, query: dict[str, str]) -> tuple[int, str, dict[str, str]]:
    if path == "/":
        return 200, _HOME, {}
    if path == LINKED:
        return 200, "<html><body>linked</body></html>", {}
    if path == "/echo":
        return 200, f"<html><body><p>{query.get('text', '')}</p></body></html>", {}
    if path == "/file":
        wanted = unquote(query.get("name", ""))
        found = _ACCOUNTS if wanted.rstrip("\0").endswith("etc/passwd") else "Read me.\n"
        return 200, found, {"Content-Type": "text/plain"}
    if path == "/go":
        return 302, "", {"Location": quote(query.get("to", "/"), safe=":/?&=%")}
    if path in ("/user", "/count"):
        return _asked(path, query)
    return 404, "nothing", {}


def _asked(path: str, query: dict[str, str]) -> tuple[int, str, dict[str, str]]:
    statement = f"select age from user where name = '{query.get('name', '')}'"  # the flaw
    if path == "/count":
        statement = f"select count(*) from user where age > {query.get('min', '')}"
    with contextlib.closing(sqlite3.connect(":memory:")) as database:
        database.executescript(_ROWS)
        try:
            return 200, f"<p>{database.execute(statement).fetchall()}</p>", {}
        except sqlite3.Error as error:
            # In `user` the error is shown; in `count` it is not, so that only conditions tell.
            shown = f"sqlite3.{type(error).__name__}: {error}" if path == "/user" else "error"
            return 500, shown, {}
