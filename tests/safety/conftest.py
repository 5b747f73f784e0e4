from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture
def seed() -> str:
    return os.environ.get("DEVSECOPS_TEST_SEED", "1")


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The embedded data, whatever this machine was given."""
    monkeypatch.setenv("DEVSECOPS_CACHE", str(tmp_path / "cache"))
