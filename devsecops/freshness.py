"""Data that ages: in a shell a scan tries once an hour to bring it up to date, for five seconds at most."""

from __future__ import annotations

import contextlib
import datetime
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from devsecops.contract import Refresh
from devsecops.registry import Registry, data_of, refresh
from devsecops.tools.folders import cache_root

TRY_S = 5.0
AGAIN_AFTER_S = 3600.0


def freshen(
    registry: Registry, scanners: Iterable[str], *, max_age_days: int, today: str, say: Callable[[str], None]
) -> None:
    """Refresh the data of those of `scanners` whose data is older than the policy's bound.

    Never raises and never decides: the gate judges by the date of what is there afterwards. A try that
    failed is not repeated within an hour.
    """
    ends = time.monotonic() + TRY_S
    bound = (datetime.date.fromisoformat(today) - datetime.timedelta(days=max_age_days)).isoformat()
    for name in scanners:
        left = ends - time.monotonic()
        if not registry.scanners[name].data or left < 1 or not _may_try(name):
            continue
        try:
            data = data_of(registry, name)
            if data is not None and data.date >= bound:
                continue
            say(f"{name}: its data is older than the policy allows; refreshing it for at most {left:.0f} s")
            say(refresh(registry, name, Refresh(deadline_s=left, today=today)))
        except ValueError as error:
            _tried(name)
            say(f"{name}: its data could not be refreshed ({error}); the next try is in an hour")


def _stamp(name: str) -> Path:
    return cache_root() / "tried" / name


def _may_try(name: str) -> bool:
    try:
        return time.time() - _stamp(name).stat().st_mtime > AGAIN_AFTER_S
    except OSError:
        return True


def _tried(name: str) -> None:
    stamp = _stamp(name)
    with contextlib.suppress(OSError):
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.write_bytes(b"")
