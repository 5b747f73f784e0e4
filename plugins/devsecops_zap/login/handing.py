"""Cookies in ZAP: a session of its own of one site, which all that ZAP sends there is part of.

So ZAP 2.11.1 and 2.17.0 do it for the spider, the active scanner and single requests alike; where the
target sets one of the cookies anew, they go on with the new value.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from devsecops_zap.adapter import Adapter
from devsecops_zap.addresses import Origin
from devsecops_zap.errors import ZapError
from devsecops_zap.transport import BASE

NAME = "devsecops"


class Handed:
    """A session in ZAP, made and in use when this returns. Raises ZapFault.

    Args:
        zap: which one.
        origin: the site.
        cookies: name and value; at least one.
    """

    def __init__(self, zap: Adapter, origin: Origin, cookies: Sequence[tuple[str, str]]) -> None:
        host = f"[{origin.host}]" if ":" in origin.host else origin.host
        self._zap, self._site = zap, f"{host}:{origin.port}"
        self._named: list[str] = []
        # ZAP knows a site's sessions only once it knows a cookie of them.
        self._name(cookies[0][0])
        try:
            zap.action("httpSessions", "createEmptySession", site=self._site, session=NAME)
        except ZapError as error:
            if error.code != "already_exists":
                raise
        # What is in a session that comes into use is written to ZAP's log: nothing is in it yet.
        zap.action("httpSessions", "setActiveSession", site=self._site, session=NAME)
        self.put(cookies)

    def _name(self, cookie: str) -> None:
        if cookie not in self._named:
            self._zap.action("httpSessions", "addSessionToken", site=self._site, sessionToken=cookie)
            self._named.append(cookie)

    def put(self, cookies: Iterable[tuple[str, str]]) -> None:
        """Give it cookies, over those of before. Raises ZapFault."""
        for name, value in cookies:
            self._name(name)
            # In the body: no log of a request's address holds it.
            self._zap.call(
                f"{BASE}JSON/httpSessions/action/setSessionTokenValue/", {}, method="POST",
                body={"site": self._site, "session": NAME, "sessionToken": name, "tokenValue": value},
            )  # fmt: skip

    def take_back(self) -> None:
        """Remove it, and what made its cookies those of a session. Raises ZapFault."""
        self._zap.action("httpSessions", "removeSession", site=self._site, session=NAME)
        while self._named:
            name = self._named.pop()
            self._zap.action("httpSessions", "removeSessionToken", site=self._site, sessionToken=name)
