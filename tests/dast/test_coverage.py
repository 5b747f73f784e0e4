"""One row for each operation and URL: reached, attacked, left out, or why not."""

from __future__ import annotations

from devsecops_zap.addresses import read_url
from devsecops_zap.coverage import reached, rows
from devsecops_zap.handlers import find_handlers
from devsecops_zap.openapi import Matcher, read_document
from devsecops_zap.requests import Seeds, from_document, from_urls
from tests.targets import vulnerable

ORIGIN = read_url("http://127.0.0.1:8080").origin
SOURCE = """\
openapi: 3.0.0
paths:
  /users/{id}:
    get: {parameters: [{name: id, in: path, required: true}]}
    delete: {parameters: [{name: id, in: path, required: true}]}
  /health: {get: {}}
  /search: {get: {parameters: [{name: q, in: query}]}}
  /broken: {get: {parameters: [{$ref: elsewhere.yaml}]}}
"""


def test_every_operation_has_its_row() -> None:
    document = read_document(SOURCE.encode())
    seeds = from_document(document, ORIGIN)
    whole = Seeds(
        requests=(*seeds.requests, *from_urls(["/robots.txt"], ORIGIN)),
        gaps=seeds.gaps,
        left_out=seeds.left_out,
    )
    matcher = Matcher(document.operations)
    sent = [
        ("GET", f"{ORIGIN}/users/5"), ("GET", f"{ORIGIN}/health"), ("GET", f"{ORIGIN}/search?q=1"),
        ("GET", "http://evil.example/robots.txt"), ("GET", "rubbish"), ("POST", f"{ORIGIN}/users/5"),
    ]  # fmt: skip
    seen = reached(sent, ORIGIN, matcher)
    assert seen == {"GET /users/{id}", "GET /health", "GET /search", "POST /users/5"}
    attacked = reached([("GET", f"{ORIGIN}/users/x%27")], ORIGIN, matcher)
    found = {row.unit.id: (row.unit.kind, row.state, row.why) for row in rows(whole, seen, attacked)}
    assert found == {
        "GET /users/{id}": ("operation", "scanned", ""),
        "GET /health": ("operation", "scanned", ""),
        "GET /search": ("operation", "partial", "not-attacked"),
        "GET /robots.txt": ("url", "not-reached", "no-answer"),
        "GET /broken": ("operation", "not-reached", "no-request"),
        "DELETE /users/{id}": ("operation", "excluded", "changes-state"),
    }
    passive = {row.unit.id: row.state for row in rows(whole, seen, None)}
    assert passive["GET /search"] == "scanned"
    assert [row.unit.id for row in rows(whole, seen, None)] == sorted(found)


def test_every_operation_of_the_vulnerable_service_has_its_handler() -> None:
    path = vulnerable.DOCUMENT_FILE.with_name("vulnerable.py")
    text = path.read_text()
    handlers = find_handlers(["vulnerable.py"], lambda _: text.encode())
    for operation in read_document(vulnerable.DOCUMENT_FILE.read_bytes()).operations:
        found = handlers.find(operation.method, operation.template)
        assert found is not None, operation.id
        assert found.region is not None
        route = text.splitlines()[found.region.start_line - 2]
        assert operation.template.split("{")[0] in route
        assert f"app.{operation.method.lower()}" in route
