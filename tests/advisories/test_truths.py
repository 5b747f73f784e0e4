"""The matcher against two truths it has no part in: lists of versions, and ranges by the OSV schema."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

from devsecops.api import Finding, Package
from devsecops_advisories.severity import rate


def _lock(pins: list[tuple[str, str]]) -> str:
    """Return a poetry.lock, which can hold odd versions and several of one package."""
    return "".join(f"[[package]]\nname = {json.dumps(n)}\nversion = {json.dumps(v)}\n" for n, v in pins)


def _by_pin(findings: tuple[Finding, ...]) -> dict[tuple[str, str], list[Finding]]:
    out: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for found in findings:
        out[found.evidence["package"], found.evidence["version"]].append(found)
    return out


def _names(found: Finding) -> set[str]:
    return {found.rule.id, *filter(None, found.evidence["aliases"].split(", "))}


def test_200_pins_equal_the_two_truths(scan: Any, truths: Any, seed: str) -> None:
    pins = truths.pins(seed)
    assert len(pins) == 200
    assert len({name for name, _ in pins}) >= 100
    parsed = scan({"poetry.lock": _lock(pins)})
    found = _by_pin(parsed.findings)
    for number, (name, version) in enumerate(pins):
        expected = truths.affecting(name, version)
        said = found.get((name, version), [])
        where = f"seed {seed}: {name} {version}"
        assert {f.rule.id for f in said} <= set(expected), where
        assert set(expected) <= {text for f in said for text in _names(f)}, where
        for one in said:
            records = [r for r in expected.values() if r["id"] in _names(one)]
            assert _names(one) == {t for r in records for t in (r["id"], *r.get("aliases", []))}, where
            fixed = {
                text
                for r in records
                for a in r["affected"]
                for events in a.get("ranges", [])
                for kind, text in events
                if kind == "f" and a["name"].lower().replace("_", "-").replace(".", "-") == name
            }
            assert set(filter(None, one.evidence["fixed"].split(", "))) == fixed, where
            assert isinstance(one.location, Package)
            region = one.location.at.region
            assert region is not None
            assert region.start_line == 3 * number + 2, where


def test_withdrawn_records_never_match(scan: Any, truths: Any) -> None:
    gone = [
        (name, version, record["id"])
        for name, items in truths.by_package.items()
        for record, affected in items
        if record.get("withdrawn")
        for version in affected.get("versions", [])[:5]
    ]
    assert len({identifier for _, _, identifier in gone}) >= 5
    parsed = scan({"poetry.lock": _lock([(name, version) for name, version, _ in gone])})
    assert not {f.rule.id for f in parsed.findings} & {identifier for _, _, identifier in gone}


def test_one_flaw_is_one_finding_and_two_flaws_stay_two(scan: Any) -> None:
    parsed = scan({"requirements.txt": "distributed==2021.9.0\nAccessControl==5.1\n"})
    found = {f.rule.id: f for f in parsed.findings}
    # One flaw that was recorded twice.
    assert "PYSEC-2021-871" in found
    assert "PYSEC-2021-872" in found["PYSEC-2021-871"].evidence["aliases"]
    assert "PYSEC-2021-872" not in found
    # Two CVEs under one GHSA.
    assert {"PYSEC-2021-335", "PYSEC-2021-370"} <= set(found)


def test_severity_is_computed_from_the_newest_vector_else_the_word_else_unknown() -> None:
    old, v31 = "AV:N/AC:L/Au:N/C:P/I:P/A:P", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
    v4 = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:L/VI:N/VA:N/SC:N/SI:N/SA:N"
    assert (rate([old], "", "X").severity, rate([old], "", "X").score) == ("high", 7.5)
    assert rate([old, v31], "LOW", "X").score == 9.8
    assert rate([old, v31, v4], "", "X").basis == f"{v4} of X"
    assert rate(["nonsense"], "MODERATE", "X").severity == "medium"
    assert rate([], "", "X").severity == "unknown"


def test_severity_is_joined_through_aliases(truths: Any, scan: Any) -> None:
    """A record without a vector takes that of a record of the same CVE, and says whose."""
    rated = {
        alias: record["id"]
        for items in truths.by_package.values()
        for record, _ in items
        if record.get("vectors") and not record.get("withdrawn")
        for alias in record.get("aliases", [])
        if alias.startswith("CVE-")
    }
    pins = [
        (name, affected["versions"][0], record["id"], rated[alias])
        for name, items in sorted(truths.by_package.items())
        for record, affected in items
        for alias in record.get("aliases", [])
        if alias in rated and not record.get("vectors") and affected.get("versions")
        if not record.get("withdrawn")
    ]
    parsed = scan({"poetry.lock": _lock([(name, version) for name, version, _, _ in pins])})
    found = {(f.evidence["package"], f.rule.id): f for f in parsed.findings}
    for name, _, identifier, source in pins:
        if (name, identifier) in found:
            assert found[name, identifier].score is not None
            assert found[name, identifier].basis.endswith(source)
