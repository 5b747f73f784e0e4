"""Write down which words a file must hold for a rule of the pack to match, as semgrep itself says it.

    python scripts/prefilters.py

Asks the locked semgrep for the formula of every rule and writes plugins/devsecops_semgrep/prefilters.json.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from re import _constants as constants  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import msgspec

from devsecops.contract import ReadyTool
from devsecops.tools import ready
from devsecops_semgrep import Semgrep
from devsecops_semgrep.pack import files
from devsecops_semgrep.prefilter import FORMULAS, And, Formula, Or, Regexp, Texts, Words

_SHORTEST = 3
_MOST = 40
"""Letters of a text, and texts, that are worth looking for before an expression is."""
_CHOICE = re.compile(r"\((?:\?:)?\w+(?:\|\w+)*\)", re.ASCII)


def formulas(tool: ReadyTool) -> bytes:
    """Return the bytes of prefilters.json: language -> rule -> formula, or null where every file counts."""
    (core,) = Path(tool.command).parent.glob("lib/python3.*/site-packages/semgrep/bin/semgrep-core")
    found: dict[str, dict[str, Formula | None]] = {}
    for file in files():
        said = _run(str(core), "-prefilter_of_rules", str(file))
        (entry,) = json.loads(said)
        assert entry["rule_id"] == file.stem
        found.setdefault(file.parent.name, {})[file.stem] = _filter(entry["filter"])
    return msgspec.json.format(msgspec.json.encode(found, order="sorted"), indent=0) + b"\n"


def _run(*words: str) -> str:
    env = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": "/nonexistent"}
    return subprocess.run(words, env=env, capture_output=True, text=True, check=True).stdout


def _filter(said: Any) -> Formula | None:
    match said:
        case "None":
            return None
        case ["Some", formula]:
            return _formula(formula)
    raise ValueError(f"not a filter: {said}")


def _formula(said: Any) -> Formula:
    match said:
        case ["And", parts]:
            return And(tuple(map(_formula, parts)))
        case ["Or", parts]:
            return Or(tuple(map(_formula, parts)))
        case ["Pred", ["Idents", words]]:
            return Words(tuple(words))
        case ["Pred", ["Regexp", regexp]]:
            return _regexp(regexp)
    raise ValueError(f"not a formula: {said}")


def _regexp(regexp: str) -> Formula:
    """Return the expression in Python's dialect; one that has none there holds always."""
    ours = regexp.replace("\\K", "")  # only says where a match begins
    try:
        parsed = parser.parse(ours.encode())
    except re.error:
        return And(())
    texts = _needed(parsed)
    if not texts:
        return Regexp(ours)
    first = Texts(tuple(sorted(texts)))
    return first if _CHOICE.fullmatch(ours) else And((first, Regexp(ours)))


def _needed(parsed: Any) -> frozenset[str]:
    """Return texts one of which every match holds; empty where there is no telling."""
    if parsed.state.flags & re.IGNORECASE:
        return frozenset()
    best: frozenset[str] = frozenset()
    run = ""
    for op, argument in [*parsed, (None, None)]:
        if op is constants.LITERAL:
            run += chr(argument)
            continue
        best = max(best, frozenset({run}), _of(op, argument), key=_worth)
        run = ""
    return best if _worth(best) >= _SHORTEST else frozenset()


def _of(op: Any, argument: Any) -> frozenset[str]:
    if op is constants.SUBPATTERN and not argument[1] & re.IGNORECASE:
        return _needed(argument[3])
    if op in (constants.MAX_REPEAT, constants.MIN_REPEAT, constants.POSSESSIVE_REPEAT) and argument[0] > 0:
        return _needed(argument[2])
    if op is constants.BRANCH:
        parts = [_needed(part) for part in argument[1]]
        return frozenset().union(*parts) if all(parts) else frozenset()
    return frozenset()


def _worth(texts: frozenset[str]) -> int:
    return min(map(len, texts)) if 0 < len(texts) <= _MOST else 0


def main() -> int:
    """Ask and write."""
    spec = Semgrep().spec.tool
    assert spec is not None
    tool = ready(spec, offline=False, say=lambda text: print(text, file=sys.stderr))
    FORMULAS.write_bytes(formulas(tool))
    return 0


if __name__ == "__main__":
    sys.exit(main())
