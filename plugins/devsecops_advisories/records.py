"""OSV records, their facts alone: no prose is kept."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from devsecops.api import ToolError
from devsecops_advisories.versions import Event

ECOSYSTEMS = ("PyPI", "npm")
"""Those whose order of versions is known here."""
CONTROL = "devsecops-control"
CONTROL_ID = "DEVSECOPS-CONTROL"

_KINDS = {"introduced": "i", "fixed": "f", "last_affected": "l", "limit": "m"}


class Affected(msgspec.Struct, frozen=True):
    """One package of a record. `ranges` are those over versions, not over commits."""

    ecosystem: str
    name: str
    ranges: tuple[tuple[Event, ...], ...] = ()
    versions: tuple[str, ...] = ()
    vectors: tuple[str, ...] = ()


class Record(msgspec.Struct, frozen=True, omit_defaults=True):
    """The facts of one advisory. Times are as in the source, UTC."""

    id: str
    modified: str
    affected: tuple[Affected, ...]
    aliases: tuple[str, ...] = ()
    published: str = ""
    withdrawn: str = ""
    vectors: tuple[str, ...] = ()
    word: str = ""
    weaknesses: tuple[str, ...] = ()


class _Osv(msgspec.Struct):
    id: str
    modified: str
    affected: list[dict[str, Any]] = []
    aliases: list[str] | None = None
    published: str | None = None
    withdrawn: str | None = None
    severity: list[dict[str, Any]] | None = None
    database_specific: dict[str, Any] | None = None


_OSV = msgspec.json.Decoder(_Osv)
_FACTS = msgspec.json.Decoder(tuple[Record, ...])


def _vectors(severity: object) -> tuple[str, ...]:
    if not isinstance(severity, list):
        return ()
    return tuple(sorted({str(item["score"]) for item in severity if "score" in item}))


def _affected(raw: dict[str, Any]) -> Affected:
    package = raw.get("package") or {}
    ranges = tuple(
        tuple((_KINDS[name], str(text)) for event in part["events"] for name, text in sorted(event.items()))
        for part in raw.get("ranges") or ()
        if part.get("type") in ("ECOSYSTEM", "SEMVER")
    )
    return Affected(
        ecosystem=str(package.get("ecosystem", "")).partition(":")[0],
        name=str(package.get("name", "")),
        ranges=ranges,
        versions=tuple(sorted(set(map(str, raw.get("versions") or ())))),
        vectors=_vectors(raw.get("severity")),
    )


def read_record(data: bytes, name: str) -> Record:
    """Return the facts of one OSV record.

    Raises:
        ToolError: `data`, the content of the file `name`, is not an OSV record.
    """
    try:
        raw = _OSV.decode(data)
        known = raw.database_specific or {}
        record = Record(
            id=raw.id,
            modified=raw.modified,
            affected=tuple(_affected(item) for item in raw.affected),
            aliases=tuple(sorted(set(raw.aliases or ()))),
            published=raw.published or "",
            withdrawn=raw.withdrawn or "",
            vectors=_vectors(raw.severity),
            word=str(known.get("severity") or "") if isinstance(known.get("severity"), str) else "",
            weaknesses=tuple(sorted(c for c in known.get("cwe_ids") or () if isinstance(c, str))),
        )
    except (msgspec.DecodeError, UnicodeDecodeError, KeyError, TypeError, AttributeError, RecursionError):
        raise ToolError(f"{name} is not an OSV record") from None
    if not record.id or len(record.modified) < 10:
        raise ToolError(f"{name} is an OSV record without an id or a date")
    return record


def write_facts(records: Iterable[Record]) -> bytes:
    """Return the facts of `records` as xz, the same bytes for the same records in any order."""
    import lzma

    lines = [msgspec.json.encode(record) for record in sorted(records, key=lambda r: r.id)]
    body = b"[" + b",\n".join(lines) + b"]\n"
    return lzma.compress(body, check=lzma.CHECK_SHA256, preset=9 | lzma.PRESET_EXTREME)


def read_facts(data: bytes) -> tuple[Record, ...]:
    """Return the records that `write_facts` wrote."""
    import lzma

    return _FACTS.decode(lzma.decompress(data))
