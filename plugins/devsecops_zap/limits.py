"""What keeps a run inside its bounds: time, requests, the fence, and a target that still answers."""

from __future__ import annotations

import time
from collections.abc import Callable

from devsecops.api import Doing, RemoteContext, ToolError
from devsecops_zap.adapter import Adapter
from devsecops_zap.addresses import Origin
from devsecops_zap.fence import Pinned, Resolve, outside, rebound
from devsecops_zap.health import Health

TELL_EVERY_S = 0.5
COUNT_EVERY_S = 2.0
"""ZAP is asked for its counts no more often: a list of all URLs is long."""
HEALTH_EVERY_S = 2.0
MORE = "give it more time (--budget, [dast.budgets]), or ask for less"


class CutShort(ToolError):  # noqa: N818  # what became of a phase
    """A phase did not get to its end; the next one may begin."""

    def __init__(self, why: str, remedy: str = MORE) -> None:
        super().__init__(why)
        self.remedy = remedy


class Halted(CutShort):
    """Nothing more is sent. `outside`: something was sent where nothing may be."""

    def __init__(self, why: str, remedy: str = "", *, outside: bool = False) -> None:
        super().__init__(why, remedy)
        self.outside = outside


class Watch:
    """Asked at each look at a phase; raises what ends it.

    Args:
        ctx: for `cancelled` and `doing`.
        zap: the one that is watched.
        alive: raises when the daemon has ended.
        allowed: the only origins that ZAP may have spoken to.
        ends: on the monotonic clock, of everything.
        requests: how many may be sent in all.
        health: of the target; None for the control.
    """

    def __init__(
        self,
        ctx: RemoteContext,
        zap: Adapter,
        *,
        alive: Callable[[], None],
        allowed: tuple[Origin, ...],
        ends: float,
        requests: int,
        health: Health | None = None,
    ) -> None:
        self.ctx, self.zap, self.alive = ctx, zap, alive
        self.allowed, self.ends, self.requests, self.health = allowed, ends, requests, health
        self.phase, self.deadline, self.before = "", ends, 0
        self.guards: list[Callable[[bool], None]] = []
        """More that may end a phase or the run, by raising it. True: look now, a phase is at its end."""
        self._told = self._looked = self._counted = 0.0
        self._urls, self._alerts = 0, "0"

    def begin(self, phase: str, budget_s: float) -> None:
        """Begin a phase that may take so many seconds."""
        self.phase, self.deadline = phase, min(time.monotonic() + budget_s, self.ends)
        self._told = self._counted = 0.0
        self.look(0)

    @property
    def left(self) -> float:
        """Seconds that the phase has left."""
        return self.deadline - time.monotonic()

    def look(self, sent: int) -> None:
        """Look around; `sent` is how many requests the phase has sent so far.

        Raises:
            CutShort: the phase has no time left.
            Halted: the run is over.
        """
        self.inside()
        if self.ctx.cancelled():
            raise Halted("the run was ended")
        if self.before + sent > self.requests:
            raise Halted(
                f"more than the {self.requests:,} requests that are allowed", "raise [dast] requests"
            )
        now = time.monotonic()
        if now >= self.ends:
            raise Halted("the time for everything is used up", MORE)
        if now >= self.deadline:
            raise CutShort("its time is used up")
        for guard in self.guards:
            guard(False)
        if now - self._looked >= HEALTH_EVERY_S and self.health is not None:
            self._looked = now
            self._answers(1)
        if now - self._told >= TELL_EVERY_S and self.phase:
            self._told = now
            self._tell(sent, now)

    def end(self, sent: int) -> None:
        """End a phase: what it sent is counted, and the target still answers. Raises Halted."""
        self.before += sent
        self.inside()
        self._answers(3)
        for guard in self.guards:
            guard(True)

    def inside(self) -> None:
        """Raises Halted when ZAP has touched another site than it may, or has ended."""
        self.alive()
        strangers = outside(self.zap.sites(), self.allowed)
        if strangers:
            names = ", ".join(strangers[:3])
            remedy = "report it with ZAP's version; ask who runs that host"
            raise Halted(f"ZAP touched {names}, which is outside of the target", remedy, outside=True)

    def _answers(self, times: int) -> None:
        if self.health is None:
            return
        why = self.health.why(times)
        if why:
            raise Halted(
                f"the target {why}", "look at the target; lower [dast] threads, or set delay_ms, to spare it"
            )

    def _tell(self, sent: int, now: float) -> None:
        if now - self._counted >= COUNT_EVERY_S:
            self._counted = now
            self._urls = len(self.zap.view("core", "urls"))
            self._alerts = self.zap.view("core", "numberOfAlerts")
        seen = f"{self._urls:,} URLs, {self.before + sent:,} requests, {self._alerts} alerts"
        self.ctx.doing(Doing(what=self.phase, seen=seen, left_s=self.left))


def still_there(pinned: Pinned, resolve: Resolve) -> None:
    """Raises Halted when the target's name leads elsewhere than it did."""
    moved = rebound(pinned, resolve)
    if moved is not None:
        raise Halted(moved, "look who changed the name; run it again", outside=True)
