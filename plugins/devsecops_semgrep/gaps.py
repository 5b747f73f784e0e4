"""What semgrep's list of errors means for the files it speaks of."""

from __future__ import annotations

from collections.abc import Iterable

from devsecops_semgrep.output import Complaint

_WHY = {
    "PartialParsing": "syntax-error",
    "Syntax error": "syntax-error",
    "Lexical error": "syntax-error",
    "Too many matches": "too-many-matches",
    "Timeout": "timeout",
    "Out of memory": "memory",
    "Stack overflow": "recursion",
}
_WORST_FIRST = ("tool-error", "timeout", "memory", "recursion", "too-many-matches", "syntax-error")


def gaps(errors: Iterable[Complaint]) -> dict[str, tuple[str, str]]:
    """Return, for each file with an error, (reason code, what to do about it); the worst one counts."""
    worst: dict[str, Complaint] = {}
    for error in errors:
        if error.path is not None and _badness(error) < _badness(worst.get(error.path)):
            worst[error.path] = error
    return {path: (_why(error), _note(error)) for path, error in worst.items()}


def timed_out(errors: Iterable[Complaint]) -> tuple[str, ...]:
    """Return the files on which a rule ran out of time."""
    return tuple(sorted({error.path for error in errors if error.path and error.kind == "Timeout"}))


def _why(error: Complaint) -> str:
    return _WHY.get(error.kind, "tool-error")


def _badness(error: Complaint | None) -> int:
    return len(_WORST_FIRST) if error is None else _WORST_FIRST.index(_why(error))


def _note(error: Complaint) -> str:
    why = _why(error)
    rule = (error.rule_id or "").rpartition(".")[2] or "a rule"
    if why == "syntax-error":
        line = error.spans[0].start.line if error.spans else 1
        return f"semgrep does not understand the code from line {line} on"
    if why == "too-many-matches":
        return f"{rule} matches too often, and what it found is dropped"
    if why == "timeout":
        return f"{rule} did not end on it in time"
    if why == "tool-error":
        return f"semgrep reported: {' '.join(error.message.split())[:200]}"
    return f"{rule} broke on it ({error.kind})"
