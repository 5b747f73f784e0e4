"""Every test gets the program in a folder of its own."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.program import FILES, Program, write_tree


@pytest.fixture
def program(devsecops_bin: Path, clean_env: dict[str, str], tmp_path: Path) -> Iterator[Program]:
    """The program; after the test no process of it may be left."""
    made = Program(devsecops_bin, tmp_path, clean_env)
    yield made
    left = made.left(wait_s=1.0)
    made.end_left()
    assert left == []


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small tree in which an honest scanner finds three things, none of them grave."""
    return write_tree(tmp_path / "tree", FILES)


@pytest.fixture(scope="session")
def seed() -> int:
    """Of everything that is drawn by chance: $DEVSECOPS_TEST_SEED, else a new one, printed on failure."""
    return int(os.environ.get("DEVSECOPS_TEST_SEED") or random.randrange(1 << 32))
