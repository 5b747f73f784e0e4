"""Write buildspecs/requirements*.txt: what the wheel needs, exact and by hash, from uv.lock.

They are shipped in the wheel, so that the sha256 of the wheel pins all that is installed with it.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import uv

ROOT = Path(__file__).resolve().parents[1]
PINS: dict[tuple[str, ...], Path] = {
    (): ROOT / "buildspecs" / "requirements.txt",
    ("zap",): ROOT / "buildspecs" / "requirements-zap.txt",
}
"""The extras that are wanted -> the file."""


def pins(extras: tuple[str, ...] = ()) -> str:
    """Return a file's text; no network, nothing is resolved again."""
    command = [uv.find_uv_bin(), "export", "--project", str(ROOT), "--frozen", "--no-dev"]
    command += ["--no-emit-project", "--no-header", "--no-annotate", "--quiet"]
    command += [f"--extra={name}" for name in extras]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    what = f"What the wheel needs with {', '.join(extras)}" if extras else "What the wheel needs"
    return f"# {what}, from uv.lock, by scripts/lock_wheel.py\n" + done.stdout


if __name__ == "__main__":
    for wanted, file in PINS.items():
        file.write_text(pins(wanted), encoding="utf-8")
    sys.exit(0)
