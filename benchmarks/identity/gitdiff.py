"""The change between two folders by git itself, which does not care that they are in no repository."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from devsecops.change import Change, FileChange, Hunk

_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


def change(base: Path, head: Path) -> Change:
    """Return what differs between two folders, renames on. Raises RuntimeError when git fails."""
    done = subprocess.run(
        ("git", "-c", "core.quotepath=off", "diff", "--no-index", "--no-color",
         "--no-ext-diff", "--no-textconv", "-U0", "-M", "-l0", "--src-prefix=a/", "--dst-prefix=b/", "--",
         str(base), str(head)),
        capture_output=True, check=False,
    )  # fmt: skip
    if done.returncode not in (0, 1):
        raise RuntimeError(f"git ended with {done.returncode}: {done.stderr[-500:]!r}")
    files = []
    for part in re.split(r"(?m)^(?=diff --git )", done.stdout.decode("utf-8", "replace")):
        one = _file(part, str(base).lstrip("/"), str(head).lstrip("/"))
        if one is not None:
            files.append(one)
    return Change(
        base="base", head="head", files=tuple(sorted(files, key=lambda f: (f.head or "", f.base or "")))
    )


def _file(part: str, base: str, head: str) -> FileChange | None:
    """Return one file's change. An empty file and a changed mode say nothing about lines: None."""
    top = re.split(r"(?m)^@@", part, maxsplit=1)[0]
    named = {
        key: match[1].rstrip("\t")
        for key, pattern in (
            ("from", r"(?m)^rename from (.*)$"), ("to", r"(?m)^rename to (.*)$"),
            ("base", r"(?m)^--- (.*)$"), ("head", r"(?m)^\+\+\+ (.*)$"),
            ("binary", r"(?m)^Binary files (.*) differ$"),
        )
        if (match := re.search(pattern, top))
    }  # fmt: skip
    hunks = tuple(
        Hunk(
            base_start=int(a),
            base_count=int(b or 1),
            head_start=int(c),
            head_count=int(d or 1),
        )
        for a, b, c, d in _HUNK.findall("\n".join(re.findall(r"(?m)^@@ .*$", part)))
    )
    if "from" in named:
        old, new = named["from"], named["to"]
    elif "base" in named:
        old, new = named["base"].removeprefix("a/"), named["head"].removeprefix("b/")
    elif "binary" in named:
        old, new = (
            text.removeprefix(prefix)
            for text, prefix in zip(named["binary"].split(" and ", 1), ("a/", "b/"), strict=True)
        )
    else:
        return None
    return FileChange(
        base=_inside(old, base), head=_inside(new, head), hunks=hunks, text="binary" not in named
    )


def _inside(name: str, folder: str) -> str | None:
    return None if name == "/dev/null" else name.lstrip("/").removeprefix(folder + "/")
