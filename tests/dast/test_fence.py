"""The fence: hostile spellings, addresses nobody may scan, names that lead elsewhere."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devsecops_zap.addresses import METADATA, AddressError, Origin, never, private, read_url
from devsecops_zap.fence import (
    Limits,
    Pinned,
    RefusedError,
    Resolve,
    Resolved,
    hosts,
    leaves,
    outside,
    pin,
    rebound,
)
from devsecops_zap.resolve import system

STAGING = read_url("https://staging.example").origin


def resolver(names: Mapping[str, Resolved | str]) -> Resolve:
    def resolve(name: str) -> Resolved:
        if name not in names:
            raise OSError(name)
        found = names[name]
        return Resolved(addresses=(found,)) if isinstance(found, str) else found

    return resolve


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("http://staging.example", "http://staging.example"),
        ("HTTP://Staging.EXAMPLE:80/", "http://staging.example"),
        ("https://staging.example.:443", "https://staging.example"),
        ("http://staging.example:", "http://staging.example"),
        ("http://127.0.0.1:08080/x", "http://127.0.0.1:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("http://[0:0::0:1]", "http://[::1]"),
        ("http://[::ffff:127.0.0.1]/", "http://127.0.0.1"),
        ("http://[::ffff:7f00:1]/", "http://127.0.0.1"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("https://BÜCHER.example", "https://xn--bcher-kva.example"),
    ],
)
def test_spellings_of_one_origin(text: str, origin: str) -> None:
    assert str(read_url(text).origin) == origin


@pytest.mark.parametrize(
    "text",
    [
        "staging.example", "//staging.example", "ftp://staging.example", "javascript://x/%0a", "http:///x",
        "http://", "http://user@staging.example", "http://user:pw@staging.example", "http://a@b@c",
        "http://2130706433", "http://0x7f000001", "http://0177.0.0.1", "http://127.1", "http://0x7f.0.0.1",
        "http://127.0.0.1.2", "http://127.0.0.256", "http://127.0.0.01", "http://1.2.3.4.:80:90",
        "http://[fe80::1%25eth0]", "http://[fe80::1%eth0]", "http://[::1", "http://::1", "http://[127.0.0.1]",
        "http://staging.example..", "http://.staging.example", "http://sta ging.example", "http://a\tb.example",
        "http://staging%2eexample", "http://staging.example%00.evil.example", "http://a\\b.example",
        "http://staging.example\\@evil.example", "http://１２７.0.0.1", "http://ⓛocalhost", "http://staging。example",
        "http://faß.example", "http://ﬀ.example", "http://a\u200db.example", "http://\u202estaging.example",
        "http://staging.example:0", "http://staging.example:65536", "http://staging.example:+80",
        "http://staging.example:٨٠", "http://-a.example", "http://a-.example",
        "http://" + "a" * 64 + ".example",
        "http://*.example", "http://a,b.example", "http://" + "a." * 200 + "example",
    ],
)  # fmt: skip
def test_two_readings_of_one_host_are_refused(text: str) -> None:
    with pytest.raises(AddressError):
        read_url(text)


def test_a_login_in_a_url_is_told_where_it_belongs() -> None:
    with pytest.raises(AddressError, match="use a login definition"):
        read_url("http://user:pw@staging.example")


@given(st.text(alphabet="abAB01.:[]@%-_/?#\\xX\u00fc。１٣ \t", max_size=24))
def test_what_is_read_is_read_the_same_again(authority: str) -> None:
    """No origin that is accepted has a second reading: not here, not in Python's own parser."""
    try:
        origin = read_url(f"http://{authority}").origin
    except AddressError:
        return
    assert read_url(str(origin)).origin == origin
    split = urlsplit(f"http://{authority}")
    assert "@" not in split.netloc
    assert (split.port or 80) == origin.port
    assert origin.host.isascii()
    theirs = (split.hostname or "").removesuffix(".")
    if theirs.isascii() and origin.address is None:
        assert origin.host == theirs.lower()
    if origin.address is not None:
        assert origin.host == str(ipaddress.ip_address(origin.host))


@pytest.mark.parametrize(
    "address", [*map(str, sorted(METADATA, key=str)), "fe80::1", "169.254.1.1", "0.0.0.0"]
)
def test_no_policy_allows_metadata_and_link_local(address: str) -> None:
    limits = Limits(private=("0.0.0.0/0", "::/0"))
    with pytest.raises(RefusedError, match="never scanned"):
        pin(STAGING, limits, resolver({"staging.example": address}))


@pytest.mark.parametrize("address", ["::", "0.1.2.3", "224.0.0.1", "ff02::1", "255.255.255.255", "240.0.0.1"])
def test_addresses_of_nobody(address: str) -> None:
    assert never(ipaddress.ip_address(address)) is not None


@pytest.mark.parametrize("prefix", ["::ffff:0:0", "::", "64:ff9b::", "64:ff9b:1::"])
def test_a_metadata_address_in_the_clothes_of_ipv6(prefix: str) -> None:
    inner = int(ipaddress.ip_address("169.254.169.254"))
    address = ipaddress.ip_address(int(ipaddress.ip_address(prefix)) | inner)
    assert never(address) is not None
    assert never(ipaddress.ip_address("2002:a9fe:a9fe::")) is not None


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)))
def test_an_address_that_is_allowed_is_public_or_listed(address: ipaddress.IPv4Address) -> None:
    resolve = resolver({"staging.example": str(address)})
    try:
        pin(STAGING, Limits(), resolve)
    except RefusedError:
        return
    assert address.is_global
    assert not private(address)
    assert never(address) is None


def test_private_ranges_only_when_listed() -> None:
    resolve = resolver({"staging.example": "10.1.2.3"})
    with pytest.raises(RefusedError, match=r'private = \["10.1.2.3"\]'):
        pin(STAGING, Limits(), resolve)
    with pytest.raises(RefusedError):
        pin(STAGING, Limits(private=("10.2.0.0/16",)), resolve)
    assert pin(STAGING, Limits(private=("10.1.0.0/16",)), resolve).addresses == ("10.1.2.3",)


def test_one_bad_address_among_good_ones_is_enough() -> None:
    both = Resolved(addresses=("93.184.216.34", "169.254.169.254"))
    with pytest.raises(RefusedError):
        pin(STAGING, Limits(), resolver({"staging.example": both}))


def test_a_public_name_that_leads_to_this_machine_is_refused() -> None:
    with pytest.raises(RefusedError, match="private"):
        pin(STAGING, Limits(), resolver({"staging.example": "127.0.0.1"}))


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "http://[::1]:9", "http://localhost:9"])
def test_a_shell_without_a_policy_scans_loopback(url: str) -> None:
    resolve = resolver({"localhost": Resolved(addresses=("127.0.0.1", "::1"))})
    assert pin(read_url(url).origin, Limits(shell=True), resolve).addresses


@pytest.mark.parametrize("address", ["93.184.216.34", "10.0.0.1"])
def test_a_shell_without_a_policy_scans_nothing_else(address: str) -> None:
    with pytest.raises(RefusedError, match="without a policy"):
        pin(STAGING, Limits(shell=True, private=("10.0.0.0/8",)), resolver({"staging.example": address}))


def test_forbidden_names() -> None:
    public = {"staging.example": Resolved(addresses=("93.184.216.34",), names=("lb.PROD.example.",))}
    with pytest.raises(RefusedError, match=r"lb\.prod\.example"):
        pin(STAGING, Limits(forbidden=("*.Prod.example",)), resolver(public))
    with pytest.raises(RefusedError, match="staging"):
        pin(STAGING, Limits(forbidden=("STAGING.*",)), resolver(public))
    with pytest.raises(RefusedError, match="network"):
        pin(STAGING, Limits(forbidden=("93.184.216.0/24",)), resolver(public))
    with pytest.raises(RefusedError, match=r"of www\.example"):
        pin(STAGING, Limits(forbidden=("www.example",)), resolver({**public, "www.example": "93.184.216.34"}))
    assert pin(STAGING, Limits(forbidden=("www.example", "gone.example")), resolver(public))


@pytest.mark.parametrize("name", ["metadata.google.internal", "METADATA.goog.", "instance-data"])
def test_names_of_metadata_services(name: str) -> None:
    origin = read_url(f"http://{name}").origin
    with pytest.raises(RefusedError, match="metadata"):
        pin(origin, Limits(private=("0.0.0.0/0",)), resolver({origin.host: "10.0.0.1"}))
    alias = resolver({"staging.example": Resolved(addresses=("93.184.216.34",), names=(name,))})
    with pytest.raises(RefusedError, match="metadata"):
        pin(STAGING, Limits(), alias)


def test_a_name_that_is_not_known() -> None:
    for names in ({}, {"staging.example": Resolved(addresses=())}, {"staging.example": "nonsense"}):
        with pytest.raises(RefusedError, match="has no address"):
            pin(STAGING, Limits(), resolver(names))


def test_rebinding() -> None:
    pinned = Pinned(origin=STAGING, addresses=("1.1.1.1", "2.2.2.2"))
    assert rebound(pinned, resolver({"staging.example": "2.2.2.2"})) is None
    assert rebound(pinned, resolver({})) is None
    moved = rebound(pinned, resolver({"staging.example": Resolved(addresses=("2.2.2.2", "127.0.0.1"))}))
    assert moved is not None
    assert "127.0.0.1" in moved
    assert hosts([pinned, Pinned(origin=read_url("http://[::1]").origin, addresses=("::1",))]) == {
        "staging.example": ("1.1.1.1", "2.2.2.2")
    }


def test_sites_outside() -> None:
    allowed = [STAGING, Origin(scheme="http", host="127.0.0.1", port=8080)]
    inside = ["https://staging.example", "https://STAGING.example:443", "http://127.0.0.1:8080"]
    out = [
        "http://staging.example", "https://staging.example:444", "https://staging.example.evil", "rubbish",
        "http://127.0.0.1:80800", "https://user@staging.example", "http://2130706433:8080",
    ]  # fmt: skip
    assert outside(inside, allowed) == []
    assert outside([*inside, *out], allowed) == sorted(out)


@pytest.mark.parametrize(
    ("location", "goes"),
    [
        ("/login", False), ("login?next=http://evil.example", False), ("?a=b:c", False), ("", False),
        ("https://staging.example/x", False), ("https://STAGING.example.:443/x", False),
        ("//staging.example/x", False), ("//evil.example", True), ("http://staging.example/", True),
        ("https://staging.example:444/", True), ("https://staging.example@evil.example/", True),
        ("\\\\evil.example", True), ("/\\evil.example", True), ("\t//evil.example", True),
        ("https:evil.example", True), ("https:/evil.example", True), ("javascript:alert(1)", True),
        ("mailto:a@b.example", True), (" //evil.example", True),
    ],
)  # fmt: skip
def test_redirects_that_leave(location: str, goes: bool) -> None:
    assert (leaves(STAGING, location) is not None) is goes


def test_the_resolver_of_this_machine() -> None:
    found = system("localhost")
    assert "127.0.0.1" in found.addresses
    assert set(found.addresses) <= {"127.0.0.1", "::1"}
    assert pin(read_url("http://localhost:1").origin, Limits(shell=True), system).addresses
    for name in ("no-such-name.invalid", "a" * 64 + ".invalid"):
        with pytest.raises(RefusedError, match="has no address"):
            pin(Origin(scheme="http", host=name, port=80), Limits(), system)
