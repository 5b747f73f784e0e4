"""Secrets made from a seed, for every test that asks whether one gets out."""

from __future__ import annotations

import base64
import json
import random
import re
import string
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

_ALNUM = string.ascii_letters + string.digits
_UPPER = string.ascii_uppercase + string.digits


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret: its kind, what must never get out, and a line of Python that holds it."""

    kind: str
    value: str
    python_line: str


def _some(rng: random.Random, alphabet: str, length: int) -> str:
    return "".join(rng.choices(alphabet, k=length))


def _password(rng: random.Random) -> str:
    # Symbols that some syntax takes for its own, but no quote, backslash or line end.
    return (
        _some(rng, _ALNUM, 4)
        + rng.choice("!@%^*+~")
        + _some(rng, _ALNUM + "!@%^*_+=.~-", 9)
        + rng.choice("0123456789")
    )


def _b64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _jwt(rng: random.Random) -> str:
    head = _b64url(b'{"alg":"HS256","typ":"JWT"}')
    body = _b64url(json.dumps({"sub": _some(rng, _ALNUM, 12)}).encode())
    return f"{head}.{body}.{_b64url(rng.randbytes(32))}"


_KNOWN: dict[str, Callable[[random.Random], str]] = {
    "aws-key": lambda r: r.choice(("AKIA", "ASIA")) + _some(r, _UPPER, 16),
    "aws-secret": lambda r: _some(r, _ALNUM + "+/", 37) + "a7Q",
    "github": lambda r: r.choice(("ghp_", "gho_", "ghs_")) + _some(r, _ALNUM, 36),
    "github-pat": lambda r: "github_pat_" + _some(r, _ALNUM, 22) + "_" + _some(r, _ALNUM, 59),
    "gitlab": lambda r: "glpat-" + _some(r, _ALNUM + "_-", 20),
    "slack": lambda r: "xoxb-" + _some(r, string.digits, 12) + "-" + _some(r, _ALNUM, 24),
    "stripe": lambda r: r.choice(("sk_live_", "rk_test_")) + _some(r, _ALNUM, 24),
    "google": lambda r: "AIza" + _some(r, _ALNUM + "_-", 35),
    "jwt": _jwt,
}
_NAMED = {
    "password": 'password = "{}"',
    "env": 'os.environ["DB_PASSWORD"] = "{}"',
    "keyword": 'connect(user="app", passwd="{}")',
    "compared": 'if request.token == "{}":  # TODO',
    "dict": 'CONFIG = {{"host": "db", "apiKey": "{}"}}',
    "call": 'user.set_password("{}")',
    "default": 'def login(user, secret="{}"):',
}


def generate(seed: int, count: int = 40) -> list[Secret]:
    """Return `count` different secrets of all kinds in turn; the same for the same seed."""
    rng = random.Random(seed)
    out: list[Secret] = []
    kinds = [*_KNOWN, *_NAMED, "url", "private-key", "slack-hook"]
    for place in range(count):
        kind = kinds[place % len(kinds)]
        if kind in _KNOWN:
            value = _KNOWN[kind](rng)
            line = f'client_{place} = Client("{value}", region="eu-west-1")'
        elif kind in _NAMED:
            value = _password(rng)
            line = _NAMED[kind].format(value)
        elif kind == "url":
            value = _some(rng, _ALNUM, 16)
            line = f'DSN_{place} = "postgres://app:{value}@db.internal:5432/app"'
        elif kind == "slack-hook":
            value = f"T{_some(rng, _UPPER, 8)}/B{_some(rng, _UPPER, 8)}/{_some(rng, _ALNUM, 24)}"
            line = f'HOOK_{place} = "https://hooks.slack.com/services/{value}"'
        else:
            value = base64.b64encode(rng.randbytes(48)).decode()
            line = f'PEM_{place} = "-----BEGIN PRIVATE KEY-----\\n{value}\\n-----END PRIVATE KEY-----\\n"'
        out.append(Secret(kind, value, line))
    return out


def forms(value: str) -> tuple[str, ...]:
    """Return how `value` may show itself: plain, base64, hex, percent-encoded."""
    raw = value.encode()
    percent = quote(raw, safe="")
    return (
        value, base64.b64encode(raw).decode().rstrip("="), base64.urlsafe_b64encode(raw).decode().rstrip("="),
        raw.hex(), raw.hex().upper(), percent, re.sub("%..", lambda m: m[0].lower(), percent),
    )  # fmt: skip
