"""Plugins: found by their entry points, each loaded in a worker of its own, rejected with a reason.

The core reads names from package metadata and never imports a plugin, ours included.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import metadata
from pathlib import Path

import msgspec

from devsecops.contract import CONTRACT, Install, Installed, Refresh, Spec, ToolEntry
from devsecops.model import Data, Problem, Report, Value
from devsecops.service import Described, Format, Found, Service
from devsecops.worker import Serve, Worker, decode, wait_for

GROUP = "devsecops"
OURS = "devsecops"
LOAD_DEADLINE_S = 10.0
RENDER_DEADLINE_S = 20.0
CHECK_DEADLINE_S = 20.0


class Rejected(Value, frozen=True, kw_only=True):
    """A plugin that does not take part, and why, in one sentence."""

    name: str
    distribution: str
    message: str


class Registry:
    """The plugins that take part. `listed` are installed, but not named by the policy.

    `checks` maps the name of a check to its plugin. `tools` are the policy's; `taken` holds the names of
    those that are another scanner's as well.
    """

    def __init__(self, tools: tuple[ToolEntry, ...] = ()) -> None:
        self.tools = tools
        self.taken: set[str] = set()
        self.scanners: dict[str, Spec] = {}
        self.reporters: dict[str, Format] = {}
        self.checks: dict[str, Found] = {}
        self.owner: dict[str, Found] = {}
        self.rejected: list[Rejected] = []
        self.listed: list[Found] = []

    def off_by_default(self) -> list[str]:
        """Return the scanners that run only when the policy names them."""
        return [name for name, spec in sorted(self.scanners.items()) if spec.default == "off"]


def installed() -> list[Found]:
    """Return the plugins that are installed, ours first, then by name."""
    found = {
        (point.name, point.value): Found(
            name=point.name,
            target=point.value,
            distribution=point.dist.name if point.dist else "",
            version=point.dist.version if point.dist else "",
        )
        for point in metadata.entry_points(group=GROUP)
    }
    return sorted(found.values(), key=lambda p: (p.distribution != OURS, p.name, p.target))


def discover(
    allow: Sequence[str] | None = (), files: Sequence[str] = (), tools: tuple[ToolEntry, ...] = ()
) -> Registry:
    """Load the plugins that take part: ours, those that `allow` names (None: all), and the `files`.

    `tools` are the policy's, their locks at hand.
    """
    registry = Registry(tools)
    chosen: list[Found] = []
    for plugin in installed():
        if any(other.name == plugin.name for other in chosen):
            registry.rejected.append(_rejected(plugin, "another plugin has the same name"))
        elif plugin.distribution == OURS or allow is None or plugin.name in allow:
            chosen.append(plugin)
        else:
            registry.listed.append(plugin)
    chosen += [Found(name=Path(file).stem, target=file, distribution=file) for file in files]
    answers: dict[int, bytes | Problem] = {}
    workers = [Worker(plugin.name, Service(plugin, tools=tools)) for plugin in chosen]
    for number, worker in enumerate(workers):
        worker.call("describe", b"", deadline_s=LOAD_DEADLINE_S, done=_keep(answers, number))
    wait_for(workers, lambda: len(answers) < len(workers))
    for worker in workers:
        worker.end()
    for number, plugin in enumerate(chosen):
        _admit(registry, plugin, answers[number])
    return registry


def _keep(answers: dict[int, bytes | Problem], number: int) -> Callable[[bytes | Problem], None]:
    return lambda answer: answers.__setitem__(number, answer)


def _rejected(plugin: Found, message: str) -> Rejected:
    return Rejected(name=plugin.name, distribution=plugin.distribution, message=message)


def _admit(registry: Registry, plugin: Found, answer: bytes | Problem) -> None:
    if isinstance(answer, Problem):
        registry.rejected.append(_rejected(plugin, answer.message))
        return
    try:
        described: Described = decode(answer, Described)
    except ValueError as error:
        registry.rejected.append(_rejected(plugin, str(error)))
        return
    for spec in described.scanners:
        if spec.contract != CONTRACT:
            message = f"scanner {spec.name} is written for contract {spec.contract}, this is {CONTRACT}"
        elif spec.name in registry.scanners:
            message = f"scanner {spec.name} exists already, from {registry.owner[spec.name].name}"
            if any(tool.name == spec.name for tool in registry.tools):
                registry.taken.add(spec.name)
        else:
            registry.scanners[spec.name] = spec
            registry.owner[spec.name] = plugin
            continue
        registry.rejected.append(_rejected(plugin, message))
    for reporter in described.reporters:
        if reporter.name in registry.reporters:
            registry.rejected.append(_rejected(plugin, f"format {reporter.name} exists already"))
        else:
            registry.reporters[reporter.name] = reporter
            registry.owner[f"format:{reporter.name}"] = plugin
    for name in described.checks:
        if name in registry.checks:
            message = f"check {name} exists already, from {registry.checks[name].name}"
            registry.rejected.append(_rejected(plugin, message))
        else:
            registry.checks[name] = plugin


def worker_for(
    registry: Registry,
    scanner: str,
    *,
    read: Callable[[str], bytes | None] | None = None,
    wrap: Callable[[Service], Serve] | None = None,
) -> Worker:
    """Fork the worker of one scanner. `wrap` puts something around the plugin, for `devsecops.testing`."""
    serve = Service(registry.owner[scanner], scanner=scanner, tools=registry.tools)
    return Worker(scanner, serve if wrap is None else wrap(serve), read=read)


def data_of(registry: Registry, scanner: str) -> Data | None:
    """Return what data the scanner would judge by; None when there is none that can be read.

    Raises:
        ValueError: it could not say.
    """
    found: Data | None = decode(_ask(registry, scanner, "data", b"", LOAD_DEADLINE_S), Data | None)
    return found


def refresh(registry: Registry, scanner: str, request: Refresh) -> str:
    """Replace a scanner's data in its worker; return its one sentence.

    Raises:
        ValueError: it did not work; the old data is untouched.
    """
    answer = _ask(registry, scanner, "refresh", msgspec.msgpack.encode(request), request.deadline_s + 1)
    return str(decode(answer, str))


def install(
    registry: Registry, scanner: str, request: Install, stopped: Callable[[], bool] = lambda: False
) -> Installed:
    """Have a scanner make ready what it needs, in its worker. `stopped` is asked several times a second.

    Raises:
        ValueError: it did not work.
    """
    body = msgspec.msgpack.encode(request)
    answer = _ask(registry, scanner, "install", body, request.deadline_s + 1, stopped)
    made: Installed = decode(answer, Installed)
    return made


def _ask(
    registry: Registry,
    scanner: str,
    method: str,
    body: bytes,
    deadline_s: float,
    stopped: Callable[[], bool] = lambda: False,
) -> bytes:
    got: dict[int, bytes | Problem] = {}
    worker = worker_for(registry, scanner)
    worker.call(method, body, deadline_s=deadline_s, done=_keep(got, 0))
    wait_for([worker], lambda: not got and not stopped())
    worker.end()
    answer = got.get(0) or Problem(code="interrupted", message="the run was interrupted")
    if isinstance(answer, Problem):
        raise ValueError(answer.message)
    return answer


def render(registry: Registry, names: Sequence[str], report: Report) -> dict[str, bytes | Problem]:
    """Render the report in each format, each in a worker that is forked with the report at hand."""
    missing = Problem(code="output-lost", message="no plugin that is loaded writes it")
    out: dict[str, bytes | Problem] = dict.fromkeys(names, missing)
    here = [name for name in names if f"format:{name}" in registry.owner]
    got: dict[int, bytes | Problem] = {}
    workers = [Worker(n, Service(registry.owner[f"format:{n}"], report=report)) for n in here]
    for number, (name, worker) in enumerate(zip(here, workers, strict=True)):
        worker.call("render", name.encode(), deadline_s=RENDER_DEADLINE_S, done=_keep(got, number))
    wait_for(workers, lambda: len(got) < len(workers))
    for worker in workers:
        worker.end()
    return out | {name: got[number] for number, name in enumerate(here)}


def alone(registry: Registry, check: str) -> Registry:
    """Return a registry that knows one check only."""
    out = Registry()
    out.checks[check] = registry.checks[check]
    return out


def ask_checks(registry: Registry, report: Report) -> dict[str, bytes | Problem]:
    """Ask every check about the report, each in a worker that is forked with the report at hand.

    Return name -> the answer, or why there is none.
    """
    names = sorted(registry.checks)
    got: dict[int, bytes | Problem] = {}
    workers = [Worker(name, Service(registry.checks[name], report=report)) for name in names]
    for number, (name, worker) in enumerate(zip(names, workers, strict=True)):
        worker.call("check", name.encode(), deadline_s=CHECK_DEADLINE_S, done=_keep(got, number))
    wait_for(workers, lambda: len(got) < len(workers))
    for worker in workers:
        worker.end()
    return {name: got[number] for number, name in enumerate(names)}
