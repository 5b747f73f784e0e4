"""What a scanner of running services has against its settings: it is asked in its worker."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from devsecops.engine.task import Task
from devsecops.errors import UsageError
from devsecops.model import Problem
from devsecops.registry import Registry, worker_for
from devsecops.remote import Checked
from devsecops.worker import decode, wait_for

CHECK_S = 30.0


def check_settings(
    registry: Registry,
    name: str,
    options: Mapping[str, Any],
    *,
    read: Callable[[str], bytes | None],
    secrets: Mapping[str, str],
    today: str,
    asked: Callable[[str], None] = lambda _: None,
) -> Checked:
    """Return what a scanner says of its options.

    Args:
        registry: where it is.
        name: of the scanner.
        options: all of them, with what is asked.
        read: gives files of the tree.
        secrets: reference -> value; nothing else is done for it meanwhile.
        today: the UTC day.
        asked: told the name of everything that it wants of the core.

    Raises:
        UsageError: it broke down, or did not answer in time.
    """
    worker = worker_for(registry, name, read=read)

    def host(method: str, body: bytes) -> bytes:
        asked(method)
        if method == "secret" and (secret := secrets.get(body.decode())) is not None:
            return secret.encode()
        raise ValueError(
            f"{body.decode()[:100]} is not there" if method == "secret" else "not while it checks"
        )

    worker.host = host
    got: list[bytes | Problem] = []
    task = Task(units=(), root="/", scratch="/", options=dict(options), today=today, deadline_s=CHECK_S)
    worker.call("settings", msgspec.msgpack.encode(task), deadline_s=CHECK_S, done=got.append)
    wait_for([worker], lambda: not got)
    worker.end()
    if isinstance(got[0], Problem):
        raise UsageError(f"{name}: it could not check its settings: {got[0].message}.")
    try:
        told: Checked = decode(got[0], Checked)
    except ValueError as error:
        raise UsageError(f"{name}: {error}.") from None
    return told
