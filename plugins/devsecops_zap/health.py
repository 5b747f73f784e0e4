"""Whether the target still answers: one plain request of ours to its pinned address, now and then."""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from collections.abc import Iterable

from devsecops_zap.addresses import Origin
from devsecops_zap.identifying import AGENT

WITHIN_S = 5.0
PAUSE_S = 0.5
BAD = 2
"""So often in a row it has not answered well: then it is believed."""


class Health:
    """Of one target. What it did at first is what it is measured by.

    Args:
        origin: of the target.
        addresses: those that it was pinned to.
        path: what is asked for.
        headers: sent along.
    """

    def __init__(
        self, origin: Origin, addresses: tuple[str, ...], path: str, headers: Iterable[tuple[str, str]] = ()
    ) -> None:
        self.origin, self.addresses, self.path = origin, addresses, path
        self._headers = {"User-Agent": AGENT, **dict(headers), "Connection": "close"}
        self._bad = 0
        self._first = self._ask()

    @property
    def first(self) -> str:
        """What is wrong from the start; empty when it answers. A 5xx is an answer then."""
        return "" if self._first.startswith("answers") else self._first

    def why(self, times: int) -> str:
        """Look up to `times` times until it answers well; return what is wrong when it is believed."""
        said = ""
        for turn in range(times):
            said = self._ask()
            if not said or said == self._first:
                self._bad = 0
                return ""
            self._bad += 1
            if turn + 1 < times:
                time.sleep(PAUSE_S)
        return said if self._bad >= BAD else ""

    def _ask(self) -> str:
        """Return what is wrong, as the end of a sentence that begins with the target; empty: nothing."""
        connection = http.client.HTTPConnection(self.origin.host, self.origin.port, timeout=WITHIN_S)
        try:
            connection.sock = self._connected()
            connection.request("GET", self.path, headers=self._headers)
            status = connection.getresponse().status
        except TimeoutError:
            return "does not answer any more"
        except (OSError, http.client.HTTPException):
            return "cannot be reached any more"
        finally:
            connection.close()
        return f"answers with {status // 100}xx errors" if status >= 500 else ""

    def _connected(self) -> socket.socket:
        plain = socket.create_connection((self.addresses[0], self.origin.port), WITHIN_S)
        if self.origin.scheme == "http":
            return plain
        # Whose certificate it is does not matter: nothing secret is sent, and only whether it answers counts.
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        try:
            return context.wrap_socket(plain, server_hostname=self.origin.host)
        except OSError:
            plain.close()
            raise
