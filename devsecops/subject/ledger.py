"""The ledger: one row for each unit and each scanner that applies to it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, get_args

import msgspec

import devsecops.subject.globs as globs
from devsecops import paths
from devsecops.canonical import canonical
from devsecops.contract import Spec
from devsecops.model import GREEN_STATES, Cover, CoverState, ScanResult, Unit
from devsecops.subject.applies import Applies, may_have_shebang
from devsecops.subject.tree import Entry, Tree

if TYPE_CHECKING:
    from devsecops.policy import Accept, Exclude

LINK = "built-in:symlink"
SUBMODULE = "built-in:submodule"
NOT_REGULAR = "built-in:not-a-regular-file"
TOOL_CONFIG = "built-in:tool-config"
UNTOUCHED = "untouched"
"""Why of a row ``same-as-base`` that nobody looked at."""
_OWN_ONLY: frozenset[str] = frozenset({"accepted"})
"""States that no scanner may claim."""
_STATES: frozenset[str] = frozenset(get_args(CoverState)) - _OWN_ONLY
_WORST_FIRST = ("failed", "not-reached", "partial", "unresolved", "unsupported", "excluded", "same-as-base")


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who looks at what. `rows` are decided already; `units` are, per scanner, those still to be looked at.

    `known` maps the id of every entry in scope to its unit.
    """

    units: dict[str, tuple[Entry, ...]]
    rows: tuple[Cover, ...]
    known: Mapping[str, Unit] = field(default_factory=dict)


def assign(
    tree: Tree,
    specs: Sequence[Spec],
    excludes: Sequence[Exclude] = (),
    touched: Collection[str] | None = None,
) -> Assignment:
    """Give every entry to the scanners that apply to it, or a row that says why to none.

    `touched` holds the path texts that a change touched (None: there is no base). What it did not touch is
    ``same-as-base`` and is not read, but by scanners of a whole project: any file may matter to them.

    Raises:
        IncompleteError: a file's first line had to be read and the repository lacks it.
    """
    applies = Applies(specs)
    leave = [globs.compile_globs(exclude.paths) for exclude in excludes]
    strips = [
        (place, globs.compile_globs(f"**/{n}" for n in spec.strips)) for place, spec in enumerate(specs)
    ]
    stripped = globs.compile_globs(f"**/{n}" for spec in specs for n in spec.strips)
    whole = {place for place, spec in enumerate(specs) if spec.unit == "project"}
    units: dict[str, list[Entry]] = {spec.name: [] for spec in specs}
    rows: list[Cover] = []
    known: dict[str, Unit] = {}
    for entry in tree.entries:
        unit = known[entry.path] = Unit(kind="file", id=entry.path, digest=entry.digest)
        text = paths.to_text(entry.raw)
        if rule := _left_alone(entry) or _excluded(text, leave):
            rows.append(_left_out(unit, rule, [specs[place].name for place in applies.by_name(entry.raw)]))
            continue
        own = set[int]()
        if stripped.fullmatch(text):
            own = {place for place, names in strips if names.fullmatch(text)}
        same = touched is not None and text not in touched
        # What a first line would say of a file that is not read concerns nobody.
        who = applies.by_name(entry.raw) if same else _who(entry, applies, tree)
        for place in sorted(who):
            name = specs[place].name
            if same and place not in own and not (entry.kind != "lfs" and touched and place in whole):
                rows.append(_row(unit, name, "same-as-base", UNTOUCHED))
            elif place in own:
                rows.append(_row(unit, name, "excluded", "tool-config", TOOL_CONFIG))
            elif entry.unreadable:
                rows.append(_row(unit, name, "failed", "unreadable"))
            elif entry.kind == "lfs":
                rows.append(_row(unit, name, "unresolved", "lfs-pointer"))
            else:
                units[name].append(entry)
        if not who:
            rows.append(_nobodys(unit, bool(own), same and may_have_shebang(entry)))
    return Assignment({name: tuple(given) for name, given in units.items()}, tuple(rows), known)


def _nobodys(unit: Unit, config: bool, unread: bool) -> Cover:
    if config:
        return _row(unit, None, "excluded", "tool-config", TOOL_CONFIG)
    return _row(unit, None, *(("same-as-base", UNTOUCHED) if unread else ("unsupported", "no-scanner")))


_WHY = {LINK: "symlink", SUBMODULE: "submodule", NOT_REGULAR: "not-a-regular-file"}


def _row(unit: Unit, scanner: str | None, state: CoverState, why: str, by: str | None = None) -> Cover:
    return Cover(unit=unit, scanner=scanner, state=state, why=why, by=by)


def _left_out(unit: Unit, rule: str, readers: Sequence[str]) -> Cover:
    if rule in _WHY:
        return Cover(unit=unit, state="excluded", why=_WHY[rule], by=rule)
    return Cover(unit=unit, state="excluded", why="by-policy", by=rule, readers=tuple(sorted(readers)))


def _left_alone(entry: Entry) -> str:
    if entry.kind == "symlink":
        return LINK
    if entry.kind == "submodule":
        return SUBMODULE
    return NOT_REGULAR if entry.kind == "other" and not entry.unreadable else ""


def _excluded(text: str, leave: Sequence[re.Pattern[str]]) -> str:
    for place, names in enumerate(leave):
        if names.fullmatch(text):
            return f"scope.exclude[{place}]"
    return ""


def _who(entry: Entry, applies: Applies, tree: Tree) -> set[int]:
    who = applies.by_name(entry.raw)
    rest = applies.by_shebang - who
    if not rest or entry.kind == "lfs" or not may_have_shebang(entry):
        return who
    data = None if entry.unreadable else tree.read(entry.path)
    # What cannot be read may be theirs: they get it, and their row will say that it could not be read.
    return who | (rest if data is None else applies.by_content(data[:256]) & rest)


def close_ledger(
    assignment: Assignment, results: Sequence[ScanResult], accepts: Sequence[Accept], today: str
) -> tuple[Cover, ...]:
    """Return the whole ledger: exactly one row for each assigned unit and scanner, sorted.

    What a scanner does not account for is not-reached, a state that nobody knows is failed. `today` is the
    UTC day, YYYY-MM-DD: an acceptance holds to the end of the day it expires.
    """
    rows = {_key(row): row for row in assignment.rows}
    said: dict[str, dict[tuple[str, str], Cover]] = {}
    causes: dict[str, str] = {}
    for result in results:
        told = said.setdefault(result.scanner, {})
        causes[result.scanner] = result.problems[0].code if result.problems else "no-row"
        for row in result.cover:
            made = _made_known(row, result.scanner, assignment.known)
            place = (made.unit.kind, made.unit.id)
            told[place] = min(told.get(place, made), made, key=_badness)
    for name, given in assignment.units.items():
        told = said.setdefault(name, {})
        for entry in given:
            unit = assignment.known[entry.path]
            place = ("file", entry.path)
            missed = _row(unit, name, "not-reached", causes.get(name, "no-result"))
            rows["file", entry.path, name] = told.pop(place) if place in told else missed
    for name, told in sorted(said.items()):
        _add_the_rest(rows, name, told)
    return accept_gaps(rows.values(), accepts, today, assignment.known)


def accept_gaps(
    rows: Iterable[Cover], accepts: Sequence[Accept], today: str, known: Mapping[str, Unit]
) -> tuple[Cover, ...]:
    """Return the rows, sorted, with those gaps accepted that `accepts` speak of; `known` are all files."""
    holding = [
        (f"coverage.accept[{n}]", accept) for n, accept in enumerate(accepts) if accept.expires >= today
    ]
    return sort_ledger(_accepted(row, holding, known) for row in rows)


def sort_ledger(rows: Iterable[Cover]) -> tuple[Cover, ...]:
    """Return rows in the order of the ledger."""
    return tuple(sorted(rows, key=_key))


def unaccepted(row: Cover) -> Cover:
    """Return a row as it was before a policy accepted the gap; one that does not say so has failed."""
    if row.state != "accepted":
        return row
    state: CoverState = row.was if row.was in _STATES - GREEN_STATES else "failed"  # type: ignore[assignment]
    return msgspec.structs.replace(row, state=state, by=None, was="")


def _key(row: Cover) -> tuple[str, str, str]:
    return row.unit.kind, row.unit.id, row.scanner or ""


def _badness(row: Cover) -> tuple[int, bytes]:
    place = _WORST_FIRST.index(row.state) if row.state in _WORST_FIRST else len(_WORST_FIRST)
    return place, canonical(row)


def _made_known(row: Cover, scanner: str, known: Mapping[str, Unit]) -> Cover:
    """Return a scanner's row with our own unit, and with a state that we know."""
    unit = known.get(row.unit.id, row.unit) if row.unit.kind in ("file", "manifest") else row.unit
    if row.state not in _STATES:
        note = f"it claims the state {row.state}"
        return Cover(unit=unit, scanner=scanner, state="failed", why="unknown-state", note=note)
    return msgspec.structs.replace(row, unit=unit, scanner=scanner, was="")


def _add_the_rest(
    rows: dict[tuple[str, str, str], Cover], scanner: str, told: Mapping[tuple[str, str], Cover]
) -> None:
    """Add what a scanner says of units that are not files, and the gaps it reports in other files."""
    for (kind, name), row in told.items():
        if kind not in ("file", "manifest"):
            rows[_key(row)] = row
        elif row.state not in GREEN_STATES:
            nobody = rows.get(("file", name, ""))
            if nobody is not None and nobody.state == "excluded":
                continue
            rows.pop(("file", name, ""), None)
            rows.setdefault((kind, name, scanner), row)


def _accepted(row: Cover, accepts: Sequence[tuple[str, Accept]], known: Mapping[str, Unit]) -> Cover:
    if row.state in GREEN_STATES or not accepts:
        return row
    path = owner(row, known)
    for rule, accept in accepts:
        if globs.matches(accept.paths, path) and any(
            fnmatchcase(row.scanner or "", pattern) for pattern in accept.scanners
        ):
            return msgspec.structs.replace(row, state="accepted", by=rule, was=row.state)
    return row


def owner(row: Cover, known: Mapping[str, Unit]) -> str:
    """Return the path of the file that a unit is, or that a unit such as ``requirements.txt#flask`` is in."""
    if row.unit.kind == "file":
        return row.unit.id
    unit = row.unit.id
    at = unit.rfind("#")
    while at > 0:
        if unit[:at] in known:
            return unit[:at]
        at = unit.rfind("#", 0, at)
    return unit.partition("#")[0]


def ledger_bytes(rows: Iterable[Cover]) -> bytes:
    """Return the rows as JSON lines, sorted: the same rows give the same bytes."""
    lines = sorted((*_key(row), canonical(row) + b"\n") for row in rows)
    return b"".join(line for *_, line in lines)


def read_ledger(data: bytes) -> tuple[Cover, ...]:
    """Return the rows that `ledger_bytes` wrote.

    Raises:
        msgspec.DecodeError: a line is not a row.
    """
    return tuple(msgspec.json.decode(line, type=Cover) for line in data.splitlines())
