"""Which operations and URLs were reached and attacked: rows of the ledger, one for each that there is."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Literal

from devsecops.api import Cover, Unit
from devsecops_zap.addresses import AddressError, Origin, read_url
from devsecops_zap.openapi.matching import Matcher
from devsecops_zap.requests import Seeds

Kind = Literal["operation", "url"]
State = Literal["scanned", "partial", "excluded", "not-reached"]


def reached(sent: Iterable[tuple[str, str]], origin: Origin, matcher: Matcher | None) -> frozenset[str]:
    """Return the units of messages that got an answer, given as (method, URL).

    A unit is ``METHOD /template`` of an operation, or ``METHOD /path`` where no document knows it.
    """
    out = set()
    for method, text in sent:
        try:
            url = read_url(text)
        except AddressError:
            continue
        if url.origin != origin:
            continue
        found = matcher.find(method, url.path or "/") if matcher is not None else None
        same = found is not None and found.method == method.upper()
        out.add(found.id if found is not None and same else f"{method.upper()} {url.path or '/'}")
    return frozenset(out)


def rows(seeds: Seeds, seen: Collection[str], attacked: Collection[str] | None) -> tuple[Cover, ...]:
    """Return a row for each operation and URL that was to be asked for, sorted.

    Args:
        seeds: what was to be asked for, what could not be, and what the policy leaves out.
        seen: units that got an answer.
        attacked: units that the active phase sent something to; None when it was not to run.
    """
    found: dict[str, Cover] = {}
    for request in seeds.requests:
        unit, kind = request.operation, request.kind
        if unit not in seen:
            found[unit] = _row(kind, unit, "not-reached", "no-answer")
        elif attacked is not None and request.points and unit not in attacked:
            found.setdefault(unit, _row(kind, unit, "partial", "not-attacked"))
        else:
            found.setdefault(unit, _row(kind, unit, "scanned", ""))
    for gap in seeds.gaps:
        found[gap.operation] = _row(
            "operation", gap.operation, "not-reached", "no-request", note=gap.why[:300]
        )
    for operation in seeds.left_out:
        found[operation.id] = _row(
            "operation", operation.id, "excluded", "changes-state", by="dast.targets.change_state"
        )
    return tuple(found[unit] for unit in sorted(found))


def _row(kind: Kind, unit: str, state: State, why: str, *, by: str | None = None, note: str = "") -> Cover:
    return Cover(unit=Unit(kind=kind, id=unit), state=state, why=why, by=by, note=note)
