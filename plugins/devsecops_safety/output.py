"""safety's JSON report (version 1.1) as values: what safety does not write when it works is a ToolError."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta
from packaging.utils import canonicalize_name

from devsecops.api import ToolError, read_json

Name = Annotated[str, Meta(min_length=1, max_length=300)]
Id = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9][A-Za-z0-9._:-]{0,99}\Z")]
Cve = Annotated[str, Meta(pattern=r"\ACVE-\d{4}-\d{4,12}\Z")]
Count = Annotated[int, Meta(ge=0, le=1_000_000_000)]
Asked = tuple[str, str]
"""A package's normal name, and the version it is pinned to."""


class About(msgspec.Struct, frozen=True):
    """``report_meta``: how safety says it was run."""

    safety_version: Name
    api_key: bool
    local_database_path: str | None
    packages_found: Count
    vulnerabilities_found: Count
    vulnerabilities_ignored: Count


class Wanted(msgspec.Struct, frozen=True):
    """One requirement that safety read."""

    name: Name
    specifier: Name


class Scanned(msgspec.Struct, frozen=True):
    """All requirements about one package."""

    requirements: list[Wanted]


class Hit(msgspec.Struct, frozen=True):
    """One vulnerability of one pin. `cve` is None when the database names none."""

    package_name: Name
    analyzed_version: Name
    vulnerability_id: Id
    fixed_versions: list[Name] = []
    cve: Cve | None = msgspec.field(default=None, name="CVE")

    @property
    def pin(self) -> Asked:
        """The pin that it is about."""
        return canonicalize_name(self.package_name), self.analyzed_version


class Output(msgspec.Struct, frozen=True):
    """The whole report."""

    report_meta: About
    scanned_packages: dict[str, Scanned]
    vulnerabilities: list[Hit]
    ignored_vulnerabilities: list[Any]


def read_output(data: bytes, asked: frozenset[Asked], *, version: str, vendor: bool) -> list[Hit]:
    """Return the hits of a report about the pins `asked`; `vendor`: of the vendor's own database.

    Raises:
        ToolError: it is not a report, speaks of other pins, leaves some out, or contradicts itself.
    """
    try:
        output: Output = msgspec.convert(read_json(data), Output)
    except (ValueError, RecursionError) as error:
        raise ToolError(f"safety's report cannot be read: {str(error)[:200]}") from None
    about, hits = output.report_meta, output.vulnerabilities
    if about.safety_version != version:
        raise ToolError(f"safety's report is not of safety {version}")
    if about.api_key != vendor or (about.local_database_path is None) != vendor:
        raise ToolError("safety did not use the database that it was told to use")
    scanned = {
        (canonicalize_name(one.name), one.specifier.removeprefix("=="))
        for package in output.scanned_packages.values()
        for one in package.requirements
    }
    if scanned != asked:
        raise ToolError("safety's report is not about the pins that it was given")
    if not asked.issuperset(hit.pin for hit in hits):
        raise ToolError("safety's report finds something in a pin that it was never given")
    if len({(hit.pin, hit.vulnerability_id) for hit in hits}) != len(hits):
        raise ToolError("safety's report tells one vulnerability twice")
    if output.ignored_vulnerabilities or about.vulnerabilities_ignored:
        raise ToolError("safety left out vulnerabilities that nobody told it to ignore")
    if (about.packages_found, about.vulnerabilities_found) != (len(output.scanned_packages), len(hits)):
        raise ToolError("safety's report does not hold what it counted")
    return hits
