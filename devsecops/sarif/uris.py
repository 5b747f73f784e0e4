"""Which file an artifact location means."""

from __future__ import annotations

import re
from typing import Any

from devsecops import paths
from devsecops.sarif.loose import array, at, obj, text

_LONGEST = 4096
_BASES = 10
"""How far base ids may refer to each other."""
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")


class Resolver:
    """Resolves artifact locations of one run. `root` is the absolute path of the tree, when known."""

    def __init__(self, run: dict[str, Any], root: str | None) -> None:
        self._artifacts = array(run.get("artifacts"))
        self._bases = obj(run.get("originalUriBaseIds"))
        self._root = _parts(paths.from_os(root)) if root is not None else None

    def path(self, location: dict[str, Any]) -> str:
        """Return the path text of an artifact location, relative to the root; empty when it names none.

        What lies outside of the root stays absolute.
        """
        own = location.get("uri")
        if not isinstance(own, str):
            artifact = at(self._artifacts, location.get("index"))
            location = obj(artifact.get("location")) if artifact is not None else {}
            own = location.get("uri")
            if not isinstance(own, str):
                return ""
        return self._resolve(own[: 4 * _LONGEST], location.get("uriBaseId"))[:_LONGEST]

    def _resolve(self, uri: str, base: Any) -> str:
        parts: list[str] = []
        absolute = False
        for _ in range(_BASES):
            path, absolute, other = _split(uri)
            if other:
                return text(uri)
            parts = [*path, *parts]
            if absolute or not isinstance(base, str):
                break
            entry = obj(self._bases.get(base))
            uri, base = text(entry.get("uri"), _LONGEST), entry.get("uriBaseId")
            if self._root is None and _split(uri)[1]:
                break  # the top of the tree, wherever the tool saw it
        clean = _normal(parts, absolute)
        if not absolute:
            return "/".join(clean)
        root = self._root
        if root is not None and clean[: len(root)] == root:
            return "/".join(clean[len(root) :])
        return "/" + "/".join(clean)


def _split(uri: str) -> tuple[list[str], bool, bool]:
    """Return the decoded parts of a URI's path, whether it is absolute, and whether it is no file."""
    scheme = _SCHEME.match(uri)
    if scheme is None:
        # Tools forget to encode # and ?: a file that has them in its name is likelier than a fragment.
        return (
            _parts(uri, decode=True),
            uri.startswith("/") and not uri.startswith("//"),
            uri.startswith("//"),
        )
    if scheme[0].lower() != "file:":
        return [], False, True
    path = uri[scheme.end() :]
    if path.startswith("//"):
        path = "/" + path[2:].partition("/")[2]
    return _parts(path, decode=True), True, False


def _parts(path: str, *, decode: bool = False) -> list[str]:
    parts = [part for part in path.split("/") if part not in ("", ".")]
    return [paths.from_uri(part) for part in parts] if decode else parts


def _normal(parts: list[str], absolute: bool) -> list[str]:
    out: list[str] = []
    for part in parts:
        if part != "..":
            out.append(part)
        elif out and out[-1] != "..":
            out.pop()
        elif not absolute:
            out.append(part)
    return out
