"""What a scanner needs and no Python environment can hold: its plugin makes it ready, the core keeps order.

The plugin works in its worker, where no process of its may outlive the call. A locked environment that it
needs is built here, and it is asked again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from devsecops.contract import Install, Installed, ReadyTool
from devsecops.registry import Registry, install
from devsecops.tools import ToolMissing, ready
from devsecops.tools.folders import cache_root
from devsecops.tools.missing import REMEDY

LOOK_S, BUILD_S = 30.0, 1800.0
"""For telling what is there; for fetching it."""
MOST_ROUNDS = 4
"""How often it may need one more environment."""


def make_ready(
    registry: Registry,
    scanner: str,
    options: Mapping[str, Any],
    *,
    offline: bool,
    say: Callable[[str], None],
    exclude: Path | None = None,
    stopped: Callable[[], bool] = lambda: False,
    supply: Callable[..., ReadyTool] = ready,
) -> Installed:
    """Return what the scanner needs, ready; it is built when it is not there and `offline` is false.

    Raises:
        ToolMissing: it cannot be had; `message` says why and `remedy` what to do.
    """
    request = Install(
        options=dict(options),
        folder=str(cache_root() / "tools" / scanner),
        build=False,
        exclude=None if exclude is None else str(exclude.absolute()),
        deadline_s=LOOK_S,
    )
    for _ in range(MOST_ROUNDS):
        made = _ask(registry, scanner, request, stopped)
        if made.ready:
            return made
        if made.needs:
            try:
                tools = {t.name: supply(t, offline=offline, say=say, exclude=exclude) for t in made.needs}
            except ToolMissing as error:
                remedy = f"{REMEDY} {scanner}" if error.remedy == REMEDY else error.remedy
                raise ToolMissing(f"{made.message}: {error.message}", remedy) from None
            request = msgspec.structs.replace(request, tools={**request.tools, **tools})
        elif offline or request.build or made.remedy:
            raise ToolMissing(made.message, made.remedy or f"{REMEDY} {scanner}")
        else:
            say(f"{made.name} {made.version}: {made.message}; fetching it ...")
            request = msgspec.structs.replace(request, build=True, deadline_s=BUILD_S)
    raise ToolMissing(f"{scanner} needs ever more environments", "correct the plugin")


def _ask(registry: Registry, scanner: str, request: Install, stopped: Callable[[], bool]) -> Installed:
    try:
        return install(registry, scanner, request, stopped)
    except ValueError as error:
        remedy = f"correct what is named, then run {REMEDY} {scanner}"
        raise ToolMissing(str(error), remedy) from None
