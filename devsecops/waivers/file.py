"""The file of waivers, ``.devsecops/waivers.toml``, as values. What is wrong in it is exit 2."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from devsecops.errors import UsageError
from devsecops.findings.redact import redact
from devsecops.policy.parse import nearest, read_toml
from devsecops.waivers.model import KEYS, Waiver

Text = Annotated[str, Meta(pattern=r"\S")]
Line = Annotated[int, Meta(ge=1, le=1_000_000_000)]
_TOP = ("schema", "waiver")


class WaiverTable(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """[[waiver]]: one finding by its id, or all findings of a rule in some paths."""

    id: Annotated[
        Annotated[str, Meta(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,63}$")] | None,
        Meta(description="The finding's id. Without it: every finding of the rule in the paths."),
    ] = None
    rule: Annotated[
        Annotated[str, Meta(pattern=r"^[^/\s]+/\S")],
        Meta(description="TOOL/RULE; without an id of a finding it may end in *."),
    ]
    path: Annotated[
        Text | Annotated[tuple[Text, ...], Meta(min_length=1)] | None,
        Meta(description="The finding's path; without an id path patterns, one or a list."),
    ] = None
    line: Annotated[Line | None, Meta(description="Where it stood at the commit.")] = None
    end_line: Annotated[Line | None, Meta(description="Its last line, when it has several.")] = None
    column: Annotated[Line | None, Meta(description="Its first column.")] = None
    package: Annotated[Text | None, Meta(description="The package URL of a dependency.")] = None
    keys: Annotated[dict[str, Text], Meta(description="Identity keys, as the command writes them.")] = {}
    reason: Annotated[Text, Meta(description="Why it is accepted.")]
    owner: Annotated[Text, Meta(description="Who answers for it.")]
    created: Annotated[datetime.date, Meta(description="The day it was written, in UTC.")]
    commit: Annotated[
        Annotated[str, Meta(pattern=r"^(?:[0-9a-f]{40}|[0-9a-f]{64})$")] | None,
        Meta(description="The commit that the finding was seen in."),
    ] = None
    expires: Annotated[datetime.date, Meta(description="The last day it holds, in UTC.")]


class WaiverFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """.devsecops/waivers.toml"""

    schema: Annotated[int, Meta(description="The version of this format.", ge=1, le=1)] = 1
    waiver: Annotated[tuple[WaiverTable, ...], Meta(description="The waivers.")] = ()


def read_waivers(data: bytes, source: str) -> tuple[Waiver, ...]:
    """Return the waivers of a file.

    Args:
        data: what it holds.
        source: what it is called in a sentence.

    Raises:
        UsageError: not TOML, an unknown key (the nearest is named), or an entry that cannot be meant.
    """
    try:
        table = read_toml(data.decode("utf-8"), source)
    except UnicodeDecodeError:
        raise UsageError(f"{source} is not UTF-8 text.") from None
    for key in table:
        if key not in _TOP:
            raise UsageError(f"{source}: unknown key {key}; {nearest(key, _TOP)}.")
    if table.get("schema", 1) != 1 or isinstance(table.get("schema"), bool):
        raise UsageError(f"{source}: schema: this version reads 1 only.")
    rows = table.get("waiver", [])
    if not isinstance(rows, list):
        raise UsageError(f"{source}: waiver: write each one under [[waiver]].")
    entries = [_entry(row, f"{source}: waiver[{n}]") for n, row in enumerate(rows)]
    ids = Counter(entry.id for entry in entries)
    return tuple(
        _waiver(entry, f"waiver[{entry.id if entry.id and ids[entry.id] == 1 else n}]")
        for n, entry in enumerate(entries)
    )


def _entry(row: Any, place: str) -> WaiverTable:
    known = [field.name for field in msgspec.structs.fields(WaiverTable)]
    for key in row if isinstance(row, Mapping) else ():
        if key not in known:
            raise UsageError(f"{place}: unknown key {key}; {nearest(key, known)}.")
    try:
        entry = msgspec.convert(row, WaiverTable)
    except msgspec.ValidationError as error:
        text, _, where = str(error).partition(" - at `")
        key = where.rstrip("`").removeprefix("$").lstrip(".").replace("[...]", "")
        raise UsageError(f"{place}{'.' * bool(key)}{key}: {text[:1].lower()}{text[1:]}.") from None
    for key in entry.keys:
        if key not in KEYS:
            raise UsageError(f"{place}.keys: unknown key {key}; {nearest(key, KEYS)}.")
    if entry.expires < entry.created:
        raise UsageError(f"{place}: it expires before it was created; give a later day.")
    wrong = _of_one(entry) if entry.id is not None else _of_many(entry)
    if wrong:
        raise UsageError(f"{place}: {wrong}.")
    return entry


def _of_one(entry: WaiverTable) -> str:
    """Return what is wrong with the waiver of one finding."""
    if not isinstance(entry.path, str | None):
        return "with an id it is about one finding: give one path"
    if entry.rule.endswith("*"):
        return "with an id it is about one finding: give its whole rule"
    if entry.end_line is not None and (entry.line is None or entry.end_line < entry.line):
        return "end_line comes before line"
    by_line = entry.commit is not None and entry.path is not None
    by_name = {"tokens/1", "context/1"} <= entry.keys.keys() or any(
        key in entry.keys for key in KEYS if key not in ("tokens/1", "context/1")
    )
    if not by_line and not by_name:
        return (
            "an id alone finds nothing again: keys, or path, line and commit are missing; "
            "let devsecops waive write it, or leave the id out to accept the rule in a path"
        )
    return ""


def _of_many(entry: WaiverTable) -> str:
    """Return what is wrong with the waiver of a rule in some paths."""
    if entry.path is None:
        return "path is missing: give the paths that the rule is accepted in"
    if "*" in entry.rule[:-1]:
        return "rule: only the end of a rule may be a *"
    for name in ("line", "end_line", "column", "package", "keys"):
        if getattr(entry, name):
            return f"{name} goes with an id; without one the rule is accepted in the whole path"
    return ""


def _waiver(entry: WaiverTable, label: str) -> Waiver:
    path = entry.path
    return Waiver(
        label=label,
        id=entry.id,
        rule=entry.rule,
        paths=() if path is None else (path,) if isinstance(path, str) else path,
        line=entry.line or 0,
        end_line=entry.end_line or 0,
        column=entry.column or 0,
        package=entry.package or "",
        keys=entry.keys,
        reason=redact(entry.reason.strip()),
        owner=redact(entry.owner.strip()),
        created=entry.created.isoformat(),
        commit=entry.commit,
        expires=entry.expires.isoformat(),
    )
