import pytest

from devsecops.strictjson import loads


@pytest.mark.parametrize(
    "data",
    [b"", b"  ", b'{"a": [1', b'{"a": NaN}', b"Infinity", b'{"a": 1, "a": 2}', b"[" * 100_000, b'"\xff"'],
    ids=["empty", "blank", "truncated", "nan", "infinity", "twice", "deep", "not-utf-8"],
)
def test_what_a_lenient_parser_lets_pass_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        loads(data)


def test_plain_json_is_read() -> None:
    assert loads(b'{"a": [1, 2.5, null]}') == {"a": [1, 2.5, None]}
