"""examples/shop/api as it is, on loopback, with a database of its own: for scans of source and service.

Only what a scan of the source does not see is done here: tables are made, and the debugger's page, which
the example turns on, is shown without its console.
"""

from __future__ import annotations

import importlib
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from werkzeug.debug import DebuggedApplication

from tests.targets.serving import Counter, Service, main, of_app, scratch

FOLDER = Path(__file__).parents[2] / "examples/shop/api"
_TABLES = """\
CREATE TABLE products (id INTEGER, name TEXT, price REAL);
INSERT INTO products VALUES (1, 'lamp', 9.5), (2, 'chair', 49);
CREATE TABLE orders (id INTEGER, customer TEXT, total REAL);
INSERT INTO orders VALUES (1, 'bob', 58.5);
"""


def make(port: int = 0) -> Service[Counter]:
    """Return the example service."""
    names = ("app", "settings")
    before = {name: sys.modules.pop(name) for name in names if name in sys.modules}
    sys.path.insert(0, str(FOLDER))
    try:
        app = importlib.import_module("app")
    finally:
        sys.path.remove(str(FOLDER))
        for name in names:
            sys.modules.pop(name, None)
        sys.modules.update(before)
    path = str(scratch("shop") / "shop.db")
    vars(app)["DATABASE"] = path
    with closing(sqlite3.connect(path)) as database:
        database.executescript(_TABLES)
    app.app.debug = True
    return of_app(DebuggedApplication(app.app, evalex=False), Counter(), port)


if __name__ == "__main__":
    main(make)
