"""Where in the source the handler of a route stands: Flask, FastAPI, Django. By parsing, never by running."""

from __future__ import annotations

import re
from collections.abc import Iterable

from devsecops.api import File, Region
from devsecops_zap.handlers.django import django_routes
from devsecops_zap.handlers.route import ANY, Route
from devsecops_zap.handlers.routers import router_routes
from devsecops_zap.handlers.syntax import Read, Tree

__all__ = ["Handlers", "Route", "find_handlers"]


def find_handlers(paths: Iterable[str], read: Read) -> Handlers:
    """Return the handlers of the routes in a tree.

    Args:
        paths: of all files, relative to the root.
        read: gives a file's content; None when it cannot be read.
    """
    tree = Tree(paths, read)
    return Handlers([*router_routes(tree), *django_routes(tree)])


class Handlers:
    """Finds a handler by method and path template; the names of parameters do not count."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self.routes = tuple(sorted(set(routes)))
        self.exact: dict[tuple[str, str], Route] = {}
        self.by_length: dict[int, list[Route]] = {}
        for route in self.routes:
            self.exact.setdefault((route.method, shape(route.template)), route)
            self.by_length.setdefault(route.template.strip("/").count("/"), []).append(route)
        for known in self.by_length.values():
            known.sort(key=lambda route: (route.template.count("{"), route))

    def find(self, method: str, template: str, base: str = "") -> File | None:
        """Return the file and the lines of the handler; None when it is not known.

        Args:
            method: of the request; HEAD is answered by the handler of GET.
            template: of the document, or made of a path.
            base: the path before the template, which the source may or may not have.
        """
        wanted = "GET" if method == "HEAD" else method
        for path in (template, f"{base}{template}"):
            route = self._exact(wanted, path) or self._like(wanted, path)
            if route is not None:
                return File(path=route.path, region=Region(start_line=route.line, end_line=route.end))
        return None

    def _exact(self, method: str, template: str) -> Route | None:
        key = shape(template)
        return self.exact.get((method, key)) or self.exact.get((ANY, key))

    def _like(self, method: str, template: str) -> Route | None:
        """Return the first route whose parameters stand where the template has a value, or the other way."""
        parts = template.strip("/").split("/")
        for route in self.by_length.get(len(parts) - 1, ()):
            theirs = route.template.strip("/").split("/")
            if route.method in (method, ANY) and all(
                ours == part or "{" in part for ours, part in zip(parts, theirs, strict=True)
            ):
                return route
        return None


def shape(template: str) -> str:
    """Return a template without names of parameters and without a slash at its end."""
    return re.sub(r"\{[^{}]*\}", "{}", template).rstrip("/") or "/"
