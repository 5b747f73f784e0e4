"""A repository of about a million lines of Python, and a change of twenty files, both from real projects."""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

from benchmarks import corpora

ODDLY = re.compile(rb"\b(subprocess|pickle|md5|sha1|eval|exec|random|mark_safe|yaml\.load|tempfile)\b")
"""Words near which a scanner may find something."""
NEW = """\
import subprocess


def run_{name}(command):
    return subprocess.call(command, shell=True)
"""
EDITS, COPIES, WRITTEN, RENAMES, DELETIONS = 12, 2, 2, 2, 2


def trees() -> list[tuple[str, Path]]:
    """Return the large sdists that make the repository: one of each project that the benchmarks pin."""
    pins = tomllib.loads((corpora.HERE / "identity" / "sdists.toml").read_text())
    names = ("sphinx", "celery", "scrapy", "aiohttp", "werkzeug", "paramiko")
    out = [(name, corpora.tree(name)) for name in ("django", "ckan", "flask-appbuilder", "flask", "requests")]
    return out + [(name, corpora.sdist(name, **pins[name][-1])) for name in names]


def git(repository: Path, *words: str) -> str:
    """Run git in the repository and return what it says."""
    identity = ("-c", "user.name=n", "-c", "user.email=e@x", "-c", "core.autocrlf=false", "-c", "gc.auto=0")
    done = subprocess.run(
        ("git", *identity, *words), cwd=repository, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def make(repository: Path, places: list[tuple[str, Path]]) -> tuple[int, int]:
    """Commit the trees together, on `main`; return how many files and how many lines of Python it has."""
    git(repository.parent, "init", "-q", "-b", "main", str(repository))
    for name, place in places:
        shutil.copytree(place, repository / name, symlinks=True)
    git(repository, "add", "-A", "-f")
    git(repository, "commit", "-q", "-m", "all")
    git(repository, "checkout", "-q", "-b", "change")
    python = [path for path in repository.rglob("*.py") if path.is_file()]
    files = git(repository, "ls-files").count("\n") + 1
    return files, sum(path.read_bytes().count(b"\n") for path in python)


def change(repository: Path, seed: int) -> list[str]:
    """Change twenty files as the seed says, commit, pack, and return what was done to each."""
    draw = random.Random(seed)
    chosen = _choose(repository, draw, EDITS + COPIES + RENAMES + DELETIONS)
    done = []
    for number, path in enumerate(chosen[:EDITS]):
        how = ("adds a line at its end", "adds lines", "edits", "adds a flaw")[number % 4]
        path.write_bytes(_edited(path.read_bytes(), number % 4, f"{seed}_{number}", draw))
        done.append(f"{how}: {path.relative_to(repository)}")
    rest = chosen[EDITS:]
    for number in range(WRITTEN):
        path = rest[0].with_name(f"written_{seed}_{number}.py")
        path.write_text(NEW.format(name=number))
        done.append(f"new: {path.relative_to(repository)}")
    for path in rest[:COPIES]:
        shutil.copyfile(path, path.with_name(f"copied_{path.name}"))
        done.append(f"copied: {path.relative_to(repository)}")
    for number, path in enumerate(rest[COPIES : COPIES + RENAMES]):
        moved = path.rename(path.with_name(f"moved_{path.name}"))
        if number:
            moved.write_bytes(b"# It was moved.\n" + moved.read_bytes())
        done.append(f"moved: {path.relative_to(repository)}")
    for path in rest[COPIES + RENAMES :]:
        path.unlink()
        done.append(f"deleted: {path.relative_to(repository)}")
    git(repository, "add", "-A", "-f")
    git(repository, "commit", "-q", "-m", "change")
    # No clone is made of thousands of loose objects, which git reads much slower.
    git(repository, "repack", "-adq")
    return done


def _choose(repository: Path, draw: random.Random, count: int) -> list[Path]:
    """Choose files that scanners may find something in, twice as many of them as of others."""
    every = sorted(path for path in repository.rglob("*.py") if path.is_file() and not path.is_symlink())
    plain = [path for path in every if 2_000 < path.stat().st_size < 60_000]
    odd = [path for path in plain if ODDLY.search(path.read_bytes())]
    chosen = draw.sample(odd, count * 2 // 3)
    others = sorted(set(plain) - set(chosen))
    chosen += draw.sample(others, count - len(chosen))
    draw.shuffle(chosen)
    return chosen


def _edited(data: bytes, how: int, name: str, draw: random.Random) -> bytes:
    lines = data.split(b"\n")
    if how == 0:
        return data + b"\n# The end.\n"
    if how == 1:
        return b"# A line.\n# And one more.\n" + data if not data.startswith(b"#!") else data + b"\n"
    if how == 2:
        odd = [n for n, line in enumerate(lines) if ODDLY.search(line) and line.endswith((b")", b":"))]
        for n in draw.sample(odd, min(3, len(odd))):
            lines[n] += b"  # edited"
        return b"\n".join([*lines, b"# edited", b""])
    return data + b"\n\n" + NEW.format(name=name).encode()


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
