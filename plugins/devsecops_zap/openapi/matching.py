"""From a URL back to the operation that it is of. Static parts win over parameters."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import unquote

from devsecops_zap.openapi.document import Operation, placeholders


class Matcher:
    """Finds operations by method and path.

    Args:
        operations: of one document.
        base: the path before all templates, without a slash at its end.
    """

    def __init__(self, operations: Iterable[Operation], base: str = "") -> None:
        self.base = base
        self.by_length: dict[int, list[tuple[list[str], dict[str, Operation]]]] = {}
        grouped: dict[str, dict[str, Operation]] = {}
        for operation in operations:
            grouped.setdefault(operation.template, {})[operation.method] = operation
        for template, methods in grouped.items():
            parts = template.strip("/").split("/")
            self.by_length.setdefault(len(parts), []).append((parts, methods))
        for known in self.by_length.values():
            known.sort(key=lambda one: [(len(placeholders(part)), part) for part in one[0]])

    def find(self, method: str, path: str) -> Operation | None:
        """Return the operation of a URL's path (percent-encoded, without query); None when there is none.

        Another method of the same path is better than none: its template is what the path is of.
        """
        if path != self.base and not path.startswith(f"{self.base}/"):
            return None
        parts = path[len(self.base) :].strip("/").split("/")
        plain = [unquote(part) for part in parts]
        second: Operation | None = None
        for template, methods in self.by_length.get(len(parts), ()):
            if all(map(_fits, template, plain)):
                if method.upper() in methods:
                    return methods[method.upper()]
                second = second or next(iter(methods.values()))
        return second


def _fits(template: str, part: str) -> bool:
    """Return whether a part of a path is one of a template's part; linear, whatever the document says."""
    if "{" not in template or "}" not in template:
        return unquote(template) == part
    literals, rest = [], template
    while "{" in rest:
        before, _, rest = rest.partition("{")
        literals.append(before)
        rest = rest.partition("}")[2]
    literals.append(rest)
    if not part.startswith(literals[0]) or not part.endswith(literals[-1]):
        return False
    at, end = len(literals[0]), len(part) - len(literals[-1])
    for literal in literals[1:-1]:
        found = part.find(literal, at + 1, end) if literal else at + 1
        if found < 0:
            return False
        at = found + len(literal)
    return at < end
