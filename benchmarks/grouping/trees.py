"""Real trees with what is said about them by bandit, our pack, both judges of advisories, and ruff."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

import msgspec

from benchmarks import corpora
from benchmarks.identity import scanning
from devsecops.findings.complete import file_of
from devsecops.findings.identity import name_findings
from devsecops.model import Finding, ScanResult

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
AS_OF = "2024-10-20"
POLICY = '[scanners.safety]\nrequired = "yes"\n'
EXAMPLES = "examples"


@dataclass(frozen=True)
class Tree:
    """A folder; `name` is ``project version``, or ``examples`` for our own."""

    name: str
    root: Path
    scope: str = ""
    """What is scanned below `root`."""


def trees() -> list[Tree]:
    """Return the trees that pairs are drawn from; the sdists are fetched when they are not there yet."""
    pins = tomllib.loads((HERE / "trees.toml").read_text(encoding="utf-8"))
    laid = [
        Tree(f"{name} {pin['version']}", corpora.sdist(name, pin["version"], pin["sha256"]))
        for name, pin in sorted(pins.items())
    ]
    return [*laid, Tree(EXAMPLES, ROOT, EXAMPLES)]


def findings(tree: Tree, kept: Path | None = None) -> list[Finding]:
    """Return what all tools say, named. `kept`: a folder where a scan is left, and taken from the next time.

    Raises RuntimeError when the program or ruff fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "out" if kept is None else kept / tree.name.replace(" ", "-")
        if not (output / "results").is_dir():
            _scan(tree, Path(folder), output)
        found = [
            finding
            for path in sorted((output / "results").glob("*.json"))
            for finding in msgspec.json.decode(path.read_bytes(), type=ScanResult).findings
        ]
    rows = scanning.rows(tree.root, (tree.scope or ".",))
    return list(name_findings([*found, *scanning.findings(tree.root, rows).findings]))


def _scan(tree: Tree, folder: Path, output: Path) -> None:
    policy = folder / "policy.toml"
    policy.write_text(POLICY, encoding="utf-8")
    program = os.environ.get("DEVSECOPS_BIN") or str(Path(sys.executable).with_name("devsecops"))
    words = (
        program, "scan", str(tree.root / tree.scope), "--policy", str(policy), "--offline", "--as-of", AS_OF,
        "--output", str(output), "--quiet",
    )  # fmt: skip
    done = subprocess.run(words, capture_output=True, check=False)
    if done.returncode not in (0, 1, 3):
        raise RuntimeError(f"devsecops ended with {done.returncode}: {done.stderr[-500:]!r}")


def lines(finding: Finding) -> tuple[str, int, int] | None:
    """Return path, first and last line; None for a finding without a line."""
    at = file_of(finding.location)
    if at is None or at.region is None:
        return None
    first = at.region.start_line
    return at.path, first, max(first, at.region.end_line or first)
