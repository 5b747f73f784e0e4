"""A service without a flaw, with the operations of the vulnerable one: a scanner has nothing to say of it."""

from __future__ import annotations

import html
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from flask import Flask, Response, request

from tests.targets.serving import Counter, Service, main, of_app

DOCUMENT_FILE = Path(__file__).with_name("vulnerable.openapi.yaml")
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
WHO = ("User-Agent", "X-Team", "X-More")
"""Headers by whose values requests are counted."""
_TABLES = "CREATE TABLE things (name TEXT, price REAL); INSERT INTO things VALUES ('lamp', 9.5), ('bob', 1);"
_PAGE = """\
<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Good shop</title></head><body>
<a href="/search?q=lamp">Search</a> <a href="/products?name=lamp">Products</a>
<a href="/users/bob">Bob</a>
<a href="/hello/bob">Hello</a> <a href="/files?name=readme.txt">Files</a>
<a href="/go?to=/">Go</a></body></html>
"""
_FILES = {"readme.txt": "Welcome to the good shop.\n"}
_PAGES = {"/": "/", "/search": "/search"}


def application(counter: Counter) -> Flask:
    """Return the service."""
    app = Flask(__name__)

    @app.before_request
    def count() -> None:
        counter.add("requests")
        for name in WHO:
            counter.add(f"{name}: {', '.join(request.headers.getlist(name))}")

    @app.after_request
    def harden(response: Response) -> Response:
        response.headers.update(HEADERS)
        return response

    @app.errorhandler(404)
    @app.errorhandler(405)
    def wrong(error: Any) -> Response:
        return Response("not here", error.code, mimetype="text/plain")

    @app.get("/")
    def index() -> str:
        return _PAGE

    @app.get("/openapi.yaml")
    def document() -> Response:
        return Response(DOCUMENT_FILE.read_text(), mimetype="application/yaml")

    _texts(app)
    _data(app)
    return app


def _field(name: str) -> str:
    data = request.get_json(silent=True)
    value = data.get(name) if isinstance(data, dict) else None
    return value if isinstance(value, str) else ""


def _said(text: str) -> str:
    return f'<!DOCTYPE html><html lang="en"><body><p>{html.escape(text)}</p></body></html>'


def _texts(app: Flask) -> None:
    @app.get("/search")
    def search() -> str:
        return _said(request.args.get("q", ""))

    @app.get("/hello/<path:name>")
    def hello(name: str) -> str:
        return _said(name)

    @app.post("/echo")
    def echo() -> str:
        return _said(_field("text"))

    @app.post("/comments")
    def comments() -> str:
        return _said(request.form.get("comment", ""))

    @app.get("/client")
    def client() -> str:
        return _said(request.headers.get("X-Client", ""))

    @app.get("/greeting")
    def greeting() -> str:
        return _said(unquote(request.cookies.get("visitor", "")))


def _data(app: Flask) -> None:
    def asked(value: str) -> Response:
        with closing(sqlite3.connect(":memory:")) as database:
            database.executescript(_TABLES)
            rows = database.execute("SELECT * FROM things WHERE name = ?", (value,)).fetchall()
        return Response(json.dumps({"items": rows}), mimetype="application/json")

    def file(name: str) -> Response:
        text = _FILES.get(name)
        return Response(
            "no such file" if text is None else text, 404 if text is None else 200, mimetype="text/plain"
        )

    def away(where: str) -> Response:
        return Response("", 302, {"Location": _PAGES.get(where, "/")})

    app.get("/products", endpoint="products")(lambda: asked(request.args.get("name", "")))
    app.get("/items", endpoint="items")(lambda: asked(request.args.get("category", "")))
    app.get("/users/<path:name>", endpoint="users")(lambda name: asked(name))
    app.get("/stock/<path:sku>", endpoint="stock")(lambda sku: asked(sku))
    app.get("/tenant", endpoint="tenant")(lambda: asked(request.headers.get("X-Tenant", "")))
    app.get("/theme", endpoint="theme")(lambda: asked(unquote(request.cookies.get("theme", ""))))
    app.post("/orders/search", endpoint="orders")(lambda: asked(_field("customer")))
    app.post("/lookup", endpoint="lookup")(lambda: asked(_field("code")))
    app.post("/login", endpoint="login")(lambda: asked(request.form.get("user", "")))
    app.get("/files", endpoint="files")(lambda: file(request.args.get("name", "")))
    app.get("/download/<path:name>", endpoint="download")(lambda name: file(name))
    app.get("/go", endpoint="go")(lambda: away(request.args.get("to", "")))
    app.post("/leave", endpoint="leave")(lambda: away(request.form.get("next", "")))


def make(port: int = 0) -> Service[Counter]:
    """Return the service; its facts count requests, in all and by what their headers in `WHO` are."""
    counter = Counter()
    return of_app(application(counter), counter, port)


if __name__ == "__main__":
    main(make)
