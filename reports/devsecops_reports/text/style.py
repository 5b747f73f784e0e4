"""Width, colour, and the one way that text of tools and trees takes to the screen."""

from __future__ import annotations

import textwrap

from devsecops.api import Severity, View, encode

_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}
_SEVERITY: dict[Severity, str] = {
    "critical": "red", "high": "red", "medium": "yellow", "low": "cyan", "info": "cyan", "unknown": "yellow",
}  # fmt: skip
_STATUS = {"complete": "green", "not-applicable": "dim", "partial": "yellow"}


def line(text: str) -> str:
    """Return text of strangers as one line that a terminal only shows."""
    return encode.one_line(" ".join(text.split()) if "\n" in text else text)


def cut(text: str, most: int) -> str:
    """Return at most `most` characters; what is cut off shows as ``...`` in the middle."""
    if len(text) <= most:
        return text
    head = (most - 3) * 2 // 3
    return f"{text[:head]}...{text[len(text) - (most - 3 - head) :]}"


def number(count: int, noun: str) -> str:
    """Return ``1 file``, ``2,823 files``, ``2 dependencies``."""
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{count:,} {noun if count == 1 else plural}"


class Style:
    """How one page looks."""

    def __init__(self, view: View) -> None:
        self.color = view.color
        self.verbose = view.verbose
        self.width = min(max(view.width, 40), 160)

    def paint(self, text: str, *names: str) -> str:
        """Return `text` in a colour, or as it is."""
        codes = ";".join(_CODES[name] for name in names)
        return f"\x1b[{codes}m{text}\x1b[0m" if self.color and text else text

    def severity(self, severity: Severity) -> str:
        """Return the severity's word, padded to the longest."""
        return self.paint(f"{severity:<8}", "bold", _SEVERITY[severity])

    def status(self, padded: str) -> str:
        """Return a scanner's status in its colour."""
        return self.paint(padded, _STATUS.get(padded.strip(), "red"))

    def heading(self, text: str) -> str:
        """Return a heading."""
        return self.paint(text, "bold")

    def wrap(self, text: str, indent: int, most: int = 4) -> list[str]:
        """Return text of strangers in lines of the page's width, at most `most` unless all is wanted."""
        pad = " " * indent
        lines = textwrap.wrap(
            cut(line(text), 8000), self.width - indent, break_long_words=False, break_on_hyphens=False
        )
        if len(lines) > most and not self.verbose:
            lines = [*lines[: most - 1], f"{lines[most - 1][: self.width - indent - 4]} ..."]
        return [pad + one for one in lines]
