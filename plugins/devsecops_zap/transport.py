"""One HTTP exchange with ZAP's API: bounded in time and size, past every proxy but ZAP itself."""

from __future__ import annotations

import socket
import time
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPResponse, RemoteDisconnected
from urllib.parse import urlencode, urlsplit

from devsecops_zap.errors import ZapFault, ZapRefused, ZapSilent, ZapUnreachable

LARGEST = 256 << 20
BASE = "http://zap/"
"""ZAP's name for itself when it is used as a proxy: so it answers whatever name or address it has."""


class Address:
    """Where a ZAP listens, and the key to it, which no text of ours holds."""

    def __init__(self, url: str, key: str) -> None:
        """Raises ZapFault when `url` is not ``http://HOST:PORT``."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            host = port = None
        if host is None or port is None or parts.scheme != "http" or parts.path.strip("/") or parts.username:
            raise ZapFault("the address of ZAP is not of the form http://HOST:PORT")
        self.host, self.port, self._key = host, port, key

    def __repr__(self) -> str:
        return f"{self.host}:{self.port}"

    def exchange(
        self, method: str, url: str, query: Mapping[str, object], body: Mapping[str, object], within_s: float
    ) -> tuple[int, bytes]:
        """Send one request to the API and return status and body.

        Args:
            method: ``GET`` or ``POST``.
            url: below `BASE`.
            query: parameters; values are sent as text.
            body: form fields.
            within_s: seconds for all of it.

        Raises:
            ZapSilent: no answer in time. ZapUnreachable: no connection, or one that broke off.
            ZapRefused: the connection was closed without an answer, or what answers does not speak HTTP.
        """
        if not url.startswith(BASE):
            raise ZapFault("only ZAP's own API is asked")
        ends = time.monotonic() + within_s
        target = f"{url}?{urlencode(query)}" if query else url
        headers = {"Host": "zap", "X-ZAP-API-Key": self._key, "Connection": "close"}
        data = urlencode(body).encode() if body else None
        if data is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = HTTPConnection(self.host, self.port, timeout=max(0.05, within_s))
        try:
            connection.request(method, target, data, headers)
            reply = self._head(connection)
            return reply.status, _body(reply, connection.sock, ends)
        except TimeoutError:
            raise ZapSilent(f"the ZAP at {self} did not answer within {within_s:g} s") from None
        except HTTPException:
            raise ZapRefused(f"what listens at {self} does not answer as ZAP does") from None
        except OSError as error:
            raise ZapUnreachable(f"no ZAP can be reached at {self} ({error.strerror or error})") from None
        finally:
            connection.close()

    def _head(self, connection: HTTPConnection) -> HTTPResponse:
        try:
            return connection.getresponse()
        except (RemoteDisconnected, ConnectionResetError):
            # So ZAP treats a wrong key, instead of saying so.
            why = f"the ZAP at {self} closed the connection without an answer: key or port is wrong"
            raise ZapRefused(why) from None


def _body(reply: HTTPResponse, sock: socket.socket | None, ends: float) -> bytes:
    parts = bytearray()
    while True:
        left = ends - time.monotonic()
        if left <= 0:
            raise TimeoutError
        if sock is not None and sock.fileno() >= 0:
            sock.settimeout(left)
        part = reply.read1(1 << 18)
        if not part:
            if reply.length:
                raise ConnectionError("it broke off")
            return bytes(parts)
        parts += part
        if len(parts) > LARGEST:
            raise ZapFault(f"ZAP answered with more than {LARGEST >> 20} MB")
