"""One plugin through the real engine: worker, batches, control, border, redaction."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from devsecops import paths
from devsecops.contract import ReadyTool, Spec, ToolSpec
from devsecops.engine.scan import Setting, Side
from devsecops.engine.scan import scan as run_engine
from devsecops.errors import UsageError
from devsecops.model import Cover, ScanResult, Source
from devsecops.policy import Policy, ScannerRules, at_hand
from devsecops.policy.parse import check_scanners, nearest
from devsecops.registry import Registry, discover, installed, worker_for
from devsecops.service import Service
from devsecops.subject import Entry, Tree
from devsecops.subject.ledger import assign, close_ledger
from devsecops.subject.tree import Listed
from devsecops.testing.context import TODAY
from devsecops.tools import ready
from devsecops.worker import Serve

Files = Mapping[str, str | bytes | None]
"""Path -> content; None for a file that is listed and gone when it is read."""


class Held:
    """Content that is held in memory. `reading` is called before each file is read."""

    def __init__(self, files: Files, reading: Callable[[], None] = lambda: None) -> None:
        self._files = {
            paths.to_bytes(name): data.encode() if isinstance(data, str) else data
            for name, data in files.items()
        }
        self._reading = reading

    def read(self, entry: Entry) -> bytes | None:
        """Return the content; None when it is gone."""
        self._reading()
        return self._files[entry.raw]

    def close(self) -> None:
        """Nothing is open."""

    def listed(self) -> list[Listed]:
        """Return the entries."""
        return [
            Listed(raw, "file", b"100644", f"sha256:{sha256(data or b'').hexdigest()}", len(data or b""))
            for raw, data in self._files.items()
        ]


@dataclass(frozen=True, slots=True)
class Loaded:
    """One plugin, and what it contributes. `rejected` are reasons why (part of) it does not take part."""

    asked: str
    """What it was loaded by: a name, or the path of a file."""
    name: str
    distribution: str
    version: str
    registry: Registry
    scanners: tuple[str, ...]
    formats: tuple[str, ...]
    checks: tuple[str, ...]
    rejected: tuple[str, ...]
    policy: Policy


def load(plugin: str | Path, *, policy: Policy | None = None) -> Loaded:
    """Load one plugin: an installed one by the name of its entry point, or the path of a Python file.

    Nothing of it runs in this process.

    Raises:
        UsageError: there is no such plugin, or the policy names an option that its scanner does not have.
    """
    policy = policy or Policy()
    text = str(plugin)
    if text.endswith(".py"):
        file = Path(text).absolute()
        if not file.is_file():
            raise UsageError(f"plugin {text}: no such file.")
        registry = discover((), [str(file)], at_hand(policy.tool))
        name, target = file.stem, str(file)
    else:
        known = {found.name: found for found in reversed(installed())}
        if text not in known:
            raise UsageError(f"plugin {text}: no such plugin is installed; {nearest(text, sorted(known))}.")
        registry = discover([text], (), at_hand(policy.tool))
        name, target = text, known[text].target
    owned = [key for key, found in registry.owner.items() if (found.name, found.target) == (name, target)]
    options = {key: spec.options for key, spec in registry.scanners.items()}
    check_scanners(policy, options, "the policy", registry.taken)
    found = next((one for one in installed() if (one.name, one.target) == (name, target)), None)
    return Loaded(
        asked=str(file) if text.endswith(".py") else text,
        name=name,
        distribution=found.distribution if found else text,
        version=found.version if found else "",
        registry=registry,
        scanners=tuple(sorted(key for key in owned if not key.startswith("format:"))),
        formats=tuple(sorted(key.removeprefix("format:") for key in owned if key.startswith("format:"))),
        checks=tuple(
            sorted(key for key, by in registry.checks.items() if (by.name, by.target) == (name, target))
        ),
        rejected=tuple(one.message for one in registry.rejected if one.name == name),
        policy=policy,
    )


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run of one scanner gave: its result, the files that were its own, and the closed ledger."""

    result: ScanResult
    units: tuple[str, ...]
    ledger: tuple[Cover, ...]


def run(
    loaded: Loaded,
    scanner: str,
    files: Files,
    *,
    rules: ScannerRules | None = None,
    supply: Callable[[ToolSpec], ReadyTool] | None = None,
    wrap: Callable[[Service], Serve] | None = None,
    stopped: Callable[[], bool] = lambda: False,
    reading: Callable[[], None] = lambda: None,
    today: str = TODAY,
    offline: bool = False,
    asks: Mapping[str, Any] | None = None,
) -> Ran:
    """Run one scanner over `files`, as a scan would; one of running services by what it `asks`."""
    spec = loaded.registry.scanners[scanner]
    policy = Policy(scanners={scanner: rules or loaded.policy.scanners.get(scanner, ScannerRules())})
    held = Held(files, reading)
    with (
        tempfile.TemporaryDirectory(prefix="devsecops-tree-") as root,
        Tree(
            part=Source(tree="dir:0"), root=Path(root), in_git=False, listed=held.listed(), content=held
        ) as tree,
    ):
        assignment = assign(tree, [spec])
        setting = Setting(
            registry=loaded.registry,
            policy=policy,
            today=today,
            offline=offline,
            say=lambda _: None,
            stopped=stopped,
            supply=ready if supply is None else lambda asked, **_: supply(asked),
            fork=partial(worker_for, wrap=wrap),
            asks={} if asks is None else {scanner: asks},
        )
        (scanned,) = run_engine([Side(tree, assignment.units)], setting)
        ledger = close_ledger(assignment, scanned.results, (), today)
    units = tuple(entry.path for entry in assignment.units[scanner])
    return Ran(scanned.results[0], units, ledger)


def scan(
    plugin: str | Path,
    files: Mapping[str, str | bytes],
    *,
    scanner: str | None = None,
    options: Mapping[str, Any] | None = None,
    tool: ReadyTool | None = None,
    deadline_s: float | None = None,
    today: str = TODAY,
    offline: bool = False,
) -> ScanResult:
    """Scan `files` (path -> content) with a plugin through the real engine and return its result.

    Args:
        plugin: the name of an installed plugin's entry point, or the path of a Python file.
        files: the tree; those that the scanner does not read are left alone.
        scanner: which of its scanners, when it has several.
        options: laid over `Spec.options`, as by the policy.
        tool: started in place of the scanner's own tool, such as a `fake_tool`.
        deadline_s: for the whole scanner; None: its own.
        today: the UTC day that is judged.
        offline: never build a tool's environment.

    Raises:
        UsageError: no such plugin, scanner or option.
        ValueError: the plugin was rejected; the reason is the text.
    """
    loaded = load(plugin)
    if not loaded.scanners and loaded.rejected:
        raise ValueError(loaded.rejected[0])
    name = _one(loaded, scanner)
    rules = ScannerRules(deadline_s=deadline_s, options=dict(options or {}))
    check_scanners(Policy(scanners={name: rules}), {name: loaded.registry.scanners[name].options}, "options")
    supply = None if tool is None else lambda _: tool
    return run(loaded, name, files, rules=rules, supply=supply, today=today, offline=offline).result


def _one(loaded: Loaded, scanner: str | None) -> str:
    if scanner is None and len(loaded.scanners) == 1:
        return loaded.scanners[0]
    if scanner in loaded.scanners:
        return str(scanner)
    names = ", ".join(loaded.scanners) or "no scanner"
    raise UsageError(f"plugin {loaded.name} has {names}; name one of them.")


def with_limits(spec: Spec, policy: Policy, **limits: float) -> ScannerRules:
    """Return the policy's rules for a scanner with other limits."""
    return msgspec.structs.replace(policy.scanners.get(spec.name, ScannerRules()), **limits)
