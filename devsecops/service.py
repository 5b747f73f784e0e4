"""Inside the worker: one plugin is loaded, described and called. Nothing here runs in the core."""

from __future__ import annotations

import importlib
import sys
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import msgspec

from devsecops.contract import Install, Installed, Objection, Refresh, Spec, ToolEntry
from devsecops.errors import Plain
from devsecops.model import Report, Value
from devsecops.worker import Line


class Found(Value, frozen=True, kw_only=True):
    """A plugin by name, before anything of it runs. `target` is a module, or the path of a Python file."""

    name: str
    target: str
    distribution: str
    version: str = ""


class Format(Value, frozen=True, kw_only=True):
    """A reporter as the core knows it."""

    name: str
    media_type: str
    suffix: str


class Described(Value, frozen=True, kw_only=True):
    """What a plugin contributes."""

    scanners: tuple[Spec, ...] = ()
    reporters: tuple[Format, ...] = ()
    checks: tuple[str, ...] = ()
    """Names of checks."""


class PluginError(Plain):
    """The plugin cannot take part."""


class Contributed(NamedTuple):
    """What the hooks of a plugin gave."""

    scanners: list[Any]
    reporters: list[Any]
    checks: list[Any]


class Service:
    """Serves one plugin inside its worker."""

    def __init__(
        self,
        plugin: Found,
        *,
        scanner: str | None = None,
        report: Report | None = None,
        tools: tuple[ToolEntry, ...] = (),
    ) -> None:
        self._plugin = plugin
        self._tools = tools
        self._scanner = scanner
        self._report = report
        self._loaded: Contributed | None = None

    def __call__(self, line: Line, method: str, body: bytes) -> bytes:
        """Answer one call."""
        if self._loaded is None:
            self._loaded = _load(self._plugin, self._tools)
        loaded = self._loaded
        if method == "describe":
            return msgspec.msgpack.encode(_describe(loaded))
        if method == "check":
            return msgspec.msgpack.encode(_objections(loaded.checks, body.decode(), self._report))
        if method == "render":
            reporter = next(r for r in loaded.reporters if r.name == body.decode())
            data = reporter.render(self._report)
            if not isinstance(data, bytes):
                raise PluginError(f"render() gave {type(data).__name__}, not bytes")
            return data
        scanner = next(s for s in loaded.scanners if s.spec.name == self._scanner)
        if method == "refresh":
            request = msgspec.msgpack.decode(body, type=Refresh)
            return msgspec.msgpack.encode(scanner.refresh(request))
        if method == "install":
            asked = msgspec.msgpack.decode(body, type=Install)
            made = scanner.install(asked)
            if not isinstance(made, Installed):
                raise PluginError(f"install() gave {type(made).__name__}, not Installed")
            return msgspec.msgpack.encode(made)
        if method == "data":
            return msgspec.msgpack.encode(scanner.data())
        from devsecops.engine.task import serve

        if scanner.spec.unit != "remote":
            return serve(scanner, line, method, body)
        from devsecops.engine.remotecontext import RemoteTaskContext

        return serve(scanner, line, method, body, RemoteTaskContext)


def _load(plugin: Found, tools: tuple[ToolEntry, ...]) -> Contributed:
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
    return Contributed(
        [scanner for group in manager.hook.devsecops_scanners(tools=tools) for scanner in group],
        [reporter for group in manager.hook.devsecops_reporters() for reporter in group],
        [check for group in manager.hook.devsecops_checks() for check in group],
    )


def _import(plugin: Found) -> ModuleType:
    if not plugin.target.endswith(".py"):
        return importlib.import_module(plugin.target)
    # Not through the import system: it would write, and believe, a cache beside the file.
    module = ModuleType(f"devsecops_plugin_{plugin.name}")
    module.__file__ = plugin.target
    sys.modules[module.__name__] = module
    exec(compile(Path(plugin.target).read_bytes(), plugin.target, "exec"), module.__dict__)
    return module


def _objections(checks: list[Any], name: str, report: Report | None) -> tuple[Objection, ...]:
    answer = tuple(next(check for check in checks if check.name == name).check(report))
    for one in answer:
        if not isinstance(one, Objection):
            raise PluginError(f"check() gave {type(one).__name__}, not Objection")
    return answer


def _describe(loaded: Contributed) -> Described:
    for scanner in loaded.scanners:
        if not isinstance(getattr(scanner, "spec", None), Spec):
            raise PluginError(f"{type(scanner).__name__} has no spec of type Spec")
        ways = [
            all(callable(getattr(scanner, m, None)) for m in way) for way in (("plan", "parse"), ("scan",))
        ]
        if ways.count(True) != 1:
            raise PluginError(f"scanner {scanner.spec.name} needs either plan and parse, or scan")
        if scanner.spec.installs and not callable(getattr(scanner, "install", None)):
            raise PluginError(f"scanner {scanner.spec.name} has no install()")
        if scanner.spec.unit == "remote" and not callable(getattr(scanner, "check", None)):
            raise PluginError(f"scanner {scanner.spec.name} is remote and needs check")
    for check in loaded.checks:
        if not isinstance(getattr(check, "name", None), str) or not callable(getattr(check, "check", None)):
            raise PluginError(f"{type(check).__name__} is no check: it needs a name and check()")
    return Described(
        scanners=tuple(scanner.spec for scanner in loaded.scanners),
        reporters=tuple(
            Format(name=r.name, media_type=r.media_type, suffix=r.suffix) for r in loaded.reporters
        ),
        checks=tuple(check.name for check in loaded.checks),
    )
