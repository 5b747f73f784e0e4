"""The one error of this room."""

from __future__ import annotations

from devsecops.errors import IncompleteError

REMEDY = "devsecops tools sync"


class ToolMissing(IncompleteError):  # noqa: N818  # named for its reason code, scanner-missing
    """A tool cannot be started. `message` is one sentence, `remedy` what to do about it."""

    def __init__(self, message: str, remedy: str = REMEDY) -> None:
        super().__init__(f"{message}; {remedy}")
        self.message = message
        self.remedy = remedy
