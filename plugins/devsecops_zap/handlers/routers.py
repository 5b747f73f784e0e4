"""Routes of Flask (apps, blueprints, views) and FastAPI (apps, routers): decorators and registrations."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from functools import cache

import msgspec

from devsecops_zap.handlers.route import METHODS, Route, braces, class_routes, joined, routes_of
from devsecops_zap.handlers.syntax import Function, Module, Tree, argument, dotted, text, texts

MARKS = (b"Flask", b"Blueprint", b"FastAPI", b"APIRouter", b".route(", b"add_url_rule", b"include_router",
         b"api_route")  # fmt: skip
_APPS = frozenset({"Flask", "Quart", "APIFlask", "FastAPI", "Starlette"})
_PARTS = frozenset({"Blueprint", "APIBlueprint", "APIRouter"})
_DEEPEST = 6
_MOST = 20
"""Places at which one router is mounted."""
Key = tuple[str, str]
"""Path of the module and name of the variable."""


class _Mount(msgspec.Struct, frozen=True):
    parent: Key
    prefix: str | None
    """None: the part's own prefix."""
    adds: bool
    """FastAPI puts the prefix before the router's own; Flask in its place."""


def router_routes(tree: Tree) -> list[Route]:
    """Return all routes of apps, blueprints and routers."""
    modules = list(tree.with_any(MARKS))
    own: dict[Key, str] = {}
    for module in modules:
        own.update(_routers(module))
    mounts: dict[Key, list[_Mount]] = {}
    for module in modules:
        for child, mount in _mounts(tree, module):
            mounts.setdefault(child, []).append(mount)

    @cache
    def prefixes(router: Key, left: int) -> tuple[str, ...]:
        return tuple(
            _prefixes(own.get(router, ""), mounts.get(router, [])[:_MOST] if left else [], left, prefixes)
        )

    out: list[Route] = []
    for module in modules:
        for router, rule, methods, where, node in _rules(tree, module):
            for prefix in prefixes(router, _DEEPEST):
                template = braces(joined(prefix, rule))
                if isinstance(node, ast.ClassDef):
                    out += class_routes(template, where, node, methods)
                else:
                    out += routes_of(template, methods or ("GET",), where, node)
    return out


def _routers(module: Module) -> Iterator[tuple[Key, str]]:
    """Yield the variables that hold an app or a part of one, with their own prefix."""
    for node in module.nodes:
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        if not isinstance(value, ast.Call):
            continue
        kind = dotted(value.func).rpartition(".")[2]
        if kind not in _APPS and kind not in _PARTS:
            continue
        prefix = text(argument(value, -1, "url_prefix", "prefix")) or ""
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        for target in targets:
            if name := dotted(target):
                yield (module.path, name), prefix


def _key(tree: Tree, module: Module, name: str) -> Key:
    found = tree.resolve(module, name)
    return (found[0].path, found[1]) if found is not None else (module.path, name)


def _mounts(tree: Tree, module: Module) -> Iterator[tuple[Key, _Mount]]:
    for node in module.nodes:
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        kind, parent = node.func.attr, dotted(node.func.value)
        position = 1 if kind == "mount" else 0
        if kind not in ("register_blueprint", "include_router", "mount") or not parent:
            continue
        child = dotted(argument(node, position, "blueprint", "router", "app"))
        prefix = text(argument(node, 0 if kind == "mount" else -1, "url_prefix", "prefix", "path"))
        if child:
            mount = _Mount(_key(tree, module, parent), prefix, kind != "register_blueprint")
            yield _key(tree, module, child), mount


def _prefixes(
    mine: str, mounts: list[_Mount], left: int, above: Callable[[Key, int], tuple[str, ...]]
) -> list[str]:
    """Return the prefixes of a router's paths; of one that is mounted nowhere, its own."""
    if not mounts:
        return [mine]
    out = []
    for mount in mounts:
        given = mount.prefix
        inner = mine if given is None else given + mine if mount.adds else given
        out += [joined(outer, inner) for outer in above(mount.parent, left - 1)]
    return out[:_MOST]


Rule = tuple[Key, str, tuple[str, ...], str, Function | ast.ClassDef]


def _rules(tree: Tree, module: Module) -> Iterator[Rule]:
    for node in module.nodes:
        if isinstance(node, Function | ast.ClassDef):
            for decorator in node.decorator_list:
                if isinstance(decorator, ast.Call) and (found := _decorated(decorator)) is not None:
                    router, rule, methods = found
                    yield _key(tree, module, router), rule, methods, module.path, node
        elif isinstance(node, ast.Call) and dotted(node.func).endswith((".add_url_rule", ".add_api_route")):
            yield from _added(tree, module, node)


def _decorated(call: ast.Call) -> tuple[str, str, tuple[str, ...]] | None:
    """Return router, path and methods of a decorator that makes a route."""
    if not isinstance(call.func, ast.Attribute) or not (router := dotted(call.func.value)):
        return None
    kind, rule = call.func.attr, text(argument(call, 0, "rule", "path"))
    if rule is None or not (rule.startswith("/") or rule == ""):
        return None
    if kind in ("route", "api_route"):
        return router, rule, texts(argument(call, -1, "methods")) or ()
    return (router, rule, (kind,)) if kind.upper() in METHODS else None


def _added(tree: Tree, module: Module, call: ast.Call) -> Iterator[Rule]:
    assert isinstance(call.func, ast.Attribute)
    api = call.func.attr == "add_api_route"
    rule = text(argument(call, 0, "rule", "path"))
    view = argument(call, 1 if api else 2, "endpoint" if api else "view_func")
    methods = texts(argument(call, -1, "methods")) or ()
    if isinstance(view, ast.Call) and isinstance(view.func, ast.Attribute) and view.func.attr == "as_view":
        view = view.func.value
    found = tree.resolve(module, dotted(view)) if rule is not None and dotted(view) else None
    node = found[0].definitions.get(found[1]) if found is not None else None
    if found is not None and node is not None and rule is not None:
        yield _key(tree, module, dotted(call.func.value)), rule, methods, found[0].path, node
