"""Headers of a target, before they are sent; `test_scan` shows that they are."""

from __future__ import annotations

from typing import Any

import pytest

from devsecops.api import ToolError
from devsecops_zap.identifying import read_headers


@pytest.mark.parametrize("value", ["a\nb", "a\x00", "caf\u00e9"])
def test_a_value_that_no_header_can_have(value: str) -> None:
    with pytest.raises(ToolError, match=r"env:TEAM is no value of the header X-Team") as error:
        read_headers({"X-Team": "env:TEAM"}, lambda _: value)
    assert value not in str(error.value)


@pytest.mark.parametrize(
    ("headers", "everywhere", "said"),
    [
        ({}, None, None),
        ({"X-One": "1"}, "X-One", None),
        ({"User-Agent": "us"}, None, None),
        ({"X-One": "1", "X-Two": "2"}, "X-One", "X-Two"),
        ({"X-One": "1"}, "Authorization", "X-One"),
        ({"X-One": "1"}, None, "a ZAP that runs already adds none"),
    ],
)
def test_what_the_spider_cannot_send_is_said(
    headers: dict[str, str], everywhere: str | None, said: str | None
) -> None:
    def none(ref: str) -> Any:
        raise AssertionError(ref)

    note = read_headers(headers, none).note(everywhere)
    assert note == said or (said is not None and note is not None and said in note)
