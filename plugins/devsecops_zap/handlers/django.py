"""Routes of Django: ``urlpatterns`` with path, re_path and include; views as functions and classes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from devsecops_zap.handlers.route import ANY, METHODS, Route, braces, class_routes, joined, routes_of
from devsecops_zap.handlers.syntax import Function, Module, Tree, argument, dotted, text, texts

_PATHS = {"path": False, "re_path": True, "url": True}
_DEEPEST = 8
_MOST = 20_000


def django_routes(tree: Tree) -> list[Route]:
    """Return all routes of the URL configurations in a tree, each under where it is included."""
    modules = [module for module in tree.with_any([b"urlpatterns"]) if _patterns(module)]
    included = {
        found.path
        for module in modules
        for call in module.nodes
        if isinstance(call, ast.Call) and (found := _included(tree, module, call)) is not None
    }
    out: list[Route] = []
    left = [_MOST, _DEEPEST]
    for module in modules:
        if module.path not in included:
            for item in _patterns(module):
                out += _routes(tree, module, item, "", left)
    return out


def _patterns(module: Module) -> list[ast.expr]:
    """Return the items of all that is assigned or added to ``urlpatterns``."""
    out: list[ast.expr] = []
    for node in module.tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if not isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign) or node.value is None:
            continue
        if any(dotted(target) == "urlpatterns" for target in targets):
            out += _items(node.value)
    return out


def _items(node: ast.expr) -> Iterator[ast.expr]:
    """Yield the items of lists, of their sums, and of calls around them."""
    if isinstance(node, ast.List | ast.Tuple):
        for one in node.elts:
            yield from _items(one.value) if isinstance(one, ast.Starred) else (one,)
    elif isinstance(node, ast.BinOp):
        yield from _items(node.left)
        yield from _items(node.right)
    elif isinstance(node, ast.Call):
        for argument_ in node.args:
            if isinstance(argument_, ast.List | ast.Tuple | ast.BinOp):
                yield from _items(argument_)
            elif isinstance(argument_, ast.Call) and _kind(argument_) in _PATHS:
                yield argument_


def _kind(call: ast.Call) -> str:
    return dotted(call.func).rpartition(".")[2]


def _included(tree: Tree, module: Module, call: ast.Call) -> Module | None:
    """Return the module that an ``include`` names: by text, by a tuple, or as a module."""
    if _kind(call) != "include" or not call.args:
        return None
    first = call.args[0]
    if isinstance(first, ast.Tuple) and first.elts:
        first = first.elts[0]
    if (name := text(first)) is not None:
        return tree.named(name, module.path)
    found = tree.resolve(module, dotted(first)) if dotted(first) else None
    if found is not None and found[1]:
        return tree.named(f"{found[0].name}.{found[1]}", module.path)
    base, name = module.imports.get(dotted(first), ("", ""))
    return tree.named(f"{base}.{name}".strip("."), module.path) if base else None


def _routes(tree: Tree, module: Module, item: ast.expr, prefix: str, left: list[int]) -> Iterator[Route]:
    """Yield the routes of one item. `left`: how many items and levels may follow, used up on the way."""
    left[0] -= 1
    if not isinstance(item, ast.Call) or _kind(item) not in _PATHS or left[0] < 0 or left[1] < 0:
        return
    rule = text(argument(item, 0, "route", "regex"))
    view = argument(item, 1, "view")
    if rule is None or view is None:
        return
    whole = prefix + (_of_regex(rule) if _PATHS[_kind(item)] else braces(rule))
    if isinstance(view, ast.Call) and _kind(view) == "include":
        inner = _included(tree, module, view)
        left[1] -= 1
        first = view.args[0] if view.args else None
        listed = first.elts[0] if isinstance(first, ast.Tuple) and first.elts else first
        if inner is not None and inner is not module:
            for one in _patterns(inner):
                yield from _routes(tree, inner, one, whole, left)
        elif isinstance(listed, ast.List):
            for one in listed.elts:
                yield from _routes(tree, module, one, whole, left)
        left[1] += 1
        return
    yield from _viewed(tree, module, view, joined(whole))


def _viewed(tree: Tree, module: Module, view: ast.expr, template: str) -> Iterator[Route]:
    for _ in range(_DEEPEST):
        if not isinstance(view, ast.Call):
            break
        as_view = isinstance(view.func, ast.Attribute) and view.func.attr == "as_view"
        if not as_view and not view.args:
            return
        view = view.func.value if as_view and isinstance(view.func, ast.Attribute) else view.args[0]
    name = dotted(view)
    found = tree.resolve(module, name) if name else None
    node = found[0].definitions.get(found[1]) if found is not None else None
    if found is None or node is None:
        return
    if isinstance(node, ast.ClassDef):
        yield from class_routes(template, found[0].path, node)
    else:
        yield from routes_of(template, _methods(node), found[0].path, node)


def _methods(node: Function) -> tuple[str, ...]:
    """Return the methods that decorators leave to a view."""
    for decorator in node.decorator_list:
        call = decorator.func if isinstance(decorator, ast.Call) else decorator
        kind = dotted(call).rpartition(".")[2]
        if kind in ("require_GET", "require_POST"):
            return (kind.rpartition("_")[2],)
        if kind == "require_safe":
            return ("GET",)
        if kind in ("require_http_methods", "api_view") and isinstance(decorator, ast.Call):
            named = texts(argument(decorator, 0, "request_method_list", "http_method_names"))
            return tuple(m.upper() for m in named or () if m.upper() in METHODS) or (ANY,)
    return (ANY,)


def _of_regex(rule: str) -> str:
    """Return the template of a pattern: each outermost group is a parameter, anchors and escapes go.

    The pattern is only looked at, character by character; what is beyond that stays as it is written.
    """
    out, depth, at, name, escaped = [], 0, 0, "", False
    while at < len(rule):
        char = rule[at]
        if escaped:
            out += [char] if not depth and not char.isalnum() else []
            escaped = False
        elif char == "\\":
            escaped = True
        elif char == "(":
            if not depth:
                found = re.match(r"\(\?P<([A-Za-z_][A-Za-z0-9_]*)>", rule[at:])
                name = found[1] if found else "value"
            depth += 1
        elif char == ")" and depth:
            depth -= 1
            out += [f"{{{name}}}"] if not depth else []
        elif not depth and char not in "^$?*+":
            out.append(char)
        at += 1
    return "".join(out)
