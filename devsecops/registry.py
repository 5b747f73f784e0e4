"""Plugins: found by their entry points, each loaded in a worker of its own, rejected with a reason.

The core reads names from package metadata and never imports a plugin, ours included.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec

from devsecops.contract import CONTRACT, Refresh, Spec
from devsecops.errors import Plain
from devsecops.model import Problem, Report, Value
from devsecops.worker import Line, Worker, decode, wait_for

GROUP = "devsecops"
OURS = "devsecops"
LOAD_DEADLINE_S = 30.0


class Found(Value, frozen=True, kw_only=True):
    """A plugin by name, before anything of it runs. `target` is a module, or the path of a Python file."""

    name: str
    target: str
    distribution: str
    version: str = ""


class Rejected(Value, frozen=True, kw_only=True):
    """A plugin that does not take part, and why, in one sentence."""

    name: str
    distribution: str
    message: str


class Format(Value, frozen=True, kw_only=True):
    """A reporter as the core knows it."""

    name: str
    media_type: str
    suffix: str


class Described(Value, frozen=True, kw_only=True):
    """What a plugin contributes."""

    scanners: tuple[Spec, ...] = ()
    reporters: tuple[Format, ...] = ()


class Registry:
    """The plugins that take part. `listed` are installed, but not named by the policy."""

    def __init__(self) -> None:
        self.scanners: dict[str, Spec] = {}
        self.reporters: dict[str, Format] = {}
        self.owner: dict[str, Found] = {}
        self.rejected: list[Rejected] = []
        self.listed: list[Found] = []


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


def discover(allow: Sequence[str] | None = (), files: Sequence[str] = ()) -> Registry:
    """Load the plugins that take part: ours, those that `allow` names (None: all), and the `files`."""
    registry = Registry()
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
    workers = [Worker(plugin.name, _Service(plugin)) for plugin in chosen]
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


def worker_for(
    registry: Registry, scanner: str, *, read: Callable[[str], bytes | None] | None = None
) -> Worker:
    """Fork the worker of one scanner."""
    return Worker(scanner, _Service(registry.owner[scanner], scanner=scanner), read=read)


def refresh_data(scanner: str, request: Refresh) -> str:
    """Replace a built-in scanner's data in its worker; return its one sentence.

    Raises:
        ValueError: it did not work; the old data is untouched.
    """
    registry = discover()
    if scanner not in registry.scanners:
        raise ValueError(f"there is no scanner {scanner}")
    got: dict[int, bytes | Problem] = {}
    worker = worker_for(registry, scanner)
    body = msgspec.msgpack.encode(request)
    worker.call("refresh", body, deadline_s=request.deadline_s + 5, done=_keep(got, 0))
    wait_for([worker], lambda: not got)
    worker.end()
    answer = got[0]
    if isinstance(answer, Problem):
        raise ValueError(answer.message)
    return str(decode(answer, str))


def render(registry: Registry, names: Sequence[str], report: Report) -> dict[str, bytes | Problem]:
    """Render the report in each format, each in a worker that is forked with the report at hand."""
    missing = Problem(code="output-lost", message="no plugin that is loaded writes it")
    out: dict[str, bytes | Problem] = dict.fromkeys(names, missing)
    here = [name for name in names if f"format:{name}" in registry.owner]
    got: dict[int, bytes | Problem] = {}
    workers = [Worker(n, _Service(registry.owner[f"format:{n}"], report=report)) for n in here]
    for number, (name, worker) in enumerate(zip(here, workers, strict=True)):
        worker.call("render", name.encode(), deadline_s=120.0, done=_keep(got, number))
    wait_for(workers, lambda: len(got) < len(workers))
    for worker in workers:
        worker.end()
    return out | {name: got[number] for number, name in enumerate(here)}


# --- inside the worker --------------------------------------------------------------------------


class PluginError(Plain):
    """The plugin cannot take part."""


class _Service:
    """Serves one plugin inside its worker."""

    def __init__(self, plugin: Found, *, scanner: str | None = None, report: Report | None = None) -> None:
        self._plugin = plugin
        self._scanner = scanner
        self._report = report
        self._loaded: tuple[list[Any], list[Any]] | None = None

    def __call__(self, line: Line, method: str, body: bytes) -> bytes:
        if self._loaded is None:
            self._loaded = _load(self._plugin)
        scanners, reporters = self._loaded
        if method == "describe":
            return msgspec.msgpack.encode(_describe(scanners, reporters))
        if method == "render":
            reporter = next(r for r in reporters if r.name == body.decode())
            data = reporter.render(self._report)
            if not isinstance(data, bytes):
                raise PluginError(f"render() gave {type(data).__name__}, not bytes")
            return data
        scanner = next(s for s in scanners if s.spec.name == self._scanner)
        if method == "refresh":
            request = msgspec.msgpack.decode(body, type=Refresh)
            return msgspec.msgpack.encode(scanner.refresh(request))
        if method == "data":
            return msgspec.msgpack.encode(scanner.data())
        from devsecops.engine.task import serve

        return serve(scanner, line, method, body)


def _load(plugin: Found) -> tuple[list[Any], list[Any]]:
    """Import the plugin and collect what its hooks give."""
    import pluggy

    from devsecops.hookspecs import PROJECT, Hooks

    module = _import(plugin)
    known = [name for name in vars(Hooks) if name.startswith("devsecops_")]
    for name in sorted(vars(module)):
        if name.startswith("devsecops_") and callable(getattr(module, name)) and name not in known:
            near = get_close_matches(name, known, 1)
            raise PluginError(f"unknown hook {name}" + (f"; did you mean {near[0]}?" if near else ""))
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(Hooks)
    manager.register(module, plugin.name)
    manager.check_pending()
    if not any(
        hook.get_hookimpls() for hook in vars(manager.hook).values() if hasattr(hook, "get_hookimpls")
    ):
        raise PluginError("it implements no hook; mark the functions with @hookimpl")
    scanners = [scanner for group in manager.hook.devsecops_scanners() for scanner in group]
    reporters = [reporter for group in manager.hook.devsecops_reporters() for reporter in group]
    return scanners, reporters


def _import(plugin: Found) -> ModuleType:
    if not plugin.target.endswith(".py"):
        return importlib.import_module(plugin.target)
    spec = importlib.util.spec_from_file_location(f"devsecops_plugin_{plugin.name}", plugin.target)
    if spec is None or spec.loader is None:
        raise PluginError("it is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def _describe(scanners: list[Any], reporters: list[Any]) -> Described:
    for scanner in scanners:
        if not isinstance(getattr(scanner, "spec", None), Spec):
            raise PluginError(f"{type(scanner).__name__} has no spec of type Spec")
        ways = [
            all(callable(getattr(scanner, m, None)) for m in way) for way in (("plan", "parse"), ("scan",))
        ]
        if ways.count(True) != 1:
            raise PluginError(f"scanner {scanner.spec.name} needs either plan and parse, or scan")
    return Described(
        scanners=tuple(scanner.spec for scanner in scanners),
        reporters=tuple(Format(name=r.name, media_type=r.media_type, suffix=r.suffix) for r in reporters),
    )
