"""HTTP messages of a finding's evidence as SARIF's webRequest and webResponse, and back (2.1.0, 3.46, 3.47).

As evidence a message is its text: the first line, the headers, an empty line, the body.
"""

from __future__ import annotations

import re
from typing import Any

from devsecops.sarif.loose import NAME, obj, text
from devsecops.sarif.shape import Content, WebRequest, WebResponse

_REQUEST = re.compile(r"([A-Z]{1,20}) (\S+) HTTP/(\d(?:\.\d)?)")
_RESPONSE = re.compile(r"HTTP/(\d(?:\.\d)?) (\d{3})(?: (.*))?")
_HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+): ?(.*)")
_MOST = 100


def web_request(said: str) -> WebRequest | None:
    """Return a request; None for a text that is none."""
    parts = _parts(said)
    line = _REQUEST.fullmatch(parts[0]) if parts is not None else None
    if parts is None or line is None:
        return None
    return WebRequest(
        protocol="HTTP",
        version=line[3],
        method=line[1],
        target=line[2],
        headers=parts[1],
        body=_body(parts[2]),
    )


def web_response(said: str) -> WebResponse | None:
    """Return a response; None for a text that is none."""
    parts = _parts(said)
    line = _RESPONSE.fullmatch(parts[0]) if parts is not None else None
    if parts is None or line is None:
        return None
    return WebResponse(
        protocol="HTTP", version=line[1], status_code=int(line[2]), reason_phrase=line[3] or None,
        headers=parts[1], body=_body(parts[2]),
    )  # fmt: skip


def _body(said: str) -> Content | None:
    return Content(text=said) if said else None


def _parts(said: str) -> tuple[str, dict[str, str] | None, str] | None:
    """Return first line, headers and body; None when there is a line that is no header."""
    head, _, body = said.partition("\n\n")
    first, *lines = head.split("\n")
    headers: dict[str, str] = {}
    for line in lines:
        found = _HEADER.fullmatch(line)
        if found is None:
            return None
        # Several of one name are one with a comma (RFC 9110, 5.3).
        known = headers.get(found[1])
        headers[found[1]] = found[2] if known is None else f"{known}, {found[2]}"
    return first, headers or None, body


def messages(result: dict[str, Any]) -> dict[str, str]:
    """Return the HTTP messages of a result that was read as evidence: ``request``, ``response``."""
    request, response = obj(result.get("webRequest")), obj(result.get("webResponse"))
    out = {}
    if request:
        line = f"{text(request.get('method'), NAME)} {text(request.get('target'))} {_version(request)}"
        out["request"] = _written(line, request)
    if response:
        status = response.get("statusCode")
        line = f"{_version(response)} {status if isinstance(status, int) else 0}"
        out["response"] = _written(f"{line} {text(response.get('reasonPhrase'), NAME)}".rstrip(), response)
    return out


def _version(message: dict[str, Any]) -> str:
    protocol, version = (text(message.get(key), NAME) for key in ("protocol", "version"))
    return f"{protocol or 'HTTP'}/{version or '1.1'}"


def _written(line: str, message: dict[str, Any]) -> str:
    headers = list(obj(message.get("headers")).items())[:_MOST]
    head = [line, *(f"{text(name, NAME)}: {text(value)}" for name, value in headers)]
    return "\n".join([*head, "", text(obj(message.get("body")).get("text"))]).rstrip("\n")
