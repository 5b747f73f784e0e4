"""The phase `passive`: ZAP's rules look at what was answered; its queue is waited for."""

from __future__ import annotations

from devsecops_zap.adapter import Adapter, poll
from devsecops_zap.limits import Watch


def settle(zap: Adapter, watch: Watch) -> int:
    """Wait until the queue is empty, twice in a row; return how many messages there were to look at.

    Raises:
        CutShort, ZapFault.
    """
    empty = 0

    def look() -> tuple[int, int]:
        nonlocal empty
        watch.look(0)
        waiting = int(zap.view("pscan", "recordsToScan"))
        empty = empty + 1 if waiting == 0 else 0
        return waiting, empty

    poll(look, lambda seen: seen[1] >= 2, deadline=watch.ends + 1.0)
    return zap.messages()
