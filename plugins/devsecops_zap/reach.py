"""The ZAP of a run: one that we start and that is gone afterwards, or one that runs already."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import msgspec

from devsecops.api import RemoteContext, ToolError
from devsecops_zap.adapter import Adapter
from devsecops_zap.asked import Job
from devsecops_zap.config import Attach
from devsecops_zap.daemon import BOOT_S, Daemon
from devsecops_zap.errors import ZapFault
from devsecops_zap.fence import hosts
from devsecops_zap.options import Options
from devsecops_zap.sources.attach import attach
from devsecops_zap.sources.ready import zap_of
from devsecops_zap.sources.settings import settings_of

CALL_S = 10.0
"""For one call: what does not answer in this time does not answer at all."""


class Reached(msgspec.Struct, frozen=True, kw_only=True):
    """A ZAP that answers."""

    zap: Adapter
    alive: Callable[[], None]
    options: Options
    control_host: str = "127.0.0.1"
    notes: tuple[str, ...] = ()


@contextmanager
def reach(
    ctx: RemoteContext,
    job: Job,
    ends: Callable[[], float],
    meanwhile: Callable[[], None],
    secrets: Mapping[str, str],
) -> Iterator[Reached]:
    """Give a ZAP without sites; `meanwhile` is called while it boots, and `ends` after that.

    Raises:
        ToolError: there is none, or it holds what must not be dropped. ZapFault: it does not answer.
    """
    source = job.source
    if isinstance(source, Attach):
        with _attached(ctx, source) as reached:
            meanwhile()
            yield reached
        return
    began = time.monotonic()
    daemon = Daemon(
        zap_of(ctx.installed),
        Path(ctx.scratch) / "zap",
        ctx.start,
        hosts=hosts([job.pinned]),
        heap_mb=source.heap_mb,
        secrets=secrets,
    )
    with daemon:
        meanwhile()
        zap = daemon.ready(min(ends(), max(began + BOOT_S, time.monotonic() + 1.0)), ctx.cancelled)
        zap.call_s = CALL_S
        yield Reached(zap=zap, alive=daemon.alive, options=Options(zap))


@contextmanager
def _attached(ctx: RemoteContext, source: Attach) -> Iterator[Reached]:
    zap = attach(settings_of(ctx.options), ctx.secret)
    zap.call_s = CALL_S
    occupied(zap, source)
    options = Options(zap)
    new_session(zap)
    note = f"ZAP at {source.url} was attached to: it resolves names itself, they were not pinned there."
    try:
        yield Reached(
            zap=zap, alive=lambda: None, options=options, control_host=source.control_host, notes=(note,)
        )
    finally:
        _put_back(ctx, zap, options)


def occupied(zap: Adapter, source: Attach) -> None:
    """Raises ToolError when it holds sites of somebody, which may not be dropped."""
    if not source.new_session and zap.sites():
        raise ToolError(
            f"the ZAP at {source.url} holds sites already; save them and start it anew, or write "
            "new_session = true under [dast.zap]"
        )


def new_session(zap: Adapter) -> None:
    """Drop what ZAP holds: sites, messages, alerts, contexts. Raises ZapFault."""
    zap.action("core", "newSession", name="", overwrite="true")


def _put_back(ctx: RemoteContext, zap: Adapter, options: Options) -> None:
    try:
        options.restore()
        new_session(zap)
    except ZapFault as fault:
        ctx.progress(f"ZAP did not get its options back: {fault}")
