"""One route of a source, and how its path is written."""

from __future__ import annotations

import ast
import re

import msgspec

from devsecops_zap.handlers.syntax import Function

ANY = "*"
METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE")


class Route(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """A method (``*``: any) and a path template, and the lines of the function that answers."""

    template: str
    method: str
    path: str
    line: int
    end: int


def routes_of(
    template: str, methods: tuple[str, ...], path: str, node: Function | ast.ClassDef
) -> list[Route]:
    """Return one route for each method, at the lines of `node`."""
    end = node.end_lineno or node.lineno
    return [Route(template=template, method=m.upper(), path=path, line=node.lineno, end=end) for m in methods]


def class_routes(template: str, path: str, node: ast.ClassDef, methods: tuple[str, ...] = ()) -> list[Route]:
    """Return the routes of a class by its methods that are named as those of HTTP; without any, its own."""
    out = []
    for one in node.body:
        if not isinstance(one, Function) or one.name.upper() not in METHODS:
            continue
        if not methods or one.name.upper() in methods:
            out += routes_of(template, (one.name,), path, one)
    return out or routes_of(template, methods or (ANY,), path, node)


def braces(rule: str) -> str:
    """Return a path of Flask, FastAPI or Django with its parameters as ``{name}``."""
    plain = re.sub(r"<[^<>]*?([A-Za-z_][A-Za-z0-9_]*)>", r"{\1}", rule)
    return re.sub(r"\{([A-Za-z_][A-Za-z0-9_]*):[^{}]*\}", r"{\1}", plain)


def joined(*parts: str) -> str:
    """Return path pieces put together with one slash between them; a slash at the end stays."""
    text = "/".join(part for part in parts if part)
    return "/" + re.sub(r"/{2,}", "/", text).lstrip("/")
