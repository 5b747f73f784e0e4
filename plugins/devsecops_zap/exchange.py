"""A request and its response as evidence: what a reader needs, nothing secret, nothing that changes."""

from __future__ import annotations

import re
from collections.abc import Mapping

from devsecops_zap.paths import steady

MOST = 1_000
_REQUEST = frozenset({"accept", "content-type", "origin", "referer", "x-requested-with"})
_RESPONSE = frozenset(
    {
        "access-control-allow-credentials", "access-control-allow-origin", "allow", "cache-control",
        "content-security-policy", "content-type", "cross-origin-opener-policy", "location", "pragma",
        "permissions-policy", "referrer-policy", "server", "strict-transport-security", "vary",
        "www-authenticate", "x-content-type-options", "x-frame-options", "x-powered-by",
    }
)  # fmt: skip
"""Headers that are shown with their values; of all others only the names of a few."""
_NAMED = frozenset({"authorization", "cookie", "set-cookie", "proxy-authorization"})
_SECRET = re.compile(
    r"(?i)((?:passw(?:or)?d|passphrase|pwd|secret|token|credential|api[-_]?key|session(?:id)?|csrf|auth|signature)"
    r"[A-Za-z0-9_.\]-]{0,40}[\"']?\s{0,5}[=:]\s{0,5}[\"']?)([^&\"'\s,;}<>]+)"
)
_LINE, _BESIDE = 4_000, 200
"""Characters on each side of a mark that are looked at, and that are shown."""
_CUT_START, _CUT_END = re.compile(r"^[^\s<>\"']+"), re.compile(r"[^\s<>\"']+$")
"""A word that was cut: a part of a secret is not seen for what it is."""
_USER = re.compile(r"(?i)(https?://)[^/@\s]+@")
HIDDEN = "[redacted]"


def hidden(text: str) -> str:
    """Return `text` without the values of names such as password and token, and without logins in URLs."""
    return _USER.sub(rf"\1{HIDDEN}@", _SECRET.sub(rf"\1{HIDDEN}", text))


def exchange(
    message: Mapping[str, object], *, origin: str = "", marks: tuple[str, ...] = ()
) -> dict[str, str]:
    """Return ``request`` and ``response`` of one message as ZAP's API gives it (core/view/message).

    The response's body is cut down to the line that holds one of `marks` (the alert's evidence).
    """
    text = {name: str(message.get(name) or "") for name in _FIELDS}
    request = [*_head(text["requestHeader"], _REQUEST, origin), "", *_capped(text["requestBody"], origin)]
    request[0] = request[0].replace(" <target>/", " /", 1)  # ZAP writes it as one asks a proxy
    line = _marked(text["responseBody"], marks)
    response = [*_head(text["responseHeader"], _RESPONSE, origin), "", *_capped(line, origin)]
    out = {"request": "\n".join(request).strip(), "response": "\n".join(response).strip()}
    return {name: value[:MOST] for name, value in out.items() if value}


_FIELDS = ("requestHeader", "requestBody", "responseHeader", "responseBody")


def _head(text: str, shown: frozenset[str], origin: str) -> list[str]:
    lines = text[:64_000].splitlines()
    out = []
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        lower = name.strip().lower()
        if colon and lower in shown:
            out.append(f"{name.strip()}: {steady(hidden(value.strip()), origin)[:300]}")
        elif colon and lower in _NAMED:
            out.append(f"{name.strip()}: {HIDDEN}")
    return [steady(hidden(lines[0]), origin)[:300], *sorted(set(out), key=str.lower)] if lines else []


def _capped(text: str, origin: str) -> list[str]:
    return [steady(hidden(text[:4_000]), origin)[:400]] if text else []


def _marked(body: str, marks: tuple[str, ...]) -> str:
    """Return the line with a mark, as much of it as is shown. What is secret goes before it is cut."""
    for mark in filter(None, marks):
        at = body.find(mark)
        if at >= 0:
            before = hidden(body[max(body.rfind("\n", 0, at) + 1, at - _LINE) : at])
            after = hidden(body[at + len(mark) :][:_LINE].partition("\n")[0])
            before = before if len(before) <= _BESIDE else _CUT_START.sub("", before[-_BESIDE:])
            after = after if len(after) <= _BESIDE else _CUT_END.sub("", after[:_BESIDE])
            return f"{before}{mark}{after}".strip()
    return ""
