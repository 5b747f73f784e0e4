"""The checks of a plugin's check: it answers about any report, always the same, and about that report."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from devsecops.canonical import canonical, digest
from devsecops.checks import LONGEST, read_answer, run_checks
from devsecops.contract import Objection
from devsecops.model import Report
from devsecops.registry import Registry, alone, ask_checks
from devsecops.testing.again import Work, elsewhere
from devsecops.testing.engine import Loaded, load
from devsecops.testing.sample import MANY, sample_report

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}\Z")


@dataclass(frozen=True, slots=True)
class Hearing:
    """One check of a plugin."""

    loaded: Loaded
    name: str

    @property
    def registry(self) -> Registry:
        """A registry that knows this check alone."""
        return alone(self.loaded.registry, self.name)

    def ask(self, report: Report) -> tuple[Objection, ...] | str:
        """Return what it objects to, or in a sentence why there is no answer."""
        try:
            return read_answer(ask_checks(self.registry, report)[self.name])
        except ValueError as error:
            return str(error)


def objections(plugin: str | Path, report: Report, *, check: str | None = None) -> tuple[Objection, ...]:
    """Return what a plugin's check objects to in a report, asked in a worker as a scan does.

    Args:
        plugin: the name of an installed plugin's entry point, or the path of a Python file.
        report: such as a `sample_report`.
        check: which of its checks, when it has several.

    Raises:
        UsageError: no such plugin.
        ValueError: the plugin was rejected, has no such check, or the check gave no answer.
    """
    loaded = load(plugin)
    names = loaded.checks if check is None else tuple(name for name in loaded.checks if name == check)
    if len(names) != 1:
        raise ValueError(
            loaded.rejected[0] if loaded.rejected else f"{loaded.name} has {len(names)} such checks"
        )
    told = Hearing(loaded, names[0]).ask(report)
    if isinstance(told, str):
        raise ValueError(told)
    return told


def _reports() -> dict[str, Report]:
    return {
        "without findings": sample_report(hostile=False, findings=0),
        "of a calm run": sample_report(hostile=False),
        "of hostile text": sample_report(),
        f"of {MANY:,} findings": sample_report(hostile=False, findings=MANY),
    }


def describes(hearing: Hearing) -> Iterator[str]:
    """Its name is whole."""
    if not _NAME.match(hearing.name):
        yield f"the name {hearing.name!r} is not of lower-case letters, digits and dashes"


def answers(hearing: Hearing) -> Iterator[str]:
    """It answers about an empty run, a calm one, a hostile one and a large one, each twice the same."""
    for label, report in _reports().items():
        first = hearing.ask(report)
        if isinstance(first, str):
            yield f"about a report {label} it has no answer: {first}"
        elif hearing.ask(report) != first:
            yield f"about a report {label} it has another answer the second time"
    work = Work(plugin=hearing.loaded.asked, policy=hearing.loaded.policy, check=hearing.name)
    if elsewhere(work) != digest(canonical(run_checks(hearing.registry, sample_report()))):
        yield "in another interpreter it has another answer: is something in the order of a set?"


def objects(hearing: Hearing) -> Iterator[str]:
    """What it objects to is a sentence of its own, about findings of the report."""
    for label, report in _reports().items():
        known = {finding.id for finding in report.findings}
        told = hearing.ask(report)
        for one in () if isinstance(told, str) else told:
            if len(one.message) > LONGEST or "\n" in one.message:
                yield f"about a report {label} a message is no sentence on one line of {LONGEST} characters"
            if not known.issuperset(one.findings):
                yield f"about a report {label} it names findings that are not in it"
