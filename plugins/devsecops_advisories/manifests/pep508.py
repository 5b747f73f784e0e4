"""Python requirements: one requirement, and markers that can never hold."""

from __future__ import annotations

import re
from functools import lru_cache

from devsecops_advisories.manifests.model import Manifest

_LONGEST = 20_000
_EXACT = re.compile(r"(===?)\s*([^,;\s]+)")
_ELSEWHERE = re.compile(r"(?:\.{0,2}/|file:|[a-z+]+://|\S+\.(?:whl|zip|tar\.gz|tar\.bz2)\b)", re.IGNORECASE)


def pinned(specifier: str) -> str | None:
    """Return the one version that a PEP 440 specifier allows; None when it allows more."""
    for clause in specifier.split(","):
        match = _EXACT.fullmatch(clause.strip())
        if match and (match.group(1) == "===" or not match.group(2).endswith("*")):
            return match.group(2)
    return None


@lru_cache(maxsize=4096)
def _holds_somewhere(atom: str) -> bool:
    from packaging.markers import InvalidMarker, Marker, UndefinedComparison, UndefinedEnvironmentName

    if "python_version" not in atom and "python_full_version" not in atom:
        return True
    try:
        marker = Marker(atom)
        for minor in range(60):
            for patch in (0, 30):
                env = {"python_version": f"3.{minor}", "python_full_version": f"3.{minor}.{patch}"}
                if marker.evaluate(env):
                    return True
    except (InvalidMarker, UndefinedComparison, UndefinedEnvironmentName, ValueError):
        return True
    return False


def _atoms(text: str) -> list[str]:
    """Split a valid marker into parentheses, ``and``, ``or`` and comparisons."""
    out: list[str] = []
    word = ""
    for piece in re.findall(r"'[^']*'|\"[^\"]*\"|[()]|\s+|[^\s()'\"]+", text):
        if piece in ("(", ")", "and", "or"):
            if word.strip():
                out.append(word.strip())
            out.append(piece)
            word = ""
        else:
            word += piece
    if word.strip():
        out.append(word.strip())
    return out


def can_hold(marker: str) -> bool:
    """Say whether a marker holds on any Python from 3.0 on, whatever the platform and the extras."""
    # Shunting-yard: markers have no negation, so an atom that may hold counts as true.
    values: list[bool] = []
    pending: list[str] = []

    def reduce() -> None:
        right, left = values.pop(), values.pop()
        values.append((left and right) if pending.pop() == "and" else (left or right))

    try:
        for piece in _atoms(marker):
            if piece == "(":
                pending.append(piece)
            elif piece == ")":
                while pending[-1] != "(":
                    reduce()
                pending.pop()
            elif piece in ("and", "or"):
                while pending and pending[-1] == "and":
                    reduce()
                pending.append(piece)
            else:
                values.append(_holds_somewhere(piece))
        while pending:
            reduce()
    except IndexError:
        return True
    return values[-1] if values else True


def add_requirement(manifest: Manifest, text: str, line: int, end: int | None = None) -> None:
    """Add what one PEP 508 requirement asks for."""
    from packaging.requirements import InvalidRequirement, Requirement

    text = text.strip()
    try:
        if len(text) > _LONGEST:
            raise InvalidRequirement("too long")
        parsed = Requirement(text)
    except (InvalidRequirement, RecursionError, ValueError):
        manifest.skip("", line, "url" if _ELSEWHERE.match(text) else "unparsable", text=text)
        return
    specifier = str(parsed.specifier)
    if parsed.marker is not None and not can_hold(str(parsed.marker)):
        manifest.skip(parsed.name, line, "marker", text=text)
    elif parsed.url is not None:
        manifest.skip(parsed.name, line, "url", text=text)
    elif (version := pinned(specifier)) is not None:
        manifest.pin(parsed.name, version, line, end)
    else:
        manifest.skip(parsed.name, line, "unpinned", specifier=specifier, text=text)
