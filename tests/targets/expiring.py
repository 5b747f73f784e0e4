"""A target whose login runs out: after some requests its token is answered with 401."""

from __future__ import annotations

from tests.targets.serving import Counter, Service, main, of_handler
from tests.targets.troubled import Paged

TOKEN, GOOD_FOR = "not-a-real-token", 30


def make(port: int = 0, good_for: int = GOOD_FOR) -> Service[Counter]:
    """Return the target; ``Authorization: Bearer TOKEN`` is good for so many requests."""
    counter = Counter()

    class Expiring(Paged):
        def troubled(self) -> bool:
            counter.add("requests")
            known = self.headers.get("Authorization") == f"Bearer {TOKEN}"
            if known and counter.add("with token") <= good_for:
                return False
            counter.add("turned away")
            self.answer(401, "please sign in", WWW_Authenticate="Bearer")
            return True

    return of_handler(Expiring, counter, port)


if __name__ == "__main__":
    main(make)
