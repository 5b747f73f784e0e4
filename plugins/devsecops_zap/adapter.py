"""The one way to ZAP's API: the client of the package `zaproxy`, with what it lacks.

The client sets no timeout, returns error words as ordinary values, and mutes a warning for the whole
process (0.6.0). Here each call is bounded in time, each refusal is an exception, and nothing is muted.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, TypeVar

from devsecops.api import ToolError, read_json
from devsecops_zap.errors import ZapError, ZapRefused, ZapSilent, ZapUnreachable
from devsecops_zap.transport import BASE, Address

CALL_S = 15.0
"""For one call, unless it is told otherwise."""
RETRIES = 2
"""More tries of a view that was not reached. What takes too long is not asked again, an action never."""
PAGE = 500
"""Alerts asked for at once."""
SHORTEST_S, LONGEST_S = 0.1, 1.0

T = TypeVar("T")


@cache
def _client_class() -> Any:
    """Return the class of the client. Raises ToolError when the package is not installed."""
    with warnings.catch_warnings():  # its imports set filters too
        try:
            import zapv2
        except ImportError:
            raise ToolError("the package zaproxy is missing: install devsecops[zap]") from None

    class Client(zapv2.ZAPv2):  # type: ignore[misc]
        """The client's whole surface over `Adapter.call`."""

        def __init__(self, call: Callable[..., Any]) -> None:
            with warnings.catch_warnings():
                super().__init__()
            self._call = call

        def _request(self, url: str, get: Any = None, method: str = "GET", body: Any = None) -> Any:
            return self._call(url, get or {}, method=method, body=body or {})

        def _request_other(self, url: str, get: Any = None, method: str = "GET", body: Any = None) -> str:
            data: bytes = self._call(url, get or {}, method=method, body=body or {}, parsed=False)
            return data.decode("utf-8", "replace")

        def _request_api(self, url: str, *_: Any, **__: Any) -> Any:
            raise NotImplementedError(url)

        def urlopen(self, url: str, *_: Any, **__: Any) -> Any:
            raise NotImplementedError(url)

    return Client


class Adapter:
    """A ZAP by its API. `api` has the client's surface: ``adapter.api.spider.scan(url)``.

    Every call through either raises ZapUnreachable, ZapRefused or ZapError.
    """

    def __init__(self, url: str, key: str, *, call_s: float = CALL_S) -> None:
        """Take where ZAP listens (``http://HOST:PORT``), its key, and seconds for one call."""
        self.address = Address(url, key)
        self.call_s = call_s
        self.api: Any = _client_class()(self.call)

    def call(
        self,
        url: str,
        query: Mapping[str, Any],
        *,
        method: str = "GET",
        body: Mapping[str, Any] | None = None,
        within_s: float | None = None,
        parsed: bool = True,
    ) -> Any:
        """Ask one URL of the API and return its JSON, or its bytes when `parsed` is false."""
        tries = 1 + RETRIES if "/view/" in url else 1
        for left in range(tries - 1, -1, -1):
            try:
                status, data = self.address.exchange(
                    method, url, query, body or {}, self.call_s if within_s is None else within_s
                )
                break
            except ZapUnreachable as fault:
                if not left or isinstance(fault, ZapSilent):
                    raise
                time.sleep(SHORTEST_S)
        return _answer(url.removeprefix(BASE), status, data, parsed=parsed)

    def view(self, component: str, name: str, /, **query: Any) -> Any:
        """Return the one value of a view: ``view("core", "version")``."""
        return _only(self.call(f"{BASE}JSON/{component}/view/{name}/", query))

    def action(self, component: str, name: str, /, **query: Any) -> Any:
        """Have ZAP do something; return the one value of its answer."""
        return _only(self.call(f"{BASE}JSON/{component}/action/{name}/", query))

    def version(self, *, within_s: float | None = None) -> str:
        """Return ZAP's version."""
        found = _only(self.call(f"{BASE}JSON/core/view/version/", {}, within_s=within_s))
        if not isinstance(found, str):
            raise ZapRefused(f"what listens at {self.address} does not answer as ZAP does")
        return found

    def mode(self) -> str:
        """Return the mode: safe, protect, standard or attack."""
        return str(self.view("core", "mode"))

    def sites(self) -> tuple[str, ...]:
        """Return every scheme, host and port that ZAP has in its tree of sites, sorted."""
        return tuple(sorted(map(str, self.view("core", "sites"))))

    def messages(self, base: str = "") -> int:
        """Return how many messages ZAP holds, of those whose URL starts with `base`."""
        return int(self.view("core", "numberOfMessages", **({"baseurl": base} if base else {})))

    def alerts(self, base: str = "", *, page: int = PAGE) -> Iterator[dict[str, Any]]:
        """Yield the alerts, page by page. Those raised meanwhile come at the end."""
        start = 0
        more = {"baseurl": base} if base else {}
        while True:
            found = self.view("core", "alerts", start=str(start), count=str(page), **more)
            if not isinstance(found, list):
                raise ZapError("bad_answer", "core/view/alerts")
            yield from found
            if len(found) < page:
                return
            start += len(found)

    def shutdown(self) -> None:
        """Ask ZAP to end. It may close the connection before it answers."""
        try:
            self.action("core", "shutdown")
        except (ZapRefused, ZapUnreachable):
            return


def poll(
    look: Callable[[], T],
    done: Callable[[T], bool],
    *,
    deadline: float,
    cancelled: Callable[[], bool] = lambda: False,
    sleep: Callable[[float], None] = time.sleep,
) -> tuple[T, bool]:
    """Look until it is done; return what was seen last, and whether it was done.

    The pause starts at 0.1 s, grows to 1 s while nothing changes, and starts again at each change.

    Args:
        look: asks ZAP; what it raises goes through.
        done: tells whether what was seen is the end.
        deadline: on the monotonic clock.
        cancelled: asked at each turn; then it is not done.
        sleep: for tests.
    """
    pause, before = SHORTEST_S, None
    while True:
        seen = look()
        if done(seen):
            return seen, True
        left = deadline - time.monotonic()
        if left <= 0 or cancelled():
            return seen, False
        pause = SHORTEST_S if seen != before else min(pause * 1.5, LONGEST_S)
        before = seen
        sleep(min(pause, left))


def _answer(call: str, status: int, data: bytes, *, parsed: bool) -> Any:
    """Return what ZAP says, or raise what it means."""
    if status == 200 and not parsed:
        return data
    try:
        answer = read_json(data)
    except ValueError:
        answer = None
    if status in (401, 403) and not isinstance(answer, dict):
        raise ZapRefused(
            f"ZAP answered {status} to {call}: its key is another, or it does not know our address"
        )
    if isinstance(answer, dict) and isinstance(answer.get("code"), str):
        code, message = answer["code"], str(answer.get("message", ""))[:200]
        if code == "bad_api_key":
            raise ZapRefused("ZAP refused the key")
        raise ZapError(code, call, message)
    if status != 200 or not isinstance(answer, dict) or not answer:
        raise ZapRefused(f"what answers to {call} does not answer as ZAP does (status {status})")
    return answer


def _only(answer: dict[str, Any]) -> Any:
    return next(iter(answer.values()))
