"""To be logged in: what ZAP is started with, what it gets later, and the proof that it works."""

from __future__ import annotations

from devsecops_zap.adapter import Adapter
from devsecops_zap.asking import Answer
from devsecops_zap.config import Basic, Cookie, Header, Json, Login
from devsecops_zap.identifying import for_all
from devsecops_zap.login.errors import LoginError
from devsecops_zap.login.gaining import gain
from devsecops_zap.login.handing import Handed
from devsecops_zap.login.seen import shows_in, shows_out
from devsecops_zap.login.session import Session, page
from devsecops_zap.login.way import Gained, Way


def before_start(login: Login) -> bool:
    """Return whether ZAP has to be given it when it starts: then the login comes before the start."""
    return isinstance(login, Basic | Header) or (isinstance(login, Json) and login.token is not None)


def fixed(login: Login) -> bool:
    """Return whether nobody has to be asked for it: then it does not have to wait for the target."""
    return isinstance(login, Basic | Cookie) or (isinstance(login, Header) and login.value is not None)


def environment(gained: Gained, way: Way) -> dict[str, str]:
    """Return the variables by which ZAP sends the header of a login, where it is one, with all requests."""
    return for_all(*gained.header, way.pinned.origin.host) if gained.header is not None else {}


def establish(zap: Adapter, login: Login, way: Way, gained: Gained | None = None) -> Session:
    """Have ZAP be logged in, and prove it: the page differs for who is in and for who is not.

    Args:
        zap: with its context and mode set: the page must be inside.
        login: how.
        way: how it gets at things.
        gained: what ZAP was started with (`before_start`); None: it is gained now.

    Raises:
        LoginError: it did not work, or the patterns prove nothing.
        ZapFault: ZAP itself fails.
    """
    where = page(login, way)
    _nobody(login, way.chain(way.get, where), where)
    got = gained if gained is not None else gain(login, way)
    handed = Handed(zap, way.pinned.origin, got.cookies) if got.cookies else None
    session = Session(zap, login, way, handed, got)
    if not session.shown():
        session.restore()
        raise _unproved(login, where, started=gained is not None)
    return session


def _nobody(login: Login, answers: list[Answer], where: str) -> None:
    """Prove that the patterns tell who is in from who is not."""
    if login.logged_in is None and not shows_out(login, answers):
        raise LoginError(
            f"{where} (status {answers[-1].status}) does not hold logged_out though nobody is logged in",
            "correct logged_out, or name another page by check",
        )
    if shows_in(login, answers):
        raise LoginError(
            f"{where} holds logged_in though nobody is logged in",
            "correct logged_in, or name another page by check",
        )


def _unproved(login: Login, where: str, *, started: bool) -> LoginError:
    if before_start(login) and not started:
        return LoginError(
            f"{where} does not show that this ZAP is logged in: a running ZAP cannot be given a header",
            "start it with ZAP_AUTH_HEADER, ZAP_AUTH_HEADER_VALUE and ZAP_AUTH_HEADER_SITE, or use another "
            "source",
        )
    return LoginError(
        f"{where} does not show that ZAP is logged in", "see user, password or token, and the patterns"
    )
