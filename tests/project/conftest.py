"""What the tests of the project's outside share."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def own_cache(tmp_path: Path, tool_cache: Path) -> Path:
    """A cache with the tools of the other tests, built once, and the advisory data of the release."""
    (tool_cache / "tools").mkdir(exist_ok=True)
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "tools").symlink_to(tool_cache / "tools")
    return tmp_path / "cache"
