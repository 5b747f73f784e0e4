"""Requirements files, by pip's rules: includes, constraints, options, hashes, continuation lines."""

from __future__ import annotations

import codecs
import posixpath
import re
from dataclasses import dataclass, field

from devsecops_advisories.manifests.model import Dependency, Manifest, Read
from devsecops_advisories.manifests.pep508 import add_requirement

_COMMENT = re.compile(r"(?:^|(?<=\s))#.*$")
_OPTIONS = re.compile(r"(?<=\s)-.*$", re.DOTALL)
_INCLUDES = ("-r", "--requirement")
_CONSTRAINTS = ("-c", "--constraint")
_EDITABLE = ("-e", "--editable")
_FLAGS = (
    "--no-index", "--prefer-binary", "--require-hashes", "--pre", "--no-deps", "--always-unzip", "-Z",
    "--process-dependency-links", "--use-wheel", "--no-use-wheel",
)  # fmt: skip
_SETTINGS = (
    "-i", "--index-url", "--pypi-url", "--extra-index-url", "-f", "--find-links", "--no-binary",
    "--only-binary", "--trusted-host", "--use-feature",
)  # fmt: skip
_MOST_FILES = 200
_DEEPEST = 20
_LONGEST = 20_000


@dataclass(slots=True)
class _Walk:
    """One manifest with what it includes. `mine` are the paths that are manifests of their own."""

    read: Read
    mine: frozenset[str]
    constraints: dict[str, Dependency] = field(default_factory=dict)
    seen: set[tuple[str, bool]] = field(default_factory=set)


def decode(data: bytes) -> str:
    """Return the text of a requirements file; bytes that are not UTF-8 stand as ``\\xNN``."""
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if data.startswith(mark):
            return data[len(mark) :].decode(name, "backslashreplace" if name == "utf-8" else "replace")
    return data.decode("utf-8", "backslashreplace")


def logical_lines(text: str) -> list[tuple[int, int, str]]:
    """Return (first line, last line, text) with continuations joined and comments gone.

    pip also breaks lines where an editor does not, such as at U+2028: so does this, but it counts
    lines as an editor does.
    """
    out: list[tuple[int, int, str]] = []
    parts: list[str] = []
    first = 0

    def close(last: int) -> None:
        joined = _COMMENT.sub("", "".join(parts)).strip()
        if joined:
            out.append((first, last, joined))
        parts.clear()

    number = 0
    for number, physical in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        for piece in physical.splitlines() or [""]:
            is_comment = piece.lstrip().startswith("#")
            first = first if parts else number
            if piece.endswith("\\") and not is_comment:
                parts.append(piece[:-1])
                continue
            # A comment line ends a continuation but is no part of it.
            parts.append(" " + piece if is_comment and parts else piece)
            close(number)
    if parts:
        close(number)
    return out


def _inside(base: str, target: str) -> str | None:
    """Return the path of `target` as written in the file `base`; None when it leaves the tree."""
    if target.startswith(("/", "file:")) or "://" in target:
        return None
    path = posixpath.normpath(posixpath.join(posixpath.dirname(base), target))
    return None if path.startswith("../") or path in ("..", ".") else path


def add_local(manifest: Manifest, target: str, line: int, text: str, manifests: frozenset[str]) -> None:
    """Add a project by its folder: judged by its own pyproject.toml when that is in the tree."""
    folder = posixpath.normpath(posixpath.join(posixpath.dirname(manifest.path), target.partition("[")[0]))
    own = posixpath.normpath(posixpath.join(folder, "pyproject.toml"))
    is_here = not target.startswith(("/", "file:")) and "://" not in target and own in manifests
    manifest.skip("", line, "local" if is_here else "url", text=text)


def _load(walk: _Walk, manifest: Manifest, target: str, line: int, text: str) -> tuple[str, bytes] | None:
    path = _inside(manifest.path, target.strip().strip("'\""))
    data = walk.read(path) if path is not None else None
    if path is None or data is None or len(walk.seen) > _MOST_FILES:
        manifest.skip("", line, "include", text=text)
        return None
    return path, data


def _constrain(walk: _Walk, path: str, data: bytes, depth: int) -> None:
    found = Manifest(path, "PyPI")
    _walk(walk, found, data, depth + 1)
    for dependency in found.dependencies:
        if dependency.version is not None:
            walk.constraints.setdefault(_normal(dependency.name), dependency)


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _include(walk: _Walk, manifest: Manifest, target: str, line: int, text: str, depth: int) -> None:
    loaded = _load(walk, manifest, target, line, text)
    if loaded is None:
        return
    path, data = loaded
    is_constraint = text.startswith(_CONSTRAINTS)
    if (path, is_constraint) in walk.seen:
        return
    if depth >= _DEEPEST:
        manifest.skip("", line, "include", text=text)
        return
    walk.seen.add((path, is_constraint))
    if is_constraint:
        _constrain(walk, path, data, depth)
        return
    found = Manifest(path, "PyPI")
    _walk(walk, found, data, depth + 1)
    # A manifest of its own is judged there, not twice.
    if path not in walk.mine:
        manifest.dependencies.extend(found.dependencies)


def _words(text: str) -> list[str]:
    """Split a line of options as pip does, each option apart from its value."""
    import shlex

    words: list[str] = []
    for word in shlex.split(text):
        if word.startswith("--") and "=" in word:
            words.extend(word.split("=", 1))
        elif re.match(r"-[A-Za-z].", word):
            words.extend((word[:2], word[2:].removeprefix("=")))
        else:
            words.append(word)
    return words


def _options(walk: _Walk, manifest: Manifest, line: int, text: str, depth: int) -> None:
    try:
        words = _words(text[:_LONGEST])
    except ValueError:  # a quotation that does not end
        words = ["-?"]
    while words:
        name = words.pop(0)
        if name in _FLAGS:
            continue
        value = words.pop(0) if words else ""
        if name in _INCLUDES or name in _CONSTRAINTS:
            _include(walk, manifest, value, line, f"{name} {value}", depth)
        elif name in _EDITABLE:
            add_local(manifest, value, line, f"{name} {value}", walk.mine)
        elif name not in _SETTINGS:
            manifest.skip("", line, "unparsable", text=text)
            return


def _walk(walk: _Walk, manifest: Manifest, data: bytes, depth: int) -> None:
    for first, last, text in logical_lines(decode(data)):
        if text.startswith("-"):
            _options(walk, manifest, first, text, depth)
            continue
        wanted = _OPTIONS.sub("", text).strip()
        if wanted.startswith((".", "file:")):
            add_local(manifest, wanted, first, wanted, walk.mine)
        else:
            add_requirement(manifest, wanted, first, last)


def read_requirements(path: str, data: bytes, read: Read, manifests: frozenset[str]) -> Manifest:
    """Return what a requirements file asks for, with the files that it includes.

    `manifests` are the paths of the tree that are judged as manifests of their own.
    """
    manifest = Manifest(path, "PyPI")
    walk = _Walk(read, manifests, seen={(path, False)})
    _walk(walk, manifest, data, 0)
    resolved = []
    for dependency in manifest.dependencies:
        pin = walk.constraints.get(_normal(dependency.name)) if dependency.why == "unpinned" else None
        resolved.append(pin if pin is not None else dependency)
    manifest.dependencies = resolved
    return manifest
