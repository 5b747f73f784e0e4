"""Secrets that are known, such as the policy's: taken out of all that ZAP tells of a target."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable, Mapping

from devsecops_zap.exchange import HIDDEN

SHORTEST = 6
"""Characters; what is shorter stands everywhere by chance."""
WORD = 8
"""Characters of a part of a secret that is one by itself, such as the token behind ``Bearer``."""


class Hiding:
    """Hides `secrets` as they are, and as URLs, pages, JSON, base64 and hex write them."""

    def __init__(self, secrets: Iterable[str]) -> None:
        whole = {secret for secret in secrets if len(secret) >= SHORTEST}
        parts = {word for secret in whole for word in secret.split() if len(word) >= WORD}
        forms = [form for one in sorted(whole | parts, key=lambda s: (-len(s), s)) for form in _forms(one)]
        self._pattern = re.compile("|".join(forms)) if forms else None

    def text(self, text: str) -> str:
        """Return `text` without them."""
        return text if self._pattern is None else self._pattern.sub(HIDDEN, text)

    def fields(self, told: Mapping[str, object]) -> dict[str, object]:
        """Return an alert or a message of ZAP's API without them."""
        return {name: self.text(value) if isinstance(value, str) else value for name, value in told.items()}


def _forms(secret: str) -> tuple[str, ...]:
    """Return patterns of what a secret may be written as, in a mix of the ways too."""
    raw = secret.encode()
    standard = base64.b64encode(raw).decode().rstrip("=")
    safe = base64.urlsafe_b64encode(raw).decode().rstrip("=")
    coded = sorted({re.escape(standard), re.escape(safe)})
    return "".join(map(_character, secret)), *coded, f"(?i:{raw.hex()})"


def _character(one: str) -> str:
    if one.isascii() and one.isalnum():
        return one
    percent = "".join(f"%{byte:02x}" for byte in one.encode())
    point = ord(one)
    ways = [re.escape(way) for way in (one, html.escape(one), json.dumps(one)[1:-1])]
    ways.append(f"(?i:{percent}|&#0*{point};|&#x0*{point:x};|\\\\u{point:04x})")
    return f"(?:{'|'.join(dict.fromkeys(ways if one != ' ' else [*ways, re.escape('+')]))})"
