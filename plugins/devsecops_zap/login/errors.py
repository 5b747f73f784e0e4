"""Why nobody is logged in."""

from __future__ import annotations

from devsecops.api import Problem, ToolError


class LoginError(ToolError):
    """The login did not work, or does not hold. No text of it holds a secret.

    Args:
        what: what is wrong, in one sentence without a full stop.
        remedy: what to do.
    """

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"{what}; {remedy}")
        self.what, self.remedy = what, remedy

    @property
    def problem(self) -> Problem:
        """It as what kept the scanner from its work: the verdict is incomplete."""
        remedy = f"{self.remedy[:1].upper()}{self.remedy[1:]}."
        return Problem(code="phase-unfinished", message=self.what, remedy=remedy)
