"""A tiny tool as a wheel, and its lock: environments are built for real, from a folder, without a network."""

from __future__ import annotations

import base64
import zipfile
from hashlib import sha256
from pathlib import Path

from devsecops.api import ToolSpec


def make_wheel(
    folder: Path, version: str = "1.0", tag: str = "py3-none-any", extra: dict[str, str] | None = None
) -> Path:
    """Write ``tiny-<version>-<tag>.whl`` into `folder`."""
    info = f"tiny-{version}.dist-info"
    files = {
        "tiny/__init__.py": f"VERSION = {version!r}\n",
        "tiny/__main__.py": "print('tiny works')\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: tiny\nVersion: {version}\n",
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n",
        f"{info}/entry_points.txt": "[console_scripts]\ntiny = tiny:main\n",
        **(extra or {}),
    }
    rows = []
    for name, text in files.items():
        digest = base64.urlsafe_b64encode(sha256(text.encode()).digest()).rstrip(b"=").decode()
        rows.append(f"{name},sha256={digest},{len(text.encode())}")
    files[f"{info}/RECORD"] = "\n".join([*rows, f"{info}/RECORD,,"]) + "\n"
    path = folder / f"tiny-{version}-{tag}.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for name, text in files.items():
            wheel.writestr(name, text)
    return path


def make_lock(folder: Path, wheel: Path, version: str = "1.0") -> Path:
    """Write the lock of a wheel into `folder`."""
    lock = folder / "tiny.lock"
    lock.write_text(f"tiny=={version} \\\n    --hash=sha256:{sha256(wheel.read_bytes()).hexdigest()}\n")
    return lock


def tiny(lock: Path, **more: str) -> ToolSpec:
    """Return the tool that a plugin would ask for."""
    return ToolSpec(name="tiny", package="tiny", lock=str(lock), interpreter=more.get("interpreter", "own"))  # type: ignore[arg-type]
