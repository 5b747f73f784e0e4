"""Which ZAP is wanted: named by the person in the shell, else by ``[dast]`` of the trusted policy."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Literal

import msgspec

from devsecops.api import ToolError
from devsecops_zap.config import Addon, Artifacts, Attach, Installed, Package, ZapSource
from devsecops_zap.sources.download import allowed

Source = Literal["attach", "installed", "package", "artifacts"]
_ADDON = re.compile(r"[A-Za-z0-9]+(?:-[A-Za-z]+)?-[0-9][0-9.]*\.zap")


@dataclass(frozen=True, slots=True)
class AddonFile:
    """A rule add-on: a file, or an https URL, with its sha256."""

    at: str
    sha256: str

    @property
    def name(self) -> str:
        """The name that ZAP knows its id, status and version by."""
        return PurePosixPath(self.at.partition("?")[0]).name


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Which ZAP. What is empty has the source's default."""

    source: Source
    version: str = ""
    path: str = ""
    url: str = ""
    sha256: str = ""
    key: str = ""
    java: str = ""
    addons: tuple[AddonFile, ...] = ()


def settings_of(options: Mapping[str, Any]) -> Settings:
    """Read a scanner's options.

    ``dast`` is the policy's table, ``policy`` has the ``places`` of files beside it. ``ask`` is what the
    command line says: it may name a running or an installed ZAP (`zap`, `zap_key`), which then counts.

    Raises:
        ToolError: the first thing that is wrong, with its key.
    """
    table = options.get("dast") or {}
    ask = options.get("ask") or {}
    if ask.get("zap"):
        zap = _named(str(ask["zap"]), str(ask.get("zap_key") or ""))
    else:
        zap = _converted("dast.zap", table.get("zap") or {"source": "package"}, ZapSource)
    found = _converted("dast.addons", table.get("addons") or [], tuple[Addon, ...])
    places = (options.get("policy") or {}).get("places") or {}
    addons = tuple(_addon(one, f"dast.addons[{number}]", places) for number, one in enumerate(found))
    if isinstance(zap, Attach):
        if addons:
            raise ToolError("dast.addons: a ZAP that runs already takes none; install them there")
        return Settings(source="attach", url=zap.url, key=zap.key)
    java = _absolute("dast.zap.java", zap.java) if zap.java else ""
    if isinstance(zap, Installed):
        path = _absolute("dast.zap.path", zap.path)
        return Settings(source="installed", path=path, java=java, addons=addons)
    if isinstance(zap, Artifacts):
        return Settings(source="artifacts", version=zap.core, java=java, addons=addons)
    if bool(zap.url) != bool(zap.sha256):
        raise ToolError("dast.zap: url and sha256 belong together; write both, or neither")
    return Settings(source="package", url=zap.url or "", sha256=zap.sha256 or "", java=java, addons=addons)


def _named(what: str, key: str) -> Attach | Installed | Package | Artifacts:
    if "://" not in what:
        return Installed(path=what)
    if not key:
        raise ToolError("--zap-key: a ZAP that runs already needs its key; give env:NAME or file:PATH")
    return Attach(url=what, key=key)


def _converted(key: str, value: Any, kind: Any) -> Any:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise ToolError(f"{key}: {error}") from None


def _absolute(key: str, path: str) -> str:
    if not path.startswith("/"):
        raise ToolError(f"{key}: {path} is not an absolute path")
    return path


def lost(addon: Addon, places: Mapping[str, str]) -> str | None:
    """Return what is wrong with the place of an add-on's file; None when it can be looked for.

    `places` are those of files beside the policy, as the core has found them.
    """
    if addon.file is None or addon.file.startswith("/") or addon.file in places:
        return None
    return f"{addon.file} is not there; put it beside the policy, or write an absolute path"


def _addon(one: Addon, key: str, places: Mapping[str, str]) -> AddonFile:
    if (one.file is None) == (one.url is None):
        raise ToolError(f"{key}: one of file and url is needed")
    if why := lost(one, places):
        raise ToolError(f"{key}.file: {why}")
    at = places.get(one.file, one.file) if one.file is not None else allowed(one.url or "")
    addon = AddonFile(at, one.sha256)
    if not _ADDON.fullmatch(addon.name):
        raise ToolError(f"{key}: {addon.name or 'it'} is not named ID-STATUS-VERSION.zap")
    return addon
