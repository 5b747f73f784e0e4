"""What a running service shows and what its source says: one flaw, confirmed at run time."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from devsecops.findings.overlap import region_of
from devsecops.findings.severity import rank
from devsecops.model import File, Finding, Http, Region

Flaw = tuple[Finding, ...]
"""Findings that are one flaw."""


def handler_of(finding: Finding) -> File | None:
    """Return the handler in the source of what a service answered; None for every other finding.

    It is the first related place of a finding at an endpoint that is lines of a file.
    """
    if not isinstance(finding.location, Http):
        return None
    return next((one for one in finding.related if isinstance(one, File) and one.region is not None), None)


def confirm(flaws: Iterable[Flaw], served: Iterable[Finding]) -> list[Flaw]:
    """Return the flaws of a source, those joined that a running service confirms.

    All are of one class and in one file. Of a handler's flaws the worst is confirmed, by the worst that its
    endpoints showed: by one parameter, by all rules that found it there. Where one tool alone says that there
    are two flaws, nobody knows which one answered, and nothing is joined. Nor is a second parameter: it may
    be a flaw that no tool saw in the source.
    """
    left = list(flaws)
    shown: dict[tuple[int, int], list[Finding]] = defaultdict(list)
    for one in served:
        shown[_lines(handler_of(one))].append(one)
    out: list[Flaw] = []
    # The innermost first: a function within a function answers for itself.
    for lines in sorted(shown, key=lambda lines: (lines[1] - lines[0], lines)):
        inside = [flaw for flaw in left if all(_within(region_of(one), lines) for one in flaw)]
        chosen = _worst(shown[lines]) if _one_each(inside) else ()
        out += [(one,) for one in shown[lines] if one not in chosen]
        if chosen:
            flaw = max(inside, key=_weight)
            left.remove(flaw)
            out.append((*flaw, *chosen))
    return left + out


def _one_each(flaws: Sequence[Flaw]) -> bool:
    """Tell whether there are flaws and no tool reports two of them."""
    tools = Counter(tool for flaw in flaws for tool in {one.rule.tool for one in flaw})
    return max(tools.values(), default=0) == 1


def _weight(flaw: Flaw) -> tuple[object, ...]:
    """The worst is the largest; among equals what more tools report, then what stands first."""
    starts = [at.start_line for one in flaw if (at := region_of(one)) is not None]
    return (
        max(rank(one.severity) for one in flaw),
        len(flaw),
        -min(starts, default=0),
        min(one.id for one in flaw),
    )


def _lines(handler: File | None) -> tuple[int, int]:
    at = handler.region if handler is not None else None
    return (0, 0) if at is None else (at.start_line, at.end_line or at.start_line)


def _within(at: Region | None, lines: tuple[int, int]) -> bool:
    return at is not None and lines[0] <= at.start_line <= lines[1]


def _worst(shown: Sequence[Finding]) -> Flaw:
    """Return what was found by the parameter with the worst finding, each rule of a tool once."""
    worst = min(shown, key=lambda one: (-rank(one.severity), one.rule.tool, *_parameter(one), one.id))
    same = (one for one in shown if _parameter(one) == _parameter(worst) and one.rule.tool == worst.rule.tool)
    by_rule = {one.rule.id: one for one in sorted(same, key=lambda one: (one.id == worst.id, one.id))}
    return tuple(by_rule[rule] for rule in sorted(by_rule))


def _parameter(one: Finding) -> tuple[str, str, str, str]:
    at = one.location
    assert isinstance(at, Http)
    return at.target, at.method or "", at.template, at.param or ""
