"""Pairs of findings that have a name of their own: a package, an operation, a resource, a layer, a file."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable

from devsecops.findings.alike import MASKED
from devsecops.findings.complete import package_name
from devsecops.findings.pairing import Entry, Pairing
from devsecops.model import File, Http, ImageLayer, Package, Resource


def aliases(entry: Entry) -> frozenset[str]:
    """Return all names of the advisory that a finding is about."""
    names = re.split(r"[,\s]+", entry.finding.evidence.get("aliases", ""))
    return frozenset({entry.finding.rule.id, *names} - {""})


def _package(entry: Entry, path: str | None) -> tuple[str, str, str] | None:
    where = entry.finding.location
    if not isinstance(where, Package) or path is None or MASKED in path:
        return None
    return entry.finding.rule.tool, package_name(where.purl), path


def _name(entry: Entry, path: str | None) -> Hashable:
    """Return the name of what a finding is about. `path` is where its file stands in the head."""
    where = entry.finding.location
    if isinstance(where, Http):
        return (entry.rule, where.target, where.method, where.template, where.param or "")
    if isinstance(where, ImageLayer):
        return (entry.rule, where.package)
    if path is None or MASKED in path:
        return None
    if isinstance(where, Resource):
        return (entry.rule, path, where.address)
    if isinstance(where, File) and not entry.start:
        return (entry.rule, path, entry.finding.message)
    return None


def packages(game: Pairing) -> None:
    """Pair by package, manifest and a common name of the advisory. The version says nothing."""
    _packages(game, "all names and version", lambda e: (aliases(e), getattr(e.finding.location, "purl", "")))
    _packages(game, "all names", aliases)
    there = game.route.there
    ours = _by_alias(game.base.values(), lambda e: there.path(e.path))
    theirs = _by_alias(game.head.values(), lambda e: e.path)
    for key in sorted(ours.keys() & theirs.keys()):
        bases = [e for e in ours[key] if e.id in game.base]
        for base, head in zip(bases, [e for e in theirs[key] if e.id in game.head], strict=False):
            game.pair(base, head, "package: a common name")


def _by_alias(
    entries: Iterable[Entry], path: Callable[[Entry], str | None]
) -> dict[tuple[str, ...], list[Entry]]:
    groups: dict[tuple[str, ...], list[Entry]] = {}
    for one in entries:
        if package := _package(one, path(one)):
            for alias in aliases(one):
                groups.setdefault((*package, alias), []).append(one)
    return groups


def _packages(game: Pairing, stage: str, same: Callable[[Entry], Hashable]) -> None:
    def key(entry: Entry, path: str | None) -> Hashable:
        package = _package(entry, path)
        return package and (package, same(entry))

    there = game.route.there
    for ours, theirs in game.groups(lambda e: key(e, there.path(e.path)), lambda e: key(e, e.path)):
        for base, head in zip(ours, theirs, strict=False):
            game.pair(base, head, f"package: {stage}")


def named(game: Pairing) -> None:
    """Pair by the name of an operation, a resource, a package of an image, or a file as a whole."""
    there = game.route.there
    for ours, theirs in game.groups(lambda e: _name(e, there.path(e.path)), lambda e: _name(e, e.path)):
        for base, head in zip(ours, theirs, strict=False):
            game.pair(base, head, "name")


def moved_resources(game: Pairing) -> None:
    """Pair a resource whose file is gone with the only one of that name that is in no file of the base."""
    route = game.route

    def address(entry: Entry, elsewhere: str | None) -> Hashable:
        where = entry.finding.location
        return (entry.rule, where.address) if isinstance(where, Resource) and elsewhere is None else None

    for ours, theirs in game.groups(
        lambda e: address(e, route.there.path(e.path)), lambda e: address(e, route.back.path(e.path))
    ):
        if len(ours) == len(theirs) == 1:
            game.pair(ours[0], theirs[0], "resource in another file")
