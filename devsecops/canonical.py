"""One encoding for everything that is compared by its bytes, and the digest of it."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

_ENCODER = msgspec.json.Encoder(order="sorted")


def canonical(value: Any) -> bytes:
    """Return the canonical JSON of a value: UTF-8, keys sorted, no whitespace, floats in shortest form."""
    return _ENCODER.encode(value)


def digest(data: bytes) -> str:
    """Return the sha256 of `data`, in hex."""
    return hashlib.sha256(data).hexdigest()


def encode_verdict(verdict: Any) -> bytes:
    """Return the bytes of verdict.json: canonical, but laid out for reading."""
    return msgspec.json.format(canonical(verdict), indent=2) + b"\n"
