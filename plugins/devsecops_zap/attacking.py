"""The phase `active`: ZAP attacks what was found.

Twice: the whole target at its queries and bodies, and each operation of the document at the parameters that
it declares in its path, headers and cookies, and at no other part of these.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from devsecops_zap.adapter import SHORTEST_S, Adapter, poll
from devsecops_zap.addresses import read_url
from devsecops_zap.errors import ZapError
from devsecops_zap.ground import Ground
from devsecops_zap.limits import CutShort, Watch
from devsecops_zap.options import Options
from devsecops_zap.requests import Request
from devsecops_zap.seeding import send

QUERY, BODY, COOKIE, HEADER, PATH, DATA = 1, 2, 4, 8, 16, 32
"""ZAP's bits for where it attacks (`ascan` option TargetParamsInjectable); 32 is new in 2.17."""
_PLACES = {"path": PATH, "header": HEADER, "cookie": COOKIE}
POLICY = "devsecops"
NODE_S = 5.0
"""So long a request may take to be in ZAP's tree of sites."""
PAGE, MOST = 100, 5_000
"""Messages that are read at once, and at all, to see what was attacked."""


def tune(options: Options, ground: Ground) -> None:
    """Set how hard it attacks."""
    effort = ground.effort
    options.set("ascan", "DelayInMs", effort.delay_ms)
    options.set("ascan", "MaxRuleDurationInMins", effort.rule_minutes)
    options.set("ascan", "ScanHeadersAllRequests", True)


class Attack:
    """One attack. `sent` and `attacked` hold what it came to, also when it was cut short."""

    def __init__(self, zap: Adapter, ground: Ground, watch: Watch, options: Options) -> None:
        self.zap, self.ground, self.watch, self.options = zap, ground, watch, options
        self.sent = 0
        self.messages: list[tuple[str, str]] = []
        self.declared: set[str] = set()
        """Operations that were attacked at what they declare in path, headers and cookies."""
        self.skipped: list[str] = []
        self._scans: list[str] = []
        self._again = 0

    def run(self, enough: Callable[[], bool] = lambda: False) -> None:
        """Attack, or until `enough`, which is asked several times a second. Raises CutShort, ZapFault."""
        with policy(self.zap, self.ground):
            try:
                if self._everything(enough):
                    self._declared()
            except CutShort:
                self.zap.action("ascan", "stopAllScans")
                raise
            finally:
                self.sent = self._count()
            if self.sent == self._again:
                self.sent = 0  # nothing of the attack itself
            self.skipped = self._unfinished()

    def _everything(self, enough: Callable[[], bool]) -> bool:
        """Attack the whole target; False when it was ended because it was enough."""
        self.options.set("ascan", "TargetParamsInjectable", QUERY | BODY | DATA)
        self.options.set("ascan", "ThreadPerHost", self.ground.effort.threads)
        for request in self.ground.requests:
            if request.headers or self.ground.headers:  # which the spider's own are without
                self.watch.look(self._count())
                send(self.zap, request, self.ground)
                self._again += 1
        number = self._start(url=self.ground.start.rstrip("/"), recurse="true")
        ended = False

        def over(seen: tuple[int, int]) -> bool:
            nonlocal ended
            ended = ended or enough()
            return ended or seen[0] >= 100

        poll(lambda: self._progress(number), over, deadline=self.watch.ends + 1.0)
        if ended:
            self.zap.action("ascan", "stop", scanId=number)
            self._until({number: None}, 0)
            return False
        self.messages = list(self._messages(number))
        return True

    def _declared(self) -> None:
        wanted = [r for r in self.ground.requests if any(p.place in _PLACES for p in r.points)]
        if not wanted:
            return
        self.options.set("ascan", "TargetParamsInjectable", PATH | HEADER | COOKIE)
        self.options.set("ascan", "ThreadPerHost", 1)
        with only(self.zap, self.ground.requests):
            running: dict[str, Request | None] = {}
            for request in wanted:
                running |= {self._start_request(request): request}
                self._until(running, self.ground.effort.threads - 1)
            self._until(running, 0)

    def _start_request(self, request: Request) -> str:
        return self._start(url=request.url, recurse="false", method=request.method, postData=request.body)

    def _until(self, running: dict[str, Request | None], most: int) -> None:
        """Wait until at most so many are running; those of operations were then attacked."""
        while True:
            states = {str(one["id"]): one for one in self.zap.view("ascan", "scans")}
            for number in [n for n in running if str(states[n]["state"]) == "FINISHED"]:
                request = running.pop(number)
                if request is not None and int(states[number]["reqCount"]) > 0:
                    self.declared.add(request.operation)
            if len(running) <= most:
                return
            self.watch.look(self._count())
            time.sleep(SHORTEST_S)

    def _start(self, **what: str) -> str:
        """Start a scan in scope only. What was just sent may not be in the tree yet."""
        ends = time.monotonic() + NODE_S
        while True:
            try:
                number = str(
                    self.zap.action(
                        "ascan", "scan", inScopeOnly="true", scanPolicyName=POLICY,
                        contextId=self.ground.number, **what,
                    )
                )  # fmt: skip
            except ZapError as error:
                if error.code != "url_not_found" or time.monotonic() > ends:
                    raise
                time.sleep(SHORTEST_S)
            else:
                self._scans.append(number)
                return number

    def _progress(self, number: str) -> tuple[int, int]:
        done, sent = int(self.zap.view("ascan", "status", scanId=number)), self._count()
        self.watch.look(sent)
        return done, sent

    def _count(self) -> int:
        scans = self.zap.view("ascan", "scans")
        return self._again + sum(int(one["reqCount"]) for one in scans if str(one["id"]) in self._scans)

    def _messages(self, number: str) -> Iterator[tuple[str, str]]:
        """Yield method and URL of what was sent, of the first messages: each rule goes through all pages."""
        numbers = list(map(str, self.zap.view("ascan", "messagesIds", scanId=number)))[:MOST]
        for start in range(0, len(numbers), PAGE):
            found = self.zap.view("core", "messagesById", ids=",".join(numbers[start : start + PAGE]))
            for message in found if isinstance(found, list) else ():
                method, _, rest = str(message.get("requestHeader", "")).partition(" ")
                yield method, rest.partition(" ")[0]

    def _unfinished(self) -> list[str]:
        """Return the names of rules that ZAP ended before they were done."""
        out: set[str] = set()
        for number in self._scans:
            for parts in _plugins(self.zap.view("ascan", "scanProgress", scanId=number)):
                if "max rule duration" in parts[3].lower():
                    out.add(parts[0])
        return sorted(out)


def _plugins(found: Any) -> Iterator[list[str]]:
    for part in found if isinstance(found, list) else ():
        if isinstance(part, dict):
            for one in part.get("HostProcess", ()):
                parts = list(map(str, one.get("Plugin", ())))
                if len(parts) > 3:
                    yield parts


@contextmanager
def undone(undo: Callable[[], object]) -> Iterator[None]:
    """Undo something at the end, also when it was cut short; a ZAP that does not answer is asked nothing."""
    try:
        yield
    except CutShort:
        undo()
        raise
    undo()


@contextmanager
def policy(zap: Adapter, ground: Ground) -> Iterator[None]:
    """Make the scan policy of the run; it is gone afterwards. Raises ZapFault."""
    strength = ground.effort.strength.upper()
    zap.action(
        "ascan", "addScanPolicy", scanPolicyName=POLICY, alertThreshold="MEDIUM", attackStrength=strength
    )
    if ground.rules:
        zap.action("ascan", "disableAllScanners", scanPolicyName=POLICY)
        zap.action("ascan", "enableScanners", ids=",".join(ground.rules), scanPolicyName=POLICY)
    with undone(lambda: zap.action("ascan", "removeScanPolicy", scanPolicyName=POLICY)):
        yield


@contextmanager
def only(zap: Adapter, requests: tuple[Request, ...]) -> Iterator[None]:
    """Have the requests attacked in path, headers and cookies only where they declare a parameter."""
    before = len(zap.view("ascan", "excludedParams"))
    points: dict[str, dict[str, set[str]]] = {}
    for request in requests:
        parts = read_url(request.url).path.split("/")
        named = points.setdefault(request.url, {place: set() for place in _PLACES})
        for point in request.points:
            if point.place == "path" and point.position is not None and point.position < len(parts):
                named["path"].add(parts[point.position])
            elif point.place in _PLACES:
                named[point.place].add(point.name)
    for url, places in points.items():
        if not any(places.values()):
            continue
        for place, names in places.items():
            zap.action("ascan", "addExcludedParam", name=_others(names), type=str(_PLACES[place]), url=url)

    def undo() -> None:
        for index in range(len(zap.view("ascan", "excludedParams")) - 1, before - 1, -1):
            zap.action("ascan", "removeExcludedParam", idx=str(index))

    with undone(undo):
        yield


def _others(names: set[str]) -> str:
    """Return a pattern of all names but these; it reads the same in Java."""
    return f"(?!(?:{'|'.join(map(re.escape, sorted(names)))})$).*" if names else ".*"
