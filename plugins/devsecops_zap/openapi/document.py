"""OpenAPI 2.0, 3.0 and 3.1 documents: which operations there are, and what each takes.

What a document says of requests is followed, and only within the document: a reference to elsewhere, in a
circle or to nothing makes a gap of the operation that needs it, never a shorter list.
Sources: OpenAPI 2.0, 3.0.4 and 3.1.1; JSON Pointer, RFC 6901.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal
from urllib.parse import quote, unquote, urlsplit

import msgspec

from devsecops_zap.openapi.nodes import DocumentError, Node, read_nodes

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
SAFE = ("GET", "HEAD", "OPTIONS")
MOST_OPERATIONS = 10_000
PATH_SAFE = "%:@!$&'()*+,;=~"
_HOPS = 32
Place = Literal["path", "query", "header", "cookie", "form"]


class Parameter(msgspec.Struct, frozen=True, kw_only=True):
    """A parameter; `node` is its object, `schema` its schema (in OpenAPI 2 the object itself)."""

    name: str
    place: Place
    required: bool
    node: Node
    schema: Node
    style: str = ""
    explode: bool = False
    media: str = ""
    """Set when its value is a whole document of that type (`content`)."""


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """A request body in one media type. `node` may hold examples."""

    media: str
    schema: Node
    node: Node
    required: bool = False


class Gap(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """An operation of which nothing can be asked, and why. `line` is in the document."""

    line: int
    operation: str
    why: str


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One method of one path. `id` is what coverage counts, such as ``GET /users/{id}``."""

    id: str
    method: str
    template: str
    """The path as the document has it: what is before it is `Document.base`."""
    line: int
    name: str = ""
    """operationId."""
    parameters: tuple[Parameter, ...] = ()
    bodies: tuple[Body, ...] = ()
    multipart: bool = False
    """Whether the form parameters of OpenAPI 2 are sent as multipart/form-data."""
    security: tuple[tuple[str, ...], ...] = ()
    """Alternatives, each of the names of its schemes; one that is empty: nobody has to log in."""

    @property
    def changes_state(self) -> bool:
        """Whether the method is one that may change something (RFC 9110, 9.2.1)."""
        return self.method not in SAFE


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A document that was read. `base` is the path before all templates, without a slash at its end."""

    version: str
    root: Node
    base: str
    operations: tuple[Operation, ...]
    gaps: tuple[Gap, ...] = ()

    def follow(self, node: Node) -> Node:
        """Return what `node` refers to, itself without ``$ref``; DocumentError when that is not here."""
        return follow(self.root, node)


def read_document(data: bytes) -> Document:
    """Return the operations in `data` in the document's order.

    Raises:
        DocumentError: not JSON or YAML, or not OpenAPI 2.0, 3.0 or 3.1.
    """
    root = read_nodes(data)
    version = _version(root)
    base = _base(root, version)
    operations: list[Operation] = []
    gaps: list[Gap] = []
    for template, item in _paths(root):
        for method, node, where in _methods(root, template, item):
            name = f"{method} {template}"
            if len(operations) + len(gaps) >= MOST_OPERATIONS:
                raise DocumentError(f"line {item.line}: more than {MOST_OPERATIONS} operations")
            try:
                operations.append(_operation(root, version, template, method, node, where))
            except DocumentError as error:
                gaps.append(Gap(line=node.line, operation=name, why=str(error)))
    return Document(version=version, root=root, base=base, operations=tuple(operations), gaps=tuple(gaps))


def _version(root: Node) -> str:
    for key in ("openapi", "swagger"):
        found = root.get(key)
        text = "" if found is None else str(found.value)
        if key == "openapi" and text.startswith(("3.0", "3.1")):
            return text[:3]
        if key == "swagger" and text in ("2.0", "2"):
            return "2.0"
        if text:
            raise DocumentError(
                f"line {root.line}: {key} {text[:20]} is not one that is read (2.0, 3.0, 3.1)"
            )
    raise DocumentError("it is not an OpenAPI document: no openapi and no swagger key")


def _base(root: Node, version: str) -> str:
    """Return the path of the first server; hosts are never taken from a document."""
    if version == "2.0":
        path = root.text("basePath")
    else:
        servers = root.each("servers")
        url = servers[0].text("url") if servers else ""
        for name, variable in (servers[0].get("variables") or servers[0]).items() if servers else ():
            url = url.replace(f"{{{name}}}", str(variable.text("default")))
        try:
            path = urlsplit(url).path
        except ValueError:
            path = ""
    parts = [part for part in path.split("/") if unquote(part) not in ("", ".", "..")]
    return "".join(f"/{quote(part, safe=PATH_SAFE)}" for part in parts)


def _paths(root: Node) -> Iterator[tuple[str, Node]]:
    paths = root.get("paths")
    for template, item in paths.items() if paths is not None else ():
        if not template.startswith("x-"):
            yield template, item


def _methods(root: Node, template: str, item: Node) -> Iterator[tuple[str, Node, Node]]:
    """Yield method, operation and path item. A path item may be a reference."""
    try:
        where = follow(root, item)
    except DocumentError:
        yield "ANY", item, item
        return
    for method in METHODS:
        node = where.get(method)
        if node is not None:
            yield method.upper(), node, where


def follow(root: Node, node: Node) -> Node:
    """Return the node that `node` stands for; DocumentError for a reference that is not in `root`."""
    start = node
    for _ in range(_HOPS):
        reference = node.get("$ref")
        if reference is None:
            return node
        if not isinstance(reference.value, str):
            return node
        node = _pointed(root, reference.value, reference.line)
    raise DocumentError(f"line {start.line}: a reference leads in a circle")


def _pointed(root: Node, reference: str, line: int) -> Node:
    if not reference.startswith("#"):
        raise DocumentError(f"line {line}: the reference {reference[:80]!r} leads out of the document")
    node: Node | None = root
    for part in unquote(reference[1:]).split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if node is not None and isinstance(node.value, list):
            node = node.value[int(key)] if key.isdecimal() and int(key) < len(node.value) else None
        elif node is not None:
            node = node.get(key)
    if node is None or (reference not in ("#",) and not reference.startswith("#/")):
        raise DocumentError(f"line {line}: the reference {reference[:80]!r} leads to nothing")
    return node


def _operation(root: Node, version: str, template: str, method: str, node: Node, item: Node) -> Operation:
    if method == "ANY":
        follow(root, item)
    if not template.startswith("/"):
        raise DocumentError(f"line {item.line}: the path {template[:80]!r} does not begin with a slash")
    found: dict[tuple[str, str], Node] = {}
    for one in (*item.each("parameters"), *node.each("parameters")):
        parameter = follow(root, one)
        found[parameter.text("name"), parameter.text("in")] = parameter
    parameters = [p for one in found.values() if (p := _parameter(root, version, one)) is not None]
    known = {p.name for p in parameters if p.place == "path"}
    for name in placeholders(template):
        if name not in known:
            raise DocumentError(f"line {node.line}: the path parameter {name!r} is not described")
    security = node.get("security") or root.get("security")
    return Operation(
        id=f"{method} {template}",
        method=method,
        template=template,
        line=node.line,
        name=node.text("operationId"),
        parameters=tuple(parameters),
        bodies=tuple(_bodies(root, version, node, list(found.values()))),
        multipart=_multipart(root, node, parameters),
        security=_security(security),
    )


def placeholders(template: str) -> list[str]:
    """Return the names in the braces of a path template, in order."""
    return [part.partition("}")[0] for part in template.split("{")[1:] if "}" in part]


def _multipart(root: Node, node: Node, parameters: list[Parameter]) -> bool:
    kinds = {str(kind.value) for kind in (node.each("consumes") or root.each("consumes"))}
    files = any(p.place == "form" and p.node.text("type") == "file" for p in parameters)
    return files or kinds == {"multipart/form-data"}


def _security(node: Node | None) -> tuple[tuple[str, ...], ...]:
    if node is None or not isinstance(node.value, list):
        return ()
    return tuple(tuple(sorted(name for name, _ in one.items())) for one in node.value)


def _parameter(root: Node, version: str, node: Node) -> Parameter | None:
    """Return a parameter; None for a body of OpenAPI 2, and for headers that a document cannot set."""
    name, place = node.text("name"), node.text("in")
    if place == "body" or (place == "header" and name.lower() in ("accept", "content-type", "authorization")):
        return None
    if place == "formData":
        place = "form"
    if not name or place not in ("path", "query", "header", "cookie", "form"):
        raise DocumentError(f"line {node.line}: a parameter without a name, or in no known place")
    schema, media, holder = node, "", node
    if version != "2.0":
        content = node.get("content")
        if content is not None:
            media, holder = next(iter(content.items()), ("", node))
        inner = holder.get("schema")
        schema = follow(root, inner) if inner is not None else Node({}, node.line)
    style, explode = _style(version, node, place)
    return Parameter(
        name=name, place=msgspec.convert(place, Place), required=node.flag("required") or place == "path",
        node=holder if media else node, schema=schema, style=style, explode=explode, media=media,
    )  # fmt: skip


def _style(version: str, node: Node, place: str) -> tuple[str, bool]:
    if version == "2.0":
        kind = node.text("collectionFormat", "csv")
        style = {"ssv": "spaceDelimited", "pipes": "pipeDelimited", "tsv": "tabDelimited"}.get(kind, "form")
        return (style if place in ("query", "form") else "simple"), kind == "multi"
    style = node.text("style") or ("form" if place in ("query", "cookie") else "simple")
    explode = node.get("explode")
    return style, style in ("form", "deepObject") if explode is None else explode.value is True


def _bodies(root: Node, version: str, node: Node, parameters: list[Node]) -> Iterator[Body]:
    if version != "2.0":
        asked = node.get("requestBody")
        if asked is None:
            return
        asked = follow(root, asked)
        for media, one in (asked.get("content") or Node({}, 0)).items():
            schema = one.get("schema")
            where = follow(root, schema) if schema is not None else Node({}, one.line)
            yield Body(media=media, schema=where, node=one, required=asked.flag("required"))
        return
    kinds = [str(kind.value) for kind in (node.each("consumes") or root.each("consumes"))]
    for parameter in parameters:
        schema = parameter.get("schema")
        if parameter.text("in") == "body" and schema is not None:
            for kind in kinds or ["application/json"]:
                yield Body(
                    media=kind,
                    schema=follow(root, schema),
                    node=parameter,
                    required=parameter.flag("required"),
                )
