"""Secrets that are known are hidden however they are written, and nothing else is."""

from __future__ import annotations

import base64
import html
import json
from urllib.parse import quote, quote_plus

import pytest

from devsecops_zap.exchange import exchange
from devsecops_zap.hiding import Hiding

SECRET = 'pa ss/"wört&<7>+'


@pytest.mark.parametrize(
    "written",
    [
        SECRET,
        quote(SECRET),
        quote(SECRET, safe=""),
        quote(SECRET, safe="").lower(),
        quote_plus(SECRET),
        html.escape(SECRET),
        "".join(f"&#{ord(c)};" if not c.isalnum() else c for c in SECRET),
        json.dumps(SECRET)[1:-1],
        json.dumps(SECRET, ensure_ascii=False)[1:-1],
        base64.b64encode(SECRET.encode()).decode().rstrip("="),
        base64.urlsafe_b64encode(SECRET.encode()).decode().rstrip("="),
        SECRET.encode().hex(),
        SECRET.encode().hex().upper(),
    ],
)
def test_each_form(written: str) -> None:
    assert Hiding([SECRET]).text(f"see {written}, and more") == "see [redacted], and more"


def test_a_token_behind_its_scheme_and_the_longest_first() -> None:
    hiding = Hiding(["Bearer abcdefgh.1", "abcdefgh", "on", ""])
    assert hiding.text("Bearer abcdefgh.1; abcdefgh.1; abcdefgh; on") == (
        "[redacted]; [redacted]; [redacted]; on"
    )
    told = {"url": "http://shop/abcdefgh/x", "id": 7, "requestBody": "a=abcdefgh"}
    assert hiding.fields(told) == {"url": "http://shop/[redacted]/x", "id": 7, "requestBody": "a=[redacted]"}
    assert Hiding([]).text("anything") == "anything"


def test_no_secret_is_cut_into_something_that_looks_like_none() -> None:
    value = "Zk!" * 80
    body = f"password={value} {'x ' * 20}<mark>{' y' * 20} token={value} end"
    found = exchange({"responseHeader": "HTTP/1.1 200 OK", "responseBody": body}, marks=("<mark>",))
    assert "<mark>" in found["response"]
    assert "Zk!" not in found["response"]
    word = f"{'k!' * 300}<mark>{'k!' * 300}"
    found = exchange({"responseHeader": "HTTP/1.1 200 OK", "responseBody": word}, marks=("<mark>",))
    assert found["response"].endswith("\n\n<mark>"), "of a word that is cut nothing is shown"
