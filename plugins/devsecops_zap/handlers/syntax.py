"""Python modules of a tree, parsed when they are asked for and never run; names followed through imports."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property

MOST_BYTES = 1 << 20
_HOPS = 8
Function = ast.FunctionDef | ast.AsyncFunctionDef
Read = Callable[[str], bytes | None]


class Module:
    """One module: its dotted name by its path, its tree, and what its imports call what.

    Args:
        path: relative to the root of the tree.
        tree: its syntax.
    """

    def __init__(self, path: str, tree: ast.Module) -> None:
        self.path, self.tree = path, tree
        parts = path.removesuffix(".py").split("/")
        self.package = parts[:-1]
        self.name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """All nodes of the tree."""
        return list(ast.walk(self.tree))

    @cached_property
    def imports(self) -> dict[str, tuple[str, str]]:
        """Local name -> (dotted module, name in it; empty for the module itself)."""
        out: dict[str, tuple[str, str]] = {}
        for node in self.nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    local = alias.asname or alias.name.partition(".")[0]
                    out[local] = (alias.name if alias.asname else local, "")
            elif isinstance(node, ast.ImportFrom):
                above = self.package[: len(self.package) - node.level + 1] if node.level else []
                base = ".".join([*above, *([node.module] if node.module else [])])
                out.update({alias.asname or alias.name: (base, alias.name) for alias in node.names})
        return out

    @cached_property
    def definitions(self) -> dict[str, Function | ast.ClassDef]:
        """Functions and classes by name, at any depth; the outermost wins."""
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        return {node.name: node for node in reversed(self.nodes) if isinstance(node, kinds)}


class Tree:
    """All Python modules of a tree.

    Args:
        paths: of its files, relative to its root.
        read: gives a file's content; None when it cannot be read.
    """

    def __init__(self, paths: Iterable[str], read: Read) -> None:
        self.read = read
        self.paths = sorted(path for path in paths if path.endswith(".py"))
        self.parsed: dict[str, Module | None] = {}
        self.by_end: dict[str, list[str]] = {}
        for path in self.paths:
            parts = path.removesuffix(".py").removesuffix("/__init__").split("/")
            for start in range(len(parts)):
                self.by_end.setdefault(".".join(parts[start:]), []).append(path)

    def module(self, path: str) -> Module | None:
        """Return a module by its path; None when it is too large, unreadable or no Python."""
        if path not in self.parsed:
            self.parsed[path] = _parse(path, self.read(path))
        return self.parsed[path]

    def with_any(self, marks: Iterable[bytes]) -> Iterator[Module]:
        """Yield the modules whose text holds one of `marks`."""
        wanted = tuple(marks)
        for path in self.paths:
            data = self.read(path)
            if data is not None and any(mark in data for mark in wanted):
                module = self.module(path)
                if module is not None:
                    yield module

    def named(self, name: str, near: str = "") -> Module | None:
        """Return the module of a dotted name; of several that end so, the one nearest to the path `near`."""
        known = self.by_end.get(name, [])
        best = max(known, key=lambda path: (_common(path, near), -len(path), path), default=None)
        return None if best is None else self.module(best)

    def resolve(self, module: Module, dotted: str) -> tuple[Module, str] | None:
        """Return where `dotted` (``views.show``, ``bp``) of a module is defined: module and name there."""
        for _ in range(_HOPS):
            first, _, rest = dotted.partition(".")
            if first not in module.imports:
                return (module, dotted) if dotted else None
            base, name = module.imports[first]
            deeper = self.named(f"{base}.{name}".strip("."), module.path) if name else None
            if deeper is not None:
                module, dotted = deeper, rest
            else:
                found, rest = self._longest(base, rest if not name else f"{name}.{rest}".rstrip("."), module)
                if found is None or (found is module and rest == dotted):
                    return None
                module, dotted = found, rest
        return None

    def _longest(self, base: str, rest: str, near: Module) -> tuple[Module | None, str]:
        """Return the module that as many parts as possible name, and what is left."""
        parts = rest.split(".") if rest else []
        for count in range(len(parts), -1, -1):
            found = self.named(".".join([base, *parts[:count]]).strip("."), near.path)
            if found is not None:
                return found, ".".join(parts[count:])
        return None, rest


def _common(path: str, near: str) -> int:
    return next(
        (n for n, (a, b) in enumerate(zip(path, near, strict=False)) if a != b), min(len(path), len(near))
    )


def _parse(path: str, data: bytes | None) -> Module | None:
    if data is None or len(data) > MOST_BYTES:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return Module(path, ast.parse(data))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def dotted(node: ast.expr | None) -> str:
    """Return ``a.b.c`` of a name or attribute; empty for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def text(node: ast.expr | None) -> str | None:
    """Return the value of a string literal; None for anything else."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def texts(node: ast.expr | None) -> tuple[str, ...] | None:
    """Return the strings of a literal list, tuple or set; None for anything else."""
    if not isinstance(node, ast.List | ast.Tuple | ast.Set):
        return None
    return tuple(value for one in node.elts if (value := text(one)) is not None)


def argument(call: ast.Call, position: int, *names: str) -> ast.expr | None:
    """Return an argument of a call, by its position or one of its names; -1: by name only."""
    for keyword in call.keywords:
        if keyword.arg in names:
            return keyword.value
    return call.args[position] if 0 <= position < len(call.args) else None
