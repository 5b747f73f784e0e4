"""The conformance suite: every check against every scanner, format and check of a plugin."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from devsecops.policy import Policy
from devsecops.testing import faults, formats, objections, planted, says, services, trees
from devsecops.testing.bench import Bench
from devsecops.testing.engine import Loaded, load
from devsecops.testing.formats import Desk
from devsecops.testing.objections import Hearing
from devsecops.tools import ToolMissing


@dataclass(frozen=True, slots=True)
class Check:
    """One check: of what, its name, and what is wrong. `wrong` is empty when it passed."""

    subject: str
    name: str
    promise: str
    """What the check holds the plugin to, in one sentence."""
    wrong: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong."""
        return not self.wrong


ALWAYS = {"describes itself": says.spec}
OWN_TOOL = {"has its tool": says.tool}
AT_WORK = {
    "finds its canaries": says.finds,
    "asked twice": trees.pure,
    "same result": trees.same,
    "strange files": trees.hostile,
    "secrets": planted.secrets,
    "interrupted": faults.cancel,
}
WITH_TOOL = {
    "tool missing": faults.missing,
    "tool crashes": faults.crash,
    "tool hangs": faults.hang,
    "output changed": faults.output,
    "output of others": faults.others,
}
NEEDS_TOOL = frozenset({"output changed", "output of others", *AT_WORK} - {"interrupted"})
"""Checks that start the real tool."""
IN_PROCESS = {"file gone": trees.gone}
AT_A_SERVICE = {
    "settings": services.settings,
    "no target": services.no_target,
    "sends nothing": services.sends_nothing,
    "keeps secrets": services.keeps_secrets,
    "nobody there": services.nobody_there,
    "interrupted": services.interrupted,
}
"""In place of `AT_WORK`, for a scanner of running services."""
WITH_INSTALL = {"installs nothing": services.installs_nothing}
WITH_DATA = {"data": says.data}
OF_FORMATS = {
    "describes itself": formats.describes,
    "renders": formats.renders,
    "hostile text": formats.sound,
    "says the cause": formats.cause,
}
OF_CHECKS = {
    "describes itself": objections.describes,
    "answers": objections.answers,
    "objections": objections.objects,
}


def check(
    plugin: str | Path,
    *,
    policy: Policy | None = None,
    offline: bool = False,
    say: Callable[[Check], None] = lambda _: None,
) -> list[Check]:
    """Run every check against every scanner, format and check of a plugin; `say` is told each result at once.

    Args:
        plugin: the name of an installed plugin's entry point, or the path of a Python file.
        policy: its scanners run with the options and limits that this policy gives them.
        offline: never build a tool's environment; a tool that is not there fails its checks.

    Raises:
        UsageError: there is no such plugin, or the policy names an option that it does not have.
    """
    out = []
    for one in _checks(load(plugin, policy=policy), offline):
        say(one)
        out.append(one)
    return out


def _checks(loaded: Loaded, offline: bool) -> Iterator[Check]:
    wrong = list(loaded.rejected)
    if not (wrong or loaded.scanners or loaded.formats or loaded.checks):
        wrong = ["it contributes nothing; what it has only by a policy needs --policy FILE"]
    promise = "It is loaded, and all that it contributes takes part."
    yield Check(f"plugin {loaded.name}", "loads", promise, tuple(wrong))
    for name in loaded.scanners:
        with tempfile.TemporaryDirectory(prefix="devsecops-check-") as folder:
            yield from _of_scanner(Bench(loaded, name, Path(folder), offline=offline))
    for name in loaded.formats:
        desk = Desk(loaded, name)
        for title, run in OF_FORMATS.items():
            yield _done(f"format {name}", title, run.__doc__, run(desk))
    for name in loaded.checks:
        hearing = Hearing(loaded, name)
        for title, ask in OF_CHECKS.items():
            yield _done(f"check {name}", title, ask.__doc__, ask(hearing))


def _of_scanner(bench: Bench) -> Iterator[Check]:
    subject = f"scanner {bench.spec.name}"
    checks: dict[str, Callable[[Bench], Iterable[str]]] = dict(ALWAYS)
    if bench.spec.tool is not None:
        checks |= OWN_TOOL
    if bench.spec.unit == "remote":
        checks |= AT_A_SERVICE | (WITH_INSTALL if bench.spec.installs else {})
    else:
        checks |= AT_WORK | (WITH_TOOL if bench.spec.tool is not None else IN_PROCESS)
    if bench.spec.data:
        checks |= WITH_DATA
    for title, run in checks.items():
        if title in NEEDS_TOOL and isinstance(bench.tool, ToolMissing):
            yield _done(subject, title, run.__doc__, ["it could not be tried without its tool"])
        else:
            yield _done(subject, title, run.__doc__, run(bench))


def _done(subject: str, name: str, promise: str | None, wrong: Iterable[str]) -> Check:
    return Check(subject, name, (promise or "").strip(), tuple(dict.fromkeys(wrong)))
