"""Write buildspecs/requirements.txt: what the wheel needs, exact and by hash, from uv.lock.

It is shipped in the wheel, so that the sha256 of the wheel pins all that is installed with it.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import uv

ROOT = Path(__file__).resolve().parents[1]
PINS = ROOT / "buildspecs" / "requirements.txt"


def pins() -> str:
    """Return the file's text; no network, nothing is resolved again."""
    command = [uv.find_uv_bin(), "export", "--project", str(ROOT), "--frozen", "--no-dev"]
    command += ["--no-emit-project", "--no-header", "--no-annotate", "--quiet"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    return "# What the wheel needs, from uv.lock, by scripts/lock_wheel.py\n" + done.stdout


if __name__ == "__main__":
    PINS.write_text(pins(), encoding="utf-8")
    sys.exit(0)
