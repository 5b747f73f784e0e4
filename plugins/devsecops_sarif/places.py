"""From the places that a tool names to the files that it was given."""

from __future__ import annotations

import re
from pathlib import Path

from msgspec.structs import replace

from devsecops.api import Context, File, Finding, ImageLayer, Location, ToolError

_WORD = re.compile(r"[A-Za-z0-9._+@~/-]+")


class Places:
    """The files of one batch, by every name that a tool may have for them."""

    def __init__(self, ctx: Context) -> None:
        # A tool may say its folder with the links in it or without.
        roots = {ctx.root.rstrip("/"), str(Path(ctx.root).resolve())}
        self._roots = tuple(f"{root}/" for root in sorted(roots, key=len, reverse=True))
        self._ids = {unit.path: unit.id for unit in ctx.units}

    def path(self, said: str) -> str:
        """Return the path of a file that was given; ToolError for any other."""
        path = self._relative(said).removeprefix("./")
        if path not in self._ids:
            raise ToolError(f"it speaks of a file that it was never given: {path[:100]}")
        return path

    def _relative(self, said: str) -> str:
        for root in self._roots:
            if said.startswith(root):
                return said.removeprefix(root)
        return said

    def text(self, said: str) -> str:
        """Return a text in which files have the names that the ledger has for them."""
        for root in self._roots:
            said = said.replace(root, "")
        return _WORD.sub(self._named, said)

    def _named(self, match: re.Match[str]) -> str:
        word = match[0].rstrip(".")
        name = self._ids.get(word.removeprefix("./"))
        return match[0] if name is None else name.lstrip("\0") + match[0][len(word) :]

    def file(self, finding: Finding) -> File:
        """Return the file that a finding is in; ToolError when it is in none."""
        found = _file_of(finding.location)
        if found is None or not found.path:
            raise ToolError(f"a result of {finding.rule.id} names no file")
        return found

    def names_a_file(self, location: Location) -> bool:
        """Return whether a location says where it is."""
        found = _file_of(location)
        return found is not None and bool(found.path)

    def moved(self, location: Location) -> Location:
        """Return a location with the path of a file that was given, and no word of what stands there."""
        found = _file_of(location)
        if found is None or not found.path:
            raise ToolError("a result names no file")
        file = File(path=self.path(found.path), region=found.region)
        return file if isinstance(location, File) else replace(location, at=file)


def _file_of(location: Location) -> File | None:
    if isinstance(location, File):
        return location
    return None if isinstance(location, ImageLayer) else location.at
