"""A scanner's context over files in memory, and the truths that the index is held to."""

from __future__ import annotations

import json
import lzma
import os
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from devsecops.api import Context, Parsed, ReadyTool, ScanUnit
from devsecops_advisories.scanner import Advisories

FACTS = Path(__file__).parents[1] / "data/osv-pypi.json.xz"
TODAY = "2026-11-24"


@dataclass(frozen=True)
class Memory:
    """A context over a map from path to content; `units` are the manifests."""

    files: Mapping[str, bytes]
    units: tuple[ScanUnit, ...]
    options: dict[str, Any] = field(default_factory=dict)
    today: str = TODAY
    root: str = "/nowhere"
    scratch: str = "/nowhere"
    tool: ReadyTool | None = None

    def read(self, path: str) -> bytes | None:
        return self.files.get(path)

    def progress(self, text: str) -> None:
        del text


Scan = Callable[..., Parsed]


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEVSECOPS_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def scan() -> Scan:
    def run(
        files: Mapping[str, str | bytes],
        units: tuple[str, ...] | None = None,
        today: str = TODAY,
    ) -> Parsed:
        content = {k: v.encode() if isinstance(v, str) else v for k, v in files.items()}
        wanted = tuple(ScanUnit(id=path, path=path) for path in sorted(units or files))
        context: Context = Memory(content, wanted, {}, today)
        return Advisories().scan(context)

    return run


def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None


def _in_ranges(version: Version, ranges: list[list[list[str]]]) -> bool:
    """Evaluate ranges by the algorithm of the OSV schema, with `packaging`.

    Where one range ends as another begins the version is affected, and an end that is no version
    (two records have one) ends nothing.
    """
    for events in ranges:
        vulnerable = False
        readable = [(k, edge, t) for k, t in events if (edge := _version(t)) is not None]
        for kind, edge, text in sorted(readable, key=lambda e: (e[1], e[0] == "i")):
            if kind == "i" and (text == "0" or version >= edge):
                vulnerable = True
            elif (kind == "f" and version >= edge) or (kind == "l" and version > edge):
                vulnerable = False
        if vulnerable:
            return True
    return False


@dataclass(frozen=True)
class Truths:
    """The records' own lists of versions, and their ranges, read without any code of the project."""

    by_package: Mapping[str, list[tuple[dict[str, Any], dict[str, Any]]]]

    def affecting(self, name: str, text: str, *, withdrawn: bool = False) -> dict[str, dict[str, Any]]:
        """Return the records that affect a version: it is listed, or it lies in a range."""
        version = _version(text)
        out = {}
        for record, affected in self.by_package.get(name, []):
            listed = affected.get("versions", [])
            same = text in listed or (version is not None and any(_version(v) == version for v in listed))
            inside = version is not None and _in_ranges(version, affected.get("ranges", []))
            if (same or inside) and (withdrawn or not record.get("withdrawn")):
                out[record["id"]] = record
        return out

    def pins(self, seed: str, count: int = 200, packages: int = 110) -> list[tuple[str, str]]:
        """Return `count` pins over `packages` packages: withdrawn, odd, both sides of range ends."""
        rng = random.Random(seed)
        names = sorted(self.by_package)
        gone = sorted(n for n in names if any(r.get("withdrawn") for r, _ in self.by_package[n]))
        odd = sorted(n for n in names if any(_version(v) is None for v in self._listed(n)))
        chosen = [*gone, *rng.sample(odd, min(8, len(odd)))]
        rest = [n for n in names if n not in set(chosen)]
        chosen = list(dict.fromkeys([*chosen, *rng.sample(rest, packages)]))[:packages]
        pins: dict[tuple[str, str], None] = {}
        while len(pins) < count:
            for name in chosen:
                pools = [p for p in (self._ends(name), self._listed(name), self._odd(name)) if p]
                if pools and len(pins) < count:
                    pins[name, rng.choice(rng.choice(pools))] = None
        return list(pins)

    def _listed(self, name: str) -> list[str]:
        return sorted({v for _, a in self.by_package[name] for v in a.get("versions", [])})

    def _odd(self, name: str) -> list[str]:
        return [v for v in self._listed(name) if _version(v) is None]

    def _ends(self, name: str) -> list[str]:
        """Return every range end, and the versions just below and above it."""
        ends = {t for _, a in self.by_package[name] for r in a.get("ranges", []) for _, t in r if t != "0"}
        known = sorted(v for t in {*self._listed(name), *ends} if (v := _version(t)) is not None)
        near = set(ends)
        for end in filter(None, map(_version, ends)):
            below, above = [k for k in known if k < end], [k for k in known if k > end]
            near.update(str(v) for v in (*below[-1:], *above[:1]))
        return sorted(near)


@pytest.fixture(scope="session")
def truths() -> Truths:
    by_package: dict[str, list[tuple[dict[str, Any], dict[str, Any]]]] = {}
    for record in json.loads(lzma.decompress(FACTS.read_bytes())):
        for affected in record["affected"]:
            by_package.setdefault(canonicalize_name(affected["name"]), []).append((record, affected))
    return Truths(by_package)


@pytest.fixture
def seed() -> str:
    return os.environ.get("DEVSECOPS_TEST_SEED", "1")
