"""Concrete requests: of the operations of a document and of plain lists of URLs, all to the one target."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, Literal
from urllib.parse import quote, unquote, urlencode

import msgspec

from devsecops_zap.addresses import Origin, read_url
from devsecops_zap.fence import leaves
from devsecops_zap.openapi.document import PATH_SAFE, Body, Document, Gap, Operation, Parameter
from devsecops_zap.openapi.nodes import DocumentError
from devsecops_zap.openapi.values import Values

BOUNDARY = "devsecops-5e0c1f7a"
_FORM, _MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
_JOINS = {"spaceDelimited": " ", "pipeDelimited": "|", "tabDelimited": "\t"}
_SAFE_HEADER = "".join(chr(n) for n in range(0x20, 0x7F) if chr(n) != "%")


class Point(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """Where a value of the request can be attacked. Static parts of the path are none."""

    place: Literal["path", "query", "header", "cookie", "form", "json", "body"]
    name: str
    position: int | None = None
    """For a path: the number of the part between slashes, from 1, as ZAP counts."""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One request. `operation` is its coverage unit: ``GET /users/{id}``, or for a plain URL its path."""

    operation: str
    kind: Literal["operation", "url"] = "operation"
    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    points: tuple[Point, ...] = ()
    all_parameters: bool = True
    """Whether optional parameters are set too."""


class Seeds(msgspec.Struct, frozen=True, kw_only=True):
    """What can be asked for, and what cannot, and why."""

    requests: tuple[Request, ...]
    gaps: tuple[Gap, ...] = ()
    left_out: tuple[Operation, ...] = ()
    """Operations that change state, where the policy does not allow them."""


def from_document(document: Document, origin: Origin, *, base: str = "", change_state: bool = False) -> Seeds:
    """Return the requests of a document's operations.

    Args:
        document: its hosts are never used.
        origin: where requests go.
        base: the target's own base path; when it has one, that of the document is not used.
        change_state: whether operations other than GET, HEAD and OPTIONS are asked for.
    """
    start = f"{origin}{base or document.base}"
    requests: list[Request] = []
    gaps = list(document.gaps)
    left_out: list[Operation] = []
    for operation in document.operations:
        if operation.changes_state and not change_state:
            left_out.append(operation)
            continue
        try:
            requests += _of(document, operation, start)
        except DocumentError as error:
            gaps.append(Gap(line=operation.line, operation=operation.id, why=str(error)))
    return Seeds(requests=tuple(requests), gaps=tuple(sorted(gaps)), left_out=tuple(left_out))


def from_urls(urls: Iterable[str], origin: Origin) -> tuple[Request, ...]:
    """Return GET requests of paths and URLs of one target; raises DocumentError for one of another."""
    out = []
    for written in urls:
        text = quote(written, safe="/?#[]%:@!$&'()*+,;=~\\")
        if leaves(origin, text) is not None:
            raise DocumentError(f"{written[:200]!r} is not of {origin}")
        url = read_url(text) if "://" in text.partition("?")[0] else read_url(f"{origin}/{text.lstrip('/')}")
        query = f"?{url.query}" if url.query else ""
        names = dict.fromkeys(pair.partition("=")[0] for pair in url.query.split("&") if pair)
        points = tuple(Point(place="query", name=name) for name in names)
        path = url.path or "/"
        out.append(
            Request(
                operation=f"GET {path}", kind="url", method="GET", url=f"{origin}{path}{query}", points=points
            )
        )
    return tuple(out)


def _of(document: Document, operation: Operation, start: str) -> Iterator[Request]:
    bodies = _bodies(operation)
    seen = set()
    for optional in (True, False):
        values = Values(document, optional=optional)
        chosen = [p for p in operation.parameters if optional or p.required]
        chosen.sort(key=lambda p: not p.required)
        for body in bodies if optional or any(b and b.required for b in bodies) else (None,):
            request = _request(operation, chosen, body, values, start, optional)
            if (request.url, request.headers, request.body) not in seen:
                seen.add((request.url, request.headers, request.body))
                yield request


def _bodies(operation: Operation) -> tuple[Body | None, ...]:
    """Return the bodies that can be written; DocumentError when there are some and none can."""
    written = [body for body in operation.bodies if _writable(body.media)]
    if operation.bodies and not written:
        kinds = ", ".join(sorted(body.media[:60] for body in operation.bodies))
        raise DocumentError(f"line {operation.line}: no body of the type {kinds} is written")
    return tuple(written) or (None,)


def _kind(media: str) -> str:
    return media.partition(";")[0].strip().lower()


def _writable(media: str) -> bool:
    kind = _kind(media)
    if not media.isascii() or not media.isprintable():
        return False
    return kind in (_FORM, _MULTIPART, "*/*") or kind.startswith("text/") or _is_json(kind)


def _is_json(kind: str) -> bool:
    return kind in ("application/json", "*/*", "application/*") or kind.endswith("+json")


def _request(
    operation: Operation,
    parameters: list[Parameter],
    body: Body | None,
    values: Values,
    start: str,
    every: bool,
) -> Request:
    headers: list[tuple[str, str]] = []
    query: list[tuple[str, str]] = []
    cookies: list[tuple[str, str]] = []
    form: dict[str, Any] = {}
    paths: dict[str, str] = {}
    points: list[Point] = []
    for parameter in parameters:
        value = values.of(parameter.schema, parameter.node)
        if parameter.place == "form":
            form[parameter.name] = value
        elif parameter.place == "path":
            paths[parameter.name] = _one(value) or "1"
        elif parameter.place == "query":
            query += _pairs(parameter, value)
        elif parameter.place == "header":
            headers.append((parameter.name, quote(_one(value), safe=_SAFE_HEADER)))
        else:
            cookies.append((_token(parameter.name), quote(_one(value), safe="")))
        if parameter.place != "path":
            points.append(Point(place=parameter.place, name=parameter.name))
    path, where = _path(operation.template, paths, start)
    text, media, inside = _body(operation, body, form, values)
    if cookies:
        headers.append(("Cookie", "; ".join(f"{name}={value}" for name, value in cookies)))
    if media:
        headers.append(("Content-Type", media))
    return Request(
        operation=operation.id,
        method=operation.method,
        url=f"{start}{path}" + (f"?{urlencode(query, quote_via=quote)}" if query else ""),
        headers=tuple((_token(name), value) for name, value in headers),
        body=text,
        points=(*where, *points, *inside),
        all_parameters=every,
    )


def _token(name: str) -> str:
    if not name.isascii() or not all(c.isalnum() or c in "!#$%&'*+-.^_`|~" for c in name):
        raise DocumentError(f"{name[:60]!r} is not the name of a header or a cookie")
    return name


def _path(template: str, values: dict[str, str], start: str) -> tuple[str, list[Point]]:
    """Return the path, and which of its parts are parameters. `start` counts, as ZAP counts the whole."""
    before = start.partition("://")[2].count("/")
    parts, points = [], []
    for position, part in enumerate(template.split("/")):
        filled = ""
        rest = part
        while "{" in rest and "}" in rest:
            literal, _, rest = rest.partition("{")
            name, _, rest = rest.partition("}")
            filled += quote(literal, safe=PATH_SAFE) + quote(values.get(name, "1"), safe="")
            points.append(Point(place="path", name=name, position=before + position))
        parts.append(filled + quote(rest, safe=PATH_SAFE))
    if any(unquote(part) in (".", "..") for part in parts):
        raise DocumentError(f"the path {template[:80]!r} steps out of itself")
    return "/".join(parts), points


def _one(value: Any) -> str:
    """Return a value as text, in the style `simple`."""
    if isinstance(value, list):
        return ",".join(map(_one, value))
    if isinstance(value, dict):
        return ",".join(f"{key},{_one(one)}" for key, one in value.items())
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _pairs(parameter: Parameter, value: Any) -> list[tuple[str, str]]:
    name = parameter.name
    if parameter.media:
        return [
            (name, json.dumps(value, ensure_ascii=False) if _is_json(_kind(parameter.media)) else _one(value))
        ]
    if isinstance(value, dict) and parameter.style == "deepObject":
        return [(f"{name}[{key}]", _one(one)) for key, one in value.items()]
    if isinstance(value, dict) and parameter.explode:
        return [(key, _one(one)) for key, one in value.items()]
    if isinstance(value, list) and parameter.explode:
        return [(name, _one(one)) for one in value]
    if isinstance(value, list):
        return [(name, _JOINS.get(parameter.style, ",").join(map(_one, value)))]
    return [(name, _one(value))]


def _body(
    operation: Operation, body: Body | None, form: dict[str, Any], values: Values
) -> tuple[str, str, list[Point]]:
    """Return the body, its media type and its points."""
    if body is None and not form:
        return "", "", []
    if body is None:
        if operation.multipart:
            return _multipart(form), f"{_MULTIPART}; boundary={BOUNDARY}", []
        return urlencode([(k, _one(v)) for k, v in form.items()]), _FORM, []
    value = values.of(body.schema, body.node)
    kind = _kind(body.media)
    fields = value if isinstance(value, dict) else {}
    if kind == _FORM:
        points = [Point(place="form", name=name) for name in fields]
        return urlencode([(k, _one(v)) for k, v in fields.items()]), _FORM, points
    if kind == _MULTIPART:
        points = [Point(place="form", name=name) for name in fields]
        return _multipart(fields), f"{_MULTIPART}; boundary={BOUNDARY}", points
    if _is_json(kind):
        media = body.media if "*" not in body.media else "application/json"
        return (
            json.dumps(value, ensure_ascii=False),
            media,
            [Point(place="json", name=n) for n in _leaves(value)],
        )
    return _one(value), body.media, [Point(place="body", name="")]


def _leaves(value: Any, before: str = "") -> Iterator[str]:
    """Yield the dotted names of all plain values of a JSON document."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _leaves(one, f"{before}.{key}".lstrip("."))
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from _leaves(one, f"{before}[{index}]")
    else:
        yield before


def _multipart(fields: dict[str, Any]) -> str:
    out = []
    for name, value in fields.items():
        plain = quote(name, safe=" !#$&'()*+,-./:;<=>?@[]^_`{|}~")
        out.append(f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{plain}"\r\n\r\n{_one(value)}\r\n')
    return "".join(out) + f"--{BOUNDARY}--\r\n"
