"""Origins (scheme, host, port) and IP addresses: one spelling for each, and what may never be scanned.

A host that two readers could take for two machines is refused, not repaired: ``010.0.0.1`` is 8.0.0.1 to
the C library and 10.0.0.1 to Java, which is what ZAP runs on.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from typing import Literal

import msgspec

from devsecops.api import ToolError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Scheme = Literal["http", "https"]
DEFAULT_PORTS: dict[Scheme, int] = {"http": 80, "https": 443}
_SCHEMES: dict[str, Scheme] = {"http": "http", "https": "https"}

METADATA_NAMES = frozenset(
    {"metadata", "metadata.google.internal", "metadata.goog", "instance-data", "instance-data.ec2.internal"}
)
METADATA = frozenset(
    map(
        ipaddress.ip_address,
        (
            "169.254.169.254", "169.254.170.2", "169.254.170.23", "fd00:ec2::254", "fd00:ec2::23",  # AWS
            "fd20:ce::254",  # Google Cloud
            "100.100.100.200",  # Alibaba Cloud
            "168.63.129.16",  # Azure
            "192.0.0.192",  # Oracle Cloud
        ),
    )
)  # fmt: skip
"""Where clouds serve the credentials of a machine."""
_NAT64 = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))
_COMPATIBLE = ipaddress.ip_network("::/96")
_THIS_NETWORK = ipaddress.ip_network("0.0.0.0/8")

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]*)([^?#]*)(\?[^#]*)?(#.*)?", re.DOTALL)
_AUTHORITY = re.compile(r"(\[[^\[\]]*\]|[^:\[\]]*)(?::([0-9]*))?")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_IPV4 = re.compile(r"(?:(?:0|[1-9][0-9]{0,2})\.){3}(?:0|[1-9][0-9]{0,2})")
_DIFFERS = frozenset("ßςẞ\u200c\u200d\u3002\uff61")
"""Characters that the two versions of IDNA encode differently, and full stops that are not one."""


class AddressError(ToolError):
    """A URL or a host that cannot be a target; the text says why and what to write."""


class Origin(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """Scheme, host and port in their one spelling: lower case, punycode, an IPv6 address without brackets."""

    scheme: Scheme
    host: str
    port: int

    @property
    def address(self) -> Address | None:
        """The host as an address; None when it is a name."""
        try:
            return ipaddress.ip_address(self.host)
        except ValueError:
            return None

    @property
    def netloc(self) -> str:
        """Host and port; the port is left out where it is the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.netloc}"


class Url(msgspec.Struct, frozen=True, kw_only=True):
    """A URL taken apart. `path` starts with a slash or is empty; `query` has no question mark."""

    origin: Origin
    path: str = ""
    query: str = ""


def read_url(text: str) -> Url:
    """Return the URL in `text`, whose fragment is dropped; raises AddressError."""
    if len(text) > 8_000 or not text.isprintable() or any(c.isspace() or c == "\\" for c in text):
        raise AddressError("a URL of printable characters without spaces and backslashes is needed")
    found = _URL.fullmatch(text)
    if found is None:
        raise AddressError(f"{text!r} is not a URL; write http://HOST:PORT or https://HOST:PORT")
    scheme, authority, path, query, _ = found.groups()
    return Url(origin=read_origin(scheme, authority), path=path, query=(query or "?")[1:])


def read_origin(scheme: str, authority: str) -> Origin:
    """Return the origin of a URL's scheme and authority; raises AddressError."""
    scheme = scheme.lower()
    known = _SCHEMES.get(scheme)
    if known is None:
        raise AddressError(f"the scheme {scheme} is not http or https")
    if "@" in authority:
        raise AddressError("a target has no user name or password in its URL; use a login definition")
    found = _AUTHORITY.fullmatch(authority)
    if found is None:
        raise AddressError(f"{authority!r} is not HOST or HOST:PORT; an IPv6 address stands in brackets")
    host, port = found.groups()
    return Origin(scheme=known, host=read_host(host), port=_port(port, DEFAULT_PORTS[known]))


def _port(text: str | None, default: int) -> int:
    if not text:
        return default
    if len(text) > 5 or not 1 <= int(text) <= 65_535:
        raise AddressError(f"{text} is not a port from 1 to 65535")
    return int(text)


def read_host(text: str) -> str:
    """Return a name in lower case and punycode, or an address in its shortest form; raises AddressError."""
    if text.startswith("["):
        return _ipv6(text[1:-1])
    host = _ascii(text).lower().removesuffix(".")
    labels = host.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        if not _IPV4.fullmatch(host) or any(int(label) > 255 for label in labels):
            raise AddressError(
                f"{text!r} is an address in an ambiguous form; write it as four decimal numbers"
            )
        return host
    if len(host) > 253 or not all(map(_LABEL.fullmatch, labels)):
        raise AddressError(f"{text!r} is not a host name")
    return host


def _ascii(text: str) -> str:
    if text.isascii():
        return text
    folded = unicodedata.normalize("NFKC", text)
    if folded.isascii() or folded.count(".") != text.count(".") or _DIFFERS & set(text):
        raise AddressError(f"{text!a} can be read as two names; write the name in ASCII")
    try:
        return text.encode("idna").decode("ascii")
    except UnicodeError:
        raise AddressError(f"{text!a} is not a host name") from None


def _ipv6(text: str) -> str:
    if "%" in text:
        raise AddressError("an IPv6 address with a zone is of this machine's links only; leave the zone out")
    try:
        address = ipaddress.IPv6Address(text)
    except ValueError:
        raise AddressError(f"{text!r} is not an IPv6 address") from None
    return str(address.ipv4_mapped or address)


def embedded(address: Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address that an IPv6 address leads to (mapped, compatible, NAT64, 6to4, Teredo)."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address.ipv4_mapped or address.sixtofour:
        return address.ipv4_mapped or address.sixtofour
    if address.teredo:
        return address.teredo[1]
    inside = any(address in network for network in (*_NAT64, _COMPATIBLE)) and int(address) > 0xFFFF
    return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF) if inside else None


def never(address: Address) -> str | None:
    """Return why nobody may scan `address`, such as ``link-local``; None when it is one to look at."""
    inner = embedded(address)
    if inner is not None:
        return never(inner)
    if address in METADATA:
        return "a metadata service of a cloud"
    if address.is_unspecified or address in _THIS_NETWORK:
        return "unspecified"
    if address.is_link_local:
        return "link-local"
    if address.is_multicast:
        return "multicast"
    if address == ipaddress.IPv4Address("255.255.255.255"):
        return "broadcast"
    return "reserved" if address.is_reserved and not address.is_loopback else None


def loopback(address: Address) -> bool:
    """Return whether `address` is this machine's own, also through an IPv6 form."""
    return (embedded(address) or address).is_loopback


def private(address: Address) -> bool:
    """Return whether `address` is not one of the public internet (loopback, RFC 1918, CGNAT, ULA ...)."""
    return not (embedded(address) or address).is_global or not address.is_global
