"""Patterns for ZAP's context: written in what Java's and Python's regular expressions have in common.

ZAP compiles them case-insensitively (ASCII only), cuts the query off the URL, and asks for a match of the
whole. `compiled` does the same here, so that a pattern is proved before ZAP gets it. Left out because the
two differ: ``\\Z``, ``$`` before a line end, ``\\h``, ``\\R``, classes in classes, possessive quantifiers,
named groups, inline flags, ``\\w`` and ``\\d`` beyond ASCII.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote

import msgspec

from devsecops_zap.addresses import DEFAULT_PORTS, Origin

REST = "(?:[/?#].*)?"
_OUT = "(?:log|sign)[-_]?(?:out|off)"
_ENDS = "(?:delete|close|remove|cancel|deactivate|terminate)"
_PAYS = "(?:payments?|pay|checkout|purchases?|refunds?|transfers?|withdrawals?|billing)"
_ACCOUNT = "(?:account|profile|user|membership|subscription)s?"
EXCLUDES = tuple(
    f"https?://[^/?#]+/(?:[^?#]*[/_.-])?{word}(?:[/?#_.;-].*)?"
    for word in (_OUT, f"{_ENDS}[-_/]?(?:my[-_/]?)?{_ACCOUNT}", f"{_ACCOUNT}(?:/[^/?#]*)?[-_/]{_ENDS}", _PAYS)
)
"""URLs that end a session, an account or somebody's money. A policy adds to them, never takes away."""


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """What a pattern was tried on. It holds when `missed` and `caught` are empty."""

    matches: tuple[str, ...]
    refuses: tuple[str, ...]
    missed: tuple[str, ...]
    """URLs of the target that it does not match."""
    caught: tuple[str, ...]
    """URLs of others that it matches."""

    @property
    def holds(self) -> bool:
        """Whether it matches all it must and nothing else of what was tried."""
        return bool(self.matches and self.refuses) and not self.missed and not self.caught


def compiled(pattern: str) -> re.Pattern[str]:
    """Return `pattern` as ZAP would compile it; use its `fullmatch`. Raises re.error."""
    return re.compile(pattern, re.IGNORECASE | re.ASCII)


def escaped(text: str) -> str:
    """Return `text` with a backslash before every ASCII character that is no letter and no digit."""
    return re.sub(r"([^A-Za-z0-9\x80-\U0010ffff])", r"\\\1", text)


def include(origin: Origin, base: str = "") -> str:
    """Return the pattern of all URLs under `origin` and the path `base`, which has no slash at its end.

    The scheme's own port may be written or not. Under a base path nothing steps out of it by ``..``.
    """
    host = f"[{origin.host}]" if ":" in origin.host else origin.host
    port = f":{origin.port}"
    tail = f"(?:{port})?" if origin.port == DEFAULT_PORTS[origin.scheme] else port
    inside = r"(?![^?#]*/(?:\.|%2e){1,2}(?:[/?#;].*)?$)" if base else ""
    return f"{escaped(f'{origin.scheme}://{host}')}{tail}{inside}{escaped(base)}{REST}"


def prove(pattern: str, origin: Origin, base: str = "") -> Proof:
    """Try `pattern` on URLs of `origin` and on URLs that look like it; it is never taken on trust."""
    root = f"{origin.scheme}://{_full(origin)}{base}"
    yes: tuple[str, ...] = (
        root,
        f"{root}/",
        f"{root}/child/x.html",
        f"{root}?a=1",
        f"{root}/child?a=1&b=/",
        f"{root}#top",
    )
    if origin.port == DEFAULT_PORTS[origin.scheme]:
        yes += (f"{origin}{base}", f"{origin}{base}/child")
    no = tuple(_strangers(origin, base))
    look = compiled(pattern)
    return Proof(
        matches=yes,
        refuses=no,
        missed=tuple(url for url in yes if not look.fullmatch(url)),
        caught=tuple(url for url in no if look.fullmatch(url)),
    )


def _full(origin: Origin) -> str:
    host = f"[{origin.host}]" if ":" in origin.host else origin.host
    return f"{host}:{origin.port}"


def _strangers(origin: Origin, base: str) -> Iterable[str]:
    scheme, full = origin.scheme, _full(origin)
    other = "https" if scheme == "http" else "http"
    host = full.rpartition(":")[0]
    yield f"{other}://{full}{base}/"
    yield f"{scheme}://{full}0{base}/"
    yield f"{scheme}://{host}:{origin.port % 65_535 + 1}{base}/"
    yield f"{scheme}://{full}.evil.example{base}/"
    yield f"{scheme}://{host}.evil.example{base}/"
    yield f"{scheme}://{host}.evil.example:{origin.port}{base}/"
    yield f"{scheme}://{full}@evil.example{base}/"
    yield f"{scheme}://{host}@evil.example{base}/"
    yield f"{scheme}://user@{full}{base}/"
    yield f"{scheme}://evil-{host}:{origin.port}{base}/"
    yield f"{scheme}://evil.example/{scheme}://{full}{base}/"
    yield f"{scheme}://evil.example/?u={scheme}://{full}{base}/"
    yield f"x{scheme}://{full}{base}/"
    yield f" {scheme}://{full}{base}/"
    if "." in host and not host.startswith("["):
        yield f"{scheme}://{host.replace('.', 'x', 1)}:{origin.port}{base}/"
    if base:
        yield f"{scheme}://{full}{base}x"
        yield f"{scheme}://{full}/"
        yield f"{scheme}://{full}{base}/../"
        yield f"{scheme}://{full}{base}/a/%2E%2e/%2e%2e/b"


def exclude(origin: Origin, glob: str) -> str:
    """Return the pattern of a path pattern of the policy: ``*`` within a part, ``**`` across parts."""
    parts = re.split(r"(\*\*|\*)", glob if glob.startswith("/") else f"/{glob}")
    body = "".join(
        {"**": "[^?#]*", "*": "[^/?#]*"}.get(part) or escaped(quote(part, safe="/%:@!$&'()+,;=~.-_"))
        for part in parts
        if part
    )
    base = include(origin).removesuffix(REST)
    return f"{base}{body}(?:[?#].*)?"


def excludes(origin: Origin, globs: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the built-in exclude patterns and those of the policy's path patterns."""
    return (*EXCLUDES, *(exclude(origin, glob) for glob in globs))


def excluded(url: str, patterns: Iterable[str]) -> bool:
    """Return whether ZAP would leave `url` out by one of `patterns`: the query is not looked at."""
    bare = url.split("?", 1)[0]
    return any(compiled(pattern).fullmatch(bare) for pattern in patterns)
