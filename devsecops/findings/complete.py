"""What the core adds to a finding when it crosses its border: redaction, snippets, identity keys."""

from __future__ import annotations

import hmac
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from functools import cached_property, lru_cache
from hashlib import sha256

import msgspec

from devsecops.findings.code import LINE_END, TOKEN, is_code, tokens
from devsecops.findings.github import LineHashes
from devsecops.findings.redact import Redactor, redact
from devsecops.model import File, Finding, Http, ImageLayer, Location, Package, Resource, RuleRef

SNIPPET_LINES = 3
SNIPPET_COLUMNS = 200
_SPAN_LINES = 40
_CONTEXT_LINES = 2
_BLOCK = 128
_BESIDE = 32
_MESSAGE = 4000
MASK = "[redacted]"
_SHORTEST = 4
"""Characters of a secret that is taken out of messages."""
_redact = lru_cache(maxsize=8192)(redact)


class SourceText:
    """The text of one file, split and redacted once for all findings in it.

    Args:
        text: the whole file, decoded (UTF-8, what is not replaced).
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._cleaned: dict[str, str] = {}
        self._blocks: dict[int, list[str]] = {}
        self._tokenised: dict[int, str] = {}
        self._spans: dict[tuple[int, int], tuple[str, str]] = {}

    @cached_property
    def _redactor(self) -> Redactor:
        return Redactor(self.text)

    @cached_property
    def _raw(self) -> list[str]:
        return LINE_END.split(self.text)

    def _clean(self, number: int) -> str:
        """Return the line `number`, from 1, redacted; its neighbours are read with it, not the whole file.

        What a secret of many lines says elsewhere is known to the redactor, which did read the whole file.
        """
        block = (number - 1) // _BLOCK
        if block not in self._blocks:
            low, high = block * _BLOCK, (block + 1) * _BLOCK
            first = max(0, low - _BESIDE)
            around = self._raw[first : high + _BESIDE]
            cleaned = LINE_END.split(self._redactor.clean("\n".join(around)))
            if len(cleaned) != len(around):
                cleaned = [redact(line) for line in around]
            self._blocks[block] = cleaned[low - first : high - first]
        return self._blocks[block][(number - 1) % _BLOCK]

    def line(self, number: int) -> str:
        """Return the line `number`, from 1, as it stands in the file, unredacted; empty outside of it."""
        return self._raw[number - 1] if 1 <= number <= len(self._raw) else ""

    @cached_property
    def _code(self) -> list[int]:
        """The numbers, from 1, of the lines that hold code."""
        return [n for n, line in enumerate(self._raw, 1) if is_code(line)]

    def _tokens(self, number: int) -> str:
        """Return the tokens of a redacted line, from 1."""
        known = self._tokenised.get(number)
        if known is None:
            known = self._tokenised[number] = tokens(self._clean(number))
        return known

    @cached_property
    def _hashes(self) -> LineHashes:
        return LineHashes(self._raw)

    def clean(self, text: str) -> str:
        """Return `text` without any secret of this file or of a known kind."""
        known = self._cleaned.get(text)
        if known is None:
            known = self._cleaned[text] = self._redactor.clean(text)
        return known

    def snippet(self, start: int, end: int, column: int | None) -> str:
        """Return at most three redacted lines from `start` on, cut to 200 characters each."""
        last = min(end, start + SNIPPET_LINES - 1, len(self._raw))
        chosen = [self._clean(number) for number in range(start, last + 1)]
        return "\n".join(_cut(line, column or 1) for line in chosen)

    def keys(self, start: int, end: int) -> tuple[str, str]:
        """Return tokens/1 and context/1 of the lines `start` to `end`."""
        if (start, end) not in self._spans:
            stop = min(end, start + _SPAN_LINES - 1)
            code = self._code
            before = code[max(0, bisect_left(code, start) - _CONTEXT_LINES) : bisect_left(code, start)]
            after = code[bisect_right(code, end) : bisect_right(code, end) + _CONTEXT_LINES]
            span = [words for n in range(start, min(stop, len(self._raw)) + 1) if (words := self._tokens(n))]
            around = [*map(self._tokens, before), "|", *map(self._tokens, after)]
            self._spans[start, end] = (_key(*span), _key(*around))
        return self._spans[start, end]

    def github(self, line: int) -> str | None:
        """Return GitHub's hash of `line`; None where redaction changed what it is made of."""
        if not 1 <= line <= len(self._raw):
            return None
        last = self._hashes.window(line)
        if any(self._clean(number) != self._raw[number - 1] for number in range(line, last + 1)):
            return None
        return self._hashes.of(line)


def _key(*parts: str) -> str:
    text = "\n".join(parts)
    return sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:32]


def _cut(line: str, column: int) -> str:
    """Cut a line around `column`, and say where something is missing."""
    if len(line) <= SNIPPET_COLUMNS:
        return line
    start = 0 if column < SNIPPET_COLUMNS - 20 else min(column - 41, len(line) - SNIPPET_COLUMNS + 1)
    room = SNIPPET_COLUMNS - (start > 0)
    rest = line[start : start + room]
    if len(line) > start + room:
        rest = rest[:-1] + "…"
    return "…" + rest if start else rest


def _sound(text: str) -> str:
    """Return `text` as what can be written as UTF-8."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


def file_of(location: Location) -> File | None:
    """Return the file that a location stands in, if it stands in one."""
    return location if isinstance(location, File) else getattr(location, "at", None)


def package_name(purl: str) -> str:
    """Return a package URL without its version and what follows it."""
    return purl.split("#", 1)[0].split("?", 1)[0].rsplit("@", 1)[0] if "@" in purl else purl


def _file(at: File, source: SourceText | None) -> File:
    region = at.region
    path = _sound(_redact(at.path))
    if source is not None and region is not None:
        end = max(region.end_line or region.start_line, region.start_line)
        snippet = (
            source.snippet(region.start_line, end, region.start_column) if region.start_line >= 1 else ""
        )
    else:
        text = redact(at.snippet) if source is None else source.clean(at.snippet)
        snippet = "\n".join(_cut(line, 1) for line in LINE_END.split(text)[:SNIPPET_LINES])
    return File(path=path, region=region, snippet=_sound(snippet))


def _located(location: Location, path: str | None, source: SourceText | None) -> Location:
    """Return `location` redacted; snippets come from `source` where it is of the same file."""
    at = file_of(location)
    file = None if at is None else _file(at, source if at.path == path else None)
    if isinstance(location, File):
        return file if file is not None else location
    if isinstance(location, Package) and file is not None:
        return Package(purl=_sound(_redact(location.purl)), at=file)
    if isinstance(location, Resource) and file is not None:
        return Resource(address=_sound(_redact(location.address)), at=file)
    if isinstance(location, ImageLayer):
        return location
    assert isinstance(location, Http)
    texts = {name: _sound(_redact(getattr(location, name))) for name in ("target", "method", "template")}
    param = None if location.param is None else _sound(_redact(location.param))
    return Http(**texts, param=param, at=file)


def _keys(
    rule: RuleRef, evidence: dict[str, str], location: Location, source: SourceText | None
) -> dict[str, str]:
    at = file_of(location)
    keys: dict[str, str] = {}
    line = at.region.start_line if at and at.region else None
    if source is not None and at is not None:
        first = line if line is not None and line >= 1 else 1
        if line is not None and at.region is not None:
            keys["tokens/1"], keys["context/1"] = source.keys(first, max(at.region.end_line or first, first))
        hashed = source.github(first)
        if hashed is not None:
            keys["github/1"] = hashed
    elif at is not None and at.snippet:
        keys["tokens/1"] = _key(" ".join(TOKEN.findall(at.snippet)))
    if at is not None:
        keys["location/1"] = _key(rule.tool, rule.id, at.path, str(line or 0))
    if isinstance(location, Package):
        aliases = {rule.id, *re.split(r"[,\s]+", evidence.get("aliases", ""))} - {""}
        keys["package/1"] = _key(*sorted(aliases), package_name(location.purl), location.at.path)
    elif isinstance(location, Http):
        keys["operation/1"] = _key(
            rule.tool, rule.id, location.target, location.method, location.template,
            location.param or "",
        )  # fmt: skip
    elif isinstance(location, Resource):
        keys["resource/1"] = _key(rule.tool, rule.id, location.address)
    return keys


def _value(at: File | None, source: SourceText | None) -> str:
    """Return a secret: what stands in its region, or else in its first line; empty where nobody knows."""
    if source is None or at is None or at.region is None:
        return ""
    where, line = at.region, source.line(at.region.start_line)
    start, end = where.start_column or 1, where.end_column
    alone = (where.end_line or where.start_line) == where.start_line
    return line[start - 1 : end - 1 if end and alone else None].strip()


def _hashed(value: str, key: bytes) -> dict[str, str]:
    """Return the keyed hash of a secret."""
    raw = value.encode("utf-8", "backslashreplace")
    return {"secret/1": hmac.new(key, raw, "sha256").hexdigest()[:32]} if value and key else {}


def _without(value: str, clean: Callable[[str], str]) -> Callable[[str], str]:
    """Return what cleans a text and takes a secret out that its scanner alone knows for one."""
    return lambda text: clean(text.replace(value, MASK) if len(value) >= _SHORTEST else text)


def _masked(location: Location) -> Location:
    """Return the location of a secret: its lines are not told, whatever redaction makes of them."""
    at = file_of(location)
    if at is None or not at.snippet:
        return location
    hidden = msgspec.structs.replace(at, snippet=MASK)
    return hidden if isinstance(location, File) else msgspec.structs.replace(location, at=hidden)


def complete(finding: Finding, source: str | SourceText | None, key: bytes = b"") -> Finding:
    """Return `finding` redacted, with its snippets and identity keys.

    A secret has no key that is made of its line: whoever reads a hash could try words until one fits.

    Args:
        finding: as the scanner made it; its paths are those of the subject.
        source: the text of the file of its primary location; None where there is none. For many
            findings in one file give one `SourceText`.
        key: what secrets are hashed with (``DEVSECOPS_IDENTITY_KEY``); empty: they get no hash.
    """
    text = SourceText(source) if isinstance(source, str) else source
    clean: Callable[[str], str] = _redact if text is None else text.clean
    at = file_of(finding.location)
    path = None if at is None else at.path
    location = _located(finding.location, path, text)
    value = ""
    if finding.kind == "secrets":
        value = _value(at, text)
        clean, location = _without(value, clean), _masked(location)
    rule = RuleRef(tool=finding.rule.tool, id=_sound(_redact(finding.rule.id)))
    evidence = {_sound(_redact(k)): _sound(clean(v))[:_MESSAGE] for k, v in sorted(finding.evidence.items())}
    keys = _keys(rule, evidence, location, text)
    if finding.kind == "secrets":
        keys = {name: keys[name] for name in keys if name == "location/1"} | _hashed(value, key)
    return msgspec.structs.replace(
        finding,
        rule=rule,
        message=_sound(clean(finding.message))[:_MESSAGE],
        basis=_sound(clean(finding.basis)),
        remedy=_sound(clean(finding.remedy))[:_MESSAGE],
        evidence=evidence,
        location=location,
        related=tuple(_located(one, path, text) for one in finding.related),
        keys={**finding.keys, **keys},
    )
