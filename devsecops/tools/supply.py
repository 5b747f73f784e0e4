"""From what a plugin asks for to something that can be started."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import devsecops.tools.environments as environments
from devsecops.contract import ReadyTool, ToolSpec
from devsecops.tools.environments import Built, Place
from devsecops.tools.installer import InstallFailed
from devsecops.tools.interpreters import Interpreter, inside, own, pythons
from devsecops.tools.locks import Lock, normal, read_lock
from devsecops.tools.missing import REMEDY, ToolMissing

Say = Callable[[str], None]


def ready(
    spec: ToolSpec, *, offline: bool, say: Callable[[str], None], exclude: Path | None = None
) -> ReadyTool:
    """Return the tool, ready to start; its environment is built when there is none and `offline` is false.

    Nothing inside `exclude`, the scanned tree, is ever taken for a tool or an interpreter.

    Raises:
        ToolMissing: it cannot be had; `message` says why and `remedy` what to do.
    """
    if spec.command is not None:
        return _command(spec, spec.command, exclude)
    if spec.lock is None or not spec.package:
        raise ToolMissing(
            f"{spec.name} names neither a command nor a package with a lock file", "correct the plugin"
        )
    lock = read_lock(Path(spec.lock), spec.name)
    if normal(spec.package) not in lock.versions:
        raise ToolMissing(
            f"the lock file of {spec.name} does not pin {spec.package}: {lock.path}", "correct the lock file"
        )
    return _environment(spec, lock, offline=offline, say=say, exclude=exclude)


def sync(
    specs: Iterable[ToolSpec], *, say: Callable[[str], None], exclude: Path | None = None
) -> list[ReadyTool | ToolMissing]:
    """Make tools ready, one after the other, and return each or why it is missing."""
    out: list[ReadyTool | ToolMissing] = []
    for spec in specs:
        try:
            out.append(ready(spec, offline=False, say=say, exclude=exclude))
        except ToolMissing as missing:
            out.append(missing)
    return out


def _command(spec: ToolSpec, command: str, exclude: Path | None) -> ReadyTool:
    remedy = f"install it, or correct its path in the policy: {command}"
    if not command.startswith("/"):
        raise ToolMissing(f"the command of {spec.name} is not an absolute path", remedy)
    if inside(command, exclude):
        raise ToolMissing(f"the command of {spec.name} lies in the scanned tree", remedy)
    if not Path(command).is_file():
        raise ToolMissing(f"the command of {spec.name} does not exist", remedy)
    if not os.access(command, os.X_OK):
        raise ToolMissing(f"the command of {spec.name} is not executable", remedy)
    return ReadyTool(name=spec.name, version="", command=command)


def _environment(spec: ToolSpec, lock: Lock, *, offline: bool, say: Say, exclude: Path | None) -> ReadyTool:
    unfit = ""
    for interpreter in _interpreters(spec, exclude):
        place = Place(spec.name, spec.package, lock, interpreter)
        built = place.built()
        if built is not None:
            return _ready(spec, place, built)
        known = place.why_unfit()
        if known is not None:
            unfit = known
            continue
        if offline:
            raise ToolMissing(f"{spec.name} has no environment for Python {interpreter.version} yet", REMEDY)
        try:
            return _ready(spec, place, environments.build(place, say))
        except InstallFailed as error:
            if not error.unfit:
                raise ToolMissing(
                    f"the environment of {spec.name} could not be built: {error}",
                    f"check the package index and the proxy, then run {REMEDY}",
                ) from None
            unfit = str(error)
            say(f"{spec.name}: Python {interpreter.version} cannot take it, trying the next: {unfit}")
    raise ToolMissing(
        f"no Python here can take {spec.name}: {unfit}", "install Python 3.11 or newer with its wheels"
    )


def _interpreters(spec: ToolSpec, exclude: Path | None) -> Iterator[Interpreter]:
    return pythons(exclude) if spec.interpreter == "newest" else iter((own(),))


def _ready(spec: ToolSpec, place: Place, built: Built) -> ReadyTool:
    return ReadyTool(
        name=spec.name,
        version=built.version,
        command=str(place.folder / "bin"),
        python=str(place.folder / "bin" / "python"),
        lock=built.lock,
        interpreter=f"CPython {built.interpreter.version}",
    )
