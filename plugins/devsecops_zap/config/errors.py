"""What is wrong in the ``[dast]`` table: the key, its line and what to write instead."""

from __future__ import annotations

import difflib
from collections.abc import Collection

from devsecops.api import ToolError


class ConfigError(ToolError):
    """A wrong key or value.

    Args:
        source: the name of the policy file.
        line: from 1.
        key: dotted, from ``dast`` on.
        what: what is wrong, without the value where that could be a secret.
        remedy: what to write.
    """

    def __init__(self, source: str, line: int, key: str, what: str, remedy: str) -> None:
        super().__init__(f"{source}:{line}: {key}: {what}; {remedy}.")
        self.source, self.line, self.key, self.what, self.remedy = source, line, key, what, remedy


def nearest(word: str, known: Collection[str]) -> str:
    """Return a half-sentence that names the known word that is nearest, or all."""
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return f"the nearest is {near[0]}" if near else f"known are {', '.join(sorted(known))}"
