"""A target that stops answering: after the first requests it takes connections and says nothing."""

from __future__ import annotations

import threading

from tests.targets.serving import Counter, Service, main, of_handler
from tests.targets.troubled import Paged

ANSWERED = 3


def make(port: int = 0, answered: int = ANSWERED) -> Service[Counter]:
    """Return the target; `answered` requests get an answer. Its facts count requests."""
    counter = Counter()
    never = threading.Event()

    class Hanging(Paged):
        timeout = None  # type: ignore[assignment]

        def troubled(self) -> bool:
            if counter.add("requests") > answered:
                counter.add("hanging")
                never.wait()
            return False

    return of_handler(Hanging, counter, port)


if __name__ == "__main__":
    main(make)
