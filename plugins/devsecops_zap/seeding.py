"""The phase `seed`: every request that is known is sent once through ZAP. No redirect is followed."""

from __future__ import annotations

from collections.abc import Iterable

from devsecops_zap.adapter import Adapter
from devsecops_zap.addresses import read_url
from devsecops_zap.errors import ZapError
from devsecops_zap.ground import Ground
from devsecops_zap.limits import Watch
from devsecops_zap.requests import Request
from devsecops_zap.transport import BASE

ANSWER_S = 20.0
"""ZAP gives the target ten seconds; this is above it."""
AWAY = frozenset({"0", "502", "503", "504"})
"""Statuses of an answer that is not the operation's own (RFC 9110, 15.6); 0 is ZAP's for none."""
_OWN = frozenset({"host", "content-length"})


def seed(zap: Adapter, ground: Ground, watch: Watch, answered: set[tuple[str, str]]) -> int:
    """Send the requests and return how many; `answered` gets method and URL of those with an answer.

    Raises:
        CutShort, ZapFault.
    """
    sent = 0
    for request in ground.requests:
        watch.look(sent)
        sent += 1
        if send(zap, request, ground):
            answered.add((request.method, request.url))
    return sent


def send(zap: Adapter, request: Request, ground: Ground) -> bool:
    """Send one request; return whether there was an answer. Raises ZapFault."""
    try:
        got = zap.call(
            f"{BASE}JSON/core/action/sendRequest/",
            {},
            method="POST",
            body={"request": written(request, ground.headers), "followRedirects": "false"},
            within_s=ANSWER_S,
        )
    except ZapError:  # the target refused the connection, or did not answer in time
        return False
    messages = got.get("sendRequest")
    head = str(messages[0].get("responseHeader", "")) if isinstance(messages, list) and messages else ""
    status = head.split(" ")[1:2]
    return head.startswith("HTTP/") and bool(status) and status[0] not in AWAY


def written(request: Request, more: Iterable[tuple[str, str]] = ()) -> str:
    """Return a request as it goes over the line; `more` are headers that count before its own."""
    origin = read_url(request.url).origin
    given = dict(more)
    named = {name.lower() for name in given}
    headers = [*given.items(), *(pair for pair in request.headers if pair[0].lower() not in named)]
    lines = [f"{request.method} {request.url} HTTP/1.1", f"Host: {origin.netloc}"]
    lines += [f"{name}: {value}" for name, value in headers if name.lower() not in _OWN]
    if request.body:
        lines.append(f"Content-Length: {len(request.body.encode())}")
    return "\r\n".join([*lines, "", request.body])
