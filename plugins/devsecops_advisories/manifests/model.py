"""What a reader of manifests gives back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

Why = Literal[
    "unpinned", "url", "unparsable", "odd-version", "no-data", "include", "dynamic",
    "marker", "local",
]  # fmt: skip
Read = Callable[[str], bytes | None]
"""Reads another file of the tree by its path; None when there is none."""


class BrokenManifest(Exception):  # noqa: N818
    """The file is not what its name says; the argument is one sentence."""


@dataclass(frozen=True, slots=True)
class Dependency:
    """One dependency. Exactly one of `version` (a pin) and `why` (it cannot be judged by itself) is set.

    `line` to `end` (or None) is where `path` pins it. `specifier` is what an unpinned one allows.
    """

    ecosystem: str
    name: str
    path: str
    line: int
    version: str | None = None
    why: Why | None = None
    end: int | None = None
    specifier: str = ""
    text: str = ""

    @property
    def label(self) -> str:
        """What the ledger calls it: its name, else the text of its line."""
        return self.name or " ".join(self.text.split())[:120] or "?"


@dataclass(slots=True)
class Manifest:
    """One manifest. `is_lock` when it holds exact versions of a whole tree of dependencies.

    `members` are the folders, relative to it, of the other projects that a lock speaks for.
    """

    path: str
    ecosystem: str
    is_lock: bool = False
    members: list[str] = field(default_factory=list)
    dependencies: list[Dependency] = field(default_factory=list)

    def pin(self, name: str, version: str, line: int, end: int | None = None) -> None:
        """Add a dependency with an exact version."""
        near = end if end is not None and line < end <= line + 2 else None
        self.dependencies.append(Dependency(self.ecosystem, name, self.path, line, version=version, end=near))

    def skip(self, name: str, line: int, why: Why, *, specifier: str = "", text: str = "") -> None:
        """Add a dependency that cannot be judged by itself."""
        self.dependencies.append(
            Dependency(self.ecosystem, name, self.path, line, why=why, specifier=specifier, text=text)
        )
