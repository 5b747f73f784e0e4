"""The example shop, served with a database of its own: only what asks that database may be attacked.

Its other operations run commands and code of whoever asks: they are turned away, and its document leaves them
out. The debugger's page, which the example turns on, is shown without its console.
"""

from __future__ import annotations

import importlib.util
import sqlite3
import sys
from pathlib import Path
from types import ModuleType

from flask import Flask, Response, request
from werkzeug.debug import DebuggedApplication

from tests.targets.serving import Counter, Service, main, of_app

ROOT = Path(__file__).parents[2] / "examples" / "shop"
DOCUMENT = "api/openapi.yaml"
_TABLES = """\
CREATE TABLE products (id INTEGER, name TEXT, price REAL);
INSERT INTO products VALUES (1, 'lamp', 9.5), (2, 'chair', 49);
CREATE TABLE orders (id INTEGER, customer TEXT, total REAL);
INSERT INTO orders VALUES (1, 'bob', 58.5), (2, 'eve', 9.5);
"""


def make(port: int = 0) -> Service[Counter]:
    """Return the shop's API, listening."""
    module, counter = _load(), Counter()

    def database() -> sqlite3.Connection:
        made = sqlite3.connect(":memory:")
        made.executescript(_TABLES)
        return made

    module.database = database  # type: ignore[attr-defined]

    def only_what_is_safe() -> Response | None:
        counter.add(f"{request.method} {request.path}")
        safe = request.path.startswith(("/products", "/orders/"))
        return None if safe else Response("not here", 404)

    app: Flask = module.app
    app.before_request(only_what_is_safe)
    app.debug = True
    return of_app(DebuggedApplication(app, evalex=False), counter, port)


def _load() -> ModuleType:
    """Return the module of the API, a new one each time; it finds its own settings beside it."""
    folder = str(ROOT / "api")
    spec = importlib.util.spec_from_file_location("examples_shop_app", ROOT / "api" / "app.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, folder)
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(folder)
        sys.modules.pop("settings", None)
    return module


if __name__ == "__main__":
    main(make)
