"""The locks of what is put together from a Maven repository. `scripts/lock_zap.py` makes them."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Annotated

import msgspec

from devsecops.api import ToolError

_FILE = r"^[A-Za-z0-9][A-Za-z0-9._+-]*\.(jar|zap)$"
_PATH = r"^([A-Za-z0-9_][A-Za-z0-9._+-]*/)+[A-Za-z0-9_][A-Za-z0-9._+-]*\.jar$"


class File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file of the repository."""

    sha256: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
    size: Annotated[int, msgspec.Meta(ge=1, le=1 << 28)]


Where = Annotated[str, msgspec.Meta(pattern=_PATH)]


class Addon(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One add-on: its jar, with `libs` as files in ``libs/`` and all of `unpacked` in it."""

    file: Annotated[str, msgspec.Meta(pattern=_FILE)]
    jar: Where
    libs: tuple[Where, ...]
    unpacked: tuple[Where, ...]


class Lock(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that is downloaded, and how it is put together."""

    format: int
    name: str
    version: str
    class_path: tuple[Where, ...]
    """In its order. The names of its files are unique."""
    addons: tuple[Addon, ...]
    stand_ins: tuple[Annotated[str, msgspec.Meta(pattern="^[a-z]+$")], ...]
    """Ids of add-ons that are asked for and not published: manifests without code."""
    files: dict[Where, File]

    @property
    def size(self) -> int:
        """Bytes to download."""
        return sum(file.size for file in self.files.values())


def read(path: Path) -> tuple[Lock, str]:
    """Return a lock and the sha256 of its file. Raises ToolError when it is none."""
    try:
        data = path.read_bytes()
        lock = msgspec.json.decode(data, type=Lock)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ToolError(f"the lock {path.name} cannot be read ({error}); install devsecops again") from None
    used = {*lock.class_path, *(p for a in lock.addons for p in (a.jar, *a.libs, *a.unpacked))}
    names = [one.rpartition("/")[2] for one in lock.class_path]
    if lock.format != 1 or used != set(lock.files) or len(set(names)) != len(names):
        raise ToolError(f"the lock {path.name} does not fit together; install devsecops again")
    return lock, sha256(data).hexdigest()
