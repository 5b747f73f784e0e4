"""devsecops init: the files that a repository starts with. Nothing is overwritten."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

SUMMARY = "Write a policy, an ignore line and a buildspec; never overwrites."
IGNORE = "devsecops-out/"
_LOCKS = ("uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "pylock.toml", "requirements.txt")

_POLICY = """\
# The rules that pull requests are judged by. In CI they are read from the destination branch:
#   devsecops scan --policy origin/main:.devsecops/policy.toml
schema = 1
preset = "default"                # default, strict (medium and up, low confidence too) or audit (never fails)

[gate]
fail_on = "high"                  # critical, high, medium, low, info or none
confidence = "medium"             # the lowest confidence that counts

[data]
max_age_days = 30                 # older advisory data makes the verdict incomplete
{unpinned}

# Paths that are not judged:
# [[scope.exclude]]
# paths = ["vendor/**"]
# reason = "not ours"

# A file that a scanner cannot read makes the verdict incomplete until it is repaired or accepted here:
# [[coverage.accept]]
# paths = ["tests/broken_on_purpose.py"]
# scanners = ["bandit"]
# reason = "a syntax error is what it tests"
# expires = 2027-01-31

# [scanners.bandit]
# required = "yes"                # auto (when it applies), yes or off
"""
_APPLICATION = """\
# A dependency without an exact version and without a lock file beside it cannot be judged. "incomplete"
# says so in the verdict; commit a lock to answer it. "count" lets it pass and counts it.
unpinned = "incomplete\""""
_LIBRARY = """\
# This is a library: there is no lock file, and whoever installs it chooses the versions. So a dependency
# without an exact version is counted, and does not make the verdict incomplete.
unpinned = "count\""""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("path", metavar="PATH", nargs="?", default=".", help="the repository (default: here)")
    parser.epilog = "exit: 0 done; 2 usage, or something cannot be written"


def run(args: argparse.Namespace) -> int:
    """Write what is missing and say what was left."""
    from pathlib import Path

    from devsecops.errors import UsageError

    root = Path(args.path)
    if not root.is_dir():
        raise UsageError(f"{root} is not a folder; give the repository's.")
    files = {
        ".devsecops/policy.toml": policy_text(root).encode(),
        "buildspec.devsecops.yml": buildspec(),
    }
    try:
        for name, data in files.items():
            print(f"wrote {name}" if _create(root, name, data) else f"left {name} as it is")
        print(f"added {IGNORE} to .gitignore" if _ignore(root) else "left .gitignore as it is")
    except OSError as error:
        raise UsageError(f"{error.filename} cannot be written: {error.strerror}.") from None
    return 0


def policy_text(root: Path) -> str:
    """Return the policy to start with; a library gets ``unpinned = "count"`` and the reason for it."""
    library = (root / "pyproject.toml").is_file() and not any((root / lock).exists() for lock in _LOCKS)
    return _POLICY.format(unpinned=_LIBRARY if library else _APPLICATION)


def buildspec() -> bytes:
    """Return the buildspec for pull requests; it is a file of the package."""
    from importlib.resources import files

    packaged = files("devsecops") / "data" / "pr-scan.yml"
    if packaged.is_file():
        return packaged.read_bytes()
    # An editable install has it where it is written.
    from pathlib import Path

    return (Path(__file__).parents[2] / "buildspecs" / "pr-scan.yml").read_bytes()


def _create(root: Path, name: str, data: bytes) -> bool:
    """Write a new file, never through a link; return whether it was missing."""
    import os

    path = root / name
    path.parent.mkdir(exist_ok=True)
    if path.parent != root and path.parent.is_symlink():
        raise OSError(0, "its folder is a link", str(path))
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
    except FileExistsError:
        return False
    with open(fd, "wb") as file:
        file.write(data)
    return True


def _ignore(root: Path) -> bool:
    import os

    fd = os.open(
        root / ".gitignore", os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644
    )
    with open(fd, "r+b") as file:
        lines = file.read()
        if any(line.strip().strip(b"/") == IGNORE.strip("/").encode() for line in lines.splitlines()):
            return False
        file.write((b"" if not lines or lines.endswith(b"\n") else b"\n") + IGNORE.encode() + b"\n")
    return True
