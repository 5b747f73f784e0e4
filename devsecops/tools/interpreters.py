"""Python interpreters that answer, the newest first. What runs a tool decides what the tool sees."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from devsecops.model import Value
from devsecops.tools.folders import cache_root, write_whole

MINORS = (15, 14, 13, 12, 11)
ANSWER_WITHIN_S = 5.0
_ASK = (
    "import sys,os,importlib.machinery as m;v=sys.version_info;"
    "print('|'.join(('devsecops',sys.implementation.name,'%d.%d.%d'%v[:3],v.releaselevel,"
    "m.EXTENSION_SUFFIXES[0],os.path.realpath(sys.executable))))"
)


class Interpreter(Value, frozen=True, kw_only=True):
    """A Python that answered. `path` is its real file; `tag` names its binary interface and platform."""

    path: str
    version: str
    tag: str

    @property
    def minor(self) -> int:
        """The 13 of 3.13.0."""
        return int(self.version.split(".")[1])


class _Answer(Value, frozen=True, kw_only=True):
    """What was asked once. `seen` is mtime and size of the file that was asked."""

    seen: str
    interpreter: Interpreter | None = None
    real: str = ""
    """mtime and size of the interpreter's real file, which a shim hides."""


def own() -> Interpreter:
    """Return the interpreter that runs this, outside any virtual environment."""
    import importlib.machinery

    base = getattr(sys, "_base_executable", None) or sys.executable
    return Interpreter(
        path=os.path.realpath(base),
        version=".".join(map(str, sys.version_info[:3])),
        tag=importlib.machinery.EXTENSION_SUFFIXES[0],
    )


def newest_python(exclude: Path | None = None) -> Interpreter:
    """Return the newest interpreter that answers; never one inside `exclude`, the scanned tree."""
    return next(pythons(exclude))


def pythons(exclude: Path | None = None) -> Iterator[Interpreter]:
    """Yield the interpreters that answer, the newest first; our own is always among them.

    Only released versions of CPython count. One inside `exclude` is never asked. Answers are kept in
    the cache by path, time and size, so that the next run starts no process.
    """
    ours = own()
    answers = _Answers()
    given: set[str] = set()
    for minor in MINORS:
        found = answers.of(candidates(minor, exclude))
        if ours.minor == minor:
            found.append(ours)
        fit = [one for one in found if one.minor == minor and not inside(one.path, exclude, ours)]
        for one in sorted(fit, key=lambda i: ([-int(n) for n in i.version.split(".")], i.path)):
            if one.path not in given:
                given.add(one.path)
                yield one
    if ours.path not in given:
        yield ours


def candidates(minor: int, exclude: Path | None = None) -> list[str]:
    """Return the files that may be Python 3.`minor`: on PATH, then among pyenv's versions."""
    name = f"python3.{minor}"
    # An empty or relative entry of PATH means a folder that whoever wrote the scanned tree may fill.
    folders = [p for p in os.environ.get("PATH", "").split(os.pathsep) if p.startswith("/")]
    pyenv = os.environ.get("PYENV_ROOT", "")
    root = Path(pyenv) if pyenv.startswith("/") else Path.home() / ".pyenv"
    with contextlib.suppress(OSError):
        folders += sorted(str(v / "bin") for v in (root / "versions").iterdir())
    files = dict.fromkeys(f"{folder.rstrip('/')}/{name}" for folder in folders)
    return [f for f in files if os.access(f, os.X_OK) and Path(f).is_file() and not inside(f, exclude)]


def inside(file: str, exclude: Path | None, ours: Interpreter | None = None) -> bool:
    """Tell whether `file`, by its name or behind its links, lies in the scanned tree."""
    if exclude is None or (ours is not None and file == ours.path):
        return False
    tree = exclude.resolve()
    return Path(file).is_relative_to(tree) or Path(file).resolve().is_relative_to(tree)


class _Answers:
    """What interpreters answered, kept in the cache."""

    def __init__(self) -> None:
        self._file = cache_root() / "interpreters.json"
        self._kept: dict[str, _Answer] = {}
        with contextlib.suppress(OSError, msgspec.MsgspecError, UnicodeDecodeError):
            self._kept = msgspec.json.decode(self._file.read_bytes(), type=dict[str, _Answer])

    def of(self, files: list[str]) -> list[Interpreter]:
        """Return those of `files` that answer; the ones not asked before are asked side by side."""
        fresh = [file for file in files if not self._still_true(file)]
        if fresh:
            self._kept |= _ask(fresh)
            with contextlib.suppress(OSError):
                self._file.parent.mkdir(parents=True, exist_ok=True)
                write_whole(self._file, msgspec.json.encode(dict(sorted(self._kept.items()))))
        return [kept.interpreter for file in files if (kept := self._kept[file]).interpreter is not None]

    def _still_true(self, file: str) -> bool:
        kept = self._kept.get(file)
        if kept is None or kept.seen != _seen(file):
            return False
        return kept.interpreter is None or kept.real == _seen(kept.interpreter.path)


def _seen(file: str) -> str:
    try:
        stat = Path(file).stat()
    except OSError:
        return ""
    return f"{stat.st_mtime_ns} {stat.st_size}"


def _ask(files: list[str]) -> dict[str, _Answer]:
    # A shim reads a version file from the working folder: it must not be the scanned tree's.
    env = {"PATH": "/usr/bin:/bin", "HOME": str(Path.home()), "LANG": "C.UTF-8"}
    asked = {file: _Answer(seen=_seen(file)) for file in files}
    running: dict[str, subprocess.Popen[bytes]] = {}
    for file in files:
        with contextlib.suppress(OSError):
            running[file] = subprocess.Popen(
                (file, "-I", "-S", "-c", _ASK),
                cwd="/",
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
    ends = time.monotonic() + ANSWER_WITHIN_S
    for file, process in running.items():
        said = b""
        try:
            said, _ = process.communicate(timeout=max(0.05, ends - time.monotonic()))
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, 9)
            process.communicate()
        interpreter = _read(said) if process.returncode == 0 else None
        if interpreter is not None:
            asked[file] = _Answer(
                seen=asked[file].seen, interpreter=interpreter, real=_seen(interpreter.path)
            )
    return asked


def _read(said: bytes) -> Interpreter | None:
    parts = said.decode("utf-8", "replace").strip().split("|", 5)
    if len(parts) != 6 or parts[:2] != ["devsecops", "cpython"] or parts[3] != "final":
        return None
    numbers = parts[2].split(".")
    if len(numbers) != 3 or not all(n.isascii() and n.isdigit() for n in numbers):
        return None
    return Interpreter(path=parts[5], version=parts[2], tag=parts[4])
