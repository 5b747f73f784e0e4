"""A baseline: what was known of a tree on a day, so that a later run is judged by what came since. Pure.

The file is one that lives in a repository: one finding a line, in the order of the tree, so that git shows
what a new one adds. It holds what identity and a report need of each finding, and no code.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any, Literal

import msgspec

from devsecops import strictjson
from devsecops.canonical import canonical
from devsecops.errors import IncompleteError, UsageError
from devsecops.findings.alike import incomparable
from devsecops.findings.complete import file_of
from devsecops.model import (
    GREEN_STATES,
    Cover,
    File,
    Finding,
    Location,
    Part,
    ScanResult,
    Source,
    Statement,
    Tool,
    Value,
)

SCHEMA = "devsecops.baseline/1"
MAX_BYTES = 64 * 1024 * 1024
"""More than that is no baseline of findings: about 100,000 of them."""
_KEYS = ("tokens/1", "context/1", "package/1", "secret/1")
"""The keys that identity compares."""


class KnownScanner(Value, frozen=True, kw_only=True):
    """A scanner whose findings a baseline holds."""

    name: str
    tool: Tool | None = None


class Baseline(Value, frozen=True, kw_only=True):
    """A baseline file."""

    schema: Literal["devsecops.baseline/1"] = "devsecops.baseline/1"
    subject: tuple[Part, ...]
    day: str
    """The UTC day that the run was judged on, ``YYYY-MM-DD``."""
    verdict: str
    """sha256 of the statement of the verdict it was made from."""
    scanners: tuple[KnownScanner, ...] = ()
    """Those whose control was found, with what ran."""
    files: dict[str, str] = {}
    """Each file with a finding or a gap -> its digest, as in the ledger."""
    findings: tuple[Finding, ...] = ()
    gaps: tuple[Cover, ...] = ()
    """Rows of the ledger that were not green, and the accepted ones."""

    @property
    def source(self) -> Source | None:
        """The tree it is about; None when it is about something else."""
        return source_of(self.subject)


def source_of(subject: Iterable[Part]) -> Source | None:
    """Return the source tree among the parts of a subject."""
    return next((part for part in subject if isinstance(part, Source)), None)


def called(what: str, base: Baseline) -> str:
    """Return what a baseline, or the run it stands for, is called in a sentence."""
    source = base.source
    of = f" of commit {source.head[:10]}" if source is not None and source.head and not source.dirty else ""
    return f"the {what}{of} ({base.day})"


def make_baseline(
    statement: Statement, verdict: str, results: Sequence[ScanResult], ledger: Sequence[Cover]
) -> Baseline:
    """Return the baseline of a run: its statement, the digest of that, and what it rests on."""
    proved = [result for result in results if believed(result)]
    findings = sorted((_slim(one) for result in proved for one in result.findings), key=_place)
    gaps = tuple(row for row in ledger if is_gap(row))
    digests = {row.unit.id: row.unit.digest for row in ledger if row.unit.kind == "file"}
    named = {path_of(one) for one in findings} | {file_of_unit(row, digests) for row in gaps}
    return Baseline(
        subject=statement.subject,
        day=statement.evaluated_on,
        verdict=verdict,
        scanners=tuple(
            KnownScanner(name=result.scanner, tool=result.tool)
            for result in sorted(proved, key=lambda result: result.scanner)
        ),
        files={path: digest for path in sorted(named) if (digest := digests.get(path))},
        findings=tuple(findings),
        gaps=gaps,
    )


def believed(result: ScanResult) -> bool:
    """Return whether a scanner proved that it worked: only then is what it found known."""
    found = result.control is not None and result.control.found
    return found and result.status in ("complete", "partial")


def is_gap(row: Cover) -> bool:
    """Return whether a row of the ledger says that something was not looked at, accepted or not."""
    return row.state == "accepted" or row.state not in GREEN_STATES or bool(row.was)


def path_of(finding: Finding) -> str:
    """Return the path of the file that a finding stands in; empty when it stands in none."""
    at = file_of(finding.location)
    return "" if at is None else at.path


def file_of_unit(row: Cover, files: Iterable[str]) -> str:
    """Return the path of the file that a row's unit is or stands in, such as that of ``uv.lock#flask``.

    `files` holds all paths, for those that have a ``#`` of their own.
    """
    known = files if isinstance(files, dict | set | frozenset) else set(files)
    unit = row.unit.id
    at = len(unit)
    while row.unit.kind != "file" and at > 0:
        if unit[:at] in known:
            return unit[:at]
        at = unit.rfind("#", 0, at)
    return unit if row.unit.kind in ("file", "manifest") else unit.partition("#")[0]


def _slim(finding: Finding) -> Finding:
    """Return a finding without what neither identity nor a report of what was fixed looks at."""
    aliases = finding.evidence.get("aliases")
    keys = {name: finding.keys[name] for name in _KEYS if name in finding.keys}
    at = file_of(finding.location)
    if at is not None and finding.kind != "secrets" and incomparable(at):
        # Without the snippet nothing else would say that this key stands for what was redacted.
        keys.pop("tokens/1", None)
    return msgspec.structs.replace(
        finding,
        location=_bare(finding.location),
        related=(),
        keys=keys,
        evidence={} if aliases is None else {"aliases": aliases},
        basis="",
        remedy="",
    )


def _bare(location: Location) -> Location:
    """Return a location without its code, but for how many lines of it there are."""
    at = file_of(location)
    if at is None:
        return location
    bare = msgspec.structs.replace(at, snippet="\n" * at.snippet.count("\n"))
    return bare if isinstance(location, File) else msgspec.structs.replace(location, at=bare)


def _place(finding: Finding) -> tuple[str, int, int, str]:
    at = file_of(finding.location)
    region = at.region if at is not None else None
    line, column = (region.start_line, region.start_column or 0) if region is not None else (0, 0)
    return path_of(finding), line, column, finding.id


def baseline_bytes(baseline: Baseline) -> bytes:
    """Return the bytes of the file: JSON, one item a line; the same baseline gives the same bytes."""
    return b"{\n" + b",\n".join(_fields(baseline)) + b"\n}\n"


def _fields(baseline: Baseline) -> Iterator[bytes]:
    for name in sorted(baseline.__struct_fields__):
        value = getattr(baseline, name)
        if isinstance(value, tuple):
            inside = b"[" + b",".join(b"\n" + canonical(short(item)) for item in value) + b"\n]"
        elif isinstance(value, dict):
            items = (canonical(key) + b":" + canonical(value[key]) for key in sorted(value))
            inside = b"{" + b",".join(b"\n" + item for item in items) + b"\n}"
        else:
            inside = canonical(value)
        yield canonical(name) + b":" + inside


def short(value: Any) -> Any:
    """Return a value as what JSON holds, without the fields that are at their default."""
    if isinstance(value, msgspec.Struct):
        config = value.__struct_config__
        out = {config.tag_field: config.tag} if config.tag_field else {}
        for name, encoded, required, default in _fields_of(type(value)):
            item = getattr(value, name)
            if required or item != default:
                out[encoded] = short(item)
        return out
    if isinstance(value, tuple):
        return [short(item) for item in value]
    return value


@cache
def _fields_of(kind: type[msgspec.Struct]) -> tuple[tuple[str, str, bool, Any], ...]:
    """Return name, name in the file, whether it is required, and default of each field."""
    return tuple(
        (
            field.name,
            field.encode_name,
            field.required,
            field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory(),
        )
        for field in msgspec.structs.fields(kind)
    )


def read_baseline(data: bytes, source: str) -> Baseline:
    """Return the baseline in `data`; `source` is what a message calls it.

    Raises:
        UsageError: too large, no baseline, or one of another version.
        IncompleteError: it is one, and damaged.
    """
    again = "write it again with devsecops baseline write"
    if len(data) > MAX_BYTES:
        raise UsageError(f"{source} is larger than {MAX_BYTES >> 20} MB: it is no baseline.")
    try:
        value = strictjson.loads(data)
    except ValueError as error:
        # A file that was cut off or holds the marks of a merge is no JSON either.
        raise IncompleteError(f"{source} is not a baseline, or damaged ({error}); {again}.") from None
    schema = value.get("schema") if isinstance(value, dict) else None
    if schema != SCHEMA:
        what = f"of the version {schema[:80]}" if isinstance(schema, str) else "not a baseline"
        raise UsageError(f"{source} is {what}; this version reads {SCHEMA}: {again}.")
    try:
        baseline = msgspec.convert(value, Baseline)
    except msgspec.ValidationError as error:
        raise IncompleteError(f"{source} is damaged ({error}); {again}.") from None
    if len({(one.scanner, one.id) for one in baseline.findings}) < len(baseline.findings):
        raise IncompleteError(f"{source} is damaged (two findings of a scanner have the same id); {again}.")
    return baseline
