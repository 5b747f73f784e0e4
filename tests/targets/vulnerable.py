"""A REST service that is bad on purpose: each flaw is listed in FLAWS. Never run it but on loopback."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

from flask import Flask, Response, request

from tests.targets.serving import Counter, Service, main, of_app, scratch

DOCUMENT_FILE = Path(__file__).with_name("vulnerable.openapi.yaml")


class Flaw(NamedTuple):
    """A planted flaw: its class, and the operation and parameter that have it."""

    kind: str
    method: str
    template: str
    place: str
    param: str


FLAWS = (
    Flaw("xss", "GET", "/search", "query", "q"),
    Flaw("xss", "GET", "/hello/{name}", "path", "name"),
    Flaw("xss", "POST", "/echo", "json", "text"),
    Flaw("xss", "POST", "/comments", "form", "comment"),
    Flaw("xss", "GET", "/client", "header", "X-Client"),
    Flaw("xss", "GET", "/greeting", "cookie", "visitor"),
    Flaw("sql-error", "GET", "/products", "query", "name"),
    Flaw("sql-error", "GET", "/users/{name}", "path", "name"),
    Flaw("sql-error", "POST", "/orders/search", "json", "customer"),
    Flaw("sql-error", "POST", "/login", "form", "user"),
    Flaw("sql-error", "GET", "/tenant", "header", "X-Tenant"),
    Flaw("sql-error", "GET", "/theme", "cookie", "theme"),
    Flaw("sql-boolean", "GET", "/items", "query", "category"),
    Flaw("sql-boolean", "GET", "/stock/{sku}", "path", "sku"),
    Flaw("sql-boolean", "POST", "/lookup", "json", "code"),
    Flaw("traversal", "GET", "/files", "query", "name"),
    Flaw("traversal", "GET", "/download/{name}", "path", "name"),
    Flaw("redirect", "GET", "/go", "query", "to"),
    Flaw("redirect", "POST", "/leave", "form", "next"),
    Flaw("headers", "GET", "/", "", ""),
)

_TABLES = """\
CREATE TABLE products (name TEXT, price REAL);
INSERT INTO products VALUES ('lamp', 9.5), ('chair', 49), ('desk', 120);
CREATE TABLE users (name TEXT, email TEXT);
INSERT INTO users VALUES ('bob', 'bob@example.com'), ('eve', 'eve@example.com');
"""
_PAGE = """\
<html><head><title>Bad shop</title></head><body><h1>Bad shop</h1>
<a href="/search?q=lamp">Search</a> <a href="/products?name=lamp">Products</a>
<a href="/users/bob">Bob</a>
<a href="/items?category=lamp">Items</a> <a href="/stock/lamp">Stock</a>
<a href="/files?name=readme.txt">Files</a>
<a href="/hello/bob">Hello</a> <a href="/go?to=/">Go</a> <a href="/download/readme.txt">Download</a>
<form action="/comments" method="post"><input name="comment" value="nice"><input type="submit"></form>
<form action="/login" method="post"><input name="user" value="bob"><input type="submit"></form>
<form action="/leave" method="post"><input name="next" value="/"><input type="submit"></form>
</body></html>
"""


class Shop:
    """The data: a database in memory and a folder with one file."""

    def __init__(self) -> None:
        self.folder = scratch("bad-shop")
        (self.folder / "readme.txt").write_text("Welcome to the bad shop.\n")

    def rows(self, query: str) -> list[Any]:
        """Run a query on a fresh copy, so that no attack leaves anything behind."""
        with closing(sqlite3.connect(":memory:")) as database:
            database.executescript(_TABLES)
            return database.execute(query).fetchall()

    def file(self, name: str) -> Response:
        """Return what stands under a name: the flaw is that it may be any."""
        try:
            return Response((self.folder / name).read_bytes(), mimetype="text/plain")
        except (OSError, ValueError):
            return Response("no such file", 404, mimetype="text/plain")


def application(counter: Counter) -> Flask:
    """Return the service."""
    app, shop = Flask(__name__), Shop()
    app.extensions["shop"] = shop

    @app.before_request
    def count() -> None:
        counter.add("requests")
        counter.add(f"{request.method} {request.path}")

    @app.get("/")
    def index() -> str:
        return _PAGE

    @app.get("/openapi.yaml")
    def document() -> Response:
        return Response(DOCUMENT_FILE.read_text(), mimetype="application/yaml")

    _reflecting(app)
    _telling(app, shop)
    _answering(app, shop)
    _leading(app, shop)
    return app


def _field(name: str) -> str:
    """Return a field of a JSON body; an empty text when there is none."""
    data = request.get_json(silent=True)
    return str(data.get(name, "")) if isinstance(data, dict) else ""


def _cookie(name: str) -> str:
    """Return a cookie percent-decoded, as many services read them."""
    return unquote(request.cookies.get(name, ""))


def _html(text: str) -> str:
    return f"<html><body>{text}</body></html>"


def _reflecting(app: Flask) -> None:
    """Reflected XSS: what came in goes out as it is."""

    @app.get("/search")
    def search() -> str:
        return _html(f"<p>Nothing found for {request.args.get('q', '')}</p>")

    @app.get("/hello/<path:name>")
    def hello(name: str) -> str:
        return _html(f"<p>Hello {name}</p>")

    @app.post("/echo")
    def echo() -> str:
        return _html(f"<p>{_field('text')}</p>")

    @app.post("/comments")
    def comments() -> str:
        return _html(f"<p>Thanks for: {request.form.get('comment', '')}</p>")

    @app.get("/client")
    def client() -> str:
        return _html(f"<p>Your client is {request.headers.get('X-Client', '')}</p>")

    @app.get("/greeting")
    def greeting() -> str:
        return _html(f"<p>Welcome back, {_cookie('visitor')}</p>")


def _telling(app: Flask, shop: Shop) -> None:
    """SQL injection that answers with the database's error."""

    def asked(column: str, table: str, value: str) -> Response:
        try:
            rows = shop.rows(f"SELECT * FROM {table} WHERE {column} = '{value}'")
        except sqlite3.Error as error:
            return Response(f"sqlite3.{type(error).__name__}: {error}", 500, mimetype="text/plain")
        return Response(json.dumps(rows), mimetype="application/json")

    @app.get("/products")
    def products() -> Response:
        return asked("name", "products", request.args.get("name", ""))

    @app.get("/users/<path:name>")
    def user(name: str) -> Response:
        return asked("name", "users", name)

    @app.post("/orders/search")
    def orders() -> Response:
        return asked("name", "users", _field("customer"))

    @app.post("/login")
    def login() -> Response:
        return asked("name", "users", request.form.get("user", ""))

    @app.get("/tenant")
    def tenant() -> Response:
        return asked("name", "users", request.headers.get("X-Tenant", ""))

    @app.get("/theme")
    def theme() -> Response:
        return asked("name", "users", _cookie("theme"))


def _answering(app: Flask, shop: Shop) -> None:
    """SQL injection that says no error: only the answer differs."""

    def asked(value: str) -> Response:
        try:
            rows = shop.rows(f"SELECT price FROM products WHERE name = '{value}'")
        except sqlite3.Error:
            rows = []
        return Response(json.dumps({"prices": rows}), mimetype="application/json")

    @app.get("/items")
    def items() -> Response:
        return asked(request.args.get("category", ""))

    @app.get("/stock/<path:sku>")
    def stock(sku: str) -> Response:
        # A plus is a space here, as ZAP 2.11.1 writes one in a path.
        return asked(sku.replace("+", " "))

    @app.post("/lookup")
    def lookup() -> Response:
        return asked(_field("code"))


def _leading(app: Flask, shop: Shop) -> None:
    """Path traversal and open redirects."""

    def away(where: str) -> Response:
        plain = where.replace("\r", "").replace("\n", "")
        return Response("", 302, {"Location": plain or "/"})

    @app.get("/files")
    def files() -> Response:
        return shop.file(request.args.get("name", ""))

    @app.get("/download/<path:name>")
    def download(name: str) -> Response:
        return shop.file(name)

    @app.get("/go")
    def go() -> Response:
        return away(request.args.get("to", "/"))

    @app.post("/leave")
    def leave() -> Response:
        return away(request.form.get("next", "/"))


def make(port: int = 0) -> Service[Counter]:
    """Return the service; its facts count requests."""
    counter = Counter()
    return of_app(application(counter), counter, port)


if __name__ == "__main__":
    main(make)
