r"""One encoder per output format. All text from tools and trees is hostile.

`visible` shows what a terminal or a reader would obey or hide: controls, bidirectional overrides,
zero-width characters, line separators and lone surrogates become ``\x1b``, ``\u202e`` and the like.
"""

from __future__ import annotations

import re

# Controls (tab and newline are decided by the caller), invisible and direction-changing characters,
# line separators, lone surrogates, noncharacters of the first plane, tags.
_UNSEEN = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ufdd0-\ufdef\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\ud800-\udfff"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_NOT_VISIBLE = re.compile(f"[{_UNSEEN}]")
_NOT_ONE_LINE = re.compile(f"[{_UNSEEN}\t\n]")
_NAMES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;", "`": "&#x60;"})
_MARKDOWN = {c: f"&#{ord(c)};" for c in "\\`*_{}[]()<>#+-!|~@&\"'=^$:/."}
_MARKDOWN_TABLE = str.maketrans(_MARKDOWN)


def _name(match: re.Match[str]) -> str:
    char = match.group()
    code = ord(char)
    if char in _NAMES:
        return _NAMES[char]
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def visible(text: str) -> str:
    """Return `text` with nothing left that a terminal obeys or hides; newlines and tabs stay."""
    return text if text.isascii() and text.isprintable() else _NOT_VISIBLE.sub(_name, text)


def one_line(text: str) -> str:
    """Return `text` as one line: like `visible`, with newlines and tabs made visible too."""
    return text if text.isascii() and text.isprintable() else _NOT_ONE_LINE.sub(_name, text)


def html(text: str) -> str:
    """Return `text` for an HTML element or a quoted attribute; newlines stay."""
    return visible(text).translate(_HTML)


def xml(text: str) -> str:
    """Return `text` for an XML 1.0 element or a quoted attribute: legal characters only."""
    return visible(text).translate(_HTML).replace("\n", "&#10;").replace("\t", "&#9;")


def markdown(text: str) -> str:
    """Return `text` as one line of plain Markdown: no markup, link, mention, HTML or table cell in it."""
    return one_line(text).translate(_MARKDOWN_TABLE)


def markdown_code(text: str, *, cell: bool = True) -> str:
    """Return `text` as an inline code span of one line, for a table's cell or (`cell` False) outside of one.

    Only in a cell a pipe needs its backslash, and only there a reader takes it away again.
    """
    line = one_line(text)
    fence = "`" * (_backticks(line) + 1)
    pad = " " if line[:1] in {"`", " ", ""} or line[-1:] in {"`", " "} else ""
    span = f"{fence}{pad}{line or ' '}{pad}{fence}"
    return span.replace("|", "\\|") if cell else span


def markdown_block(text: str) -> str:
    """Return `text` as a fenced block of code, to be pasted from; it has to start and end on its own line."""
    shown = visible(text)
    fence = "`" * max(_backticks(shown) + 1, 3)
    return f"{fence}\n{shown}\n{fence}"


def _backticks(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)


def csv(text: str) -> str:
    """Return `text` as one quoted CSV field on one line that no spreadsheet takes for a formula."""
    line = one_line(text)
    if line.lstrip()[:1] in {"=", "+", "-", "@", "＝", "＋", "－", "＠", "%", "|"} or text[:1] in {
        "\t",
        "\r",
        "\n",
    }:
        line = "'" + line
    return '"' + line.replace('"', '""') + '"'
