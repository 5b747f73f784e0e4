"""Redaction: one function, applied when a finding is made, before cache, log or report.

Hidden are secrets of a known shape, literals given to secret names, and both in base64, hex and
percent-encoding. Lines keep their numbers. Every step is linear in the text, and none ever raises.
"""

from __future__ import annotations

import ast
import base64
import keyword
import re
from collections.abc import Callable
from functools import lru_cache
from urllib.parse import quote, quote_plus, unquote_to_bytes

from devsecops.findings.literals import hide_literals
from devsecops.findings.names import WORD, is_secret_name
from devsecops.findings.patterns import MASK, SHAPES, hide_shapes, is_masked, mask

_ENCODED = re.compile(r"[A-Za-z0-9+/_%.~=-]{12,}")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{12,}={0,2}")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}){6,}\Z")
_TRIVIAL = frozenset(
    {
        "none",
        "true",
        "false",
        "null",
        "undefined",
        "utf-8",
        "utf8",
        "ascii",
        "name",
        "type",
        "user",
        "users",
        "value",
    }
    | {
        "username",
        "email",
        "string",
        "text",
        "read",
        "write",
        "test",
        "tests",
        "admin",
        "root",
        "default",
        "self",
    }
    | {
        "http",
        "https",
        "bearer",
        "basic",
        "plain",
        "required",
        "optional",
        "invalid",
        "data",
        "json",
        "block",
        "id",
    }
    | {word.lower() for word in keyword.kwlist}
)
_ROUNDS = 6
# A key that is one literal holds its line ends as escapes.
_PARTS = re.compile(r"\n|\\n|\\r")
_SNAKE = re.compile(r"[a-z]+(?:_[a-z]+)+\Z|[A-Z]+(?:_[A-Z]+)+\Z")
_LENGTHS = 32
_CACHED = 200
"""Characters of a token that is worth remembering."""
_ALL_MASKS = " ".join((MASK, *(f"[redacted:{shape.kind}]" for shape in SHAPES), "[redacted:encoded]"))


def _decoded(token: str) -> list[str]:
    """Return what `token` says when it is base64, base64url or hex; only printable ASCII counts."""
    out = []
    if _HEX.match(token):
        out.append(bytes.fromhex(token))
    body = token.rstrip("=")
    if len(body) % 4 != 1:
        standard = body.replace("-", "+").replace("_", "/")
        out.append(base64.b64decode(standard + "=" * (-len(body) % 4)))
    return [raw.decode("ascii") for raw in out if raw.isascii() and raw.decode("ascii").strip().isprintable()]


def _hides(text: str) -> bool:
    return hide_literals(hide_shapes(text)) != text


def _encoded(match: re.Match[str]) -> str:
    """Hide a token that decodes to what would be hidden. Code says the same names again and again."""
    token = match.group()
    return _known_token(token) if len(token) <= _CACHED else _without_encoded(token)


def _without_encoded(token: str) -> str:
    if "%" in token:
        plain = unquote_to_bytes(token).decode("utf-8", "replace")
        if plain != token and _hides(plain):
            return mask(token, "encoded")

    def one(part: re.Match[str]) -> str:
        texts = _decoded(part.group())
        # An own line so that prose rules for the start of a line apply to what was encoded.
        return mask(part.group(), "encoded") if any(_hides(text) for text in texts) else part.group()

    return _BASE64.sub(one, token)


_known_token = lru_cache(maxsize=1 << 15)(_without_encoded)


def _pass(text: str) -> str:
    return _ENCODED.sub(_encoded, hide_literals(hide_shapes(text)))


def _settle(text: str, step: Callable[[str], str]) -> str:
    """Apply `step` until nothing changes, so that hiding twice is hiding once."""
    for _ in range(_ROUNDS):
        after = step(text)
        if after == text:
            return text
        text = after
    # Something keeps unfolding: no line of it can be trusted.
    return (
        text if step(text) == text else mask(text) if text.isprintable() else re.sub(r"[^\r\n]+", MASK, text)
    )


def redact(text: str) -> str:
    """Return `text` with every secret in it masked. ``redact(redact(x)) == redact(x)``; never raises."""
    return text if len(text) < 4 else _settle(text, _pass)


def _plain_value(body: str) -> str:
    """Return what a string literal's body says, its escapes resolved."""
    if "\\" not in body:
        return body
    try:
        value = ast.literal_eval('"""' + body.replace('"', '\\"').replace('\\\\"', '\\"') + '"""')
    except (ValueError, SyntaxError, MemoryError):
        return body
    return value if isinstance(value, str) else body


def _forms(value: str) -> set[str]:
    """Return `value` in plain, base64, hex and percent-encoded form."""
    raw = value.encode("utf-8", "surrogatepass")
    standard, url = base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode()
    percent = {quote(raw, safe=""), quote(raw), quote_plus(raw), "".join(f"%{b:02X}" for b in raw)}
    percent |= {re.sub("%..", lambda m: m[0].lower(), form) for form in percent}
    escaped = value.encode("unicode_escape").decode("ascii")
    return {
        value, escaped, standard, standard.rstrip("="), url, url.rstrip("="),
        raw.hex(), raw.hex().upper(), *percent,
    }  # fmt: skip


def _worth_hiding(value: str) -> bool:
    """Tell a secret from a word that would blank half of a text."""
    word = value.strip()
    if len(word) < 4 or word.lower() in _TRIVIAL or is_masked(word) or len(set(word)) == 1:
        return False
    return not (
        word.isidentifier() and WORD.search(word) and is_secret_name(word) and not any(map(str.isdigit, word))
    )


def _starts(needles: set[str]) -> re.Pattern[str] | None:
    """Return an expression for the first four characters of all needles, its branches shared."""
    tree: dict[str, dict[str, set[str]]] = {}
    for needle in needles:
        tree.setdefault(needle[0], {}).setdefault(needle[1], set()).add(needle[2:4])
    branches = []
    for first, under in sorted(tree.items()):
        rest = (
            f"{re.escape(b)}(?:{'|'.join(map(re.escape, sorted(ends)))})" for b, ends in sorted(under.items())
        )
        branches.append(f"{re.escape(first)}(?:{'|'.join(rest)})")
    return re.compile("|".join(branches)) if tree else None


class Redactor:
    """Hides in any text the secrets of one source, besides what `redact` hides.

    Args:
        source: the text of the file that the messages are about.
    """

    def __init__(self, source: str) -> None:
        bodies: list[str] = []
        changed = hide_literals(source, bodies) != source
        changed |= hide_shapes(source, bodies) != source
        values = {value for body in bodies for value in (body, _plain_value(body), *_PARTS.split(body))}
        values.add("".join(bodies) if 1 < len(bodies) <= 8 else "")
        values = {value.strip() for value in values if _worth_hiding(value)}
        needles = {form for value in values for form in _forms(value) if len(form) >= 4}
        # A mask that is a secret to another secret would be hidden for ever.
        needles = {
            n for n in needles if n not in _ALL_MASKS and "[redacted" not in n and "redacted]" not in n
        }
        self._quiet = None if changed or needles else source
        self._needles = needles
        self._lengths: dict[str, list[int]] = {}
        self._open_ended: set[str] = set()
        self._starts = _starts(needles)
        buckets: dict[str, set[int]] = {}
        for needle in needles:
            buckets.setdefault(needle[:4], set()).add(len(needle))
        for start, lengths in buckets.items():
            shortest = sorted(lengths)[:_LENGTHS]
            if len(lengths) > _LENGTHS:
                # Only an attack has so many secrets that start alike: what goes on is hidden with its line.
                cut = {n[: shortest[-1]] for n in needles if n.startswith(start) and len(n) >= shortest[-1]}
                self._open_ended |= cut
            self._lengths[start] = shortest[::-1]
        self._needles |= self._open_ended

    def clean(self, text: str) -> str:
        """Return `text` with every secret of the source and every secret of a known kind masked."""
        if text == self._quiet and _ENCODED.sub(_encoded, text) == text:
            return text  # all that is left to look for; the rest was looked for when the source was read
        return text if len(text) < 4 else _settle(text, lambda t: _pass(self._hide(t)))

    def _hide(self, text: str) -> str:
        if self._starts is None:
            return text
        out, last, pos = [], 0, 0
        while match := self._starts.search(text, pos):
            pos = match.start()
            length = next((n for n in self._lengths[match[0]] if text[pos : pos + n] in self._needles), 0)
            needle = text[pos : pos + length]
            if length and not self._in_running_text(needle, text, pos):
                if needle in self._open_ended:
                    end = text.find("\n", pos + length)
                    needle = text[pos : end if end >= 0 else len(text)]
                out += [text[last:pos], mask(needle)]
                pos = last = pos + len(needle)
            else:
                pos += 1
        return "".join([*out, text[last:]])

    @staticmethod
    def _in_running_text(needle: str, text: str, start: int) -> bool:
        """Tell whether a plain word stands without quotes; only in quotes it may be the secret."""
        if not (needle.isalpha() and len(needle) < 8) and not _SNAKE.match(needle):
            return False
        end = start + len(needle)
        beside = text[max(0, start - 1) : start] + text[end : end + 1]
        return not (len(beside) == 2 and set(beside) <= set("\"'`"))
