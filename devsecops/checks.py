"""Checks of plugins: after the gate, before the reports. They may only add reasons to fail."""

from __future__ import annotations

from devsecops.canonical import canonical
from devsecops.contract import Objection
from devsecops.encode import one_line
from devsecops.findings.redact import redact
from devsecops.model import Problem, Reason, Report
from devsecops.registry import Registry, ask_checks
from devsecops.worker import decode

MOST = 100
"""Objections of one check that are told one by one."""
LONGEST = 500
"""Characters of a message; a remedy may have eight times that."""
LARGEST = 4 << 20
"""Bytes of an answer."""


def run_checks(registry: Registry, report: Report) -> list[Reason]:
    """Return what the checks of all plugins that take part have against the judged run.

    An objection is a reason of code ``check``: it fails. A check that raises, does not answer in time, ends
    its worker or answers another type is ``plugin-rejected``: what it would have said is not known.
    """
    out: list[Reason] = []
    known = {finding.id for finding in report.findings}
    for name, answer in ask_checks(registry, report).items():
        try:
            objections = read_answer(answer)
        except ValueError as error:
            out.append(_rejected(registry, name, str(error)))
        else:
            out += _reasons(name, objections, known)
    return out


def read_answer(answer: bytes | Problem) -> tuple[Objection, ...]:
    """Return the objections of a check's answer, sorted. Raises ValueError when it is none."""
    if isinstance(answer, Problem):
        raise ValueError(answer.message)
    if len(answer) > LARGEST:
        raise ValueError("it answered with too much")
    objections: tuple[Objection, ...] = decode(answer, tuple[Objection, ...])
    if not all(one.message.strip() for one in objections):
        raise ValueError("it answered with an objection that says nothing")
    return tuple(sorted(objections, key=canonical))  # whatever order a set of the plugin's had


def _reasons(name: str, objections: tuple[Objection, ...], known: set[str]) -> list[Reason]:
    out = [
        Reason(
            code="check",
            message=_line(f"{name}: {one.message}"),
            findings=tuple(sorted(known.intersection(one.findings))),
            rule=_line(f"check {name}"),
            remedy=redact(one.remedy)[: 8 * LONGEST],
        )
        for one in objections[:MOST]
    ]
    if len(objections) > MOST:
        more = f"{name}: {len(objections) - MOST:,} more objections"
        out.append(Reason(code="check", message=_line(more), rule=_line(f"check {name}")))
    return out


def _rejected(registry: Registry, name: str, message: str) -> Reason:
    plugin = registry.checks[name]
    return Reason(
        code="plugin-rejected",
        message=_line(f"check {name} of plugin {plugin.name} ({plugin.distribution}): {message}"),
        remedy=f"devsecops plugin check {plugin.target if plugin.target.endswith('.py') else plugin.name}",
    )


def _line(text: str) -> str:
    return one_line(redact(" ".join(text.split())))[:LONGEST]
