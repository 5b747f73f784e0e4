"""Severity of an advisory: computed from its CVSS vector, else the source's word, else unknown."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from devsecops.api import Severity

_WORDS: dict[str, Severity] = {
    "CRITICAL": "critical", "HIGH": "high", "MODERATE": "medium", "MEDIUM": "medium", "LOW": "low",
    "NONE": "info", "INFO": "info",
}  # fmt: skip


class Rating(msgspec.Struct, frozen=True, array_like=True):
    """How bad, and where that came from. `rank` orders sources: the newest CVSS first."""

    severity: Severity = "unknown"
    score: float | None = None
    basis: str = ""
    rank: int = 9


def band(score: float) -> Severity:
    """Return the severity of a CVSS base score (0 to 10)."""
    if score >= 9:
        return "critical"
    if score >= 7:
        return "high"
    if score >= 4:
        return "medium"
    return "low" if score > 0 else "info"


def _computed(vector: str) -> tuple[int, float] | None:
    from cvss import CVSS2, CVSS3, CVSS4  # type: ignore[import-untyped,unused-ignore]
    from cvss.exceptions import CVSSError  # type: ignore[import-untyped,unused-ignore]

    try:
        if vector.startswith("CVSS:4."):
            return 0, float(CVSS4(vector).base_score)
        if vector.startswith("CVSS:3."):
            return (1 if vector.startswith("CVSS:3.1") else 2), float(CVSS3(vector).base_score)
        return 3, float(CVSS2(vector.strip("()")).base_score)
    except (CVSSError, ValueError, KeyError, ArithmeticError):
        return None


def rate(vectors: Iterable[str], word: str, source: str) -> Rating:
    """Return the rating of the record `source` from its vectors and its own word for the severity."""
    best = Rating()
    for vector in vectors:
        computed = _computed(vector)
        if computed is None:
            continue
        rank, score = computed
        if (rank, -score, vector) < (best.rank, -(best.score or 0), best.basis):
            best = Rating(band(score), score, f"{vector} of {source}", rank)
    if best.rank < 9 or word.upper() not in _WORDS:
        return best
    return Rating(_WORDS[word.upper()], None, f"the word {word.upper()} of {source}", 4)


def joined(own: Rating, others: Iterable[Rating]) -> Rating:
    """Return `own`, or when it says nothing the highest that records of the same flaw say."""
    known = [other for other in others if other.rank < 9]
    if own.rank < 9 or not known:
        return own
    return min(known, key=lambda r: (r.rank == 4, -(r.score or 0), r.rank, r.basis))
