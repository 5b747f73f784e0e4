"""A ZAP that somebody installed: its folder, or the zap.sh in it. The script itself is never run."""

from __future__ import annotations

import re
from pathlib import Path

from devsecops.api import ToolError

_JAR = re.compile(r"zap-(\d+\.\d+\.\d+)\.jar")


def look(path: Path) -> tuple[Path, str]:
    """Return the jar that starts the ZAP in a folder, or beside a script, and its version.

    Raises:
        ToolError: there is none, or more than one.
    """
    real = path.resolve()
    folder = real.parent if real.is_file() else real
    try:
        jars = sorted(file for file in folder.iterdir() if _JAR.fullmatch(file.name) and file.is_file())
    except OSError:
        raise ToolError(f"path: {path} is not there; name ZAP's folder, or the zap.sh in it") from None
    if len(jars) != 1:
        found = "no" if not jars else "more than one"
        raise ToolError(
            f"path: {folder} holds {found} zap-VERSION.jar; name ZAP's folder, or the zap.sh in it"
        )
    match = _JAR.fullmatch(jars[0].name)
    assert match is not None  # it was chosen by this
    return jars[0], match[1]
