"""A waiver as a value, and what applying all of them gives."""

from __future__ import annotations

from devsecops.model import Reason, Value

KEYS = ("tokens/1", "context/1", "package/1", "operation/1", "resource/1", "secret/1")
"""Identity keys that a waiver may hold."""


class Waiver(Value, frozen=True, kw_only=True):
    """One entry of the file. Days are UTC, YYYY-MM-DD; a waiver holds to the end of `expires`."""

    label: str
    """``waiver[ID]``, or with its place from 0 where the id is missing or not the only one."""
    id: str | None = None
    """The finding that is accepted; None: all findings of `rule` in `paths`."""
    rule: str
    """``tool/id``; without an id of a finding it may end in ``*``."""
    paths: tuple[str, ...] = ()
    """Path patterns; of a waiver with an id its one path as it is, or nothing for a finding in no file."""
    line: int = 0
    """Where it stood at `commit`; 0: in no line."""
    end_line: int = 0
    column: int = 0
    package: str = ""
    """Package URL, of a finding in a package."""
    keys: dict[str, str] = {}
    reason: str
    owner: str
    created: str
    commit: str | None = None
    expires: str

    @property
    def path(self) -> str:
        """The path of a waiver with an id."""
        return self.paths[0] if self.paths else ""

    @property
    def lines(self) -> tuple[str, int, int]:
        """Path, first and last line of a waiver with an id."""
        return self.path, self.line, max(self.line, self.end_line)

    @property
    def about(self) -> str:
        """What it is about, as one reads it: ``bandit/B602 app/db.py:41``."""
        place = ", ".join(self.paths) + (f":{self.line}" if self.line else "")
        return f"{self.rule} {place}".rstrip()


class Waived(Value, frozen=True, kw_only=True):
    """Why one finding is accepted. `how` is what found it: keys, diff, identity or path."""

    waiver: str
    reason: str
    owner: str
    expires: str
    how: str


class Applied(Value, frozen=True, kw_only=True):
    """Finding id -> what accepts it; and what is to be said about waivers, in the order of the file."""

    by_finding: dict[str, Waived] = {}
    notices: tuple[Reason, ...] = ()
