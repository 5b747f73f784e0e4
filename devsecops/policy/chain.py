"""What a policy extends, what that extends, and so on to the one that extends nothing."""

from __future__ import annotations

from dataclasses import dataclass

from devsecops.errors import UsageError
from devsecops.policy.parse import parse_alone, read_table
from devsecops.policy.places import Place
from devsecops.policy.texts import PolicyText

LONGEST = 8


@dataclass(frozen=True, slots=True)
class Link:
    """One file of the chain and where it stands."""

    place: Place
    text: PolicyText


def follow(place: Place, data: bytes) -> tuple[Link, ...]:
    """Return the files of a policy, the one that extends nothing first. `data` is what stands at `place`.

    Raises:
        UsageError: a file that is extended is not there, extends itself in the end, or is the ninth; what
            is wrong in one of them.
    """
    links = [_link(place, data)]
    while (name := read_table(links[-1].text).get("extends")) is not None:
        last = links[-1]
        parse_alone(last.text)  # what is wrong in a file is said before what is wrong with the next
        if len(links) == LONGEST:
            raise UsageError(f"{last.place.shown}: extends: more than {LONGEST} policies extend one another.")
        there = last.place.beside(str(name))
        if there.identity in {link.place.identity for link in links}:
            raise UsageError(f"{last.place.shown}: extends: {name} is extended by itself in the end.")
        found = there.read()
        if found is None:
            raise UsageError(f"{last.place.shown}: extends: {there.shown} cannot be read.")
        links.append(_link(there, found))
    return tuple(reversed(links))


def _link(place: Place, data: bytes) -> Link:
    try:
        return Link(place, PolicyText(place.shown, data.decode("utf-8")))
    except UnicodeDecodeError:
        raise UsageError(f"{place.shown} is not UTF-8 text.") from None
