"""Which finding of the head a waiver of one finding means. Doubt means none: the finding stays open.

Every waiver is looked up by itself: it means at most one finding, whatever other waivers there are, so that
a copy of an accepted flaw is never accepted and one waiver more changes nothing for the other findings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from devsecops.change import Change
from devsecops.findings.alike import MASKED, looks
from devsecops.findings.complete import file_of
from devsecops.findings.matching import match
from devsecops.findings.route import Route
from devsecops.model import File, Finding, Location, Package, Region, RuleRef
from devsecops.waivers.model import Waiver

History = Callable[[str, str], Change | None]
"""Commit and path -> what differs between it and the head, as far as it concerns a file that stood at the
path; None when this clone does not hold the commit."""
_ALONE = ("package/1", "operation/1", "resource/1", "secret/1")
_LINES = ("tokens/1", "context/1")
_NEIGHBOURS = 2
"""Lines, as in the key context/1."""


class Heads:
    """The findings of the head, and the changes since the commits of waivers, each asked for once."""

    def __init__(self, findings: Iterable[Finding], history: History) -> None:
        self._places: dict[tuple[str, str], list[Finding]] = {}
        """Rule and path, or for a package its tool and path -> the findings there."""
        self._history = history
        self._routes: dict[tuple[str, str], tuple[Change, Route] | None] = {}
        for finding in findings:
            tool, path = finding.rule.tool, path_of(finding)
            # An advisory has several names.
            rule = tool if isinstance(finding.location, Package) else f"{tool}/{finding.rule.id}"
            self._places.setdefault((rule, path), []).append(finding)

    def like(self, waiver: Waiver, path: str | None) -> Sequence[Finding]:
        """Return the findings in a file that a waiver may mean by its rule; None: the file is gone."""
        package = waiver.package or "package/1" in waiver.keys
        rule = waiver.rule.partition("/")[0] if package else waiver.rule
        return () if path is None else self._places.get((rule, path), ())

    def since(self, waiver: Waiver) -> tuple[Change, Route] | None:
        """Return what changed since the waiver's commit; None when it has none, or an unknown one."""
        if waiver.commit is None:
            return None
        asked = waiver.commit, waiver.path
        if asked not in self._routes:
            change = self._history(*asked)
            self._routes[asked] = None if change is None else (change, Route(change, {}, {}))
        return self._routes[asked]


def meant(waiver: Waiver, heads: Heads) -> tuple[Finding, str] | None:
    """Return the one finding that a waiver with an id means, and what found it: keys, diff or identity."""
    if MASKED in waiver.path:
        return None
    since = heads.since(waiver)
    found = _by_keys(waiver, heads.like(waiver, waiver.path))
    if found is not None and not _another(found, waiver, None if since is None else since[1]):
        return found, "keys"
    likely = heads.like(waiver, waiver.path if since is None else since[1].there.path(waiver.path))
    if since is not None:
        found = _by_diff(waiver, likely, since[1]) if waiver.line else _whole_file(waiver, likely, since[0])
        if found is not None:
            return found, "diff"
    found = _by_identity(waiver, likely, since)
    return None if found is None else (found, "identity")


def path_of(finding: Finding) -> str:
    """Return the path of the file that a finding stands in; empty when it is in none."""
    at = file_of(finding.location)
    return "" if at is None else at.path


def lines_of(location: Location) -> tuple[str, int, int, int]:
    """Return path, first and last line, and column; 0 where there is none."""
    at = file_of(location)
    if at is None or at.region is None:
        return ("" if at is None else at.path), 0, 0, 0
    start = max(at.region.start_line, 0)
    return at.path, start, max(at.region.end_line or start, start), at.region.start_column or 0


def names_of(keys: dict[str, str]) -> dict[str, str]:
    """Return of identity keys those that name a finding by themselves: one alone, or tokens and context."""
    alone = {key: keys[key] for key in _ALONE if key in keys}
    return alone or ({key: keys[key] for key in _LINES} if keys.keys() >= set(_LINES) else {})


def _by_keys(waiver: Waiver, likely: Sequence[Finding]) -> Finding | None:
    """Return the only finding with the waiver's keys in the waiver's file."""
    names = names_of(waiver.keys)
    same = [f for f in likely if names_of(f.keys) == names] if names else []
    return same[0] if len(same) == 1 and says_all(same[0]) else None


def says_all(finding: Finding) -> bool:
    """Tell whether its keys hold all that it says: tokens hold nothing of what was redacted."""
    return not names_of(finding.keys).keys() >= set(_LINES) or looks(finding, None).said is not None


def _by_diff(waiver: Waiver, likely: Sequence[Finding], route: Route) -> Finding | None:
    """Return the finding in the lines of the waiver, which have not changed since its commit."""
    to = route.there.lines(*waiver.lines)
    if to is None:
        return None
    path, start, _ = to
    if route.back.path(path) != waiver.path:
        return None  # It came after the commit: the entry is wrong about one of the two.
    here = [f for f in likely if isinstance(f.location, File) and lines_of(f.location)[:2] == (path, start)]
    if waiver.column:
        here = [f for f in here if lines_of(f.location)[3] in (0, waiver.column)]
    if len(here) != 1 or lines_of(here[0].location)[2] - start != waiver.lines[2] - waiver.line:
        return None
    known = names_of(here[0].keys).get("tokens/1"), waiver.keys.get("tokens/1")
    if None not in known and known[0] != known[1]:
        return None
    # The diff may keep a lone line of a block that went away for one that came: its neighbours vouch for it.
    return here[0] if here[0].kind == "secrets" or _has_neighbours(waiver, route) else None


def _has_neighbours(waiver: Waiver, route: Route) -> bool:
    """Tell whether the lines above, or those below, have not changed either."""
    path, start, end = waiver.lines
    above = start > 1 and route.there.lines(path, max(1, start - _NEIGHBOURS), end) is not None
    return above or route.there.lines(path, start, end + _NEIGHBOURS) is not None


def _whole_file(waiver: Waiver, likely: Sequence[Finding], change: Change) -> Finding | None:
    """Return the only finding of a file as a whole that has not changed."""
    if not waiver.path or any(waiver.path in (one.base, one.head) for one in change.files):
        return None
    here = [
        f for f in likely if isinstance(f.location, File) and lines_of(f.location)[:2] == (waiver.path, 0)
    ]
    return here[0] if len(here) == 1 else None


def _by_identity(
    waiver: Waiver, likely: Sequence[Finding], since: tuple[Change, Route] | None
) -> Finding | None:
    """Return what matching says, as between two runs, with the waiver in the place of the base's finding."""
    base = _as_finding(waiver)
    if base is None or (since is None and isinstance(base.location, File)):
        return None
    change = Change(base="", head="") if since is None else since[0]
    found = _matched(base, likely, change)
    if found is None:
        return None
    if isinstance(found.location, Package):
        # Of one package in several versions the waiver means that of its own.
        others = [one for one in likely if one is not found]
        sure = found.location.purl == waiver.package or _matched(base, others, change) is None
        return found if sure else None
    # Without the texts of both sides equal tokens are not enough: what stands around has to be equal too.
    return found if names_of(found.keys) == names_of(waiver.keys) else None


def _matched(base: Finding, likely: Sequence[Finding], change: Change) -> Finding | None:
    said = {
        one.finding for one in match([base], likely, change, frozenset()).heads if one.state == "unchanged"
    }
    return next((finding for finding in likely if finding.id in said), None)


def _as_finding(waiver: Waiver) -> Finding | None:
    """Return the finding that a waiver was written for, as far as it says; None when it says too little."""
    if not waiver.path or not (waiver.package or (waiver.line and names_of(waiver.keys))):
        return None
    tool, _, rule = waiver.rule.partition("/")
    region = Region(start_line=waiver.line, end_line=waiver.lines[2]) if waiver.line else None
    at = File(path=waiver.path, region=region)
    return Finding(
        id=waiver.label,
        rule=RuleRef(tool=tool, id=rule),
        kind="sca" if waiver.package else "secrets" if "secret/1" in waiver.keys else "sast",
        severity="unknown",
        message="",
        location=Package(purl=waiver.package, at=at) if waiver.package else at,
        keys=waiver.keys,
    )


def _another(finding: Finding, waiver: Waiver, route: Route | None) -> bool:
    """Tell whether a finding stood at the waiver's commit already, but in other lines."""
    path, start, end, _ = lines_of(finding.location)
    if route is None or not start or not waiver.line or not isinstance(finding.location, File):
        return False
    before = route.back.lines(path, start, end)
    return before is not None and before[:2] != (waiver.path, waiver.line)
