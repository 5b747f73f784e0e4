"""The scanner: plan, and what safety's report means for the lines of the manifests."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

from devsecops.api import (
    Canary,
    Context,
    Cover,
    Data,
    Expect,
    Finding,
    Parsed,
    RawOutput,
    Reads,
    Refresh,
    ScanUnit,
    Spec,
    ToolError,
    ToolRun,
    ToolSpec,
    Unit,
)
from devsecops_safety import database, vendor
from devsecops_safety.findings import finding, groups_of, rule
from devsecops_safety.index import REMEDY, load
from devsecops_safety.output import Asked, Hit, read_output
from devsecops_safety.requirements import NAMES, Requirements, Why, read

CONTROL, CONTROL_ID = "devsecops-control", "DEVSECOPS-CONTROL"
"""A package that every index holds, with its advisory."""
_DATABASE, _PINS, _REPORT = "db", "pins.txt", "safety.json"
_HERE = Path(__file__).parent
_MEANING: dict[Why, str] = {
    "unpinned": "no exact version",
    "url": "asked for by URL or path",
    "unparsable": "cannot be read as a dependency",
    "odd-version": "its version is not one of PEP 440",
    "include": "it includes a file that is not a requirements file of the tree",
}

SPEC = Spec(
    name="safety",
    kind="sca",
    reads=Reads(names=NAMES),
    tool=ToolSpec(name="safety", package="safety", lock=str(_HERE / "safety.lock")),
    strips=(".safety-policy.yml",),
    controls=(
        Canary(
            label="requirements",
            files={"requirements.txt": f"{CONTROL}==0.1\n"},
            expects=(Expect(rule=CONTROL_ID, file="requirements.txt", line=1),),
        ),
    ),
    network=vendor.HOSTS,
    deadline_s=300.0,
    memory_mb=1024,
    options={"api_key": "", "network": False},
    data=True,
    default="off",
)


class Safety:
    """Asks safety 3.8.1 about pinned requirements: its library on our data, or its own command."""

    spec = SPEC

    def plan(self, ctx: Context) -> list[ToolRun]:
        """Return the one process that looks at the batch; its pins and database are in the scratch folder."""
        if ctx.tool is None:
            raise ToolError("safety needs its tool")
        by_vendor = vendor.wanted(ctx.options)
        asked = _asked(_read_all(ctx), by_vendor)
        scratch = Path(ctx.scratch)
        pins = scratch / _PINS
        pins.write_text("".join(f"{name}=={version}\n" for name, version in sorted(asked)), encoding="utf-8")
        if by_vendor:
            key = vendor.key_of(ctx.options)
            return [vendor.command(ctx.tool, str(pins), ctx.scratch, _REPORT, key)]
        database.write(scratch / _DATABASE, load(ctx.today), {name for name, _ in asked})
        python, isolated, *_ = ctx.tool.module("safety")
        folder, out = str(scratch / _DATABASE), str(scratch / _REPORT)
        argv = (python, isolated, str(_HERE / "launcher.py"), folder, str(pins), out)
        return [ToolRun(argv=argv, output=_REPORT)]

    def parse(self, ctx: Context, raw: list[RawOutput]) -> Parsed:
        """Return what the report says. Raises ToolError for a report that safety does not write."""
        if len(raw) != 1 or ctx.tool is None:
            raise ToolError("one report of safety was expected")
        by_vendor = vendor.wanted(ctx.options)
        advisories = load(ctx.today)
        files = _read_all(ctx)
        hits = read_output(raw[0].data, _asked(files, by_vendor), version=ctx.tool.version, vendor=by_vendor)
        by_pin: dict[Asked, list[Hit]] = defaultdict(list)
        for hit in hits:
            by_pin[hit.pin].append(hit)
        found: list[Finding] = []
        for unit, given in files:
            for pin in dict.fromkeys(given.pins):
                if by_vendor and pin.name == CONTROL:
                    stood_in = any(hit.cve == vendor.STAND_IN_CVE for hit in by_pin[vendor.STAND_IN])
                    groups = [[one] for one in advisories.of(CONTROL) if stood_in]
                else:
                    groups = groups_of(by_pin[pin.name, pin.version], advisories, vendor=by_vendor)
                found += [finding(unit.path, pin, group) for group in groups]
        rules = {one.rule.id: rule(one) for one in found}
        return Parsed(
            findings=tuple(found),
            cover=tuple(row for unit, given in files for row in _rows(unit, given)),
            rules=tuple(rules[name] for name in sorted(rules)),
            notes=("judged by the vendor's own database",) if by_vendor else (),
            data=None if by_vendor else advisories.data,
        )

    def data(self) -> Data | None:
        """Return the digest and date of the advisories; None when they cannot be read."""
        try:
            return load(time.strftime("%Y-%m-%d", time.gmtime())).data
        except ToolError:
            return None

    def refresh(self, request: Refresh) -> str:
        """Refuse: the advisories are replaced by the scanner of that name. Raises ToolError."""
        raise ToolError(f"its data is that of the scanner advisories; {REMEDY}")


def _read_all(ctx: Context) -> list[tuple[ScanUnit, Requirements]]:
    def exists(path: str) -> bool:
        return ctx.read(path) is not None

    root = Path(ctx.root)
    return [(unit, read(unit.id, (root / unit.path).read_bytes(), exists)) for unit in ctx.units]


def _asked(files: Iterable[tuple[ScanUnit, Requirements]], by_vendor: bool) -> frozenset[Asked]:
    """Return the pins that safety is given: all, each once, in any file."""
    pins = {(pin.name, pin.version) for _, given in files for pin in given.pins}
    if by_vendor:
        return frozenset({pin for pin in pins if pin[0] != CONTROL} | {vendor.STAND_IN})
    return frozenset(pins)


def _rows(unit: ScanUnit, given: Requirements) -> list[Cover]:
    """Return the manifest's row, one for each dependency that is not judged, and for each marker."""
    total = len(given.pins) + len(given.gaps)
    all_of_them = "1 dependency" if total == 1 else f"{total} dependencies"
    row = Unit(kind="file", id=unit.path)
    if not given.gaps:
        rows = [Cover(unit=row, state="scanned", note=all_of_them)]
    else:
        whys = Counter(gap.why for gap in given.gaps)
        parts = ", ".join(f"{whys[why]} {why}" for why in _MEANING if whys[why])
        first = next(why for why in _MEANING if whys[why])
        note = f"{len(given.gaps)} of {all_of_them}: {parts}"
        rows = [Cover(unit=row, state="unresolved", why=first, note=note)]
    named: dict[str, Cover] = {}
    for pin in given.pins:
        if pin.marker:
            note = f"line {pin.line}: safety does not evaluate markers; judged as if it held"
            named[pin.name] = Cover(unit=_dependency(unit, pin.name), state="scanned", note=note)
    for gap in given.gaps:
        note = f"line {gap.line}: {_MEANING[gap.why]}"
        named[gap.label] = Cover(
            unit=_dependency(unit, gap.label), state="unresolved", why=gap.why, note=note
        )
    return [*rows, *(named[name] for name in sorted(named))]


def _dependency(unit: ScanUnit, label: str) -> Unit:
    return Unit(kind="package", id=f"{unit.path}#{label}")
