"""Our own requests: to a pinned address, bounded in time and size, past every proxy; no redirect is followed.

A service's name stands in its Host header and in its certificate only: it is never looked up here.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Mapping
from http.client import HTTPConnection, HTTPException

import msgspec

from devsecops.api import ToolError
from devsecops_zap.fence import Pinned
from devsecops_zap.identifying import AGENT

MOST = 2 << 20
"""Bytes of a body that are read; more is cut off."""
ANSWER_S = 10.0


class NoAnswerError(ToolError):
    """Nothing that could be read came back; the text says why and holds nothing of the request."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What came back. Headers in their order; bytes that are not Latin-1 do not occur."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """Return the first header of that name."""
        return next((value for known, value in self.headers if known.lower() == name.lower()), None)

    @property
    def text(self) -> str:
        """The body as text, whatever it is."""
        return self.body.decode("utf-8", "replace")


def ask(
    pinned: Pinned,
    target: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    within_s: float = ANSWER_S,
    verified: bool = False,
) -> Answer:
    """Send one request and return the answer.

    Args:
        pinned: whom to ask: its addresses are tried in turn.
        target: path and query.
        method: of HTTP.
        headers: more of them.
        body: what is sent.
        within_s: seconds for all of it.
        verified: whether the service's certificate must be good: where a secret is sent, or what is
            answered is believed. ZAP itself looks at none.

    Raises:
        NoAnswerError: no connection, no HTTP, or not in time.
    """
    ends = time.monotonic() + within_s
    connection = _reached(pinned, within_s, verified)
    try:
        return _exchange(connection, ends, method, target, _head(pinned, headers or {}), body)
    except (OSError, HTTPException, ValueError) as error:
        why = _why(error, within_s) if time.monotonic() < ends else _late(within_s)
        raise NoAnswerError(f"{pinned.origin} gives no answer: {why}") from None
    finally:
        connection.close()


def certified(pinned: Pinned, *, within_s: float = ANSWER_S) -> None:
    """Look at a service's certificate, where it speaks TLS. Raises NoAnswerError unless it is good."""
    if pinned.origin.scheme == "https":
        _reached(pinned, within_s, verified=True).close()


def _reached(pinned: Pinned, within_s: float, verified: bool) -> HTTPConnection:
    """Return a connection to the first address that takes one."""
    ends = time.monotonic() + within_s
    why = "it has no address"
    for address in pinned.addresses:
        left = ends - time.monotonic()
        if left <= 0:
            break
        try:
            return _connected(pinned, address, left, verified)
        except OSError as error:
            why = _why(error, within_s)
    raise NoAnswerError(f"{pinned.origin} gives no answer: {why}")


def _head(pinned: Pinned, more: Mapping[str, str]) -> dict[str, str]:
    return {"Host": pinned.origin.netloc, "User-Agent": AGENT, "Accept": "*/*", "Connection": "close", **more}


def _connected(pinned: Pinned, address: str, within_s: float, verified: bool) -> HTTPConnection:
    connection = HTTPConnection(address, pinned.origin.port, timeout=within_s)
    sock = socket.create_connection((address, pinned.origin.port), timeout=within_s)
    if pinned.origin.scheme == "https":
        context = ssl.create_default_context()
        if not verified:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        try:
            sock = context.wrap_socket(sock, server_hostname=pinned.origin.host)
        except BaseException:
            sock.close()
            raise
    connection.sock = sock
    return connection


def _exchange(
    connection: HTTPConnection,
    ends: float,
    method: str,
    target: str,
    headers: Mapping[str, str],
    body: bytes | None,
) -> Answer:
    # A limit for each read is none for an answer that drips: at the end the connection is shut.
    sock = connection.sock
    watch = threading.Timer(max(0.0, ends - time.monotonic()), _shut, (sock,))
    watch.daemon = True
    watch.start()
    try:
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        reply = connection.getresponse()
        parts = bytearray()
        while len(parts) < MOST and (part := reply.read1(min(1 << 16, MOST - len(parts)))):
            parts += part
        if time.monotonic() >= ends:
            raise TimeoutError
        return Answer(status=reply.status, headers=tuple(reply.getheaders()), body=bytes(parts))
    finally:
        watch.cancel()


def _shut(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def _why(error: Exception, within_s: float) -> str:
    if isinstance(error, TimeoutError):
        return _late(within_s)
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not good ({error.verify_message}); SSL_CERT_FILE names other authorities"
    if isinstance(error, ssl.SSLError):
        return "it does not speak TLS as it should"
    if isinstance(error, OSError):
        return error.strerror or "the connection broke off"
    return "it does not speak HTTP as it should"


def _late(within_s: float) -> str:
    return f"not within {within_s:g} s"


def cookies(answers: Iterable[Answer], before: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the cookies that answers of one site leave, over those of `before`: name -> value.

    Where they may be sent is not looked at: they go back to that site only.
    """
    kept = dict(before or {})
    for answer in answers:
        for name, value in answer.headers:
            if name.lower() != "set-cookie":
                continue
            pair, _, attributes = value.partition(";")
            key, equals, text = pair.partition("=")
            key, text = key.strip(), text.strip()
            if not equals or not key:
                continue
            if _gone(attributes) or not text:
                kept.pop(key, None)
            else:
                kept[key] = text
    return kept


def _gone(attributes: str) -> bool:
    known = [part.strip().lower().partition("=") for part in attributes.split(";")]
    ages = [value for name, _, value in known if name == "max-age"]
    if ages:
        return ages[-1].startswith("-") or ages[-1] == "0"
    return any(name == "expires" and " 1970 " in value.replace("-", " ") for name, _, value in known)
