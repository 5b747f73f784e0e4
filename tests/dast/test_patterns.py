"""What ZAP may ask for: the include pattern is proved, the excludes know what they protect."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devsecops_zap.addresses import DEFAULT_PORTS, Origin, read_url
from devsecops_zap.patterns import compiled, escaped, exclude, excluded, excludes, include, prove

LABELS = st.text(alphabet="ab9z", min_size=1, max_size=5)
NAMES = st.tuples(st.lists(LABELS, max_size=3), LABELS).map(
    lambda parts: ".".join([*parts[0], f"x-{parts[1]}"])
)
ORIGINS = st.builds(
    lambda scheme, host, port: Origin(scheme=scheme, host=host, port=port),
    st.sampled_from(["http", "https"]),
    st.one_of(NAMES, st.ip_addresses(v=4).map(str), st.ip_addresses(v=6).map(str)),
    st.one_of(st.integers(1, 65_535), st.sampled_from([80, 443])),
)
PARTS = st.text(alphabet="aZ9._~()+*|$^-", min_size=1, max_size=6).filter(lambda part: part.strip(".") != "")
BASES = st.lists(PARTS, max_size=3).map(lambda parts: "".join(f"/{part}" for part in parts))
"""A base path has no parts that are dots: the policy refuses them."""


@given(ORIGINS, BASES)
def test_the_include_pattern_is_proved_for_every_origin(origin: Origin, base: str) -> None:
    proof = prove(include(origin, base), origin, base)
    assert proof.missed == ()
    assert proof.caught == ()
    assert proof.holds


@pytest.mark.parametrize(
    "wrong",
    [
        "http://127.0.0.1:8080/.*",  # not the root
        "http://127.0.0.1:8080.*",  # :80800, and a host that begins so
        ".*127.0.0.1:8080.*",
        "http://127.0.0.1:8080(?:[/?#].*)?",  # a dot that is any character
        r"https?://127\.0\.0\.1:8080(?:[/?#].*)?",
        r"http://(?:.*@)?127\.0\.0\.1:8080(?:[/?#].*)?",
        "",
    ],
)
def test_the_proof_finds_a_wrong_pattern(wrong: str) -> None:
    assert not prove(wrong, read_url("http://127.0.0.1:8080").origin).holds


def test_the_proof_finds_a_wrong_pattern_of_a_base_path() -> None:
    origin = read_url("https://staging.example").origin
    assert prove(include(origin, "/app"), origin, "/app").holds
    assert not prove(include(origin), origin, "/app").holds
    assert not prove(include(origin, "/ap") + ".*", origin, "/app").holds


@given(st.text(max_size=30))
def test_escaping_is_literal_in_both_languages(text: str) -> None:
    """Java takes a backslash before what is no ASCII letter or digit as that character, as Python does."""
    pattern = escaped(text)
    assert re.fullmatch(pattern, text)
    assert not re.search(r"\\[A-Za-z0-9]", pattern.replace("\\\\", ""))


@given(ORIGINS, BASES)
def test_patterns_use_what_both_languages_share(origin: Origin, base: str) -> None:
    for pattern in (include(origin, base), *excludes(origin, ["/a/**", "b*"])):
        bare = pattern.replace("\\\\", "")
        assert not re.search(r"\\[A-Za-z0-9]|\(\?[^:!]|[+*?}]\+|&&|\[[^\]]*\[", bare), pattern


@pytest.mark.parametrize(
    "path",
    [
        "/logout", "/Logout", "/log-out", "/signout", "/sign_off", "/user/logoff/", "/auth/logout.php",
        "/account/delete", "/delete-account", "/deleteMyAccount", "/users/5/delete", "/profile/close",
        "/payment", "/payments/1", "/checkout", "/checkout/step2", "/shop/pay",
        "/refund?id=1", "/billing/card",
    ],
)  # fmt: skip
def test_built_in_excludes_protect(path: str) -> None:
    origin = read_url("http://127.0.0.1:8080").origin
    assert excluded(f"{origin}{path}", excludes(origin))


@pytest.mark.parametrize(
    "path",
    ["", "/", "/login", "/blog", "/display", "/users/5", "/deleted", "/papaya", "/catalogue", "/signup"],
)
def test_built_in_excludes_let_pass(path: str) -> None:
    origin = read_url("http://127.0.0.1:8080").origin
    assert not excluded(f"{origin}{path}", excludes(origin))


def test_path_patterns_of_a_policy() -> None:
    origin = read_url("https://staging.example").origin
    one, deep = exclude(origin, "/admin/*"), exclude(origin, "/admin/**")
    assert compiled(one).fullmatch("https://staging.example/admin/x")
    assert compiled(one).fullmatch("https://staging.example:443/admin/x?y=z/q")
    assert not compiled(one).fullmatch("https://staging.example/admin/x/y")
    assert compiled(deep).fullmatch("https://staging.example/admin/x/y")
    assert not compiled(deep).fullmatch("https://staging.example.evil/admin/x/y")
    assert compiled(exclude(origin, "a b")).fullmatch("https://staging.example/a%20b")
    assert excluded("https://staging.example/admin/x", excludes(origin, ["/admin/*"]))
    assert DEFAULT_PORTS["https"] == 443
