"""The fence: which machines may get a packet, decided before the first one and looked at again after.

Nothing here speaks to a network: whoever resolves names is given as a function.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Sequence
from fnmatch import fnmatchcase

import msgspec

from devsecops.api import ToolError
from devsecops_zap.addresses import (
    METADATA_NAMES,
    Address,
    AddressError,
    Network,
    Origin,
    loopback,
    never,
    private,
    read_url,
)


class RefusedError(ToolError):
    """A target that the fence keeps out; the text says why and what to do."""


class Resolved(msgspec.Struct, frozen=True, kw_only=True):
    """What a name stands for: its addresses as text, and all names on the way (aliases, canonical)."""

    addresses: tuple[str, ...]
    names: tuple[str, ...] = ()


Resolve = Callable[[str], Resolved]
"""Looks up a host name; raises OSError when there is none."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What the trusted policy says about addresses.

    `private` lists the networks of this target that are not of the public internet; `forbidden` holds
    patterns of names (``*.prod.example``), names and networks that must never be reached. `shell`: no
    policy is in force, so that only loopback may be scanned.
    """

    private: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    shell: bool = False


class Pinned(msgspec.Struct, frozen=True, kw_only=True):
    """An origin and the only addresses it may lead to, sorted."""

    origin: Origin
    addresses: tuple[str, ...]


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Return those of `texts` that are networks or addresses."""
    out = []
    for text in texts:
        try:
            out.append(ipaddress.ip_network(text))
        except ValueError:
            continue
    return tuple(out)


def pin(origin: Origin, limits: Limits, resolve: Resolve) -> Pinned:
    """Return `origin` with its addresses, each of them allowed.

    Raises:
        RefusedError: a name or an address that may not be scanned, or a name that is not known.
    """
    _names(origin, (origin.host,), limits)
    resolved = _resolved(origin, resolve)
    _names(origin, resolved.names, limits)
    for address in map(ipaddress.ip_address, resolved.addresses):
        _address(origin, address, limits)
    _shared(origin, frozenset(resolved.addresses), limits, resolve)
    return Pinned(origin=origin, addresses=resolved.addresses)


def _resolved(origin: Origin, resolve: Resolve) -> Resolved:
    if origin.address is not None:
        return Resolved(addresses=(str(origin.address),))
    try:
        found = resolve(origin.host)
        addresses = {str(ipaddress.ip_address(text.partition("%")[0])) for text in found.addresses}
    except (OSError, ValueError):
        raise RefusedError(
            f"{origin.host} has no address; check the name, or the DNS of this machine"
        ) from None
    if not addresses:
        raise RefusedError(f"{origin.host} has no address; check the name, or the DNS of this machine")
    return Resolved(addresses=tuple(sorted(addresses)), names=found.names)


def _names(origin: Origin, names: Sequence[str], limits: Limits) -> None:
    for name in names:
        plain = name.lower().rstrip(".")
        if plain in METADATA_NAMES:
            raise RefusedError(f"{origin.host} is a metadata service ({plain}): it is never scanned")
        hit = next((p for p in limits.forbidden if fnmatchcase(plain, p.lower().rstrip("."))), None)
        if hit is not None:
            raise RefusedError(f"{origin.host} is forbidden: its name {plain} matches {hit} of the policy")


def _address(origin: Origin, address: Address, limits: Limits) -> None:
    why = never(address)
    if why is not None:
        raise RefusedError(f"{origin.host} has the address {address} ({why}): it is never scanned")
    if any(address in network for network in networks(limits.forbidden)):
        raise RefusedError(
            f"{origin.host} is forbidden: its address {address} is in a network that the policy bars"
        )
    if limits.shell and not loopback(address):
        raise RefusedError(
            f"{origin.host} is {address}: without a policy only this machine's own services are scanned; "
            "list the target in .devsecops/policy.toml"
        )
    named_so = origin.host == "localhost" or (origin.address is not None and loopback(origin.address))
    if loopback(address) and named_so:
        return
    if private(address) and not any(address in network for network in networks(limits.private)):
        raise RefusedError(
            f'{origin.host} has the private address {address}; add private = ["{address}"] to the target '
            "if it is the one that is meant"
        )


def _shared(origin: Origin, addresses: frozenset[str], limits: Limits, resolve: Resolve) -> None:
    """Refuse an address that a forbidden name has too. A forbidden name that is not known has none."""
    for name in limits.forbidden:
        if any(c in name for c in "*?[/") or networks([name]):
            continue
        try:
            shared = addresses & set(resolve(name).addresses)
        except OSError:
            continue
        if shared:
            raise RefusedError(f"{origin.host} is forbidden: it has the address {min(shared)} of {name}")


def rebound(pinned: Pinned, resolve: Resolve) -> str | None:
    """Resolve again; return a sentence when the name leads to an address that was not pinned.

    A name that lost some of its addresses, or all, is not rebound: it leads nowhere new.
    """
    try:
        now = _resolved(pinned.origin, resolve).addresses
    except RefusedError:
        return None
    added = sorted(set(now) - set(pinned.addresses))
    return f"{pinned.origin.host} now leads to {added[0]}, which was not checked" if added else None


def hosts(pins: Iterable[Pinned]) -> dict[str, tuple[str, ...]]:
    """Return name -> addresses of the pinned origins that have a name: all that a hosts file may hold."""
    return {pin.origin.host: pin.addresses for pin in pins if pin.origin.address is None}


def outside(sites: Iterable[str], allowed: Iterable[Origin]) -> list[str]:
    """Return those of ZAP's `sites` (``scheme://host[:port]``) that are not allowed, sorted.

    What cannot be read is outside.
    """
    inside = frozenset(allowed)
    return sorted({site for site in sites if not _is_in(site, inside)})


def _is_in(site: str, allowed: frozenset[Origin]) -> bool:
    try:
        return read_url(site).origin in allowed
    except AddressError:
        return False


def leaves(origin: Origin, location: str) -> str | None:
    """Return where a redirect by the header ``Location`` goes when it leaves `origin`, else None.

    Browsers and ZAP read ``\\`` as ``/`` and drop tabs and line ends: such a location counts as leaving.
    """
    text = location.strip(" ")
    if not text.isprintable() or "\\" in text:
        return ascii(text)[:200]
    if text.startswith("//"):
        text = f"{origin.scheme}:{text}"
    colon, slash = text.find(":"), min((i for c in "/?#" if (i := text.find(c)) >= 0), default=len(text))
    if colon < 0 or colon > slash:
        return None
    try:
        return None if read_url(text).origin == origin else text[:200]
    except AddressError:
        return text[:200]
