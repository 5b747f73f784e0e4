"""The phases on the target, one after the other, each with its outcome."""

from __future__ import annotations

import time
from typing import Literal

import msgspec

from devsecops_zap import attacking, spidering
from devsecops_zap.adapter import SHORTEST_S, Adapter
from devsecops_zap.asked import Job
from devsecops_zap.config import Phase
from devsecops_zap.errors import ZapError, ZapFault, ZapLost, ZapSilent
from devsecops_zap.fence import Resolve
from devsecops_zap.ground import Ground
from devsecops_zap.limits import CutShort, Halted, Watch, still_there
from devsecops_zap.options import Options
from devsecops_zap.passive import settle
from devsecops_zap.seeding import seed

ENDED_S = 3.0
TOO_LONG = "exclude that page ([dast.targets.NAME] exclude): ZAP keeps 16 MB of an answer at most"
State = Literal["complete", "cut short", "sent nothing", "not available", "not begun"]


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a phase. `why` and `remedy` where it is not complete."""

    phase: Phase
    state: State
    sent: int = 0
    why: str = ""
    remedy: str = ""
    outside: bool = False
    """Something was sent where nothing may be, or the target is another machine now."""


class Course:
    """What the phases of one run came to, also when they did not come to their end."""

    def __init__(self, job: Job, zap: Adapter, ground: Ground, watch: Watch, options: Options) -> None:
        self.job, self.zap, self.ground, self.watch, self.options = job, zap, ground, watch, options
        self.outcomes: list[Outcome] = []
        self.answered: set[tuple[str, str]] = set()
        self.attack: attacking.Attack | None = None
        self.alerts: list[dict[str, object]] = []
        self.dead = False
        """ZAP does not answer any more."""
        self._sent = 0

    def run(self, resolve: Resolve) -> None:
        """Run the phases of the job. Never raises what a phase came to: that is in `outcomes`."""
        halted: Outcome | None = None
        for phase in self.job.effort.phases:
            if halted is not None:
                why = f"the run ended in phase {halted.phase}"
                self.outcomes.append(Outcome(phase=phase, state="not begun", why=why, remedy=halted.remedy))
                continue
            outcome, over = self._one(phase, resolve)
            self.outcomes.append(outcome)
            halted = outcome if over else None

    def _one(self, phase: Phase, resolve: Resolve) -> tuple[Outcome, bool]:
        """Return what became of a phase, and whether the run is over."""
        self._sent = 0
        try:
            still_there(self.job.pinned, resolve)
            self.watch.begin(phase, self.job.effort.budgets[phase])
            self._sent = self._run(phase)
            self.watch.end(self._sent if phase != "passive" else 0)
            self.read()
        except Halted as halt:
            return self._cut(phase, halt), True
        except CutShort as cut:
            try:
                self.read()
            except ZapFault as fault:
                return self._lost(phase, fault), True
            return self._cut(phase, cut), False
        except ZapFault as fault:
            return self._lost(phase, fault), True
        if not self._sent:
            why, remedy = "it sent nothing", "look at the excludes and the document of the target"
            return Outcome(phase=phase, state="sent nothing", why=why, remedy=remedy), False
        return self._done(phase), False

    def _run(self, phase: Phase) -> int:
        if phase == "seed":
            return seed(self.zap, self.ground, self.watch, self.answered)
        if phase == "spider":
            spidering.tune(self.options, self.ground)
            return spidering.spider(self.zap, self.ground, self.watch, self.answered)
        if phase == "passive":
            return settle(self.zap, self.watch)
        attacking.tune(self.options, self.ground)
        self.attack = attacking.Attack(self.zap, self.ground, self.watch, self.options)
        self.attack.run()
        return self.attack.sent

    def _lost(self, phase: Phase, fault: ZapFault) -> Outcome:
        """Return the outcome where ZAP failed; a refusal of one call is no reason to ask it no more."""
        self.dead = not isinstance(fault, ZapError | ZapLost)
        if self.dead and not isinstance(fault, ZapSilent):
            fault = self._ended() or fault
        why, remedy = str(fault), "run it again; give ZAP more memory (heap_mb) if it ran out of it"
        if isinstance(fault, ZapLost):
            remedy = TOO_LONG if "Body length" in why else "make room where TMPDIR is, or raise heap_mb"
        return Outcome(phase=phase, state="cut short", sent=self._sent, why=why, remedy=remedy)

    def _ended(self) -> ZapFault | None:
        """Return how the daemon ended, when it did: the connection breaks a moment before that is known."""
        ends = time.monotonic() + ENDED_S
        while time.monotonic() < ends:
            try:
                self.watch.alive()
            except ZapFault as fault:
                return fault
            time.sleep(SHORTEST_S)
        return None

    def _done(self, phase: Phase) -> Outcome:
        if phase == "active" and self.attack is not None and self.attack.skipped:
            names = ", ".join(self.attack.skipped[:3])
            why = f"rules had no time to end: {names}"
            remedy = "raise [dast] rule_minutes, or lower strength"
            return Outcome(phase=phase, state="cut short", sent=self._sent, why=why, remedy=remedy)
        return Outcome(phase=phase, state="complete", sent=self._sent)

    def _cut(self, phase: Phase, cut: CutShort) -> Outcome:
        return Outcome(
            phase=phase, state="cut short", sent=self._sent, why=str(cut), remedy=cut.remedy,
            outside=isinstance(cut, Halted) and cut.outside,
        )  # fmt: skip

    def read(self) -> None:
        """Take the alerts so far: a ZAP that ends later does not take them along. Raises ZapFault."""
        self.alerts = list(self.zap.alerts(str(self.ground.origin)))
