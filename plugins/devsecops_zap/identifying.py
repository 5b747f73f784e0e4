"""Who asks: the user agent of every request, and the headers that the policy gives a target."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from devsecops.api import ToolError

AGENT = "devsecops (security scan)"
_REFERENCES = ("env:", "file:")


class Heading(msgspec.Struct, frozen=True, kw_only=True):
    """What requests to a target say of who asks. `others` in the order of the policy."""

    agent: str = AGENT
    others: tuple[tuple[str, str], ...] = ()
    secrets: tuple[str, ...] = ()
    """Values that must stand nowhere."""

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """All of them, name and value."""
        return (("User-Agent", self.agent), *self.others)

    def environment(self, host: str) -> dict[str, str]:
        """Return the variables by which a ZAP adds the first of `others` to all that it sends to `host`."""
        return for_all(*self.others[0], host) if self.others else {}

    def note(self, everywhere: str | None) -> str | None:
        """Return what the spider cannot send; `everywhere` is what this ZAP adds to all requests."""
        lacking = [name for name, _ in self.others if name != everywhere]
        if not lacking:
            return None
        why = "a ZAP that runs already adds none" if everywhere is None else f"ZAP adds one, {everywhere}"
        return (
            f"Not sent while links are followed, nor to what only they lead to: {', '.join(lacking)} (to all "
            f"requests {why})."
        )


def references(headers: Mapping[str, str]) -> dict[str, str]:
    """Return header -> reference, of those that hold one."""
    return {name: value for name, value in headers.items() if value.startswith(_REFERENCES)}


def read_headers(headers: Mapping[str, str], secret: Callable[[str], str]) -> Heading:
    """Return the headers with what their references stand for. Raises ToolError where that is no header's."""
    named = references(headers)
    pairs = []
    for name, value in headers.items():
        real = secret(value) if name in named else value
        if not all(char == "\t" or " " <= char <= "~" for char in real):
            raise ToolError(
                f"{value} is no value of the header {name}: one line of printable ASCII is wanted"
            )
        pairs.append((name, real))
    agents = [value for name, value in pairs if name.lower() == "user-agent"]
    hidden = {value for name, value in pairs if name in named and value}
    return Heading(
        agent=agents[0] if agents else AGENT,
        others=tuple(pair for pair in pairs if pair[0].lower() != "user-agent"),
        secrets=tuple(sorted(hidden)),
    )


def for_all(name: str, value: str, host: str) -> dict[str, str]:
    """Return the variables by which ZAP 2.11.1 and 2.17.0 set one header in all requests to one host.

    There is no way to a second one: with a line break in the value ZAP would repeat it at each phase. The
    host is told by a part of its name, without the port.
    """
    return {"ZAP_AUTH_HEADER": name, "ZAP_AUTH_HEADER_VALUE": value, "ZAP_AUTH_HEADER_SITE": host}
