"""From manifests to findings and ledger rows: each manifest has one row, each gap has one too."""

from __future__ import annotations

import posixpath
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from devsecops.api import Cover, Finding, ScanUnit, Unit
from devsecops_advisories.manifests.model import BrokenManifest, Dependency, Manifest, Read, Why
from devsecops_advisories.manifests.read import read_manifest
from devsecops_advisories.match import Matcher, finding
from devsecops_advisories.records import CONTROL
from devsecops_advisories.versions import key, normal_name

Locked = dict[str, set[str]]
"""Normal name -> the versions that locks give it."""

SCANNER = "advisories"
_EXCLUDED: dict[str, str] = {
    "marker": "built-in:marker",
    "local": "built-in:local-project",
}
_MEANING: Mapping[Why, str] = {
    "unpinned": "no exact version and no lock beside it that names it",
    "url": "asked for by URL or path",
    "unparsable": "cannot be read as a dependency",
    "odd-version": "its version is not one of its ecosystem",
    "no-data": "the advisory index does not hold its ecosystem",
    "include": "the file it includes is not in the tree",
    "dynamic": "computed when the project is built",
    "marker": "its marker holds on no Python 3",
    "local": "a project of this tree with a manifest of its own",
}
_ORDER: tuple[Why, ...] = ("no-data", "unpinned", "include", "dynamic", "url", "unparsable", "odd-version")


@dataclass(slots=True)
class Judgement:
    """What came of all manifests. `ecosystems` are those whose data was asked."""

    findings: dict[tuple[str, int, str, str, str], Finding] = field(default_factory=dict)
    rows: list[Cover] = field(default_factory=list)
    gaps: dict[str, Cover] = field(default_factory=dict)
    ecosystems: set[str] = field(default_factory=set)


def _folder(path: str) -> str:
    return posixpath.dirname(path)


def _remedy(why: Why, ecosystem: str) -> str:
    if why == "no-data":
        return f"run: devsecops advisories update --ecosystem {ecosystem}"
    if why == "unpinned":
        lock = "npm install --package-lock-only" if ecosystem == "npm" else "uv lock, or uv pip compile"
        return f'commit a lock beside it ({lock}), or in the policy: [data] unpinned = "count"'
    return ""


def _locks(manifests: Sequence[Manifest]) -> dict[tuple[str, str], Locked]:
    """Return the locked versions for (folder, ecosystem), and for (path of a .in file, ecosystem)."""
    locked: dict[tuple[str, str], Locked] = defaultdict(lambda: defaultdict(set))
    for manifest in manifests:
        places = []
        if manifest.is_lock:
            here = _folder(manifest.path)
            inside = (posixpath.normpath(posixpath.join(here, member)) for member in manifest.members)
            places = [here, *("" if place == "." else place for place in inside)]
        elif manifest.path.endswith(".txt"):  # what pip-compile makes of the .in beside it
            places = [manifest.path.removesuffix(".txt") + ".in"]
        for place in places:
            for dependency in manifest.dependencies:
                if dependency.version is not None:
                    name = normal_name(dependency.ecosystem, dependency.name)
                    locked[place, dependency.ecosystem][name].add(dependency.version)
    return locked


def _allowed(dependency: Dependency, versions: set[str]) -> bool:
    """Say whether a lock's version is one that the dependency allows, as far as it can be told."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    if dependency.ecosystem != "PyPI" or not dependency.specifier:
        return True
    try:
        wanted = SpecifierSet(dependency.specifier)
    except InvalidSpecifier:  # Poetry's own signs
        return True
    return any(
        key("PyPI", version) is None or wanted.contains(version, prereleases=True) for version in versions
    )


def _by_lock(dependency: Dependency, locked: dict[tuple[str, str], Locked]) -> bool:
    name = normal_name(dependency.ecosystem, dependency.name)
    for place in (_folder(dependency.path), dependency.path):
        versions = locked.get((place, dependency.ecosystem), {}).get(name)
        if versions and _allowed(dependency, versions):
            return True
    return False


def _gap(dependency: Dependency, why: Why) -> Cover:
    unit = Unit(kind="package", id=f"{dependency.path}#{dependency.label}")
    note = f"line {dependency.line}: {_MEANING[why]}"
    remedy = _remedy(why, dependency.ecosystem)
    note = f"{note}; {remedy}" if remedy else note
    if why in _EXCLUDED:
        return Cover(unit=unit, scanner=SCANNER, state="excluded", why=why, by=_EXCLUDED[why], note=note)
    return Cover(unit=unit, scanner=SCANNER, state="unresolved", why=why, note=note)


def _judge_one(out: Judgement, matcher: Matcher, dependency: Dependency) -> Why | None:
    """Match one pin; return why it could not be judged, None when it was."""
    version = dependency.version or ""
    if normal_name("PyPI", dependency.name) != CONTROL:
        out.ecosystems.add(dependency.ecosystem)
    if not matcher.knows(dependency.ecosystem):
        return "no-data"
    groups = matcher.hits(dependency.ecosystem, dependency.name, version)
    for group in groups:
        name = normal_name(dependency.ecosystem, dependency.name)
        place = (dependency.path, dependency.line, name, version, group[0].id)
        out.findings.setdefault(place, finding(dependency, version, group))
    if not groups and key(dependency.ecosystem, version) is None:
        return "odd-version"
    return None


def _file_row(unit: Unit, manifest: Manifest, whys: Counter[Why]) -> Cover:
    total = len(manifest.dependencies)
    open_ = [why for why in _ORDER if whys[why]]
    if not open_:
        excluded = sum(whys.values())
        note = f"{total} dependencies, {excluded} of them excluded" if excluded else f"{total} dependencies"
        return Cover(unit=unit, scanner=SCANNER, state="scanned", note=note)
    parts = ", ".join(f"{whys[why]} {why}" for why in open_)
    note = f"{sum(whys[why] for why in open_)} of {total} dependencies: {parts}"
    remedies = [text for why in open_ if (text := _remedy(why, manifest.ecosystem))]
    note = "; ".join((note, *remedies))
    return Cover(unit=unit, scanner=SCANNER, state="unresolved", why=open_[0], note=note)


def _read_all(units: Sequence[ScanUnit], read: Read, out: Judgement) -> dict[str, tuple[Unit, Manifest]]:
    paths = frozenset(unit.path for unit in units)
    found: dict[str, tuple[Unit, Manifest]] = {}
    for unit in units:
        row = Unit(kind="file", id=unit.id)
        data = read(unit.path)
        if data is None:
            note = "it could not be read"
            out.rows.append(Cover(unit=row, scanner=SCANNER, state="failed", why="unreadable", note=note))
            continue
        try:
            found[unit.path] = (row, read_manifest(unit.path, data, read, paths))
        except BrokenManifest as error:
            note = str(error)[:300]
            out.rows.append(Cover(unit=row, scanner=SCANNER, state="failed", why="syntax-error", note=note))
    return found


def judge(units: Sequence[ScanUnit], read: Read, matcher: Matcher) -> Judgement:
    """Judge all manifests. What an unpinned dependency means is the gate's to say."""
    out = Judgement()
    manifests = _read_all(units, read, out)
    locked = _locks([manifest for _, manifest in manifests.values()])
    for row, manifest in manifests.values():
        whys: Counter[Why] = Counter()
        for dependency in manifest.dependencies:
            why = dependency.why
            if why is None:
                why = _judge_one(out, matcher, dependency)
            elif why == "unpinned" and not manifest.is_lock and _by_lock(dependency, locked):
                why = None
            if why is not None:
                whys[why] += 1
                gap = _gap(dependency, why)
                # One row a unit: of two lines about one name the one that blocks is kept.
                old = out.gaps.get(gap.unit.id)
                if old is None or (old.state != "unresolved" and gap.state == "unresolved"):
                    out.gaps[gap.unit.id] = gap
        out.rows.append(_file_row(row, manifest, whys))
    return out
