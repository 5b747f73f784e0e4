"""Which names hold secrets."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

LOW_WORD = re.compile(r"pass|pwd|secret|token|auth|credential|key|otp")
WORD = re.compile(LOW_WORD.pattern, re.IGNORECASE)
# Telling wherever they stand in a name.
_ANYWHERE = (
    "password", "passwd", "passwort", "passphrase", "passcode", "secret", "apikey", "accesskey", "privatekey",
    "credential", "authtoken", "accesstoken", "userpass", "dbpass", "secretkey",
)  # fmt: skip
# Telling only as a part of their own: author and tokenize are no secrets.
_PARTS = frozenset({"pwd", "pass", "token", "auth", "authorization", "otp", "psw", "passwd"})
_KEYS = frozenset(
    {
        "encryption",
        "encrypt",
        "signing",
        "sign",
        "master",
        "account",
        "storage",
        "shared",
        "session",
        "crypto",
    }
    | {"cipher", "aes", "hmac", "jwt", "ssh", "rsa", "license", "service", "client", "deploy", "auth", "app"}
    | {"subscription", "webhook", "bot", "admin", "application"}
)
_CAMEL = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


@lru_cache(maxsize=4096)
def is_secret_name(name: str) -> bool:
    """Tell whether a literal given to `name` is a secret (snake, camel, kebab or glued; any case)."""
    glued = re.sub(r"[^a-z]", "", name.lower())
    if glued.startswith("getpass"):
        return False
    if any(word in glued for word in _ANYWHERE):
        return True
    parts = [part.lower() for part in _CAMEL.findall(name)]
    parts += [part for part in re.split(r"[^a-z]+", name.lower()) if part]
    if any(part.removesuffix("s") in _PARTS or part in _PARTS for part in parts):
        return True
    return any(a in _KEYS and b in {"key", "keys"} for a, b in pairwise(parts))
