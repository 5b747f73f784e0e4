"""A ZAP that somebody else runs: its address, and its key by reference."""

from __future__ import annotations

from collections.abc import Callable

from devsecops.api import ToolError
from devsecops_zap.adapter import Adapter
from devsecops_zap.sources.settings import Settings
from devsecops_zap.sources.zap import java_for


def attach(settings: Settings, secret: Callable[[str], str]) -> Adapter:
    """Return the way to it, once it has answered.

    Args:
        settings: of source ``attach``.
        secret: `ctx.secret`; the key is what it gives for `settings.key`, without white space around it.

    Raises:
        ToolError: there is no key, or its version is too old.
        ZapUnreachable, ZapRefused: it does not answer, or the key is wrong.
    """
    key = secret(settings.key).strip()
    if not key or not key.isascii() or not key.isprintable():
        raise ToolError(f"{settings.key} holds no key: one line of printable ASCII is wanted")
    adapter = Adapter(settings.url, key)
    java_for(adapter.version())
    return adapter
