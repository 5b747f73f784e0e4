"""A target that takes its time: every answer comes after a while."""

from __future__ import annotations

import time

from tests.targets.serving import Counter, Service, main, of_handler
from tests.targets.troubled import Paged

SECONDS = 0.5


def make(port: int = 0, seconds: float = SECONDS) -> Service[Counter]:
    """Return the target; its facts count requests."""
    counter = Counter()

    class Slow(Paged):
        def troubled(self) -> bool:
            counter.add("requests")
            time.sleep(seconds)
            return False

    return of_handler(Slow, counter, port)


if __name__ == "__main__":
    main(make)
