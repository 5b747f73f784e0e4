"""A path's template where no document gives one, and texts without what changes from run to run."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

ID, VALUE = "{id}", "{value}"
_UUID = r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
_WHOLE = re.compile(
    rf"[0-9]+|{_UUID}|(?=[^0-9]*[0-9])[0-9a-fA-F]{{8,}}|[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}(?:T[0-9:.Z+-]*)?"
    r"|(?=[^0-9]*[0-9])(?=[^A-Za-z]*[A-Za-z])[A-Za-z0-9_-]{20,}={0,2}"
)
_PIECE = re.compile(rf"(?<![A-Za-z0-9])(?:{_UUID}|[0-9]+|(?=[a-f]*[0-9])[0-9a-f]{{8,}})(?![A-Za-z0-9])")
_PLAIN = re.compile(r"[A-Za-z0-9._~!$&()*+,;=:@ \x80-\U0010ffff-]*")
_TOKEN = re.compile(
    r"(?:(?<![A-Za-z0-9%])|(?<=%[0-9A-Fa-f]{2}))"  # %2F is no part of what comes after it
    r"(?:[0-9]{6,}|(?=[A-Za-z]*[0-9])(?=[0-9]*[A-Za-z])[A-Za-z0-9]{8,})(?![A-Za-z0-9])"
)


def template(path: str, attack: str = "") -> str:
    """Return the template of a URL's path: numbers, UUIDs, hashes, dates and long tokens are ``{id}``.

    Also in pieces of a part (``user-17.json``). A part that holds `attack`, or characters that no path
    has by itself, is ``{value}``.
    """
    return "/".join(_part(part, attack) for part in path.split("/")) or "/"


def spanned(path: str, attack: str) -> str:
    """Return `path` with an attack of several parts (``../../etc/passwd``) as one part, ``{value}``."""
    plain = unquote(path)
    if "/" not in attack or attack not in plain:
        return path
    before, _, after = plain.partition(attack)
    return "".join(quote(piece, safe="/{}%:@!$&'()*+,;=~") for piece in (before, VALUE, after))


def _part(part: str, attack: str) -> str:
    plain = unquote(part)
    if part == VALUE or attacked(plain, attack) or not _PLAIN.fullmatch(plain):
        return VALUE
    return ID if _WHOLE.fullmatch(plain) else _PIECE.sub(ID, part)


def attacked(part: str, attack: str) -> bool:
    """Return whether a part of a path, decoded, holds the attack; ZAP writes a space as ``+`` there.

    One letter or digit is no attack that could be told from the path itself.
    """
    if part == VALUE:
        return True
    telling = len(attack) > 1 or (attack != "" and not attack.isalnum())
    return telling and (attack in part or unquote(attack) in part.replace("+", " "))


def steady(text: str, origin: str = "") -> str:
    """Return `text` without random tokens and long numbers; `origin` (a URL) is ``<target>``."""
    if origin:
        text = re.sub(re.escape(origin) + r"(?![A-Za-z0-9.-])", "<target>", text, flags=re.IGNORECASE)
        text = re.sub(re.escape(origin.partition("://")[2]) + r"(?![A-Za-z0-9.-])", "<target>", text)
    # Not "<token>": that reads like the name of a secret, and what stands behind it would be redacted.
    return _TOKEN.sub(lambda found: "<number>" if found[0].isdecimal() else "<random>", text)
