"""Secrets that are known by their own shape, whatever they are assigned to."""

from __future__ import annotations

import re
from functools import partial
from itertools import pairwise
from typing import NamedTuple

MASK = "[redacted]"
MASKS = re.compile(r"\[redacted(?::[a-z-]+)?\]")


class Shape(NamedTuple):
    """A kind of secret. `hint` must stand in the text before `regex` is tried; its group x is hidden."""

    kind: str
    hint: str
    regex: re.Pattern[str]


def _shape(kind: str, hint: str, regex: str) -> Shape:
    return Shape(kind, hint, re.compile(regex))


# Every repetition is bounded or of one class that what follows it does not share: linear time.
SHAPES: tuple[Shape, ...] = (
    _shape("aws-key", "A", r"(?P<x>A(?<![A-Z0-9]A)(?:KIA|SIA|ROA|IDA|GPA|NPA|NVA|BIA|CCA)[A-Z0-9]{16})"),
    _shape("github", "_", r"(?P<x>gh[pousr]_[A-Za-z0-9_]{20,255}|github_pat_[A-Za-z0-9_]{20,255})"),
    _shape("gitlab", "gl", r"(?P<x>gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|soat|oas)-[A-Za-z0-9_.-]{16,255})"),
    _shape("slack", "xo", r"(?P<x>xox[abceoprs](?:\.xox[bp])?-[A-Za-z0-9-]{8,255})"),
    _shape("slack", "xapp-", r"(?P<x>xapp-[A-Za-z0-9-]{8,255})"),
    _shape(
        "slack", "hooks.slack", r"hooks\.slack(?:-gov)?\.com/(?:[a-z]{4,12}/)?(?P<x>[A-Za-z0-9/_-]{8,255})"
    ),
    _shape("stripe", "k_live_", r"(?P<x>[sr]k_live_[A-Za-z0-9]{16,255})"),
    _shape("stripe", "k_test_", r"(?P<x>[sr]k_test_[A-Za-z0-9]{16,255})"),
    _shape("stripe", "whsec_", r"(?P<x>whsec_[A-Za-z0-9]{16,255})"),
    _shape("google", "AIza", r"(?P<x>AIza[A-Za-z0-9_-]{35})"),
    _shape("google", "ya29.", r"(?P<x>ya29\.[A-Za-z0-9_-]{20,1000})"),
    _shape("google", "GOCSPX-", r"(?P<x>GOCSPX-[A-Za-z0-9_-]{20,64})"),
    _shape(
        "jwt",
        "eyJ",
        r"(?:(?<![A-Za-z0-9_-])|(?<=\\[nrt]))(?P<x>eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*){0,3})",
    ),
    _shape("npm", "npm_", r"(?P<x>npm_[A-Za-z0-9]{30,64})"),
    _shape("pypi", "pypi-", r"(?P<x>pypi-[A-Za-z0-9_-]{50,1000})"),
    _shape("sendgrid", "SG.", r"(?P<x>SG\.[A-Za-z0-9_-]{16,64}\.[A-Za-z0-9_-]{16,64})"),
    _shape("openai", "sk-", r"(?P<x>\bsk-[A-Za-z0-9_-]{20,255})"),
    _shape("azure", "AccountKey=", r"AccountKey=(?P<x>[A-Za-z0-9+/=]{20,128})"),
    _shape("url", "://", r"://[^\s/:@\"'<>\[]{0,256}:(?P<x>[^\s/\"'<>]{1,256})@"),
    _shape("url", "://", r"://(?P<x>(?=[^\s/:@]*[0-9])[^\s/:@\"'<>]{16,256})@"),
    _shape(
        "authorization",
        "authorization",
        r"(?i:authorization[\"'\\ \t]{0,8}[:=,][\"'\\ \t]{0,8}(?:bearer|basic|token|digest|apikey)[ \t]{1,8})"
        r"(?P<x>[^\s\"'\\,;]+)",
    ),
    *(
        _shape(
            "authorization",
            word,
            rf"{either}[ \t]{{1,8}}(?=\S{{0,99}}?(?:[0-9=]|[a-z][A-Z]))"
            r"(?P<x>[A-Za-z0-9._~+/-]{16,}={0,2})",
        )
        for word, either in (("bearer", "[Bb](?i:earer)"), ("basic", "[Bb](?i:asic)"))
    ),
)

_PEM = re.compile(r"-----BEGIN (?:[A-Z0-9]{1,20} ){0,4}PRIVATE KEY(?: BLOCK)?-----")
_PEM_END = re.compile(r"-----END (?:[A-Z0-9]{1,20} ){0,4}PRIVATE KEY(?: BLOCK)?-----")
# A line of a key's body that stands alone, as code quotes it.
_PEM_LINE = re.compile(
    r"(?m)^[ \t\"'+#*/>|-]{0,40}(?P<x>[A-Za-z0-9+/]{60,76}={0,2})(?:\\n|[\"',;+)\\ \t\r]){0,40}$"
)
_AWS_SECRET = re.compile(r"[^A-Za-z0-9/+=_.-](?P<x>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=_-])")
_HEX = re.compile(r"[0-9a-fA-F]+\Z")


def mask(span: str, kind: str = "") -> str:
    """Return what stands in the place of `span`: a mask a line, so that lines keep their numbers."""
    word = f"[redacted:{kind}]" if kind else MASK
    return word if span.isprintable() else re.sub(r"[^\r\n]+", word, span)


def is_masked(span: str) -> bool:
    """Tell whether nothing of `span` is left to hide."""
    return not MASKS.sub("", span).strip() if "[redacted" in span else not span.strip()


class _Hider:
    """Masks what a match found; `found` collects what it hid."""

    def __init__(self, found: list[str] | None) -> None:
        self.found = found

    def whole(self, span: str, kind: str) -> str:
        if is_masked(span):
            return span
        if self.found is not None:
            self.found.append(span)
        return mask(span, kind)

    def inner(self, match: re.Match[str], kind: str) -> str:
        start, end = match.start("x") - match.start(), match.end("x") - match.start()
        return match[0][:start] + self.whole(match["x"], kind) + match[0][end:]

    def pem(self, text: str) -> str:
        out, pos = [], 0
        while begin := _PEM.search(text, pos):
            end = _PEM_END.search(text, begin.end())
            # Without an end all that follows may be the key.
            stop = end.start() if end else len(text)
            out += [text[pos : begin.end()], self.whole(text[begin.end() : stop], "private-key")]
            pos = stop
        return "".join([*out, text[pos:]])


def _looks_random(token: str) -> bool:
    """Tell a secret key from a path or a digest: all classes of characters, changing all the time."""
    classes = [c.isdigit() + 2 * c.isupper() + 4 * c.islower() for c in token]
    return {1, 2, 4} <= set(classes) and sum(a != b for a, b in pairwise(classes)) >= 14


def _is_key_line(line: str) -> bool:
    """Tell a line of base64 from a digest or a ruler."""
    return len(set(line)) >= 16 and _HEX.match(line) is None


def hide_shapes(text: str, found: list[str] | None = None) -> str:
    """Return `text` with every secret of a known shape masked; append what was hidden to `found`."""
    hider = _Hider(found)
    if "PRIVATE KEY" in text:
        text = hider.pem(text)
    low = text.lower()
    for shape in SHAPES:
        if shape.hint in (low if shape.kind == "authorization" else text):
            text = shape.regex.sub(partial(_inner, hider, shape.kind), text)
    if len(text) >= 40:
        # A character before the token is faster than looking behind every character.
        text = _AWS_SECRET.sub(
            lambda m: hider.inner(m, "aws-secret") if _looks_random(m["x"]) else m[0], "\n" + text
        )[1:]
        text = _PEM_LINE.sub(lambda m: hider.inner(m, "key-material") if _is_key_line(m["x"]) else m[0], text)
    return text


def _inner(hider: _Hider, kind: str, match: re.Match[str]) -> str:
    return hider.inner(match, kind)
