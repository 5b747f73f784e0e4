"""Encoders: hostile text stays text in every format, read back by a real parser of it."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from devsecops import encode

HOSTILE = [
    "\x1b[2J\x1b]0;x\x07",
    "\x9b31m",
    "a\nb",
    "a\r\nb",
    "\u202eevil\u202c",
    "\u2066x\u2069",
    "a\u2028b\u2029c",
    "zero\u200bwidth",
    "\ufeffbom",
    "\ud800",
    "<img src=x onerror=alert(1)>",
    "]]>",
    "<!-- -->",
    "|",
    "@team",
    "`code`",
    "``x``",
    "\n```\n",
    "\n`````\n# x",
    "[a](javascript:b)",
    "https://evil.example",
    "www.evil.example",
    "=cmd|' /C calc'!A0",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    '"quoted"',
    "'",
    "&amp;",
    "# title",
    "- item",
    "\x00",
    "\x85",
    "\U000e0041",
]
TEXT = st.text(alphabet=st.characters()) | st.lists(st.sampled_from(HOSTILE)).map("".join)
ENCODERS = [
    encode.visible,
    encode.one_line,
    encode.html,
    encode.xml,
    encode.markdown,
    encode.markdown_code,
    encode.csv,
]


def _obeyed(char: str) -> bool:
    return unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"} or char in "\ufffe\uffff"


@given(TEXT)
def test_nothing_that_a_reader_obeys_is_left(text: str) -> None:
    for encoder in ENCODERS:
        allowed = "\n\t" if encoder in (encode.visible, encode.html) else ""
        left = [c for c in encoder(text) if _obeyed(c) and c not in allowed]
        # Marks that join or shape letters of living scripts are not instructions.
        assert not [c for c in left if unicodedata.category(c) != "Cf"], (encoder, left)
        bidi = set(
            "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\u200c\u200d\ufeff"
        )
        assert not bidi & set(left)
        encoder(text).encode("utf-8")


def test_what_is_harmless_stays() -> None:
    for text in ("plain text (1.5)", "Grüße, 世界", "é\u0301", "😀"):
        assert encode.visible(text) == encode.one_line(text) == text
    assert encode.visible("a\nb\tc\x1b\u202e") == "a\nb\tc\\x1b\\u202e"
    assert encode.one_line("a\r\nb\tc\ud800") == "a\\r\\nb\\tc\\ud800"


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self.tags: list[tuple[str, list[tuple[str, str | None]]]] = []

    def handle_data(self, data: str) -> None:
        self.said.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, attrs))


@given(TEXT)
def test_html_reads_back_as_text_and_as_an_attribute(text: str) -> None:
    parser = _Text()
    parser.feed(f"<p title=\"{encode.html(text)}\" id='{encode.html(text)}'>{encode.html(text)}</p>")
    parser.close()
    shown = encode.visible(text)
    assert parser.tags == [("p", [("title", shown), ("id", shown)])]
    assert "".join(parser.said) == shown


@given(TEXT)
def test_xml_reads_back_as_text_and_as_an_attribute(text: str) -> None:
    root = ElementTree.fromstring(f'<a b="{encode.xml(text)}">{encode.xml(text)}</a>')
    assert (root.text or "") == root.get("b") == encode.visible(text)


@given(st.lists(st.lists(TEXT, min_size=2, max_size=4), min_size=1, max_size=4))
def test_csv_keeps_its_rows_and_starts_no_formula(rows: list[list[str]]) -> None:
    written = "".join(",".join(encode.csv(cell) for cell in row) + "\r\n" for row in rows)
    assert written.count("\n") == len(rows)
    read = list(csv.reader(io.StringIO(written, newline=""), strict=True))
    assert [len(row) for row in read] == [len(row) for row in rows]
    for got, row in zip(read, rows, strict=True):
        for cell, text in zip(got, row, strict=True):
            assert cell.removeprefix("'") == encode.one_line(text).removeprefix("'")
            assert cell.lstrip()[:1] not in set("=+-@") or not cell.lstrip()


@given(TEXT)
def test_markdown_has_no_markup_left(text: str) -> None:
    line = encode.markdown(text)
    assert "\n" not in line
    without_entities = re.sub(r"&#\d+;", "", line)
    assert not set("\\`*_{}[]()<>#+-!|~@&\"'/:.=^$") & set(without_entities)
    parser = _Text()
    parser.feed(line)
    parser.close()
    assert "".join(parser.said) == encode.one_line(text)


@given(TEXT)
def test_markdown_code_is_one_span_that_nothing_closes(text: str) -> None:
    span = encode.markdown_code(text)
    fence = re.match("`+", span)
    assert fence is not None
    assert span.endswith(fence[0])
    inner = span[len(fence[0]) : -len(fence[0])]
    assert fence[0] not in re.findall("`+", inner)
    assert not re.search(r"(?<!\\)\|", inner)


@given(TEXT)
def test_markdown_code_and_blocks_are_read_back_as_they_were(text: str) -> None:
    shown = encode.one_line(f"a{text}z")
    (inline,) = [
        token
        for token in MarkdownIt("commonmark").parse(f"- x {encode.markdown_code(f'a{text}z', cell=False)} y")
        if token.type == "inline"
    ]
    assert [(token.type, token.content) for token in inline.children or ()] == [
        ("text", "x "),
        ("code_inline", shown),
        ("text", " y"),
    ]
    block, after = MarkdownIt("commonmark").parse(f"{encode.markdown_block(text)}\n# x")[:2]
    assert (block.type, block.content, after.type) == ("fence", encode.visible(text) + "\n", "heading_open")


@given(TEXT)
def test_a_pipe_in_code_is_safe_in_a_cell(text: str) -> None:
    table = f"| a | b |\n|---|---|\n| {encode.markdown_code(f'a{text}z')} | c |"
    cells = [
        token for token in MarkdownIt("commonmark").enable("table").parse(table) if token.type == "inline"
    ]
    assert [token.content for token in cells[3:]] == ["c"]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_record_stays_on_its_line(text: str) -> None:
    assert len(encode.one_line(text).splitlines()) <= 1
    assert len(encode.markdown(text).splitlines()) <= 1
    assert len(encode.csv(text).splitlines()) == 1
