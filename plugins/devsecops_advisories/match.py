"""What the advisories say about one pinned version, as findings."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

import msgspec

from devsecops.api import File, Finding, Package, Region, Rule, RuleRef
from devsecops_advisories.build import same_flaw
from devsecops_advisories.index import Advisory, Index, advisories
from devsecops_advisories.manifests.model import Dependency
from devsecops_advisories.versions import affected, first_fixed, key, normal_name

TOOL = "advisories"
_BAD = ("unknown", "info", "low", "medium", "high", "critical")
_SOURCES = ("PYSEC-", "GHSA-", "CVE-")


class Matcher:
    """Answers for pins by one index; each package is decoded once."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._packed: dict[str, dict[str, msgspec.Raw] | None] = {}
        self._decoded: dict[tuple[str, str], tuple[Advisory, ...]] = {}

    def knows(self, ecosystem: str) -> bool:
        """Say whether the index holds `ecosystem`."""
        return ecosystem in self._index.parts

    def _advisories(self, ecosystem: str, name: str) -> tuple[Advisory, ...]:
        if ecosystem not in self._packed:
            self._packed[ecosystem] = self._index.packages(ecosystem)
        packed = (self._packed[ecosystem] or {}).get(name)
        if packed is None:
            return ()
        known = self._decoded.get((ecosystem, name))
        if known is None:
            known = self._decoded[ecosystem, name] = advisories(packed)
        return known

    def hits(self, ecosystem: str, name: str, version: str) -> list[list[Advisory]]:
        """Return the advisories that affect a version, those of one flaw together."""
        found = [
            advisory
            for advisory in self._advisories(ecosystem, normal_name(ecosystem, name))
            if affected(ecosystem, version, advisory.ranges, advisory.listed)
        ]
        groups: list[list[Advisory]] = []
        for advisory in sorted(found, key=_preference):
            names = {advisory.id, *advisory.aliases}
            for group in groups:
                if any(same_flaw(names, {other.id, *other.aliases}) for other in group):
                    group.append(advisory)
                    break
            else:
                groups.append([advisory])
        return groups


def _preference(advisory: Advisory) -> tuple[int, str]:
    rank = next((n for n, start in enumerate(_SOURCES) if advisory.id.startswith(start)), len(_SOURCES))
    return rank, advisory.id


def purl(ecosystem: str, name: str, version: str) -> str:
    """Return the package URL of a version."""
    kind = "pypi" if ecosystem == "PyPI" else ecosystem.lower()
    path = "/".join(quote(part, safe="") for part in normal_name(ecosystem, name).split("/"))
    return f"pkg:{kind}/{path}@{quote(version, safe='')}"


def _fixed(ecosystem: str, group: Sequence[Advisory]) -> list[str]:
    texts = {text for one in group for events in one.ranges for what, text in events if what == "f"}
    keyed = [(key(ecosystem, text), text) for text in texts]
    return [text for edge, text in sorted((k, t) for k, t in keyed if k is not None)]


def finding(dependency: Dependency, version: str, group: Sequence[Advisory]) -> Finding:
    """Return the finding that the advisories of one flaw make of a pinned dependency."""
    ecosystem, name = dependency.ecosystem, normal_name(dependency.ecosystem, dependency.name)
    main = group[0]
    worst = max(group, key=lambda one: (_BAD.index(one.severity), one.score or 0.0))
    aliases = sorted({text for one in group for text in (one.id, *one.aliases)} - {main.id})
    ranges = [events for one in group for events in one.ranges]
    listed = [text for one in group for text in one.listed]
    target = first_fixed(ecosystem, version, ranges, listed)
    also = f" ({', '.join(aliases)})" if aliases else ""
    region = Region(start_line=dependency.line, end_line=dependency.end)
    return Finding(
        rule=RuleRef(tool=TOOL, id=main.id),
        kind="sca",
        weakness=next((one.weakness for one in group if one.weakness), None),
        severity=worst.severity,
        score=worst.score,
        confidence="high",
        basis=worst.basis or "no source of this advisory gives a severity",
        message=f"{name} {version} is affected by {main.id}{also}",
        location=Package(purl=purl(ecosystem, name, version), at=File(path=dependency.path, region=region)),
        evidence={
            "aliases": ", ".join(aliases),
            "ecosystem": ecosystem,
            "fixed": ", ".join(_fixed(ecosystem, group)),
            "package": name,
            "version": version,
        },
        remedy=f"upgrade {name} to {target} or later"
        if target
        else f"no fixed version of {name} is known: replace it, or waive this advisory with a reason",
    )


def rule(of: Finding) -> Rule:
    """Return what the rule of a finding is about."""
    return Rule(
        tool=TOOL,
        id=of.rule.id,
        name=of.rule.id,
        summary=f"A version of {of.evidence['package']} with a known vulnerability is asked for.",
        help="Upgrade to a version that the advisory does not list as affected.",
        help_uri=f"https://osv.dev/vulnerability/{of.rule.id}",
        weakness=of.weakness,
        severity=of.severity,
        confidence="high",
    )
