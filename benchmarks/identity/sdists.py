"""Successive releases of real projects, scanned, with what git says that differs."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

from benchmarks import corpora
from benchmarks.identity import scanning
from benchmarks.identity.gitdiff import change
from devsecops.change import Change
from devsecops.model import Finding

PINS = Path(__file__).with_name("sdists.toml")


@dataclass(frozen=True)
class Step:
    """Two successive releases."""

    name: str
    """Such as ``requests 2.31.0 2.32.0``."""
    base: Path
    head: Path

    @cached_property
    def change(self) -> Change:
        """What differs."""
        return change(self.base, self.head)

    @property
    def looked(self) -> frozenset[str]:
        """The changed files of the head."""
        return frozenset(one.head for one in self.change.files if one.head is not None)

    @cached_property
    def findings(self) -> tuple[dict[str, Finding], dict[str, Finding]]:
        """The findings of the changed files of both sides, by id."""
        touched = [{one.base for one in self.change.files}, {one.head for one in self.change.files}]
        sides = []
        for folder, paths in zip((self.base, self.head), touched, strict=True):
            rows = [row for row in scanning.rows(folder) if row["filename"] in paths]
            sides.append({one.id: one for one in scanning.findings(folder, rows).findings})
        return sides[0], sides[1]

    @cached_property
    def texts(self) -> tuple[dict[str, str], dict[str, str]]:
        """The texts of the changed files of both sides that have findings."""
        sides = []
        for folder, found in zip((self.base, self.head), self.findings, strict=True):
            paths = {scanning.place(one)[0] for one in found.values()}
            sides.append({path: scanning.read(folder / path) for path in paths})
        return sides[0], sides[1]


def steps() -> Iterator[Step]:
    """Yield all steps from one pinned release to the next; the sdists are fetched when they are not there."""
    for name, releases in tomllib.loads(PINS.read_text(encoding="utf-8")).items():
        for old, new in pairwise(releases):
            folders = (corpora.sdist(name, one["version"], one["sha256"]) for one in (old, new))
            yield Step(f"{name} {old['version']} {new['version']}", *folders)
