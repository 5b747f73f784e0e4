"""From records to the parts of an index."""

from __future__ import annotations

import hashlib
import zlib
from collections import defaultdict
from collections.abc import Iterable, Sequence

import msgspec

from devsecops.api import ToolError
from devsecops_advisories.index import Advisory, PartFacts
from devsecops_advisories.records import CONTROL, CONTROL_ID, ECOSYSTEMS, Affected, Record
from devsecops_advisories.severity import Rating, joined, rate
from devsecops_advisories.versions import in_range, key, normal_name


def identifiers(record: Record) -> set[str]:
    """Return all names of the flaw that `record` knows."""
    return {record.id, *record.aliases}


def same_flaw(one: set[str], other: set[str]) -> bool:
    """Say whether two records with these identifiers are about one flaw.

    Sharing a GHSA is not enough when each names CVEs and no CVE is common: a GHSA of the data can
    cover two CVEs with different fixes.
    """
    if not one & other:
        return False
    cves, others = ({name for name in names if name.startswith("CVE-")} for names in (one, other))
    return not cves or not others or bool(cves & others)


def _uncovered(ecosystem: str, affected: Affected) -> tuple[str, ...]:
    left = []
    for version in affected.versions:
        at = key(ecosystem, version)
        if at is None or not any(in_range(ecosystem, at, events) for events in affected.ranges):
            left.append(version)
    return tuple(left)


def _advisory(record: Record, affected: Affected, rating: Rating) -> Advisory:
    own = rate(affected.vectors, "", record.id)
    rating = own if own.rank < 9 else rating
    return Advisory(
        id=record.id,
        aliases=record.aliases,
        severity=rating.severity,
        score=rating.score,
        basis=rating.basis,
        weakness=next((name for name in record.weaknesses if name.startswith("CWE-")), None),
        ranges=affected.ranges,
        listed=_uncovered(affected.ecosystem, affected),
    )


def _ratings(records: Sequence[Record]) -> dict[str, Rating]:
    own = {record.id: rate(record.vectors, record.word, record.id) for record in records}
    known: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        if own[record.id].rank < 9:
            for name in identifiers(record):
                known[name].append(record)
    ratings = {}
    for record in records:
        names = identifiers(record)
        friends = {r.id for name in names for r in known[name] if same_flaw(names, identifiers(r))}
        ratings[record.id] = joined(own[record.id], [own[name] for name in sorted(friends)])
    return ratings


def _control(ecosystem: str) -> tuple[str, list[Advisory]]:
    events = (("i", "0"), ("f", "1.0.0"))
    advisory = Advisory(CONTROL_ID, (), "info", 0.0, "made up to prove the matcher", None, (events,), ())
    return normal_name(ecosystem, CONTROL), [advisory]


def build_part(ecosystem: str, records: Iterable[Record]) -> tuple[PartFacts, bytes]:
    """Return the part of `ecosystem`; the same records in any order give the same bytes.

    Raises:
        ToolError: no record is about `ecosystem`, or its versions cannot be ordered here.
    """
    if ecosystem not in ECOSYSTEMS:
        raise ToolError(f"ecosystem {ecosystem!r} is not known: it must be one of {', '.join(ECOSYSTEMS)}")
    chosen: dict[str, Record] = {}
    for record in records:
        old = chosen.get(record.id)
        about = any(item.ecosystem == ecosystem for item in record.affected)
        if about and (old is None or old.modified < record.modified):
            chosen[record.id] = record
    if not chosen:
        raise ToolError(f"there is no record of {ecosystem} in it")
    live = [chosen[name] for name in sorted(chosen) if not chosen[name].withdrawn]
    ratings = _ratings(live)
    packages: dict[str, list[Advisory]] = defaultdict(list)
    for record in live:
        for item in record.affected:
            if item.ecosystem == ecosystem and item.name and (item.ranges or item.versions):
                advisory = _advisory(record, item, ratings[record.id])
                packages[normal_name(ecosystem, item.name)].append(advisory)
    name, control = _control(ecosystem)
    packages[name] = control
    encoded = {name: msgspec.Raw(msgspec.msgpack.encode(packages[name])) for name in sorted(packages)}
    blob = zlib.compress(msgspec.msgpack.encode(encoded), 9)
    facts = PartFacts(
        ecosystem=ecosystem,
        date=max(record.modified for record in chosen.values())[:10],
        records=len(chosen),
        withdrawn=len(chosen) - len(live),
        packages=len(packages) - 1,
        size=len(blob),
        sha256=hashlib.sha256(blob).hexdigest(),
    )
    return facts, blob
