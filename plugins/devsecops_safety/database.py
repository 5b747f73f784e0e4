"""Advisories as a database in the format 2.0.0 that safety 3.8.1 reads from a folder.

Two files: ``insecure.json`` maps a package to version specifiers, ``insecure_full.json`` has the entries
with the same specifiers. A specifier is written so that safety's way of asking, PEP 440's
`SpecifierSet.contains`, answers as the algorithm of the OSV schema does: ``<2`` would leave out 2rc1,
``<=2,!=2`` does not; and without one clause that names a pre-release no pre-release is ever contained.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from devsecops_safety.index import Advisories, Advisory, Range

SCHEMA = "2.0.0"
LOWEST = ">=0.dev0"
_LONGEST = 200


def version(text: str) -> Version | None:
    """Return a version of PEP 440; None when it is not one."""
    try:
        return Version(text) if len(text) <= _LONGEST else None
    except (InvalidVersion, ValueError):  # ValueError: a number of more digits than Python reads
        return None


def specifiers(advisory: Advisory) -> list[str]:
    """Return specifiers, any of which contains an affected version."""
    found = {text for events in advisory.ranges for text in _of_range(events)}
    found |= {f"=={text}" for text in advisory.listed if version(text) is not None}
    return sorted(found)


def _of_range(events: Range) -> Iterable[str]:
    """Yield a specifier for each stretch of affected versions.

    An event that cannot be read errs towards affected: it begins at the beginning or ends nothing.
    """
    limits: list[Version] = []
    ordered: list[tuple[Version, int, str]] = []
    lower: str | None = None
    for what, text in events:
        edge = None if text in ("0", "*") else version(text)
        if what == "i" and edge is None:
            lower = LOWEST
        elif what == "m" and edge is not None:
            limits.append(edge)
        elif edge is not None:
            # At equal versions what is fixed goes first, and an introduction comes last.
            ordered.append((edge, "fli".index(what), what))
    below = [_before(max(limits))] if limits else []
    for edge, _, what in sorted(ordered):
        if what == "i":
            lower = lower or f"{LOWEST},>={edge.public}"
        elif lower is not None:
            yield ",".join([lower, _before(edge) if what == "f" else f"<={edge.public}", *below])
            lower = None
    if lower is not None:
        yield ",".join([lower, *below])


def _before(edge: Version) -> str:
    # A local label cannot stand behind <=; what is before 2+x is at most 2.
    return f"<={edge.public}" if edge.local else f"<={edge},!={edge}"


def affects(advisory: Advisory, text: str) -> bool:
    """Say whether a version lies in one of the advisory's specifiers."""
    at = version(text)
    return at is not None and any(
        SpecifierSet(one).contains(at, prereleases=True) for one in specifiers(advisory)
    )


def write(folder: Path, advisories: Advisories, names: Iterable[str]) -> None:
    """Write the database about the packages `names` (normal names): safety asks by name alone."""
    specs: dict[str, list[str]] = {}
    entries: dict[str, list[dict[str, object]]] = {}
    for name in sorted(set(names)):
        known = [(one, specifiers(one)) for one in advisories.of(name)]
        if known:
            specs[name] = sorted({spec for _, part in known for spec in part})
            entries[name] = [
                {"specs": part, "ids": [{"type": "pyup", "id": one.id}], "advisory": "", "fixed_versions": []}
                for one, part in known
            ]
    meta = {"schema_version": SCHEMA, "base_domain": "", "packages": {}, "severities": {}}
    folder.mkdir(exist_ok=True)
    for file, content in (("insecure.json", specs), ("insecure_full.json", entries)):
        whole = {"meta": meta, "vulnerable_packages": content}
        (folder / file).write_text(json.dumps(whole, sort_keys=True), encoding="utf-8")
