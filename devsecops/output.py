"""The folder that a run leaves its files in. verdict.json is the only truth: incomplete first, renamed last.

Everything happens relative to a descriptor of the folder, and nothing is opened through a link: whatever
the folder's name is made to point at during a run, nothing else is written to.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from devsecops.canonical import digest, encode_verdict
from devsecops.errors import IncompleteError, UsageError
from devsecops.model import Verdict

VERDICT = "verdict.json"
LOCK = "devsecops.lock"
CI_FOLDER = "devsecops-out"
_TEMPORARY = ".devsecops-tmp"
_FOLDER = os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class OutputLost(IncompleteError):  # noqa: N818  # named for its reason code
    """An output could not be written after work had begun."""


def default_folder(root: Path) -> Path:
    """Return where the last run over `root` is kept; ``$XDG_STATE_HOME`` moves it."""
    base = os.environ.get("XDG_STATE_HOME", "")
    state = Path(base) if base.startswith("/") else Path.home() / ".local" / "state"
    real = root.resolve()
    name = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in real.name) or "root"
    # Only our own default may lie behind a link (a linked home folder is common).
    return state.resolve() / "devsecops" / f"{name[:60]}-{digest(os.fsencode(real))[:12]}"


def _below(path: Path, folders: Sequence[Path]) -> bool:
    return any(path.is_relative_to(folder.resolve()) for folder in folders)


def _open_folder(path: Path) -> int:
    """Open a folder without passing a link, making what is missing of it; return its descriptor."""
    walk = getattr(os, "O_PATH", os.O_RDONLY) | _FOLDER
    at = os.open("/", walk)
    try:
        for part in path.parts[1:]:
            try:
                below = os.open(part, walk, dir_fd=at)
            except FileNotFoundError:
                with contextlib.suppress(FileExistsError):
                    os.mkdir(part, dir_fd=at)
                below = os.open(part, walk, dir_fd=at)
            os.close(at)
            at = below
        return os.open(".", os.O_RDONLY | _FOLDER, dir_fd=at)
    finally:
        os.close(at)


class OutputFolder:
    """An output folder that is locked by this process. Use `open`."""

    def __init__(self, path: Path, fd: int, lock: int) -> None:
        self.path = path
        self._fd = fd
        self._lock = lock
        self._waiting: dict[str, str] = {}
        """Files that are written and not yet renamed: name -> sha256."""
        self._before: dict[str, str] = {}
        """Files of the run that was here before."""

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        scanned: Sequence[Path] = (),
        ignored: Callable[[Path], bool] = lambda _: False,
        wait_s: float = 5.0,
    ) -> OutputFolder:
        """Open `path`, made if it is missing, and lock it.

        `scanned` are the folders that are scanned; inside one, the folder has to be `ignored`, empty or
        left by an earlier run, and git is made to ignore it. Waits `wait_s` seconds for another run to end.

        Raises:
            UsageError: it is or passes a link, cannot be written, holds other files of a scanned folder,
                or is in use.
        """
        path = Path(os.path.abspath(path))  # noqa: PTH100  # resolve() would follow the links we refuse
        _refuse_links(path)
        with _usage(path):
            fd = _open_folder(path)
        try:
            exposed = _below(path.resolve(), scanned) and not ignored(path)
            if exposed:
                _refuse_foreign(path, fd)
            with _usage(path):
                if exposed:
                    _ignore_all(fd)
                lock = os.open(LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644, dir_fd=fd)
        except BaseException:
            os.close(fd)
            raise
        folder = cls(path, fd, lock)
        try:
            folder._take_lock(wait_s)
        except BaseException:
            folder.close()
            raise
        return folder

    def _take_lock(self, wait_s: float) -> None:
        end = time.monotonic() + wait_s
        while True:
            try:
                fcntl.lockf(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                if time.monotonic() >= end:
                    pid = os.pread(self._lock, 20, 0).decode("ascii", "replace").strip() or "unknown"
                    raise UsageError(
                        f"Another run (pid {pid}) writes to {self.path}; wait for it or give --output DIR."
                    ) from None
                time.sleep(0.05)
            else:
                with _usage(self.path):
                    os.ftruncate(self._lock, 0)
                    os.pwrite(self._lock, f"{os.getpid()}\n".encode(), 0)
                return

    def begin(self, verdict: Verdict) -> None:
        """Write `verdict`, an incomplete one, before anything else happens.

        Its `files` are what an earlier run left, so that a later one can still remove what is stale.

        Raises:
            UsageError: the folder cannot be written.
        """
        with _usage(self.path):
            self._before = self._files_before()
            unfinished = msgspec.structs.replace(verdict, files=self._before)
            self._write(VERDICT, encode_verdict(unfinished))
            self._rename(VERDICT)
            os.fsync(self._fd)
            with contextlib.suppress(FileExistsError):
                os.mkdir("results", dir_fd=self._fd)
            with self._folder_of("results/-") as (results, _):
                _remove_temporary(results)
            _remove_temporary(self._fd)

    def write(self, name: str, data: bytes) -> str:
        """Write a file under a temporary name; `name` may stand in ``results/``. Return its sha256.

        Raises:
            OutputLost: it cannot be written.
        """
        with _lost(self.path):
            self._write(name, data)
        self._waiting[name] = digest(data)
        return self._waiting[name]

    @property
    def files(self) -> dict[str, str]:
        """What was written so far: name -> sha256."""
        return dict(sorted(self._waiting.items()))

    def commit(self, verdict: Verdict) -> None:
        """Give all files their names, the verdict's last; results of an earlier run are removed.

        Raises:
            OutputLost: it cannot be done, or the folder's name means something else by now.
        """
        with _lost(self.path):
            self._write(VERDICT, encode_verdict(verdict))
            self._still_here()
            for name in self._before:
                # Only what we alone write: the list is a file that somebody may have changed.
                if name.startswith("results/") and name.endswith(".json") and name not in self._waiting:
                    with self._folder_of(name) as (fd, last), contextlib.suppress(FileNotFoundError):
                        os.unlink(last, dir_fd=fd)
            for name in self._waiting:
                self._rename(name)
            os.fsync(self._fd)
            self._rename(VERDICT)
            os.fsync(self._fd)

    def close(self) -> None:
        """Unlock and let go; what was not committed stays under its temporary name until the next run."""
        os.close(self._lock)
        os.close(self._fd)

    def __enter__(self) -> OutputFolder:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextlib.contextmanager
    def _folder_of(self, name: str) -> Iterator[tuple[int, str]]:
        head, _, last = name.rpartition("/")
        if name.startswith("/") or head not in ("", "results") or last in ("", ".", ".."):
            raise ValueError(f"not a name of an output: {name!r}")
        if not head:
            yield self._fd, last
            return
        fd = os.open(head, os.O_RDONLY | _FOLDER, dir_fd=self._fd)
        try:
            yield fd, last
        finally:
            os.close(fd)

    def _write(self, name: str, data: bytes) -> None:
        with self._folder_of(name) as (fd, last):
            _write_new(f".{last}{_TEMPORARY}", data, fd)

    def _rename(self, name: str) -> None:
        with self._folder_of(name) as (fd, last):
            os.rename(f".{last}{_TEMPORARY}", last, src_dir_fd=fd, dst_dir_fd=fd)

    def _files_before(self) -> dict[str, str]:
        data = _old_verdict(self._fd)
        with contextlib.suppress(msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            files = msgspec.json.decode(data, type=Verdict).files
            return {name: sha256 for name, sha256 in files.items() if name.count("/") <= 1}
        return {}

    def _still_here(self) -> None:
        now, then = self.path.lstat(), os.fstat(self._fd)
        if (now.st_dev, now.st_ino) != (then.st_dev, then.st_ino):
            raise OSError(0, "it was replaced during the run")


def _write_new(name: str, data: bytes, dir_fd: int | None) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(name, dir_fd=dir_fd)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    fd = os.open(name, flags, 0o644, dir_fd=dir_fd)
    with open(fd, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(fd)


def _refuse_links(path: Path) -> None:
    for place in (*reversed(path.parents), path):
        if place.is_symlink():
            raise UsageError(f"The output {path} passes a link ({place}); give a path without one.")


def _refuse_foreign(path: Path, fd: int) -> None:
    with os.scandir(fd) as entries:
        names = {entry.name for entry in entries} - {LOCK, ".gitignore"}
    if not names or b'"devsecops.verdict/1"' in _old_verdict(fd):
        return
    raise UsageError(
        f"The output {path} lies in the scanned folder and holds other files; "
        "give --output DIR outside of it, an empty folder, or one that git ignores."
    )


def _ignore_all(fd: int) -> None:
    """Make git ignore the folder, so that the next scan of the tree does not see it."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with (
        contextlib.suppress(FileExistsError),
        open(os.open(".gitignore", flags, 0o644, dir_fd=fd), "wb") as file,
    ):
        file.write(b"*\n")


def _old_verdict(fd: int) -> bytes:
    try:
        file = os.open(VERDICT, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=fd)
    except OSError:
        return b""
    with open(file, "rb") as stream:
        return stream.read() if stat.S_ISREG(os.fstat(file).st_mode) else b""


def _remove_temporary(fd: int) -> None:
    with os.scandir(fd) as entries:
        names = [entry.name for entry in entries]
    for name in names:
        if name.startswith(".") and name.endswith(_TEMPORARY):
            os.unlink(name, dir_fd=fd)


def make_folder(path: Path) -> None:
    """Make a folder for a copy, never through a link.

    Raises:
        UsageError: it or a folder above is a link, or it cannot be made.
    """
    path = Path(os.path.abspath(path))  # noqa: PTH100
    _refuse_links(path)
    with _usage(path):
        os.close(_open_folder(path))


def check_copy(path: Path) -> None:
    """Check, before any work, that a copy of a report can be written to `path`.

    Raises:
        UsageError: its folder is missing or not writable, or it is a link or no regular file.
    """
    _refuse_links(Path(os.path.abspath(path)))  # noqa: PTH100
    if path.exists() and not path.is_file():
        raise UsageError(f"The output {path} is not a regular file; give a file, or - for stdout.")
    folder = path.parent
    if not folder.is_dir():
        raise UsageError(f"The output {path} cannot be written: {folder} is not a folder.")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UsageError(f"The output {path} cannot be written: {folder} is not writable.")


def write_copy(path: Path, data: bytes) -> None:
    """Write a copy of a report, all or nothing.

    Raises:
        OutputLost: it cannot be written.
    """
    with _lost(path):
        folder = _open_folder(Path(os.path.abspath(path.parent)))  # noqa: PTH100
        try:
            temporary = f".{path.name}{_TEMPORARY}"
            _write_new(temporary, data, folder)
            os.rename(temporary, path.name, src_dir_fd=folder, dst_dir_fd=folder)
        finally:
            os.close(folder)


@contextlib.contextmanager
def _usage(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UsageError(
            f"The output {path} cannot be written: {error.strerror}; give --output DIR."
        ) from None


@contextlib.contextmanager
def _lost(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputLost(f"The output {path} could not be written: {error.strerror}.") from None
