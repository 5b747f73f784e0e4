"""A login that ZAP has: proved before the scan, looked at again during it, renewed where that can be done."""

from __future__ import annotations

import time

from devsecops.api import Problem
from devsecops_zap.adapter import Adapter
from devsecops_zap.asking import Answer
from devsecops_zap.config import Form, Json, Login
from devsecops_zap.errors import ZapError
from devsecops_zap.login.errors import LoginError
from devsecops_zap.login.gaining import gain
from devsecops_zap.login.handing import Handed
from devsecops_zap.login.seen import shows_in
from devsecops_zap.login.way import Gained, Way
from devsecops_zap.transport import BASE

APART_S = 2.0
"""Between two looks; what is asked for sooner gets the last answer."""
MOST_RENEWALS = 10
ANSWER_S = 25.0
"""For one request by ZAP, which itself gives a target 10 to 20 s."""
_DEAD = frozenset({"bad_external_data", "illegal_parameter", "mode_violation", "internal_error"})
"""What ZAP answers when the target gave no answer that it can read, or the page is outside of the context."""
_LONGER = "use a login that lasts longer than the scan, or a smaller budget"


class Session:
    """Somebody who is logged in. `sent` counts the messages that it had ZAP send.

    Args:
        zap: the ZAP that sends as that user.
        login: how.
        way: how it gets at things.
        handed: what ZAP got; None when it had the header from its start.
        gained: the secrets of it.
    """

    def __init__(self, zap: Adapter, login: Login, way: Way, handed: Handed | None, gained: Gained) -> None:
        self._zap, self._login, self._way, self._handed = zap, login, way, handed
        self._looked, self._in = float("-inf"), False
        self.secrets = set(gained.secrets)
        """All that it gained, also before it was begun again."""
        self.user: str | None = None
        """ZAP's id of a user: none is needed, since what ZAP got goes into all that it sends."""
        self.problem: Problem | None = None
        """Why it is lost."""
        self.renewed = 0
        self.sent = 0

    def check(self, *, now: bool = False) -> bool:
        """Return whether ZAP is logged in; log in again where it was not and that is possible.

        Args:
            now: look, even if it was looked a moment ago: at the end of a phase.

        Raises:
            ZapFault: ZAP itself fails.
        """
        if self.problem is not None:
            return False
        if not now and time.monotonic() - self._looked < APART_S:
            return self._in
        self._in = self.shown() or self._again()
        self._looked = time.monotonic()
        return self._in

    def note(self) -> str | None:
        """Return what a reader of the verdict has to know."""
        if not self.renewed:
            return None
        times = "once" if self.renewed == 1 else f"{self.renewed} times"
        return (
            f"The target ended the session {times}; it was begun again within some seconds, "
            "in which requests were not logged in."
        )

    def restore(self) -> None:
        """Take out of ZAP what it got. Raises ZapFault."""
        if self._handed is not None:
            self._handed.take_back()

    def shown(self) -> bool:
        """Look now, and do nothing about it. Raises ZapFault."""
        return shows_in(self._login, self._way.chain(self._through_zap, page(self._login, self._way)))

    def _through_zap(self, target: str) -> Answer:
        self.sent += 1
        origin = self._way.pinned.origin
        more = "".join(f"{name}: {value}\r\n" for name, value in self._way.headers)
        request = f"GET {origin}{target} HTTP/1.1\r\nHost: {origin.netloc}\r\n{more}\r\n"
        try:
            got = self._zap.call(
                f"{BASE}JSON/core/action/sendRequest/", {}, method="POST",
                body={"request": request, "followRedirects": "false"}, within_s=ANSWER_S,
            )  # fmt: skip
        except ZapError as error:
            if error.code not in (
                "bad_external_data",
                "illegal_parameter",
                "mode_violation",
                "internal_error",
            ):
                raise
            # The target gave no answer, or one that is none; or the page is outside of the context.
            return Answer(status=599)
        return _answer(got.get("sendRequest"))

    def _again(self) -> bool:
        """Log in again; when that does not help, `problem` says why."""
        try:
            if self._handed is None or not isinstance(self._login, Form | Json):
                raise LoginError("the login does not hold any longer", _LONGER)
            if self.renewed == MOST_RENEWALS:
                raise LoginError(f"the target ended the session more than {MOST_RENEWALS} times", _LONGER)
            gained = gain(self._login, self._way)
            self.secrets.update(gained.secrets)
            self._handed.put(gained.cookies)
            if not self.shown():
                raise LoginError("the login is lost, and a new one does not help", "see what ended it")
        except LoginError as error:
            self.problem = error.problem
            return False
        self.renewed += 1
        return True


def page(login: Login, way: Way) -> str:
    """Return the path that is looked at: `check`, under the target's base path."""
    inside = login.check == way.base or login.check.startswith(f"{way.base}/")
    return login.check if inside else f"{way.base}{login.check}"


def _answer(told: object) -> Answer:
    """Return the answer in a message as ZAP's API gives it."""
    message = told[-1] if isinstance(told, list) and told else told
    if not isinstance(message, dict):
        return Answer(status=599)
    lines = str(message.get("responseHeader", "")).splitlines()
    words = lines[0].split() if lines else []
    status = int(words[1]) if len(words) > 1 and words[1].isdecimal() else 599
    pairs = (line.partition(":") for line in lines[1:] if ":" in line)
    headers = tuple((name.strip(), value.strip()) for name, _, value in pairs)
    return Answer(status=status, headers=headers, body=str(message.get("responseBody", "")).encode())
