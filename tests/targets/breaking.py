"""A target that breaks under load: the more requests there were, the more of them get a 5xx."""

from __future__ import annotations

from tests.targets.serving import Counter, Service, main, of_handler
from tests.targets.troubled import Paged

SOUND, RISING = 20, 100


def fails(number: int, sound: int = SOUND, rising: int = RISING) -> bool:
    """Return whether the request with this number, from 1, fails: the share rises from 0 to all."""
    share = max(0, number - sound) * 100 // rising
    return number * 37 % 100 < share


def make(port: int = 0, sound: int = SOUND, rising: int = RISING) -> Service[Counter]:
    """Return the target. Its facts count requests and failures."""
    counter = Counter()

    class Breaking(Paged):
        def troubled(self) -> bool:
            number = counter.add("requests")
            if not fails(number, sound, rising):
                return False
            counter.add("failures")
            self.answer(503 if number % 2 else 500, "the database is gone", Retry_After="1")
            return True

    return of_handler(Breaking, counter, port)


if __name__ == "__main__":
    main(make)
