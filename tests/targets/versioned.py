"""A target that says its version, in a header and at /version as JSON, and changes it after a while."""

from __future__ import annotations

import json

from tests.targets.serving import Counter, Service, main, of_handler
from tests.targets.troubled import Paged

OLD, NEW = "a" * 40, "b" * 40


def make(port: int = 0, after: int = 5) -> Service[Counter]:
    """Return the target; the first `after` requests are answered by the old version."""
    counter = Counter()

    class Versioned(Paged):
        def troubled(self) -> bool:
            version = OLD if counter.add("requests") <= after else NEW
            if self.path.partition("?")[0] == "/version":
                body = json.dumps({"build": {"commit": version, "a/b": [version]}})
                self.answer(200, body, "application/json", X_Version=version)
            else:
                self.answer(200, "<html><body>hello</body></html>", X_Version=version)
            return True

    return of_handler(Versioned, counter, port)


if __name__ == "__main__":
    main(make)
