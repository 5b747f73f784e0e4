"""One encoding for everything that is compared by its bytes, and the digest of it."""

from __future__ import annotations

import hashlib
import re
from typing import Any

import msgspec

_ENCODER = msgspec.json.Encoder(order="sorted")


# What a terminal acts on although JSON allows it raw: C1, bidi and other format characters, line separators.
_HIDDEN = re.compile("[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


def canonical(value: Any) -> bytes:
    """Return the canonical JSON of a value: UTF-8, keys sorted, no whitespace, floats in shortest form.

    Characters that hide or turn text stand as ``\\uXXXX``.
    """
    data = _ENCODER.encode(value)
    if data.isascii() and b"\x7f" not in data:
        return data
    return _HIDDEN.sub(lambda match: f"\\u{ord(match[0]):04x}", data.decode("utf-8")).encode("utf-8")


def digest(data: bytes) -> str:
    """Return the sha256 of `data`, in hex."""
    return hashlib.sha256(data).hexdigest()


def encode_verdict(verdict: Any) -> bytes:
    """Return the bytes of verdict.json: canonical, but laid out for reading."""
    return msgspec.json.format(canonical(verdict), indent=2) + b"\n"
