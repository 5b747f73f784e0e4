"""Paths under which a tool sees the files of a project: their own, as far as that is harmless."""

from __future__ import annotations

import posixpath
import re
from hashlib import sha256

CONTROL_FOLDER = "devsecops-control"
_SANE = re.compile(rb"(?!-|\.{1,2}\Z|\.git\Z|head\Z)[a-z0-9._+@=-]{1,200}", re.IGNORECASE)
"""Not: an option, a way out, a name that git would obey; white space, quotes, and what a shell reads."""


def sane(raw: bytes) -> str:
    """Return the path that stands for `raw`: plain ASCII, no part of it an option or a name for git.

    A part that was changed ends, before its suffix, in ``~`` and a digest, so that no two become one.
    """
    return "/".join(_part(part) for part in raw.split(b"/"))


def _part(part: bytes) -> str:
    if _SANE.fullmatch(part):
        return part.decode("ascii")
    stem, suffix = posixpath.splitext(re.sub(rb"[^A-Za-z0-9._+@=-]", b"_", part).decode("ascii"))
    mark = sha256(part).hexdigest()[:12]
    return f"{stem.lstrip('-')[:150]}~{mark}{suffix[:20]}"
