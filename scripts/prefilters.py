"""Write down which words a file must hold for a rule of the pack to match, as semgrep itself says it.

    python scripts/prefilters.py

Asks the locked semgrep for the formula of every rule and writes plugins/devsecops_semgrep/prefilters.json.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec

from devsecops.contract import ReadyTool
from devsecops.tools import ready
from devsecops_semgrep import Semgrep
from devsecops_semgrep.pack import files
from devsecops_semgrep.prefilter import FORMULAS, And, Formula, Or, Regexp, Words


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
            return Regexp(regexp)
    raise ValueError(f"not a formula: {said}")


def main() -> int:
    """Ask and write."""
    spec = Semgrep().spec.tool
    assert spec is not None
    tool = ready(spec, offline=False, say=lambda text: print(text, file=sys.stderr))
    FORMULAS.write_bytes(formulas(tool))
    return 0


if __name__ == "__main__":
    sys.exit(main())
