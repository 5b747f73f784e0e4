"""Secrets beside a scanner's flaws: none of them may leave it."""

from __future__ import annotations

import base64
import json
import random
import string
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from devsecops.canonical import canonical
from devsecops.testing.bench import Bench, said
from devsecops.testing.engine import Ran
from devsecops.testing.says import places_of

_ALNUM = string.ascii_letters + string.digits
_FORMS = ("# {}", "// {}", "/* {} */", "; {}", "-- {}", "<!-- {} -->", "{}")
"""Comments of many languages; in one that is not its own a scanner finds nothing, which is no fault."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret, and a line that holds it."""

    value: str
    line: str


def made() -> list[Secret]:
    """Return secrets of several kinds, made from a seed: none stands in our source."""
    rng = random.Random(20)

    def some(count: int, alphabet: str = _ALNUM) -> str:
        return "".join(rng.choices(alphabet, k=count))

    aws = "AKI" + "A" + some(16, string.ascii_uppercase + string.digits)
    github = "gh" + "p_" + some(36)
    slack = "xox" + "b-" + some(11, string.digits) + "-" + some(24)
    jwt = ".".join(("eyJ" + some(20), "eyJ" + some(24), some(40)))
    password, url = f"{some(6)}!{some(8)}7", some(14) + "3"
    return [
        Secret(aws, f"aws_access_key_id = {aws}"),
        Secret(github, f"see {github}"),
        Secret(slack, f"slack: {slack}"),
        Secret(jwt, f"Authorization: Bearer {jwt}"),
        Secret(password, f'password = "{password}"'),
        Secret(url, f"https://deploy:{url}@git.example.com/shop.git"),
    ]


def secrets(bench: Bench) -> Iterator[str]:
    """No secret beside a flaw, or in a file that cannot be read, is in its result in any form."""
    planted = made()
    only = "\n".join(secret.line for secret in planted)
    files: dict[str, str] = {f"secret-only/{name}": only for name in bench.names()}
    wanted: set[tuple[str, str]] = set()
    for number, canary in enumerate(bench.canaries):
        for place, (name, body) in enumerate(canary.files.items()):
            lines = {e.line for e in canary.expects if e.file == name and e.line is not None}
            rules = {e.rule for e in canary.expects if e.file == name}
            for label, text in _beside(body, lines, planted):
                folder = f"secret-{number}-{place}-{label}"
                paths = {other: f"{folder}/{bench.path_of(canary, other)}" for other in canary.files}
                files |= {paths[other]: body_ for other, body_ in canary.files.items()} | {paths[name]: text}
                wanted |= {(paths[name], rule) for rule in rules}
    ran = bench.run(files)
    if ran.result.status not in ("complete", "partial"):
        yield f"it could not be tried: {said(ran)}"
        return
    found = {place[:2] for finding in ran.result.findings for place in places_of(finding)}
    if wanted and not wanted & found:
        yield "it could not be tried: no flaw is found any more when a secret stands beside it"
    yield from leaks(ran, planted)


def _beside(text: str, at: set[int], planted: Sequence[Secret]) -> Iterator[tuple[str, str]]:
    """Yield the text with all secrets below and behind its flaws; without lines, at its end."""
    rows = text.split("\n")
    last = len(rows)
    for label, form in enumerate(_FORMS):
        below: list[str] = []
        behind: list[str] = []
        for number, row in enumerate(rows, 1):
            hit = number in at or (not at and number == last)
            below += [row, *(form.format(secret.line) for secret in planted if hit)]
            behind.append(f"{row}  {form.format(' '.join(s.line for s in planted))}" if hit else row)
        yield f"below-{label}", "\n".join(below)
        yield f"behind-{label}", "\n".join(behind)
    head, brace, rest = text.partition("{")
    if brace:
        keys = "".join(f'"secretKey{n}": {json.dumps(s.value)}, ' for n, s in enumerate(planted))
        yield "key", f"{head}{{{keys}{rest}"


def leaks(ran: Ran, planted: Sequence[Secret]) -> Iterator[str]:
    """Yield the secrets that stand in a result, as text, base64, hex or percent-encoded."""
    fields = {name: canonical(getattr(ran.result, name)).decode() for name in ran.result.__struct_fields__}
    for secret in planted:
        raw = secret.value.encode()
        forms = {secret.value, raw.hex(), base64.b64encode(raw).decode().rstrip("="), quote(raw, safe="")}
        for name, text in fields.items():
            if any(form in text for form in forms):
                yield f"a secret of the file ({secret.value[:4]}...) stands in the {name} of its result"
