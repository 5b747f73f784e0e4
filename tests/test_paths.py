from hypothesis import given
from hypothesis import strategies as st

from devsecops.paths import from_uri, to_bytes, to_text, to_uri


@given(st.binary())
def test_every_name_survives_the_way_to_text_and_back(raw: bytes) -> None:
    assert to_bytes(to_text(raw)) == raw


@given(st.binary())
def test_every_name_survives_the_way_to_a_uri_and_back(raw: bytes) -> None:
    assert from_uri(to_uri(to_text(raw))) == to_text(raw)


def test_a_colon_in_the_first_part_is_no_scheme() -> None:
    assert to_uri("c:x.py") == "c%3Ax.py"
