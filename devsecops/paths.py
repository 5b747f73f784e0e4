r"""Paths as text. Git names are bytes; values are UTF-8 text: one mapping, both ways, for all of it.

A backslash is doubled and a byte that is not UTF-8 becomes ``\xNN``, so that the mapping is one-to-one
and every path can stand in JSON.
"""

from __future__ import annotations

import os
import re
from urllib.parse import quote

_ESCAPE = re.compile(rb"\\(\\|x[0-9a-f]{2})")


def to_text(raw: bytes) -> str:
    """Return the text that stands for a path given as bytes."""
    return raw.replace(b"\\", b"\\\\").decode("utf-8", "backslashreplace")


def to_bytes(text: str) -> bytes:
    """Return the bytes of the path that `to_text` wrote; the inverse of it."""

    def plain(match: re.Match[bytes]) -> bytes:
        code = match.group(1)
        return b"\\" if code == b"\\" else bytes([int(code[1:], 16)])

    return _ESCAPE.sub(plain, text.encode("utf-8"))


def to_uri(text: str) -> str:
    """Return the path as a relative URI reference, percent-encoded byte by byte (RFC 3986, 4.2)."""
    # A first part with a colon would read as a scheme: the colon is encoded.
    return quote(to_bytes(text), safe="/~!$&'()*+,;=@")


def from_uri(uri: str) -> str:
    """Return the path text of a relative URI reference; the inverse of `to_uri`."""
    from urllib.parse import unquote_to_bytes

    return to_text(unquote_to_bytes(uri))


def from_os(path: str | os.PathLike[str]) -> str:
    """Return the path text of a file name as the operating system gave it."""
    return to_text(os.fsencode(path))
