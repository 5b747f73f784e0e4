"""Which process looks at which files, with which rules, and what proves that it did."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from devsecops.api import Context, ScanUnit
from devsecops_semgrep.pack import RULES
from devsecops_semgrep.prefilter import can_match
from devsecops_semgrep.source import Source

PROBE = Path(__file__).with_name("probe.yaml")
_FEW = 256 * 1024
"""Bytes of files that a process of their own would not pay for."""
_LANGUAGES = {".py": "python", ".dockerfile": "dockerfile"}
_PROBES = {
    "python": ("probe.py", "devsecops_probe(1)\n"),
    "javascript": ("probe.js", "devsecops_probe(1);\n"),
    "dockerfile": ("probe.dockerfile", "FROM scratch\nLABEL devsecops=probe\n"),
}


@dataclass(frozen=True, slots=True)
class Group:
    """The files of one process, by their paths in the batch, and the rules that it gets."""

    files: tuple[str, ...]
    configs: tuple[Path, ...]
    probes: tuple[str, ...]
    """Names of the probe files, which stand in `ctx.scratch`."""


def language(path: str) -> str:
    """Return the language of a file under its neutral name: a folder of the pack."""
    return _LANGUAGES.get(Path(path).suffix, "javascript")


def groups(units: Iterable[ScanUnit], source: Source) -> list[Group]:
    """Cut a batch into the files in which some rule can match, with just those rules, and all the others.

    The others are given to semgrep too: that no rule can match there is looked at, not taken for granted.
    """
    loud: list[str] = []
    quiet: list[ScanUnit] = []
    rules: set[Path] = set()
    for unit in units:
        kind = language(unit.path)
        found = can_match(source.read(unit.path), kind)
        if found:
            loud.append(unit.path)
            rules |= {RULES / kind / f"{rule}.yaml" for rule in found}
        else:
            quiet.append(unit)
    rest = [unit.path for unit in quiet]
    if loud and sum(unit.size for unit in quiet) < _FEW:
        return [_group(sorted([*loud, *rest]), rules)]
    return [_group(*part) for part in ((loud, rules), (rest, set())) if part[0]]


def _group(files: Sequence[str], rules: Iterable[Path]) -> Group:
    kinds = sorted({language(path) for path in files})
    return Group(tuple(files), (PROBE, *sorted(rules)), tuple(_PROBES[kind][0] for kind in kinds))


def plant(group: Group, ctx: Context) -> list[str]:
    """Write the probes of a group and return their paths."""
    paths = [f"{ctx.scratch}/{name}" for name in group.probes]
    for path in paths:
        Path(path).write_text(dict(_PROBES.values())[Path(path).name], encoding="utf-8")
    return paths


def is_probe(path: str, ctx: Context) -> bool:
    """Tell whether a path of a report is that of a probe."""
    return path in {f"{ctx.scratch}/{name}" for name, _ in _PROBES.values()}


def unproved(scanned: Sequence[str], hits: Iterable[str], ctx: Context) -> str:
    """Return the language whose probe a process was not given or did not find; empty when it found all."""
    found = set(hits)
    for kind in sorted({language(path) for path in scanned}):
        if f"{ctx.scratch}/{_PROBES[kind][0]}" not in found:
            return kind
    return ""
