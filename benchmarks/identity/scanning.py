"""Findings of real trees by a fast real tool, ruff's S rules, through the product's own completion."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devsecops.findings.complete import SourceText, complete
from devsecops.findings.identity import name_findings
from devsecops.model import File, Finding, Region, RuleRef


@dataclass(frozen=True)
class Scan:
    """What was found in one folder. Paths are relative to it."""

    findings: tuple[Finding, ...]
    broken: frozenset[str]
    """Files that the tool could not parse."""


def rows(folder: Path, names: Iterable[str] = (".",)) -> list[dict[str, Any]]:
    """Return ruff's rows for the files below `folder`. Raises RuntimeError when ruff fails."""
    program = Path(sys.executable).with_name("ruff")
    done = subprocess.run(
        (str(program), "check", "--isolated", "--no-cache", "--select", "S", "--ignore-noqa", "--exit-zero",
         "--no-respect-gitignore", "--target-version", "py311", "--output-format", "json", "--", *names),
        cwd=folder, capture_output=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"ruff ended with {done.returncode}: {done.stderr[-500:]!r}")
    found: list[dict[str, Any]] = json.loads(done.stdout)
    for row in found:
        row["filename"] = os.path.relpath(row["filename"], folder.resolve())
    return found


def read(path: Path) -> str:
    """Return a file's text as the product reads it."""
    return path.read_bytes().decode("utf-8", "replace")


def findings(folder: Path, found: list[dict[str, Any]]) -> Scan:
    """Return the completed, named findings of ruff's rows, whose file names are relative to `folder`."""
    broken = frozenset(row["filename"] for row in found if not re.fullmatch(r"S\d+", row["code"] or ""))
    sources: dict[str, SourceText] = {}
    done = []
    for row in found:
        path = row["filename"]
        if path not in broken:
            if path not in sources:
                sources[path] = SourceText(read(folder / path))
            done.append(complete(_finding(path, row), sources[path]))
    return Scan(name_findings(done), broken)


def _finding(path: str, row: dict[str, Any]) -> Finding:
    start, end = row["location"], row["end_location"]
    region = Region(
        start_line=start["row"],
        start_column=start["column"],
        end_line=end["row"],
        end_column=end["column"],
    )
    return Finding(
        scanner="ruff",
        rule=RuleRef(tool="ruff", id=row["code"]),
        kind="sast",
        severity="medium",
        message=row["message"],
        location=File(path=path, region=region),
    )


def place(finding: Finding) -> tuple[str, int, int]:
    """Return path, first and last line of a finding."""
    at = finding.location
    assert isinstance(at, File)
    assert at.region is not None
    return at.path, at.region.start_line, at.region.end_line or at.region.start_line


def column(finding: Finding) -> int:
    """Return the first column of a finding."""
    at = finding.location
    assert isinstance(at, File)
    assert at.region is not None
    return at.region.start_column or 0
