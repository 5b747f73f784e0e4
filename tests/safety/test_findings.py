"""Advisories of one flaw are one finding, as the scanner advisories has it."""

from __future__ import annotations

import msgspec

import devsecops_advisories.index as theirs
from devsecops_advisories.build import build_part
from devsecops_advisories.match import Matcher
from devsecops_advisories.records import Affected, Record
from devsecops_safety.findings import groups_of
from devsecops_safety.index import load
from devsecops_safety.output import Hit
from tests.safety.samples import TODAY


def record(name: str, aliases: tuple[str, ...], *edges: tuple[str, str]) -> Record:
    parts = tuple(
        Affected(ecosystem="PyPI", name="thing", ranges=((("i", low), ("f", high)),)) for low, high in edges
    )
    return Record(id=name, modified="2026-11-01T00:00:00Z", aliases=aliases, affected=parts)


def test_groups_equal_those_of_the_matcher() -> None:
    records = [
        record("GHSA-1", ("CVE-2020-1",), ("0", "2")),
        record("PYSEC-1", ("CVE-2020-1", "GHSA-1"), ("0", "2.1")),
        record("PYSEC-2", ("CVE-2020-2", "GHSA-2"), ("0", "3")),
        record("GHSA-2", ("CVE-2020-3",), ("0", "3")),
        record("MAL-1", (), ("0", "9")),
        record("PYSEC-3", (), ("0", "1"), ("5", "6"), ("1.5", "1.9")),
    ]
    theirs.user_path().parent.mkdir(parents=True)
    theirs.user_path().write_bytes(theirs.write({"PyPI": build_part("PyPI", records)}))
    advisories, matcher = load(TODAY), Matcher(theirs.load(TODAY))
    for version in ("0.5", "1.7", "2", "2.1", "5.5", "9"):
        expected = matcher.hits("PyPI", "thing", version)
        named = {one.id for group in expected for one in group}
        hits = [
            Hit(package_name="Thing", analyzed_version=version, vulnerability_id=name)
            for name in sorted(named)
        ]
        groups = groups_of(hits, advisories, vendor=False)
        assert [[msgspec.structs.astuple(one) for one in group] for group in groups] == [
            [msgspec.structs.astuple(one) for one in group] for group in expected
        ]
