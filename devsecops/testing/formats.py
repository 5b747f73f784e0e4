"""The checks of a report format."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.parsers import expat

from devsecops.canonical import digest
from devsecops.model import Problem, Report
from devsecops.registry import render
from devsecops.service import Format
from devsecops.testing.again import Work, elsewhere
from devsecops.testing.engine import Loaded
from devsecops.testing.sample import EVIL, MANY, sample_report

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}\Z")
_MEDIA = re.compile(r"[a-z]+/[a-z0-9.+-]+(;.*)?\Z")
_OBEYED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]"
)
"""What a terminal or a reader obeys or hides; a file may have tabs and line ends."""
_MARKUP = ("<script", "](javascript:")
_CODE = re.compile(
    r"^ *(`{3,})[^`\n]*\n.*?^ *\1`*$|(?<!`)(`+)(?!`).*?(?<!`)\2(?!`)", re.DOTALL | re.MULTILINE
)
"""A fenced block or a span of Markdown: what stands there is shown as it is."""


@dataclass(frozen=True, slots=True)
class Desk:
    """One format of a plugin."""

    loaded: Loaded
    name: str

    @property
    def format(self) -> Format:
        """What it says about itself."""
        return self.loaded.registry.reporters[self.name]

    @property
    def textual(self) -> bool:
        """Whether its bytes are text."""
        media = self.format.media_type
        return media.startswith("text/") or any(word in media for word in ("json", "xml", "yaml"))

    def render(self, report: Report) -> bytes | Problem:
        """Render in a worker, as the core does."""
        return render(self.loaded.registry, [self.name], report)[self.name]


def describes(desk: Desk) -> Iterator[str]:
    """Its name, media type and suffix are whole."""
    if not _NAME.match(desk.name):
        yield f"the name {desk.name!r} is not of lower-case letters, digits and dashes"
    if not _MEDIA.match(desk.format.media_type):
        yield f"the media type {desk.format.media_type!r} is none"
    if not re.match(r"\.[a-z0-9.]+\Z", desk.format.suffix):
        yield f"the suffix {desk.format.suffix!r} needs a dot, and lower case"


def renders(desk: Desk) -> Iterator[str]:
    """It renders an empty run, a calm one, a hostile one and a large one, each twice to the same bytes."""
    reports = {
        "without findings": sample_report(hostile=False, findings=0),
        "of a calm run": sample_report(hostile=False),
        "of hostile text": sample_report(),
        f"of {MANY:,} findings": sample_report(hostile=False, findings=MANY),
    }
    for label, report in reports.items():
        first, second = desk.render(report), desk.render(report)
        if isinstance(first, Problem):
            yield f"a report {label} cannot be rendered: {first.message}"
        elif first != second:
            yield f"a report {label} is rendered to other bytes the second time"
        elif not first:
            yield f"a report {label} is empty"
    first = desk.render(sample_report())
    work = Work(plugin=desk.loaded.asked, policy=desk.loaded.policy, format=desk.name)
    if isinstance(first, bytes) and elsewhere(work) != digest(first):
        yield "another interpreter renders other bytes: is something in the order of a set?"


def sound(desk: Desk) -> Iterator[str]:
    """Hostile text does nothing in it, and it is well-formed."""
    data = desk.render(sample_report())
    if isinstance(data, Problem) or not desk.textual:
        return
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        yield "it is not UTF-8"
        return
    obeyed = _OBEYED.search(text)
    if obeyed:
        yield f"it lets {obeyed[0]!r} through: use devsecops.api.encode"
    media = desk.format.media_type
    if "html" in media or "markdown" in media:
        low = (text if "html" in media else _CODE.sub("", text)).lower()
        yield from (f"it lets the markup {word!r} through" for word in _MARKUP if word in low)
    if EVIL in text:
        yield "it lets hostile text through as it is"
    yield from _formed(media, data)


def _formed(media: str, data: bytes) -> Iterator[str]:
    try:
        if "json" in media:
            json.loads(data)
        elif "xml" in media:
            expat.ParserCreate().Parse(data, True)
    except ValueError as error:
        yield f"it is not JSON: {error}"
    except expat.ExpatError as error:
        yield f"it is not XML: {error}"


def cause(desk: Desk) -> Iterator[str]:
    """It says the verdict's one sentence."""
    report = sample_report(hostile=False)
    data = desk.render(report)
    if isinstance(data, Problem) or not desk.textual:
        return
    said = report.verdict.statement.cause
    if _letters(said) not in _letters(html.unescape(data.decode("utf-8", "replace"))):
        yield f"it does not say the cause of the verdict ({said})"


def _letters(text: str) -> str:
    """Return what no encoder, wrap or markup changes."""
    return re.sub(r"[^a-zA-Z0-9]", "", text)
