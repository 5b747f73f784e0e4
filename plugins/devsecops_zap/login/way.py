"""What a login needs of the world: a target, secrets, processes and time. All of it is given."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

import msgspec

from devsecops.api import ToolError, ToolRun
from devsecops_zap.addresses import Url, read_url
from devsecops_zap.asking import ANSWER_S, Answer, NoAnswerError, ask
from devsecops_zap.daemon import Start
from devsecops_zap.fence import Limits, Pinned, RefusedError, Resolve, leaves, pin
from devsecops_zap.login.errors import LoginError

HOPS = 3
"""Redirects that are followed, within the target."""


class Gained(msgspec.Struct, frozen=True, kw_only=True):
    """What shows who asks: one header or some cookies, name and value. All values are secrets."""

    header: tuple[str, str] | None = None
    cookies: tuple[tuple[str, str], ...] = ()

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must stand nowhere, longest first."""
        values = {value for _, value in (*self.cookies, *((self.header,) if self.header else ()))}
        words = {word for value in values for word in value.split() if len(word) >= 8}
        return tuple(sorted(values | words, key=len, reverse=True))


@dataclass(frozen=True, slots=True)
class Way:
    """How a login gets at things.

    Args:
        pinned: the target and its addresses.
        base: its base path, without a slash at the end.
        secrets: `ctx.secret`.
        start: `ctx.start`, for a command that prints a token.
        limits: what the policy says about addresses, for a token endpoint elsewhere.
        resolve: looks a name up, for the same.
        cancelled: `ctx.cancelled`.
        seconds: for one answer, and for a command.
        headers: sent with every request to the target.
    """

    pinned: Pinned
    base: str
    secrets: Callable[[str], str]
    start: Start
    limits: Limits
    resolve: Resolve
    cancelled: Callable[[], bool] = lambda: False
    seconds: float = ANSWER_S
    headers: tuple[tuple[str, str], ...] = ()
    _others: dict[str, Pinned] = field(default_factory=dict)

    def secret(self, ref: str) -> str:
        """Return a secret that a header can hold. Raises LoginError."""
        try:
            value = self.secrets(ref)
        except ToolError:
            raise LoginError(f"{ref} is not there", "set it where devsecops runs") from None
        if not value.strip():
            raise LoginError(f"{ref} is empty", "set it where devsecops runs")
        return value

    def get(self, target: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Ask the target for a page. Raises LoginError."""
        sent = {**dict(self.headers), **(headers or {})}
        return self._asked(lambda: ask(self.pinned, target, headers=sent, within_s=self.seconds))

    def post(
        self, target: str, data: Mapping[str, str], headers: Mapping[str, str], *, as_json: bool = False
    ) -> Answer:
        """Post a form or an object to the target. Raises LoginError."""
        sent = {**dict(self.headers), **headers}
        return self._asked(lambda: _posted(self.pinned, target, data, sent, self.seconds, as_json=as_json))

    def post_elsewhere(self, url: str, data: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        """Post a form to an endpoint that the policy names: the target's own rules hold for its address.

        Raises LoginError.
        """
        place = read_url(url)
        target = f"{place.path or '/'}{'?' + place.query if place.query else ''}"
        pinned = self._pinned(place)
        return self._asked(lambda: _posted(pinned, target, data, headers, self.seconds))

    def _pinned(self, place: Url) -> Pinned:
        if place.origin == self.pinned.origin:
            return self.pinned
        name = str(place.origin)
        if name not in self._others:
            try:
                self._others[name] = pin(place.origin, self.limits, self.resolve)
            except RefusedError as error:
                what, _, remedy = str(error).partition("; ")
                raise LoginError(what, remedy or "name another token endpoint") from None
        return self._others[name]

    def _asked(self, send: Callable[[], Answer]) -> Answer:
        if self.cancelled():
            raise LoginError("the run was ended before the login", "run it again")
        try:
            return send()
        except NoAnswerError as error:
            raise LoginError(str(error), "see whether it is up, and whether the address is right") from None

    def run(self, argv: tuple[str, ...]) -> bytes:
        """Return what a command prints. Raises LoginError."""
        try:
            process = self.start(ToolRun(argv=argv, deadline_s=self.seconds))
        except ToolError as error:
            raise LoginError(f"the token command cannot be started ({error})", _COMMAND) from None
        ends, how = time.monotonic() + self.seconds, None
        while how is None and time.monotonic() < ends and not self.cancelled():
            how = process.wait(0.2)
        if how is None:
            process.stop()
            process.wait(5.0)
            raise LoginError(f"the token command did not end within {self.seconds:g} s", _COMMAND)
        if how != "it ended by itself":
            raise LoginError(f"the token command failed: {how}", _COMMAND)
        with open(process.log, "r+b") as file:
            said = file.read(1 << 16)
            file.truncate(0)
        return said

    def chain(self, get: Callable[[str], Answer], target: str) -> list[Answer]:
        """Return the answers of `get` to a page and to where it redirects within the target."""
        answers = [get(target)]
        while len(answers) <= HOPS and (onward := self.onward(target, answers[-1])) is not None:
            target = onward
            answers.append(get(target))
        return answers

    def onward(self, target: str, answer: Answer) -> str | None:
        """Return path and query that an answer to `target` redirects to within the target, if it does."""
        where = answer.header("Location") if 300 <= answer.status < 400 else None
        if where is None or leaves(self.pinned.origin, where) is not None:
            return None
        text = where.strip(" ").partition("#")[0]
        if text.startswith("//"):
            text = f"{self.pinned.origin.scheme}:{text}"
        if "://" in text.partition("?")[0]:
            place = read_url(text)
            return f"{place.path or '/'}{'?' + place.query if place.query else ''}"
        if text.startswith("/"):
            return text
        path = target.partition("?")[0]
        return f"{path}{text}" if text.startswith("?") else f"{path.rpartition('/')[0]}/{text}"


_COMMAND = "see what it does with an empty environment: it gets no variable of ours"


def _posted(
    pinned: Pinned,
    target: str,
    data: Mapping[str, str],
    headers: Mapping[str, str],
    within_s: float,
    *,
    as_json: bool = False,
) -> Answer:
    kind = "application/json" if as_json else "application/x-www-form-urlencoded"
    body = (json.dumps(dict(data)) if as_json else urlencode(data)).encode()
    sent = {"Content-Type": kind, **headers}
    return ask(pinned, target, method="POST", headers=sent, body=body, within_s=within_s, verified=True)
