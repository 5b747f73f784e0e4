"""What the add-ons of a ZAP bring, by their manifests: nothing is started for it."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from xml.etree import ElementTree

import msgspec

MANIFEST = "ZapAddOn.xml"
LARGEST = 1 << 20
"""Bytes of a manifest: they hold a list of changes besides."""


class Brought(msgspec.Struct, frozen=True, kw_only=True):
    """One add-on. Where its manifest cannot be read `version` is None, and there are no rules."""

    id: str
    version: str | None = None
    active: int = 0
    passive: int = 0

    def __str__(self) -> str:
        if self.version is None:
            return f"{self.id} (its manifest cannot be read)"
        return f"{self.id} {self.version}".rstrip()


def brought(install_dir: Path, more: Iterable[str] = ()) -> tuple[Brought, ...]:
    """Return the add-ons of an install folder and of files besides, sorted by id.

    Of two with one id the one besides counts.
    """
    files = [*sorted((install_dir / "plugin").glob("*.zap")), *map(Path, more)]
    found = {one.id: one for one in map(_read, files)}
    return tuple(found[name] for name in sorted(found))


def _read(file: Path) -> Brought:
    name = file.name.partition("-")[0].removesuffix(".zap")
    try:
        with zipfile.ZipFile(file) as opened, opened.open(MANIFEST) as manifest:
            root = ElementTree.fromstring(manifest.read(LARGEST))
    except (OSError, KeyError, zipfile.BadZipFile, ElementTree.ParseError, ValueError):
        return Brought(id=name)
    return Brought(
        id=name,
        version=(root.findtext("version") or "").strip(),
        active=len(root.findall("ascanrules/ascanrule")),
        passive=len(root.findall("pscanrules/pscanrule")),
    )


def told(addons: Iterable[Brought], stand_ins: Iterable[str] = ()) -> Iterator[str]:
    """Yield what doctor says of them, a line each. `stand_ins` are manifests without code."""
    every, empty = list(addons), frozenset(stand_ins)
    names = [f"{one.id} (a stand-in)" if one.id in empty else str(one) for one in every]
    yield f"Add-ons: {', '.join(names) or 'none'}."
    active, passive = sum(one.active for one in every), sum(one.passive for one in every)
    yield (
        f"Rules of its add-ons: {active:,} active, {passive:,} passive, as their manifests say: it was not "
        "started."
    )
