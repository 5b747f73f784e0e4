"""What a scanner says about itself: names, files, controls, and what its findings refer to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from devsecops.contract import Attested, Canary, Spec
from devsecops.errors import DevsecopsError
from devsecops.findings.complete import file_of
from devsecops.model import Finding
from devsecops.testing.bench import Bench, said
from devsecops.testing.engine import Ran
from devsecops.tools import ToolMissing
from devsecops.tools.locks import normal, read_lock

_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}\Z")
_WEAKNESS = re.compile(r"CWE-[1-9][0-9]{0,4}\Z")
_DAY = re.compile(r"\d{4}-\d\d-\d\d\Z")


def spec(bench: Bench) -> Iterator[str]:
    """What it says about itself is whole, and fits together."""
    one = bench.spec
    if not _NAME.match(one.name):
        yield f"the name {one.name!r} is not of lower-case letters, digits, dots and dashes"
    if one.unit != "remote" and not (one.reads.suffixes or one.reads.names or one.reads.shebangs):
        yield "it reads nothing: give Spec.reads suffixes, names or shebangs"
    for suffix in one.reads.suffixes:
        if not suffix.startswith(".") or suffix != suffix.lower():
            yield f"the suffix {suffix!r} needs a dot, and lower case"
    for limit in ("deadline_s", "memory_mb", "output_mb"):
        if getattr(one, limit) <= 0:
            yield f"{limit} is {getattr(one, limit)}"
    if not isinstance(one.controls, Attested) and not one.controls:
        yield "it has no control: without a canary nothing shows that it works"
    for canary in bench.canaries:
        yield from _canary(canary)
        for name, text in canary.files.items():
            if bench.readable(name, text) is None:
                yield f"the file {name} of the canary {canary.label} is none that the scanner reads"
    yield from _tool(one)


def _canary(canary: Canary) -> Iterator[str]:
    if not canary.expects:
        yield f"the canary {canary.label} expects nothing"
    for expect in canary.expects:
        text = canary.files.get(expect.file)
        if text is None:
            yield f"the canary {canary.label} expects {expect.rule} in {expect.file}, which it does not have"
        elif expect.line is not None and not 1 <= expect.line <= len(text.splitlines()):
            yield f"the canary {canary.label} expects {expect.rule} in line {expect.line} of {expect.file}"


def _tool(one: Spec) -> Iterator[str]:
    if one.tool is None or one.tool.lock is None:
        return
    try:
        lock = read_lock(Path(one.tool.lock), one.tool.name)
    except (ToolMissing, DevsecopsError, OSError) as error:
        yield f"its lock file cannot be read: {getattr(error, 'message', error)}"
        return
    if normal(one.tool.package) not in lock.versions:
        yield f"its lock file does not pin {one.tool.package}"


def tool(bench: Bench) -> Iterator[str]:
    """Its own tool can be had and started."""
    if isinstance(bench.tool, ToolMissing):
        yield f"{bench.tool.message}; {bench.tool.remedy}"


def finds(bench: Bench) -> Iterator[str]:
    """It finds its canaries where they are ordinary files, and accounts for every file."""
    files, expected = bench.samples()
    ran = bench.run(files)
    if ran.result.status != "complete":
        yield said(ran)
        return
    found = {place for finding in ran.result.findings for place in places_of(finding)}
    for want in expected:
        if (want.path, want.rule, want.line) not in found:
            yield f"{want.rule} is not found in {want.path}:{want.line or '*'}"
    yield from once(ran)
    for finding in ran.result.findings:
        yield from _sound(finding, ran, files, bench.spec)


def places_of(finding: Finding) -> Iterator[tuple[str, str, int | None]]:
    """Yield (path, rule, line) of a finding, and the same without its line."""
    at = file_of(finding.location)
    if at is not None:
        yield at.path, finding.rule.id, None
        yield at.path, finding.rule.id, at.region.start_line if at.region else None


def once(ran: Ran) -> Iterator[str]:
    """Yield units that have not exactly one row."""
    rows = [row.unit.id for row in ran.result.cover if row.unit.kind == "file"]
    for unit in ran.units:
        if rows.count(unit) != 1:
            yield f"{unit} has {rows.count(unit)} rows of coverage, not one"


def _sound(finding: Finding, ran: Ran, files: dict[str, str], one: Spec) -> Iterator[str]:
    name = f"the finding {finding.rule.id}"
    rule = next((r for r in ran.result.rules if (r.tool, r.id) == (finding.rule.tool, finding.rule.id)), None)
    if rule is None:
        yield f"{name} names a rule that is not among the rules it gave"
    elif not (rule.help or rule.help_uri or finding.remedy):
        yield f"the rule {rule.id} does not say what to do (help, help_uri or a remedy of the finding)"
    for weakness in (finding.weakness, rule.weakness if rule else None):
        if weakness is not None and not _WEAKNESS.match(weakness):
            yield f"{name} has the weakness {weakness!r}; write it as CWE-79"
    if finding.kind != one.kind:
        yield f"{name} is of kind {finding.kind}, the scanner of kind {one.kind}"
    if not finding.message:
        yield f"{name} has no message"
    if finding.score is not None and not 0 <= finding.score <= 10:
        yield f"{name} has the score {finding.score}"
    at = file_of(finding.location)
    if at is not None and at.region is not None:
        lines = files[at.path].count("\n") + 1
        if not 1 <= at.region.start_line <= lines or (at.region.end_line or 1) > lines:
            yield f"{name} stands in a line that {at.path} does not have"


def data(bench: Bench) -> Iterator[str]:
    """It says of what day its data is, or that there is none."""
    from devsecops.registry import data_of

    try:
        got = data_of(bench.loaded.registry, bench.spec.name)
    except ValueError as error:
        yield str(error)
        return
    if got is not None and not _DAY.match(got.date):
        yield f"the day of its data is {got.date!r}; write it as 2026-01-31"
