"""Write the first run into README.md, as it really is.

Usage: python scripts/first_run.py [PROGRAM]

PROGRAM is the installed `devsecops` (default: the one beside this Python). The advisory data is the embedded
one, on a day when it was fresh, so that the page does not change from day to day. Times and commit ids are
replaced.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
START = "<!-- first run: scripts/first_run.py -->\n"
END = "<!-- end of first run -->\n"
COMMAND = ("scan", "examples", "--offline", "--as-of", "2024-10-20")
SHOWN = 3
"""Findings of the many that the program shows."""

_FINDING = re.compile(r"(critical|high|medium|low|info|unknown) +[\w-]+/\S+  ")
_VOLATILE = (
    (re.compile(r"\A(devsecops +)(?:\S+ )?commit [0-9a-f]+(?: with local changes)?"), r"\1commit 0123456789"),
    (re.compile(r"(?<= )\d+\.\d s$", re.MULTILINE), "0.5 s"),
    (re.compile(r" +(?=\n)"), ""),
)


def run(program: Path, env: Mapping[str, str]) -> str:
    """Return what a newcomer reads. Raises ValueError for anything but a fail, which the examples are."""
    done = subprocess.run(
        [program, *COMMAND], cwd=ROOT, env=env, capture_output=True, encoding="utf-8", check=False
    )
    if done.returncode != 1:
        raise ValueError(f"exit {done.returncode}, not 1: {done.stderr}{done.stdout[-2000:]}")
    return f"$ devsecops {' '.join(COMMAND)}\n{shortened(done.stdout)}"


def shortened(text: str) -> str:
    """Return the beginning, and everything from where the text itself stops telling findings one by one."""
    for pattern, plain in _VOLATILE:
        text = pattern.sub(plain, text)
    lines = text.split("\n")
    starts = [number for number, line in enumerate(lines) if _FINDING.match(line)]
    rest = next(number for number, line in enumerate(lines) if re.match(r"\d+ more findings?\b", line))
    between = f"[... and {len(starts) - SHOWN} more here]"
    return "\n".join([*lines[: starts[SHOWN]], between, "", *lines[rest:]])


def block(text: str) -> str:
    """Return the part of the README between its markers."""
    return f"```text\n{text}```\n"


def split(readme: str) -> tuple[str, str, str]:
    """Return the README before, between and after the markers."""
    before, _, rest = readme.partition(START)
    between, _, after = rest.partition(END)
    return before + START, between, END + after


def main() -> int:
    """Run the program in an empty cache and write the page."""
    program = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(sys.executable).with_name("devsecops")
    with tempfile.TemporaryDirectory() as home:
        env = {k: v for k, v in os.environ.items() if not k.startswith(("CI", "CODEBUILD_", "DEVSECOPS_"))}
        env |= {"DEVSECOPS_CACHE": f"{home}/cache", "XDG_STATE_HOME": f"{home}/state"}
        subprocess.run([program, "tools", "sync"], cwd=ROOT, env=env, check=True)
        before, _, after = split(README.read_text(encoding="utf-8"))
        README.write_text(before + block(run(program, env)) + after, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
