"""What a scanner of running services is told of the policy: its text, and the files beside it.

These are as trusted as the policy: on disk they stand in its folder, in a revision in the same one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Any

from devsecops.errors import UsageError
from devsecops.policy import Loaded
from devsecops.tools.folders import cache_root, write_whole

TEXTS = ("plan", "packaged_rules")
"""Keys of ``[dast]`` that name a text beside the policy. ``[[dast.addons]] file`` names any other file."""


def about(loaded: Loaded) -> dict[str, Any]:
    """Return what the scanner gets as its option ``policy``. Raises UsageError, IncompleteError."""
    return {
        "text": loaded.text,
        "source": loaded.in_force.source,
        "in_a_file": loaded.in_a_file,
        "trusted": loaded.in_force.trusted,
        "shell": not loaded.gate,
        "files": _texts(loaded),
        "places": _places(loaded),
    }


def _texts(loaded: Loaded) -> dict[str, str]:
    """Return name -> text. One that is not there is left out: who reads it says so."""
    names = (loaded.policy.dast.get(key) for key in TEXTS)
    found = {name: loaded.beside(name) for name in names if isinstance(name, str)}
    return {name: data.decode("utf-8", "replace") for name, data in found.items() if data is not None}


def _places(loaded: Loaded) -> dict[str, str]:
    """Return name -> absolute path of the add-ons beside the policy; one that is not there is left out."""
    found = {name: loaded.beside(name) for name in _addons(loaded)}
    return {name: _kept(name, data) for name, data in found.items() if data is not None}


def _addons(loaded: Loaded) -> Iterator[str]:
    addons = loaded.policy.dast.get("addons")
    for addon in addons if isinstance(addons, list | tuple) else ():
        name = addon.get("file") if isinstance(addon, Mapping) else None
        # An absolute path is one already; what leads out of the folder the scanner refuses, with its line.
        if isinstance(name, str) and not name.startswith("/") and ".." not in name.split("/"):
            yield name


def _kept(name: str, data: bytes) -> str:
    """Return where a file is kept under its digest: in a revision it has no path. Raises UsageError."""
    path = cache_root() / "beside" / sha256(data).hexdigest() / PurePosixPath(name).name
    try:
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, data)
    except OSError as error:
        raise UsageError(f"{path} cannot be written ({error.strerror}); set DEVSECOPS_CACHE.") from None
    return str(path)
