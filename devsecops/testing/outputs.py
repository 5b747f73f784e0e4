"""What becomes of a tool's output on a bad day: cut, garbled, doubled, of other files, of other types."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

PLACES = 24
"""In how many places of a JSON output a wrong type is tried."""


@dataclass(frozen=True, slots=True)
class Mutation:
    """A changed output. `strict`: it must never do; else it may, when it says the same as the honest one."""

    name: str
    data: bytes
    strict: bool = True


def mutations(honest: bytes, names: list[str]) -> Iterator[Mutation]:
    """Yield changed outputs, none of them equal to the honest one.

    `names` are those of the files that the tool was given.
    """
    for one in _all(honest, names):
        if one.data != honest:
            yield one


def _all(honest: bytes, names: list[str]) -> Iterator[Mutation]:
    whole = honest.rstrip()
    yield Mutation("empty", b"")
    yield Mutation("cut in half", whole[: len(whole) // 2])
    yield Mutation("without its last character", whole[:-1])
    yield Mutation("garbage", bytes(range(256)) * 8)
    yield Mutation("an error page", b"<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1></body></html>\n")
    for text in (b"null", b"{}", b"[]"):
        yield Mutation(f"only {text.decode()}", text)
    yield Mutation("nested without end", b"[" * 200_000)
    for name in names:
        head, dot, suffix = name.rpartition(".")
        foreign = f"../../etc/9{head[1:]}{dot}{suffix}".encode()
        if name.encode() in honest:
            yield Mutation("about a file that it was never given", honest.replace(name.encode(), foreign))
    try:
        value = json.loads(honest)
    except (ValueError, RecursionError):
        return
    yield from _of_json(value)


def _of_json(value: Any) -> Iterator[Mutation]:
    if isinstance(value, dict) and value:
        text = json.dumps(value)
        key = next((k for k, v in value.items() if isinstance(v, list | dict)), next(iter(value)))
        empty = json.dumps(type(value[key])() if isinstance(value[key], list | dict) else None)
        yield Mutation("a key twice, empty at last", f"{text[:-1]}, {json.dumps(key)}: {empty}}}".encode())
        yield Mutation("a key twice, empty at first", f"{{{json.dumps(key)}: {empty}, {text[1:]}".encode())
        yield Mutation("with NaN", f'{{"devsecops-nan": NaN, {text[1:]}'.encode())
    elif isinstance(value, list) and value:
        yield Mutation("with NaN", f"[NaN, {json.dumps(value)[1:]}".encode())
    places = list(_places(value, 3))
    for place, honest in places[:: max(1, -(-len(places) // PLACES))]:
        # Nothing that could be right: null may be, and so may another number.
        wrong: object = 7 if isinstance(honest, dict | list) else []
        data = json.dumps(_with(value, place, wrong)).encode()
        yield Mutation(f"{wrong!r} at {'/'.join(map(str, place))}", data, strict=False)


def _places(value: Any, depth: int) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Yield paths and the values there, of each list the first two; what is further out comes first."""
    if depth == 0 or not isinstance(value, dict | list):
        return
    items = list(value.items()) if isinstance(value, dict) else list(enumerate(value))[:2]
    yield from (((key,), below) for key, below in items)
    for key, below in items:
        yield from (((key, *rest), inner) for rest, inner in _places(below, depth - 1))


def _with(value: Any, place: tuple[Any, ...], new: Any) -> Any:
    if not place:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[place[0]] = _with(value[place[0]], place[1:], new)
    return copy
