# ruff: noqa: E501
"""OpenAPI documents in three versions, whole and hostile; concrete requests; from a URL to its operation."""

from __future__ import annotations

import json
import re
from time import perf_counter
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from devsecops_zap.addresses import Origin, read_url
from devsecops_zap.openapi import Document, DocumentError, Matcher, Node, Values, read_document, read_nodes
from devsecops_zap.openapi.texts import text_of_pattern
from devsecops_zap.requests import Point, Request, from_document, from_urls

TARGET = Origin(scheme="http", host="127.0.0.1", port=8080)

USERS = """\
openapi: 3.0.3
info: {title: Users, version: "1"}
servers:
  - url: https://{where}.prod.example/{version}/
    variables: {where: {default: www}, version: {default: v1}}
security: [{key: []}]
paths:
  /users/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: integer, minimum: 5}}
    get:
      operationId: getUser
      parameters:
        - $ref: '#/components/parameters/Verbose'
        - {name: X-Trace, in: header, schema: {type: string, format: uuid}}
        - {name: session, in: cookie, required: true, schema: {type: string, example: "a b"}}
        - {name: tags, in: query, schema: {type: array, items: {type: string, enum: [x, y]}, minItems: 2}}
        - {name: filter, in: query, style: deepObject, schema: {type: object, properties: {age: {type: integer}}}}
    put:
      security: []
      requestBody:
        required: true
        content:
          application/json:
            schema: {$ref: '#/components/schemas/User'}
          application/x-www-form-urlencoded:
            schema: {type: object, required: [name], properties: {name: {type: string, example: "O'Neil & co"}}}
          application/xml: {schema: {type: string}}
    delete: {}
  /health:
    get: {summary: "on: off"}
components:
  parameters:
    Verbose: {name: verbose, in: query, schema: {type: boolean}}
  schemas:
    Base: {type: object, required: [id], properties: {id: {type: integer, readOnly: true}, kind: {type: string, enum: [admin]}}}
    User:
      allOf:
        - $ref: '#/components/schemas/Base'
        - type: object
          required: [name, address]
          properties:
            nick: {type: string, minLength: 12}
            name: {type: string, pattern: '^[A-Z]{3}-\\d{4}$'}
            address: {$ref: '#/components/schemas/Address'}
            friends: {type: array, items: {$ref: '#/components/schemas/User'}}
    Address: {type: object, properties: {zip: {type: string, maxLength: 5}, home: {$ref: '#/components/schemas/Address'}}}
"""

PETS = """\
{
  "swagger": "2.0",
  "info": {"title": "Pets \\ud83d\\ude00 \\/", "version": "1"},
  "host": "prod.example", "basePath": "/v2/../api", "schemes": ["https"],
  "consumes": ["application/json"],
  "paths": {
    "/pets": {
      "get": {
        "parameters": [
          {"name": "status", "in": "query", "type": "array", "items": {"type": "string", "enum": ["sold"]},
           "collectionFormat": "multi", "required": true},
          {"name": "ids", "in": "query", "type": "array", "items": {"type": "integer"}, "collectionFormat": "pipes"}
        ]
      },
      "post": {
        "parameters": [{"name": "pet", "in": "body", "required": true, "schema": {"$ref": "#/definitions/Pet"}}]
      }
    },
    "/pets/{name}/photo": {
      "post": {
        "consumes": ["multipart/form-data"],
        "parameters": [
          {"name": "name", "in": "path", "required": true, "type": "string"},
          {"name": "caption", "in": "formData", "type": "string", "default": "hello"},
          {"name": "file", "in": "formData", "type": "file"}
        ]
      }
    }
  },
  "definitions": {"Pet": {"type": "object", "properties": {"name": {"type": "string", "example": "Rex"}}}}
}
"""

NEW = {
    "openapi": "3.1.0",
    "info": {"title": "New", "version": "1"},
    "servers": [{"url": "/base"}],
    "paths": {
        "/things/{kind}.{format}": {
            "get": {
                "parameters": [
                    {"name": "kind", "in": "path", "required": True, "schema": {"const": "big one"}},
                    {"name": "format", "in": "path", "required": True, "schema": {"type": ["null", "string"], "examples": ["csv"]}},
                    {"name": "q", "in": "query", "content": {"application/json": {"schema": {"type": "object", "properties": {"a": {"exclusiveMinimum": 3, "type": "integer"}}}}}},
                ]
            }
        },
        "/pairs": {
            "post": {"requestBody": {"content": {"application/vnd.x+json": {"schema": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "number", "multipleOf": 5}]}}}}}
        },
    },
    "webhooks": {"x": {"post": {}}},
}  # fmt: skip


def document(source: str | dict[str, Any]) -> Document:
    return read_document((source if isinstance(source, str) else json.dumps(source)).encode())


def requests(source: str | dict[str, Any], **settings: Any) -> dict[str, list[Request]]:
    seeds = from_document(document(source), TARGET, **settings)
    out: dict[str, list[Request]] = {}
    for request in seeds.requests:
        out.setdefault(request.operation, []).append(request)
    return out


def test_operations_and_their_lines() -> None:
    read = document(USERS)
    lines = USERS.splitlines()
    assert {one.id: lines[one.line - 1].strip() for one in read.operations} == {
        "GET /users/{id}": "get:",
        "PUT /users/{id}": "put:",
        "DELETE /users/{id}": "delete: {}",
        "GET /health": 'get: {summary: "on: off"}',
    }
    assert (read.version, read.base) == ("3.0", "/v1")
    get, put = read.operations[0], read.operations[1]
    assert get.name == "getUser"
    assert {(p.name, p.place, p.required) for p in get.parameters} == {
        ("id", "path", True), ("verbose", "query", False), ("X-Trace", "header", False),
        ("session", "cookie", True), ("tags", "query", False), ("filter", "query", False),
    }  # fmt: skip
    assert get.security == (("key",),)
    assert put.security == ()
    assert [body.media for body in put.bodies] == [
        "application/json", "application/x-www-form-urlencoded", "application/xml",
    ]  # fmt: skip


def test_the_same_document_as_json_has_the_same_operations() -> None:
    plain = yaml.safe_load(USERS)
    one, other = document(USERS), document(plain)
    assert [operation.id for operation in one.operations] == [operation.id for operation in other.operations]
    assert [r.url for r in from_document(one, TARGET, change_state=True).requests] == [
        r.url for r in from_document(other, TARGET, change_state=True).requests
    ]
    text = json.dumps(plain, indent=2)
    assert '"get": {' in text.splitlines()[document(text).operations[0].line - 1]


def test_requests_go_to_the_target_with_all_parameters_and_with_the_required_ones() -> None:
    whole, least = requests(USERS)["GET /users/{id}"]
    assert whole.url == ("http://127.0.0.1:8080/v1/users/5?verbose=true&tags=x&tags=x&filter%5Bage%5D=1")
    assert dict(whole.headers) == {
        "X-Trace": "123e4567-e89b-42d3-a456-426614174000",
        "Cookie": "session=a%20b",
    }
    assert least.url == "http://127.0.0.1:8080/v1/users/5"
    assert not least.all_parameters
    assert Point(place="path", name="id", position=3) in whole.points
    assert [point.name for point in whole.points if point.place == "path"] == ["id"]
    assert {(p.place, p.name) for p in whole.points} == {
        ("path", "id"), ("query", "verbose"), ("query", "tags"), ("query", "filter"),
        ("header", "X-Trace"), ("cookie", "session"),
    }  # fmt: skip


def test_what_changes_state_is_asked_for_only_where_it_may() -> None:
    seeds = from_document(document(USERS), TARGET)
    assert {request.method for request in seeds.requests} == {"GET"}
    assert [operation.id for operation in seeds.left_out] == ["PUT /users/{id}", "DELETE /users/{id}"]
    allowed = from_document(document(USERS), TARGET, change_state=True)
    assert allowed.left_out == ()
    assert {request.method for request in allowed.requests} == {"GET", "PUT", "DELETE"}


def test_bodies() -> None:
    put = requests(USERS, change_state=True)["PUT /users/{id}"]
    whole, form, least, *_ = put
    body = json.loads(whole.body)
    assert body["name"] == "AAA-1111"
    assert body["kind"] == "admin"
    assert "id" not in body
    assert len(body["nick"]) == 12
    assert len(body["address"]["zip"]) == 5
    assert body["friends"][0]["name"] == "AAA-1111"
    assert dict(whole.headers)["Content-Type"] == "application/json"
    assert {"name", "address.zip", "kind"} <= {p.name for p in whole.points if p.place == "json"}
    assert form.body == "name=O%27Neil+%26+co"
    assert json.loads(least.body) == {"name": "AAA-1111", "address": {}}


def test_openapi_2() -> None:
    found = requests(PETS, change_state=True)
    assert document(PETS).base == "/v2/api"
    assert found["GET /pets"][0].url == "http://127.0.0.1:8080/v2/api/pets?status=sold&ids=1"
    assert found["POST /pets"][0].body == '{"name": "Rex"}'
    photo = found["POST /pets/{name}/photo"][0]
    assert dict(photo.headers)["Content-Type"].startswith("multipart/form-data; boundary=")
    assert 'name="caption"\r\n\r\nhello\r\n' in photo.body
    assert photo.url == "http://127.0.0.1:8080/v2/api/pets/devsecops/photo"


def test_openapi_3_1() -> None:
    found = requests(NEW, change_state=True)
    thing = found["GET /things/{kind}.{format}"][0]
    assert thing.url == "http://127.0.0.1:8080/base/things/big%20one.csv?q=%7B%22a%22%3A%204%7D"
    assert [point.position for point in thing.points if point.place == "path"] == [3, 3]
    assert found["POST /pairs"][0].body == '["devsecops", 5]'


def test_the_base_path_of_the_target_wins() -> None:
    assert requests(USERS, base="/app")["GET /health"][0].url == "http://127.0.0.1:8080/app/health"


@pytest.mark.parametrize(
    ("parameter", "why"),
    [
        ({"$ref": "https://evil.example/p.json"}, "leads out of the document"),
        ({"$ref": "other.yaml#/p"}, "leads out of the document"),
        ({"$ref": "#/components/none"}, "leads to nothing"),
        ({"$ref": "#components"}, "leads to nothing"),
        ({"$ref": "#/components/a"}, "in a circle"),
        ({"name": "x", "in": "nowhere"}, "in no known place"),
        ({"name": "x\r\nEvil", "in": "header", "schema": {"type": "string"}}, "not the name of a header"),
        ({"name": "x;y", "in": "cookie", "schema": {"type": "string"}}, "not the name of a header"),
        ({"name": "x", "in": "query", "schema": {"$ref": "#/components/deep"}}, "requires itself"),
        ({"name": "x", "in": "query", "schema": {"$ref": "http://evil.example/"}}, "leads out"),
    ],
)
def test_what_cannot_be_asked_for_is_a_gap_with_its_reason(parameter: dict[str, Any], why: str) -> None:
    source = {
        "openapi": "3.0.0",
        "paths": {"/a": {"get": {"parameters": [parameter]}}, "/b": {"get": {}}},
        "components": {
            "a": {"$ref": "#/components/b"}, "b": {"$ref": "#/components/a"},
            "deep": {"type": "object", "required": ["d"], "properties": {"d": {"$ref": "#/components/deep"}}},
        },
    }  # fmt: skip
    seeds = from_document(document(source), TARGET)
    assert [request.operation for request in seeds.requests] == ["GET /b"]
    assert [gap.operation for gap in seeds.gaps] == ["GET /a"]
    assert why in seeds.gaps[0].why
    assert seeds.gaps[0].line >= 1


def test_more_gaps() -> None:
    source = """\
openapi: 3.0.0
paths:
  /a/{id}: {get: {}}
  b: {get: {}}
  /c: {$ref: other.yaml}
  /d/../e: {get: {}}
  /f: {post: {requestBody: {content: {application/xml: {schema: {}}}}}}
"""
    seeds = from_document(document(source), TARGET, change_state=True)
    assert seeds.requests == ()
    assert {gap.operation: gap.line for gap in seeds.gaps} == {
        "GET /a/{id}": 3, "GET b": 4, "ANY /c": 5, "GET /d/../e": 6, "POST /f": 7,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"), (b"[]", "not an OpenAPI document"), (b"openapi: 4.0.0", "4.0.0 is not one"),
        (b"swagger: '1.2'", "not one that is read"), (b"{", "did not find"), (b"a: b\n c: d", "line 2"),
        (b"\xff\xfe", "not UTF-8"), (b"a: 1\na: 2", "line 2: the key 'a' stands there twice"),
        (b"--- {}\n--- {}", "a second document"), (b"a: *x", "alias"), (b"a: &a [*a]", "alias"),
        (b"? [a]\n: b", "a key is not text"), (b"[" * 5_000, "deep"), (b"{\"a\":" * 5_000, "deep"),
        (b"!!python/object/apply:os.system ['true']", "not an OpenAPI document"),
        (b" " * ((16 << 20) + 1), "larger than 16 MB"),
    ],
)  # fmt: skip
def test_documents_that_are_none(data: bytes, why: str) -> None:
    with pytest.raises(DocumentError, match=re.escape(why)):
        read_document(data)


def test_bombs_end_soon() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    bomb = "\n".join(lines)
    source = f"openapi: 3.0.0\n{bomb}\npaths:\n  /a: {{get: {{parameters: [{{name: q, in: query, example: *a11}}]}}}}\n"
    all_of = {f"s{n}": {"allOf": [{"$ref": f"#/components/s{n + 1}"}] * 10} for n in range(20)}
    wide = {
        "openapi": "3.0.0",
        "components": {**all_of, "s20": {"type": "object", "properties": {"a": {"type": "string"}}}},
        "paths": {
            "/b": {
                "get": {"parameters": [{"name": "q", "in": "query", "schema": {"$ref": "#/components/s0"}}]}
            }
        },
    }
    deep = "openapi: 3.0.0\nd0: &d0 x\n" + "".join(
        f"d{n}: &d{n} {'[' * 150}*d{n - 1}{']' * 150}\n" for n in range(1, 40)
    )
    deep += "paths: {/c: {get: {parameters: [{name: q, in: query, example: *d39}]}}}\n"
    started = perf_counter()
    for text in (source, json.dumps(wide), deep):
        seeds = from_document(document(text), TARGET)
        assert seeds.requests == ()
        assert len(seeds.gaps) == 1
    assert perf_counter() - started < 5


def test_how_much_is_read_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devsecops_zap.openapi.nodes.MOST_NODES", 20)
    assert read_nodes(b"[1, 2, 3]").plain() == [1, 2, 3]
    with pytest.raises(DocumentError, match="more than 20 values"):
        read_nodes(b"[" + b"1," * 30 + b"1]")
    monkeypatch.undo()
    monkeypatch.setattr("devsecops_zap.openapi.document.MOST_OPERATIONS", 3)
    with pytest.raises(DocumentError, match="more than 3 operations"):
        document(USERS)


def test_yaml_words_are_those_of_version_1_2() -> None:
    node = read_nodes(b"{on: no, 200: 2024-01-01, a: 0o17, b: null, c: .5, d: 'true', e: TRUE, f: 1e999}")
    assert node.plain() == {
        "on": "no", "200": "2024-01-01", "a": "0o17", "b": None, "c": 0.5, "d": "true", "e": True, "f": "1e999",
    }  # fmt: skip


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(10**9), 10**9), st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(
    st.one_of(st.lists(JSON), st.dictionaries(st.text(max_size=6), JSON)),
    st.booleans(),
    st.sampled_from([None, 1]),
)
@example(["a\x85b", "\u2028", "\u2029 c"], False, None)
def test_json_is_read_as_json(value: Any, escaped: bool, indent: int | None) -> None:
    text = json.dumps(value, ensure_ascii=escaped, indent=indent)
    try:
        data = text.encode()
        read = read_nodes(data)
    except (UnicodeEncodeError, DocumentError):
        assert not escaped or "\\u" in text or "\x7f" in text
        return
    if "\\ud" not in text:
        assert read.plain() == value


SCHEMA = st.recursive(
    st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(["string", "integer", "number", "boolean", "array", "object", ["null", "string"], 7]),
            "format": st.sampled_from(["date", "uuid", "nope"]), "enum": st.lists(st.integers(), max_size=2),
            "minimum": st.integers(-9, 9), "maximum": st.integers(-9, 9), "multipleOf": st.integers(-2, 5),
            "exclusiveMinimum": st.one_of(st.booleans(), st.integers(-9, 9)), "minLength": st.integers(-1, 20),
            "maxLength": st.integers(-1, 20), "minItems": st.integers(-1, 5), "example": st.text(max_size=5),
            "pattern": st.text(alphabet="ab[]^$\\d+*{2},()|.", max_size=8), "required": st.lists(st.sampled_from("ab")),
            "$ref": st.sampled_from(["#", "#/paths", "x", "#/a~1b"]),
        },
    ),
    lambda inner: st.fixed_dictionaries(
        {},
        optional={
            "properties": st.dictionaries(st.sampled_from("ab"), inner), "items": inner,
            "allOf": st.lists(inner, max_size=2), "oneOf": st.lists(inner, max_size=2),
        },
    ),
    max_leaves=8,
)  # fmt: skip
PARAMETER = st.fixed_dictionaries(
    {
        "name": st.text(min_size=1, max_size=6),
        "in": st.sampled_from(["query", "header", "cookie"]),
        "schema": SCHEMA,
    }
)


@given(
    st.text(alphabet="ab/.{}@:?#\\%\r\n é", max_size=10),
    st.lists(PARAMETER, max_size=3),
    st.one_of(st.none(), SCHEMA),
    st.text(alphabet="abc:/.@{}\\ ?#", max_size=14),
    st.sampled_from(["application/json", "text/plain", "multipart/form-data", "a/b+json", "text/\r\nx"]),
)
def test_no_document_leads_a_request_out_of_the_target(
    path: str, parameters: list[Any], body: Any, server: str, media: str
) -> None:
    """Whatever stands in it: each request is of the target, in one line per header, or there is a gap."""
    operation = {"parameters": parameters}
    if body is not None:
        operation["requestBody"] = {"content": {media: {"schema": body}}}  # type: ignore[assignment]
    source = {"openapi": "3.1.0", "servers": [{"url": server}], "paths": {f"/{path}": {"post": operation}}}
    seeds = from_document(document(source), TARGET, change_state=True)
    assert seeds.requests or seeds.gaps
    for request in seeds.requests:
        assert read_url(request.url).origin == TARGET
        assert request.url.isascii()
        assert "/../" not in f"{request.url}/"
        for name, value in request.headers:
            assert f"{name}{value}".isascii()
            assert f"{name}{value}".isprintable()


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"^[A-Z]{3}-\d{4}$", "AAA-1111"), (r"^\w+@\w+\.com$", "a@a.com"), ("[^a]b?", "1"), (r"a{2,}", "aa"),
        (r"(a|b)", None), ("a|b", None), ("[", None), ("(a+)+$", None), (r"\p{L}", None), ("", ""),
        (r"[\w.-]+", "a"), ("a{9999}", None),
    ],
)  # fmt: skip
def test_texts_of_simple_patterns(pattern: str, text: str | None) -> None:
    assert text_of_pattern(pattern) == text
    if text:
        assert re.fullmatch(pattern, text)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", r"\d", "[b-f]", "[^x1]", ".", r"\.", r"[\d-]"]),
            st.sampled_from(["", "?", "*", "+", "{2}", "{1,3}", "{2,}"]),
        )
    ),
    st.integers(0, 12),
)
def test_a_text_that_is_made_matches(parts: list[tuple[str, str]], least: int) -> None:
    pattern = "".join(map("".join, parts))
    text = text_of_pattern(f"^{pattern}$", least)
    assert text is not None
    assert re.fullmatch(pattern, text)


@given(st.integers(-50, 50), st.integers(0, 50), st.booleans(), st.sampled_from([None, 1, 3]))
def test_numbers_are_within_their_bounds(low: int, room: int, exclusive: bool, multiple: int | None) -> None:
    high = low + room + 6
    schema: dict[str, Any] = {
        "type": "integer",
        "minimum": low,
        "maximum": high,
        "exclusiveMinimum": exclusive,
    }
    if multiple:
        schema["multipleOf"] = multiple
    value = Values(document(NEW)).of(read_nodes(json.dumps(schema).encode()))
    assert low + exclusive <= value <= high
    assert value % (multiple or 1) == 0


def test_from_a_url_back_to_its_operation() -> None:
    read = document(
        {
            "openapi": "3.0.0",
            "paths": {
                path: {
                    "get": {"parameters": [{"name": n, "in": "path"} for n in re.findall(r"{(\w+)}", path)]}
                }
                for path in [
                    "/users/{id}",
                    "/users/me",
                    "/{a}/b",
                    "/f/{name}.{ext}",
                    "/",
                    "/a%20b",
                    "/x{y}z{w}",
                ]
            },
        }
    )
    matcher = Matcher(read.operations, "/v1")
    for path, template in {
        "/v1/users/5": "/users/{id}", "/v1/users/5/": "/users/{id}", "/v1/users/me": "/users/me",
        "/v1/users/x%27%20OR%201": "/users/{id}", "/v1/users/b": "/users/{id}", "/v1/z/b": "/{a}/b",
        "/v1/f/a.b.csv": "/f/{name}.{ext}", "/v1": "/", "/v1/": "/", "/v1/a b": "/a%20b", "/v1/x1z2": "/x{y}z{w}",
        "/v1/users": None, "/v1/f/a": None, "/v2/users/5": None, "/v11": None, "/v1/xz2": None, "/v1/x1z": None,
    }.items():  # fmt: skip
        found = matcher.find("get", path)
        assert (found.template if found else None) == template, path
    assert matcher.find("POST", "/v1/users/me") is not None


def test_every_request_is_of_the_operation_that_it_was_made_of() -> None:
    for source in (USERS, PETS, json.dumps(NEW)):
        read = document(source)
        matcher = Matcher(read.operations, read.base)
        for request in from_document(read, TARGET, change_state=True).requests:
            found = matcher.find(request.method, read_url(request.url).path)
            assert found is not None
            assert found.id == request.operation


def test_plain_lists_of_urls() -> None:
    found = from_urls(["/a?x=1&y=2&x=3", "http://127.0.0.1:8080/b c/é", "d"], TARGET)
    assert [request.url for request in found] == [
        "http://127.0.0.1:8080/a?x=1&y=2&x=3", "http://127.0.0.1:8080/b%20c/%C3%A9", "http://127.0.0.1:8080/d",
    ]  # fmt: skip
    assert found[0].operation == "GET /a"
    assert [point.name for point in found[0].points] == ["x", "y"]
    with pytest.raises(DocumentError):
        from_urls(["http://127.0.0.1:80800/"], TARGET)


def test_a_large_document_is_read_soon() -> None:
    paths = {
        f"/r{n}/{{id}}": {
            "get": {"parameters": [{"name": "id", "in": "path", "schema": {"type": "integer"}}]}
        }
        for n in range(5_000)
    }
    text = json.dumps({"openapi": "3.0.0", "paths": paths}).encode()
    started = perf_counter()
    assert len(from_document(read_document(text), TARGET).requests) == 5_000
    assert perf_counter() - started < 10
    assert isinstance(read_nodes(b"a: 1").get("a"), Node)
