"""What comes before the phases, and holds while they run: the target as expected, and somebody logged in."""

from __future__ import annotations

from devsecops.api import Doing, Problem, RemoteContext, ToolError
from devsecops_zap.adapter import Adapter
from devsecops_zap.asked import Job
from devsecops_zap.config import Attach
from devsecops_zap.fence import Limits
from devsecops_zap.hiding import Hiding
from devsecops_zap.identifying import read_headers
from devsecops_zap.limits import Halted, Watch
from devsecops_zap.login import (
    Gained,
    LoginError,
    Session,
    Way,
    before_start,
    environment,
    establish,
    fixed,
    gain,
    references,
)
from devsecops_zap.options import Options
from devsecops_zap.resolve import system
from devsecops_zap.waiting import Ready, changed, expected, until_ready

SPARE_S = 5.0
"""Of the deadline: nothing is waited for longer than that."""


class NotReadyError(ToolError):
    """The target is not scanned; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class Arrival:
    """One run's way to its target.

    Args:
        ctx: of the run.
        job: what is asked for.
        left_s: seconds that may be waited at most.

    Raises:
        ToolError: a header of the target has a value that is not there, or is none.
    """

    def __init__(self, ctx: RemoteContext, job: Job, left_s: float) -> None:
        self._ctx, self._job, self._left_s = ctx, job, left_s
        self._want = expected(job.ask.expect_version, job.table.version, job.base)
        self.heading = read_headers(job.table.headers, ctx.secret)
        self._way = Way(
            pinned=job.pinned, base=job.base, secrets=ctx.secret, start=ctx.start, resolve=system,
            limits=Limits(private=job.table.private, forbidden=job.dast.forbidden), cancelled=ctx.cancelled,
            headers=self.heading.pairs,
        )  # fmt: skip
        self._ready: Ready | None = None
        self._gained: Gained | None = None
        self._session: Session | None = None
        self.waited_s = 0.0
        """Of the deployment's time, not of the scan's."""

    def before(self) -> None:
        """Do what has to be done before ZAP starts: a login that it is started with. Raises NotReadyError."""
        login = self._job.login
        if login is None or not before_start(login) or isinstance(self._job.source, Attach):
            return
        if not fixed(login):
            self.meanwhile()
        try:
            self._gained = gain(login, self._way)
        except LoginError as error:
            raise NotReadyError(error.problem) from None

    @property
    def secrets(self) -> dict[str, str]:
        """What ZAP's environment has to hold: the header of a login, else the first of the target's own."""
        login = environment(self._gained, self._way) if self._gained is not None else {}
        return login or self.heading.environment(self._job.origin.host)

    def meanwhile(self) -> None:
        """Wait for the deployment, once. Raises NotReadyError."""
        ask = self._job.ask
        if self._ready is not None or (ask.wait_s is None and self._want is None):
            return
        found = until_ready(
            self._job.pinned, self._want, base=self._job.base, cancelled=self._ctx.cancelled,
            headers=dict(self.heading.pairs),
            wait_s=min(ask.wait_s or 0.0, max(self._left_s - SPARE_S, 0.0)), say=self._ctx.progress,
        )  # fmt: skip
        if isinstance(found, Problem):
            raise NotReadyError(found)
        self._ready, self.waited_s = found, found.seconds

    def enter(self, zap: Adapter, watch: Watch, options: Options) -> None:
        """Have ZAP be logged in, and have that watched. Raises NotReadyError, ZapFault."""
        login = self._job.login
        if login is None:
            return
        self._ctx.doing(Doing(what=f"login {self._job.login_name}"))
        try:
            session = self._session = establish(zap, login, self._way, self._gained)
        except LoginError as error:
            raise NotReadyError(error.problem) from None
        options.later(session.restore)

        def guard(now: bool) -> None:
            if not session.check(now=now) and session.problem is not None:
                raise Halted(session.problem.message, session.problem.remedy)

        watch.guards.append(guard)

    def hiding(self) -> Hiding:
        """Return what hides the policy's secrets and what the login gained by them."""
        login = self._job.login
        refs = references(login, names=False) if login is not None else ()
        gained = self._session.secrets if self._session is not None else ()
        return Hiding([*self.heading.secrets, *map(self._ctx.secret, refs), *gained])

    def notes(self) -> tuple[str, ...]:
        """Return what a reader of the verdict has to know."""
        ready, session = self._ready, self._session
        version = (
            (f"The target says version {ready.version}.",) if ready is not None and ready.version else ()
        )
        note = session.note() if session is not None else None
        return (*version, *((note,) if note else ()), *self._unsent())

    def _unsent(self) -> tuple[str, ...]:
        """Return what is said of headers that the spider cannot send."""
        if self._job.plan is None and "spider" not in self._job.effort.phases:
            return ()
        attached = isinstance(self._job.source, Attach)
        note = self.heading.note(None if attached else self.secrets.get("ZAP_AUTH_HEADER"))
        return (note,) if note else ()

    def afterwards(self) -> tuple[Problem, ...]:
        """Look once more at the version; return what is wrong when it changed."""
        if self._ready is None:
            return ()
        told = changed(self._job.pinned, self._want, self._ready, dict(self.heading.pairs))
        return (told,) if told is not None else ()
