"""The rule pack: one YAML file a rule, named by its id, in one folder a language."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path

RULES = Path(__file__).with_name("rules")


@cache
def files() -> tuple[Path, ...]:
    """Return the rule files, sorted."""
    return tuple(sorted(RULES.glob("*/*.yaml")))


@cache
def ids() -> frozenset[str]:
    """Return the ids of all rules."""
    return frozenset(file.stem for file in files())


@cache
def digest() -> str:
    """Return the sha256 over the names and the bytes of all rule files, and of what chooses among them."""
    whole = sha256()
    for file in (*files(), RULES.with_name("prefilters.json")):
        data = file.read_bytes()
        whole.update(f"{file.parent.name}/{file.name} {len(data)}\n".encode() + data)
    return whole.hexdigest()
