"""ZAP put together from published Java artifacts: locked files, downloaded, checked, and composed.

It carries no rules of ZAP's own, and 2.17.0 so composed has no passive engine and no script API.
"""

from __future__ import annotations

import os
import shutil
import time
import zipfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

from devsecops.api import ToolError
from devsecops_zap.sources.cache import held, replace_folder
from devsecops_zap.sources.download import allowed, fetch
from devsecops_zap.sources.java import LOCKS
from devsecops_zap.sources.lock import Addon, Lock, read

FORMAT = 1
"""Raised when it is put together in another way."""
CENTRAL = "https://repo.maven.apache.org/maven2"
VERSIONS = ("2.17.0", "2.11.1")
AT_ONCE = 4
_MARKER = "devsecops.zap"
_SIGNATURES = (".SF", ".RSA", ".DSA", ".EC")
_WHEN = (2020, 1, 1, 0, 0, 0)


def repository() -> str:
    """Return where artifacts are downloaded from: ``$DEVSECOPS_MAVEN``, or Maven Central."""
    return allowed(os.environ.get("DEVSECOPS_MAVEN", "").rstrip("/") or CENTRAL)


def lock_of(version: str) -> tuple[Lock, str]:
    """Return the lock of a version and its sha256. Raises ToolError for a version without one."""
    if version not in VERSIONS:
        raise ToolError(f"there is no lock for ZAP {version}; versions with one: {', '.join(VERSIONS)}")
    return read(LOCKS / f"zap-{version}.json")


def place(folder: Path, digest: str) -> Path:
    """Return where what a lock of this sha256 describes belongs; whole, or not there."""
    return folder / sha256(f"{FORMAT}\n{digest}".encode()).hexdigest()


def present(where: Path, lock: Lock) -> bool:
    """Tell whether it is all there, file by file with its size."""
    try:
        sizes = [line.split(" ", 1) for line in (where / _MARKER).read_text("utf-8").splitlines()]
        return bool(sizes) and all((where / name).stat().st_size == int(size) for size, name in sizes)
    except (OSError, ValueError):
        return False


def class_path(where: Path, lock: Lock) -> tuple[str, ...]:
    """Return the class path of what was put together there."""
    return tuple(str(where / "lib" / path.rpartition("/")[2]) for path in lock.class_path)


def build(folder: Path, lock: Lock, digest: str, deadline: float) -> Path:
    """Download, check and compose; return where. Whoever comes second waits.

    Raises:
        ToolError: a file cannot be had or is another one, or the cache cannot be written.
    """
    where = place(folder, digest)
    with held(folder, where.name, deadline):
        if not present(where, lock):
            files = download(lock, folder / "downloads", deadline)
            with replace_folder(where) as beside:
                compose(lock, files, beside)
            for file in files.values():
                file.unlink(missing_ok=True)
    return where


def download(lock: Lock, into: Path, deadline: float) -> dict[str, Path]:
    """Return a file for each path of the lock, checked; those that are there are not fetched again.

    Raises:
        ToolError: one of them cannot be had.
    """
    try:
        into.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ToolError(f"{into} cannot be made ({error.strerror})") from None
    base = repository()

    def one(path: str) -> tuple[str, Path]:
        file, target = lock.files[path], into / lock.files[path].sha256
        if not (target.is_file() and target.stat().st_size == file.size and _digest(target) == file.sha256):
            if time.monotonic() >= deadline:
                raise ToolError("the download did not end in the time it was given")
            fetch(
                f"{base}/{path}",
                target,
                sha256=file.sha256,
                size=file.size,
                most=file.size,
                deadline=deadline,
            )
        return path, target

    with ThreadPoolExecutor(AT_ONCE) as pool:
        waiting = [pool.submit(one, path) for path in lock.files]
        try:
            return dict(each.result() for each in waiting)
        except ToolError:
            pool.shutdown(cancel_futures=True)
            raise


def _digest(path: Path) -> str:
    from hashlib import file_digest

    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def compose(lock: Lock, files: Mapping[str, Path], into: Path) -> None:
    """Lay out the class path and the add-ons, and a list of both. Raises ToolError, OSError."""
    (into / "lib").mkdir()
    (into / "plugin").mkdir()
    for path in lock.class_path:
        shutil.copyfile(files[path], into / "lib" / path.rpartition("/")[2])
    for addon in lock.addons:
        _add_on(addon, files, into / "plugin" / addon.file)
    for name in lock.stand_ins:
        _stand_in(name, into / "plugin" / f"{name}-release-1.0.0.zap")
    made = sorted(path for path in into.rglob("*") if path.is_file())
    lines = [f"{path.stat().st_size} {path.relative_to(into).as_posix()}" for path in made]
    (into / _MARKER).write_text("\n".join(lines) + "\n", "utf-8")


def _add_on(addon: Addon, files: Mapping[str, Path], target: Path) -> None:
    """Write an add-on as its publisher's build does: see `lock.Addon`. Services are joined."""
    services: dict[str, bytes] = {}
    seen: set[str] = set()
    with zipfile.ZipFile(target, "w") as out:
        for path in (addon.jar, *addon.unpacked):
            for name, data in _entries(files[path]):
                if name.startswith("META-INF/services/"):
                    services[name] = services.get(name, b"") + data.rstrip(b"\n") + b"\n"
                elif name not in seen:
                    seen.add(name)
                    _write(out, name, data, zipfile.ZIP_DEFLATED)
        for name, data in services.items():
            _write(out, name, data, zipfile.ZIP_DEFLATED)
        for path in addon.libs:
            _write(out, f"libs/{path.rpartition('/')[2]}", files[path].read_bytes(), zipfile.ZIP_STORED)


def _entries(jar: Path) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(jar) as opened:
        for entry in opened.infolist():
            name = entry.filename
            signed = name.startswith("META-INF/") and name.endswith(_SIGNATURES)
            if not entry.is_dir() and not signed and name != "META-INF/MANIFEST.MF":
                yield name, opened.read(entry)


def _stand_in(name: str, target: Path) -> None:
    """Write an add-on that has a manifest only: the core asks for its id."""
    manifest = (
        f"<zapaddon><name>{name}</name><version>1.0.0</version><status>release</status>"
        "<description>Stands in for an add-on that is not published.</description>"
        "<author>devsecops</author><not-before-version>2.12.0</not-before-version></zapaddon>"
    )
    with zipfile.ZipFile(target, "w") as out:
        _write(out, "ZapAddOn.xml", manifest.encode(), zipfile.ZIP_DEFLATED)


def _write(out: zipfile.ZipFile, name: str, data: bytes, how: int) -> None:
    entry = zipfile.ZipInfo(name, _WHEN)
    entry.compress_type = how
    entry.external_attr = 0o644 << 16
    # The fastest level: it is read once by each daemon, and written while somebody waits.
    out.writestr(entry, data, compresslevel=1)
