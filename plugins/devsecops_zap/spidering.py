"""The phase `spider`: ZAP follows the links of the target, in its context."""

from __future__ import annotations

from typing import Any

from devsecops_zap.adapter import Adapter, poll
from devsecops_zap.ground import Ground
from devsecops_zap.limits import CutShort, Watch
from devsecops_zap.options import Options
from devsecops_zap.seeding import AWAY

FEW = 5


def tune(options: Options, ground: Ground) -> None:
    """Set what a spider may do. Forms are posted only where state may change."""
    options.set("spider", "ThreadCount", ground.effort.threads)
    options.set("spider", "RequestWaitTime", ground.effort.delay_ms)
    options.set("spider", "PostForm", ground.change_state)


def spider(zap: Adapter, ground: Ground, watch: Watch, answered: set[tuple[str, str]]) -> int:
    """Follow links until there are no more; return how many requests were sent.

    Raises:
        CutShort, ZapFault.
    """
    number = str(zap.action("spider", "scan", url=ground.start, recurse="true", contextName=ground.context))
    try:
        poll(lambda: _progress(zap, number, watch), lambda seen: seen[0] >= 100, deadline=watch.ends + 1.0)
    finally:
        if watch.left <= 0:
            zap.action("spider", "stop", scanId=number)
    return _take(zap, number, answered)


def _take(zap: Adapter, number: str, answered: set[tuple[str, str]]) -> int:
    """Take what was answered; return how much was sent. Raises CutShort when most of it failed."""
    sent = failed = 0
    for part in _results(zap, number):
        for one in part.get("urlsInScope", ()):
            if isinstance(one, dict) and str(one.get("processed")) == "true":
                sent += 1
                status = str(one.get("statusCode", ""))
                failed += status.startswith("5")
                if status not in AWAY:
                    answered.add((str(one.get("method", "GET")), str(one.get("url", ""))))
        lost = len(part.get("urlsIoError", ()))
        sent, failed = sent + lost, failed + lost
    if failed > max(FEW, sent // 2):
        remedy = "look at the target; lower [dast] threads, or set delay_ms, to spare it"
        raise CutShort("more than half of its requests failed", remedy)
    return sent


def _progress(zap: Adapter, number: str, watch: Watch) -> tuple[int, int]:
    done = int(zap.view("spider", "status", scanId=number))
    found = len(zap.view("spider", "results", scanId=number))
    watch.look(found)
    return done, found


def _results(zap: Adapter, number: str) -> list[dict[str, Any]]:
    found = zap.view("spider", "fullResults", scanId=number)
    return [part for part in found if isinstance(part, dict)] if isinstance(found, list) else []
