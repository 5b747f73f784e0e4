"""The advisories: read from the index of the scanner `advisories`, in its format 1, byte by byte verified.

One update serves both scanners, and both name the same digest in the verdict. The file's shape: a first
line, the size of the header (4 bytes, big endian), its sha256, the header (msgpack), then the parts in the
header's order, each zlib over a msgpack map from a package's name to its advisories.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import msgspec

from devsecops.api import Data, Severity, ToolError

MAGIC = b"devsecops-advisories/1\n"
REMEDY = "run: devsecops advisories update"
ECOSYSTEM = "PyPI"
_LARGEST = 1 << 30

Range = tuple[tuple[str, str], ...]
"""Events: ``i`` introduced, ``f`` fixed, ``l`` last affected, ``m`` limit; and the version."""


class Advisory(msgspec.Struct, frozen=True, array_like=True):
    """One advisory about one package. `listed` are the affected versions that no range covers."""

    id: str
    aliases: tuple[str, ...]
    severity: Severity
    score: float | None
    basis: str
    weakness: str | None
    ranges: tuple[Range, ...]
    listed: tuple[str, ...]


class _Part(msgspec.Struct, frozen=True):
    ecosystem: str
    date: str
    size: int
    sha256: str


class _Header(msgspec.Struct, frozen=True):
    parts: tuple[_Part, ...]


_ADVISORIES = msgspec.msgpack.Decoder(tuple[Advisory, ...])


@dataclass(frozen=True, slots=True)
class Advisories:
    """The advisories about packages of PyPI, and what data they are."""

    data: Data
    packed: dict[str, msgspec.Raw]

    def of(self, name: str) -> tuple[Advisory, ...]:
        """Return the advisories about the package with the normal name `name`."""
        packed = self.packed.get(name)
        return () if packed is None else _ADVISORIES.decode(packed)


def place() -> Path:
    """Return the path of the index: the one that ``advisories update`` wrote, else the embedded one.

    Raises:
        ToolError: there is neither.
    """
    own = os.environ.get("DEVSECOPS_CACHE")
    cache = (
        Path(own) if own else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "devsecops")
    )
    updated = cache / "advisories" / "index.bin"
    if os.path.lexists(updated):
        return updated
    # Its place is looked up, no code of the other plugin runs.
    spec = find_spec("devsecops_advisories")
    if spec is None or spec.origin is None:
        raise ToolError(f"there is no advisory index; {REMEDY}")
    return Path(spec.origin).with_name("index.bin")


def load(today: str) -> Advisories:
    """Return the advisories. `today` is a UTC day, YYYY-MM-DD.

    Raises:
        ToolError: the index is missing, damaged, without a part for PyPI, or from the future.
    """
    path = place()
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ToolError(f"the advisory index {path} cannot be read ({error.strerror}); {REMEDY}") from None
    return parse(data, today)


def parse(data: bytes, today: str) -> Advisories:
    """Return the advisories in the bytes of an index, as `load` does."""
    start = len(MAGIC) + 36
    size = int.from_bytes(data[start - 36 : start - 32], "big")
    header = data[start : start + size]
    if not data.startswith(MAGIC) or hashlib.sha256(header).digest() != data[start - 32 : start]:
        raise ToolError(f"the advisory index is damaged, or of another format; {REMEDY}")
    try:
        parts = msgspec.msgpack.decode(header, type=_Header).parts
        at = start + size
        for part in parts:
            if part.ecosystem == ECOSYSTEM:
                break
            at += part.size
        else:
            raise ToolError(f"the advisory index does not hold {ECOSYSTEM}; {REMEDY}")
        blob = data[at : at + part.size]
        if hashlib.sha256(blob).hexdigest() != part.sha256:
            raise ToolError(f"the digest of the {ECOSYSTEM} part of the advisory index is wrong; {REMEDY}")
        engine = zlib.decompressobj()
        packed = msgspec.msgpack.decode(engine.decompress(blob, _LARGEST), type=dict[str, msgspec.Raw])
    except (msgspec.MsgspecError, zlib.error):
        raise ToolError(f"the advisory index is damaged; {REMEDY}") from None
    if part.date > today:
        raise ToolError(f"the advisory index is of {part.date}, which is after {today}; {REMEDY}")
    return Advisories(Data(digest=hashlib.sha256(data).hexdigest(), date=part.date), packed)
