"""Names to addresses by this machine's resolver: the one part of the fence that asks somebody."""

from __future__ import annotations

import socket
from contextlib import suppress

from devsecops_zap.fence import Resolved


def system(name: str) -> Resolved:
    """Return all addresses of a host name, and the names on the way (canonical, aliases).

    It waits as long as the machine's resolver does. Raises OSError when there is no address.
    """
    names: set[str] = set()
    try:
        answers = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM, flags=socket.AI_CANONNAME)
        with suppress(OSError):
            canonical, aliases, _ = socket.gethostbyname_ex(name)
            names.update([canonical, *aliases])
    except UnicodeError:
        raise OSError(f"{name[:80]!r} is not a host name") from None
    names.update(answer[3] for answer in answers if answer[3])
    addresses = {str(answer[4][0]) for answer in answers}
    return Resolved(addresses=tuple(sorted(addresses)), names=tuple(sorted(names - {name})))
