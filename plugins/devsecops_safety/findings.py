"""What safety's hits mean: its database's ids lead back to the advisories, those of one flaw together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import quote

from devsecops.api import File, Finding, Package, Region, Rule, RuleRef, ToolError
from devsecops_safety.database import affects, version
from devsecops_safety.index import Advisories, Advisory
from devsecops_safety.output import Hit
from devsecops_safety.requirements import Pin

TOOL = "safety"
_BAD = ("unknown", "info", "low", "medium", "high", "critical")
_SOURCES = ("DEVSECOPS-", "PYSEC-", "GHSA-", "CVE-")


def groups_of(hits: Iterable[Hit], advisories: Advisories, *, vendor: bool) -> list[list[Advisory]]:
    """Return what the hits of one pin are, the advisories of one flaw together, the preferred one first.

    Raises:
        ToolError: a hit's id is not in the database that safety was given.
    """
    found: list[Advisory] = []
    for hit in hits:
        name, text = hit.pin
        known = advisories.of(name)
        if vendor:
            found += [_of_vendor(hit), *(one for one in known if hit.cve in (one.id, *one.aliases))]
            continue
        # A record may speak of one package twice, with other ranges.
        named = [one for one in known if one.id == hit.vulnerability_id]
        if not named:
            raise ToolError("safety's report names an advisory that its database does not have")
        found += [one for one in named if affects(one, text)] or named
    groups: list[list[Advisory]] = []
    for one in sorted(dict.fromkeys(found), key=_preference):
        for group in groups:
            if any(_same_flaw(one, other) for other in group):
                group.append(one)
                break
        else:
            groups.append([one])
    return groups


def _of_vendor(hit: Hit) -> Advisory:
    """Return what the vendor's database says as an advisory; it rates nothing that can be used here."""
    fixed = tuple(("f", text) for text in hit.fixed_versions)
    aliases = () if hit.cve is None else (hit.cve,)
    return Advisory(hit.vulnerability_id, aliases, "unknown", None, "", None, (fixed,), ())


def _preference(advisory: Advisory) -> tuple[int, str]:
    rank = next((n for n, start in enumerate(_SOURCES) if advisory.id.startswith(start)), len(_SOURCES))
    return rank, advisory.id


def _same_flaw(one: Advisory, other: Advisory) -> bool:
    """Say whether two advisories share a name; where each names CVEs, one of these must be shared."""
    names, others = {one.id, *one.aliases}, {other.id, *other.aliases}
    cves, their = ({name for name in each if name.startswith("CVE-")} for each in (names, others))
    return bool(names & others) and (not cves or not their or bool(cves & their))


def finding(path: str, pin: Pin, group: Sequence[Advisory]) -> Finding:
    """Return the finding that the advisories of one flaw make of a pin in the manifest `path`."""
    main = group[0]
    worst = max(group, key=lambda one: (_BAD.index(one.severity), one.score or 0.0))
    aliases = sorted({text for one in group for text in (one.id, *one.aliases)} - {main.id})
    fixed = _fixed(group)
    at, target = version(pin.version), ""
    for text in fixed:
        edge = version(text)
        if at and edge and edge > at and not any(affects(one, text) for one in group):
            target = text
            break
    also = f" ({', '.join(aliases)})" if aliases else ""
    place = File(path=path, region=Region(start_line=pin.line, end_line=pin.end))
    return Finding(
        rule=RuleRef(tool=TOOL, id=main.id),
        kind="sca",
        weakness=next((one.weakness for one in group if one.weakness), None),
        severity=worst.severity,
        score=worst.score,
        confidence="high",
        basis=worst.basis or "no source of this advisory gives a severity",
        message=f"{pin.name} {pin.version} is affected by {main.id}{also}",
        location=Package(purl=f"pkg:pypi/{pin.name}@{quote(pin.version, safe='')}", at=place),
        evidence={
            "aliases": ", ".join(aliases),
            "ecosystem": "PyPI",
            "fixed": ", ".join(fixed),
            "package": pin.name,
            "version": pin.version,
        },
        remedy=f"upgrade {pin.name} to {target} or later"
        if target
        else f"no fixed version of {pin.name} is known: replace it, or waive this advisory with a reason",
    )


def _fixed(group: Sequence[Advisory]) -> list[str]:
    texts = {text for one in group for events in one.ranges for what, text in events if what == "f"}
    keyed = [(at, text) for text in texts if (at := version(text)) is not None]
    return [text for _, text in sorted(keyed)]


def rule(of: Finding) -> Rule:
    """Return what the rule of a finding is about."""
    known = of.rule.id.startswith(_SOURCES)
    return Rule(
        tool=TOOL,
        id=of.rule.id,
        name=of.rule.id,
        summary=f"A version of {of.evidence['package']} with a known vulnerability is asked for.",
        help="Upgrade to a version that the advisory does not list as affected.",
        help_uri=f"https://osv.dev/vulnerability/{of.rule.id}" if known else "",
        weakness=of.weakness,
        severity=of.severity,
        confidence="high",
    )
