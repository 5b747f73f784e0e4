"""Rule add-ons: ordinary files that are checked by sha256 and kept under it."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Sequence
from hashlib import file_digest
from pathlib import Path

from devsecops.api import ToolError
from devsecops_zap.sources.cache import held, replace_folder
from devsecops_zap.sources.download import fetch
from devsecops_zap.sources.settings import AddonFile

LARGEST = 256 << 20


def place(folder: Path, addon: AddonFile) -> Path:
    """Return where the file of an add-on belongs."""
    return folder / f"addon-{addon.sha256}-{addon.name}" / addon.name


def missing(folder: Path, addons: Sequence[AddonFile]) -> list[AddonFile]:
    """Return those that are not there yet."""
    return [addon for addon in addons if not place(folder, addon).is_file()]


def build(folder: Path, addon: AddonFile, deadline: float) -> Path:
    """Copy or download one, check it, and return where it is.

    Raises:
        ToolError: it cannot be had, is another file, or is no add-on.
    """
    target = place(folder, addon)
    with held(folder, target.parent.name, deadline):
        if not target.is_file():
            with replace_folder(target.parent) as beside:
                _take(addon, beside / addon.name, deadline)
    return target


def _take(addon: AddonFile, target: Path, deadline: float) -> None:
    if not addon.at.startswith("/"):
        fetch(addon.at, target, sha256=addon.sha256, size=None, most=LARGEST, deadline=deadline)
    else:
        source = Path(addon.at)
        if not source.is_file():
            raise ToolError(f"addons: {addon.at} is not there")
        shutil.copyfile(source, target)
        with target.open("rb") as file:
            real = file_digest(file, "sha256").hexdigest()
        if real != addon.sha256:
            raise ToolError(
                f"addons: {addon.name} is another file: sha256 {real[:12]}..., not {addon.sha256[:12]}..."
            )
    try:
        with zipfile.ZipFile(target) as opened:
            opened.getinfo("ZapAddOn.xml")
    except (zipfile.BadZipFile, KeyError, OSError):
        raise ToolError(f"addons: {addon.name} is no add-on of ZAP: it has no ZapAddOn.xml") from None
