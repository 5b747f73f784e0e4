"""Which ZAP is wanted, as the policy's options say it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Literal, get_args

from devsecops.api import ToolError
from devsecops_zap.sources.download import allowed

Source = Literal["attach", "installed", "package", "artifacts"]
_SHA256 = re.compile(r"[0-9a-f]{64}")
_ADDON = re.compile(r"[A-Za-z0-9]+(?:-[A-Za-z]+)?-[0-9][0-9.]*\.zap")
DEFAULTS: dict[str, str | int | float | bool | tuple[str, ...]] = {
    "source": "package", "version": "", "path": "", "url": "", "sha256": "", "key": "", "java": "",
    "addons": (),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class AddonFile:
    """A rule add-on: a file, or an https URL, with its sha256."""

    at: str
    sha256: str

    @property
    def name(self) -> str:
        """The name that ZAP knows its id, status and version by."""
        return PurePosixPath(self.at.partition("?")[0]).name


@dataclass(frozen=True, slots=True)
class Settings:
    """Which ZAP. What is empty has the source's default."""

    source: Source
    version: str
    path: str
    url: str
    sha256: str
    key: str
    java: str
    addons: tuple[AddonFile, ...]


def settings_of(options: Mapping[str, Any]) -> Settings:
    """Read the options: those of `DEFAULTS`.

    Each of `addons` is a table with `file` or `url`, and `sha256`; or a text ``SHA256 FILE-OR-URL``.

    Raises:
        ToolError: the first that is wrong, with its key and what it may be.
    """
    values = {key: str(options.get(key) or "") for key in DEFAULTS if key != "addons"}
    source = values.pop("source") or "package"
    if source not in get_args(Source):
        raise ToolError(f"source: {source} is none of {', '.join(get_args(Source))}")
    addons = tuple(_addon(one, place) for place, one in enumerate(options.get("addons") or ()))
    settings = Settings(source=source, addons=addons, **values)  # type: ignore[arg-type]
    _check(settings)
    return settings


def _check(settings: Settings) -> None:
    needed = {"attach": ("url", "key"), "installed": ("path",), "package": (), "artifacts": ()}
    for key in needed[settings.source]:
        if not getattr(settings, key):
            raise ToolError(f"{key}: source {settings.source} needs it")
    for key in ("path", "java"):
        value = getattr(settings, key)
        if value and not value.startswith("/"):
            raise ToolError(f"{key}: {value} is not an absolute path")
    if settings.source == "package" and bool(settings.url) != bool(settings.sha256):
        raise ToolError("url: an archive needs both url and sha256")
    if settings.sha256 and not _SHA256.fullmatch(settings.sha256):
        raise ToolError("sha256: it is not 64 lower-case hexadecimal digits")
    if settings.source == "attach" and settings.addons:
        raise ToolError("addons: an attached ZAP has its own; install them there")
    if settings.key and not re.fullmatch(r"(env:[A-Za-z_][A-Za-z0-9_]*|file:/.+)", settings.key):
        raise ToolError("key: give env:NAME or file:/PATH, never the key itself")


def _addon(one: Any, place: int) -> AddonFile:
    where = f"addons[{place}]"
    if isinstance(one, str):
        digest, _, at = one.partition(" ")
    elif isinstance(one, Mapping):
        digest, at = str(one.get("sha256") or ""), str(one.get("file") or one.get("url") or "")
    else:
        raise ToolError(f"{where}: give file or url, and sha256")
    if not _SHA256.fullmatch(digest):
        raise ToolError(f"{where}: its sha256 is not 64 lower-case hexadecimal digits")
    addon = AddonFile(at.strip(), digest)
    if not addon.at.startswith("/"):
        allowed(addon.at)
    if not _ADDON.fullmatch(addon.name):
        raise ToolError(f"{where}: {addon.name or 'it'} is not named ID-STATUS-VERSION.zap")
    return addon
