"""The index: one file, verified on loading. ``magic, size and sha256 of the header, header, parts``.

The header names each part with its counts, its data's date and its digest; a part is zlib over a
msgpack map from package name to advisories, decoded package by package.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import time
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from devsecops.api import Severity, ToolError
from devsecops_advisories.versions import Event

MAGIC = b"devsecops-advisories/1\n"
REMEDY = "run: devsecops advisories update"
_LARGEST_PART = 1 << 30


class Advisory(msgspec.Struct, frozen=True, array_like=True):
    """One advisory about one package. `listed` are the affected versions that no range covers."""

    id: str
    aliases: tuple[str, ...]
    severity: Severity
    score: float | None
    basis: str
    weakness: str | None
    ranges: tuple[tuple[Event, ...], ...]
    listed: tuple[str, ...]


class PartFacts(msgspec.Struct, frozen=True):
    """What the header says of one ecosystem. `date` is the newest `modified` of its records."""

    ecosystem: str
    date: str
    records: int
    withdrawn: int
    packages: int
    size: int
    sha256: str


class _Header(msgspec.Struct, frozen=True):
    date: str
    parts: tuple[PartFacts, ...]


_PACKAGES = msgspec.msgpack.Decoder(dict[str, msgspec.Raw])
_ADVISORIES = msgspec.msgpack.Decoder(tuple[Advisory, ...])


@dataclass(frozen=True, slots=True)
class Index:
    """A verified index. `parts` maps an ecosystem to its facts and its packed packages."""

    digest: str
    parts: Mapping[str, tuple[PartFacts, bytes]]

    def date(self, ecosystems: frozenset[str] = frozenset()) -> str:
        """Return the date of the oldest data among `ecosystems`; of all when none of them is here."""
        used = [facts.date for name, (facts, _) in self.parts.items() if name in ecosystems]
        return min(used or [facts.date for facts, _ in self.parts.values()])

    def packages(self, ecosystem: str) -> dict[str, msgspec.Raw] | None:
        """Return the packages of `ecosystem`, still packed; None when the index does not hold it."""
        part = self.parts.get(ecosystem)
        return None if part is None else _PACKAGES.decode(_unpack(part[1], ecosystem))


def advisories(packed: msgspec.Raw) -> tuple[Advisory, ...]:
    """Return the advisories of one package of `Index.packages`."""
    return _ADVISORIES.decode(packed)


def write(parts: Mapping[str, tuple[PartFacts, bytes]]) -> bytes:
    """Return the file of `parts`; the same parts give the same bytes."""
    names = sorted(parts)
    facts = tuple(parts[name][0] for name in names)
    header = msgspec.msgpack.encode(_Header(date=max(part.date for part in facts), parts=facts))
    head = len(header).to_bytes(4, "big") + hashlib.sha256(header).digest()
    return MAGIC + head + header + b"".join(parts[name][1] for name in names)


def _unpack(blob: bytes, ecosystem: str) -> bytes:
    engine = zlib.decompressobj()
    try:
        data = engine.decompress(blob, _LARGEST_PART)
    except zlib.error:
        data = b""
    if not engine.eof:
        raise ToolError(f"the {ecosystem} part of the advisory index is damaged; {REMEDY}")
    return data


def parse(data: bytes, today: str) -> Index:
    """Return the index in `data`, every byte of it verified. `today` is a UTC day, YYYY-MM-DD.

    Raises:
        ToolError: it is damaged, empty, or from the future.
    """
    if not data:
        raise ToolError(f"the advisory index is an empty file; {REMEDY}")
    if not data.startswith(MAGIC):
        raise ToolError(f"the advisory index is not one of this version's format; {REMEDY}")
    at = len(MAGIC) + 36
    size = int.from_bytes(data[len(MAGIC) : len(MAGIC) + 4], "big")
    packed = data[at : at + size]
    if len(data) < at or len(packed) != size:
        raise ToolError(f"the advisory index is truncated; {REMEDY}")
    if hashlib.sha256(packed).digest() != data[at - 32 : at]:
        raise ToolError(f"the digest of the advisory index is wrong; {REMEDY}")
    try:
        header = msgspec.msgpack.decode(packed, type=_Header)
    except msgspec.DecodeError:
        raise ToolError(f"the header of the advisory index cannot be read; {REMEDY}") from None
    parts: dict[str, tuple[PartFacts, bytes]] = {}
    at += size
    for part in header.parts:
        blob = data[at : at + part.size]
        at += part.size
        if len(blob) != part.size:
            raise ToolError(f"the advisory index is truncated; {REMEDY}")
        if hashlib.sha256(blob).hexdigest() != part.sha256:
            raise ToolError(
                f"the digest of the {part.ecosystem} part of the advisory index is wrong; {REMEDY}"
            )
        if part.records < 1 or part.packages < 1:
            raise ToolError(f"the {part.ecosystem} part of the advisory index is empty; {REMEDY}")
        if part.date > today:
            raise ToolError(f"the advisory index is of {part.date}, which is after {today}; {REMEDY}")
        parts[part.ecosystem] = (part, blob)
    if not parts:
        raise ToolError(f"the advisory index is empty; {REMEDY}")
    if at != len(data):
        raise ToolError(f"the advisory index is longer than its header says; {REMEDY}")
    return Index(hashlib.sha256(data).hexdigest(), parts)


def embedded_path() -> Path:
    """Return the path of the index in the wheel."""
    return Path(__file__).with_name("index.bin")


def user_path() -> Path:
    """Return the path of the index that `advisories update` writes."""
    own = os.environ.get("DEVSECOPS_CACHE")
    if own:
        cache = Path(own)
    else:
        cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "devsecops"
    return cache / "advisories" / "index.bin"


def load(today: str, path: Path | None = None) -> Index:
    """Return the index at `path`; by default the user's if there is one, else the embedded one.

    Raises:
        ToolError: it is missing, damaged, empty, or from the future.
    """
    if path is None:
        path = user_path() if os.path.lexists(user_path()) else embedded_path()
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise ToolError(f"the advisory index {path} is missing; {REMEDY}") from None
    except OSError as error:
        raise ToolError(f"the advisory index {path} cannot be read ({error.strerror}); {REMEDY}") from None
    return parse(data, today)


@contextmanager
def locked(folder: Path, deadline: float) -> Iterator[None]:
    """Hold the lock of `folder` until the block ends; `deadline` is on the monotonic clock.

    Raises:
        ToolError: another process held it until then.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("ab") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise ToolError("another update of the advisory index is running: wait for it") from None
                time.sleep(0.05)
        yield


def replace(path: Path, data: bytes) -> None:
    """Put `data` at `path`, all or nothing, also when the machine stops."""
    import tempfile

    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".index-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
