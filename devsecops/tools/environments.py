"""One hash-locked environment per tool, built beside its place and renamed into it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import msgspec

import devsecops.tools.installer as installer
import devsecops.tools.records as records
from devsecops.model import Value
from devsecops.tools.folders import cache_root, write_whole
from devsecops.tools.installer import InstallFailed
from devsecops.tools.interpreters import Interpreter
from devsecops.tools.locks import Lock
from devsecops.tools.missing import ToolMissing

FORMAT = 1
"""Raised when environments are built in another way, so that old ones are not taken for new ones."""
WAIT_S = 660.0
"""How long one run waits for another that builds the same environment: longer than a build may take."""
_MARKER = "devsecops.json"

Say = Callable[[str], None]


class Built(Value, frozen=True, kw_only=True):
    """The marker of an environment that is complete."""

    lock: str
    interpreter: Interpreter
    package: str
    version: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where the environment of one tool, lock and interpreter belongs."""

    tool: str
    package: str
    lock: Lock
    interpreter: Interpreter

    @property
    def folder(self) -> Path:
        """The environment; whole, or not there."""
        parts = (str(FORMAT), self.lock.digest, *msgspec.structs.astuple(self.interpreter))
        return cache_root() / "tools" / self.tool / sha256("\n".join(parts).encode()).hexdigest()

    @property
    def unfit(self) -> Path:
        """A note that this interpreter can never take the lock, and why."""
        return self.folder.with_suffix(".unfit")

    def built(self) -> Built | None:
        """Return the marker of a complete environment that is still all there; None otherwise."""
        try:
            built = msgspec.json.decode((self.folder / _MARKER).read_bytes(), type=Built)
            version = records.version_of(records.packages_of(self.folder), self.package)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError, InstallFailed):
            return None
        as_asked = (built.lock, built.interpreter) == (self.lock.digest, self.interpreter)
        alive = version == built.version and os.access(self.folder / "bin" / "python", os.X_OK)
        return built if as_asked and alive else None

    def why_unfit(self) -> str | None:
        """Return why this interpreter cannot take the lock, if that was found before."""
        try:
            return self.unfit.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return None


def build(place: Place, say: Say) -> Built:
    """Build the environment, or wait for the run that is building it.

    Raises:
        InstallFailed: uv or the check of what it installed said no.
        ToolMissing: the cache cannot be written, or another run holds it for too long.
    """
    folder = place.folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _held(folder.with_suffix(".lock"), place.tool, say):
            built = place.built()
            if built is not None:
                return built
            _clean(folder)
            return _build(place, folder.with_name(f".{folder.name}.{os.getpid()}"), say)
    except OSError as error:
        raise ToolMissing(
            f"the environment of {place.tool} cannot be written to {folder.parent}: {error.strerror}",
            "set DEVSECOPS_CACHE to a folder that can be written",
        ) from None


def _build(place: Place, beside: Path, say: Say) -> Built:
    started = time.monotonic()
    python = beside / "bin" / "python"
    say(
        f"{place.tool}: first use; building its locked environment for Python {place.interpreter.version} ..."
    )
    try:
        installer.make_environment(beside, place.interpreter.path)
        installer.install(place.lock.path, python)
        records.verify(beside, place.lock)
        packages = records.packages_of(beside)
        version = records.version_of(packages, place.package)
        if version is None:
            raise InstallFailed(f"the lock does not install {place.package} on this platform", unfit=True)
        installer.compile_bytecode(python, packages)
        built = Built(
            lock=place.lock.digest, interpreter=place.interpreter, package=place.package, version=version
        )
        write_whole(beside / _MARKER, msgspec.json.encode(built))
        beside.rename(place.folder)
    except InstallFailed as error:
        if error.unfit:
            write_whole(place.unfit, str(error).encode())
        raise
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    say(f"{place.tool} {built.version}: ready after {time.monotonic() - started:.1f} s.")
    return built


def _clean(folder: Path) -> None:
    """Remove what a run that died left of this environment. Only the holder of its lock may."""
    for left in [folder, *folder.parent.glob(f".{folder.name}.*")]:
        if left.is_dir() and not left.is_symlink():
            # Renamed first: a folder that is half removed must not stand under the name of a whole one.
            doomed = folder.with_name(f".{folder.name}.doomed")
            shutil.rmtree(doomed, ignore_errors=True)
            left.rename(doomed)
            shutil.rmtree(doomed)


@contextmanager
def _held(path: Path, tool: str, say: Say) -> Iterator[None]:
    """Hold an exclusive lock. The kernel drops it when its holder dies."""
    ends = time.monotonic() + WAIT_S
    told = False
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
    try:
        while True:
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > ends:
                    raise ToolMissing(
                        f"another run has been building the environment of {tool} for {WAIT_S:g} s",
                        f"end that run, or remove {path}",
                    ) from None
                if not told:
                    say(f"{tool}: waiting for another run that builds its environment ...")
                    told = True
                time.sleep(0.05)
        yield
    finally:
        with contextlib.suppress(OSError):
            os.close(fd)
