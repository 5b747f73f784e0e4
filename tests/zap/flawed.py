"""A small service over real HTTP, with one flaw for each of the tests' rules, or with none of them."""

from __future__ import annotations

import contextlib
import html
import sqlite3
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

PAGES = {
    "/echo?text=hello": 690001,
    "/user?name=ann": 690002,
    "/count?min=1": 690003,
    "/file?name=readme.txt": 690004,
    "/go?to=/": 690005,
}
"""A URL -> the rule that finds something there when the service is not hardened."""
SAFE = {
    "Content-Security-Policy": "default-src 'none'",
    "X-Content-Type-Options": "nosniff",
}
ROWS = "create table user(name, age); insert into user values ('ann', 30), ('bob', 40);"


class Service:
    """The service on a free port of loopback."""

    def __init__(self, *, hardened: bool) -> None:
        self.hardened = hardened
        self.seen: list[str] = []
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                # ZAP hangs up when its scan is over.
                with contextlib.suppress(ConnectionError):
                    service.answer(self)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Service:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(request.path)
        self.seen.append(request.path)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        status, page, headers = self._page(parts.path, query)
        data = page.encode("utf-8", "replace")
        request.send_response(status)
        more = {"Content-Type": "text/html; charset=utf-8"} | (SAFE if self.hardened else {}) | headers
        for name, value in more.items():
            request.send_header(name, value)
        request.send_header("Content-Length", str(len(data)))
        request.end_headers()
        request.wfile.write(data)

    def _page(self, path: str, query: Mapping[str, str]) -> tuple[int, str, dict[str, str]]:
        try:
            if path == "/":
                return 200, "".join(f'<a href="{html.escape(page)}">{page[1:5]}</a>\n' for page in PAGES), {}
            if path == "/echo":
                text = query.get("text", "")
                return 200, f"<p>{html.escape(text) if self.hardened else text}</p>", {}
            if path == "/user":
                return 200, f"<p>{html.escape(str(self._ages(query.get('name', ''))))}</p>", {}
            if path == "/count":
                return 200, f"<p>{self._count(query.get('min', ''))}</p>", {}
            if path == "/file":
                return self._file(query.get("name", ""))
            if path == "/go":
                return self._go(query.get("to", "/"))
        except sqlite3.Error as error:
            # In `user` the error is shown; in `count` it is not, so that only conditions tell.
            shown = f"sqlite3.{type(error).__name__}: {error}" if path == "/user" else "error"
            return 500, "error" if self.hardened else html.escape(shown, quote=False), {}
        return 404, "nothing", {}

    def _ages(self, name: str) -> list[Any]:
        if self.hardened:
            return self._rows("select age from user where name = ?", name)
        return self._rows(f"select age from user where name = '{name}'")

    def _count(self, least: str) -> list[Any]:
        if self.hardened:
            return self._rows("select count(*) from user where age > cast(? as integer)", least)
        return self._rows(f"select count(*) from user where age > {least}")

    def _rows(self, statement: str, *values: str) -> list[Any]:
        database = sqlite3.connect(":memory:")
        try:
            database.executescript(ROWS)
            return database.execute(statement, values).fetchall()
        finally:
            database.close()

    def _file(self, name: str) -> tuple[int, str, dict[str, str]]:
        folder = Path(__file__).parent
        try:
            file = (folder / name).resolve()
            if self.hardened and not file.is_relative_to(folder):
                return 404, "nothing", {}
            return 200, file.read_text("utf-8"), {"Content-Type": "text/plain"}
        except (OSError, ValueError):
            return 404, "nothing", {}

    def _go(self, to: str) -> tuple[int, str, dict[str, str]]:
        if self.hardened and (not to.startswith("/") or to.startswith("//")):
            to = "/"
        return 302, "", {"Location": quote(to, safe=":/?&=%")}
