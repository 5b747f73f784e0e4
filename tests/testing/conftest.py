"""Plugins that are honest, and what is wrong with a changed one by a single check."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from devsecops.testing import conformance
from devsecops.testing.bench import Bench
from devsecops.testing.engine import load
from devsecops.testing.formats import Desk
from tests.e2e.program import write_plugin

Changed = Callable[..., Path]
"""Writes the fake plugin of a style with texts replaced."""


@pytest.fixture
def changed(tmp_path: Path) -> Changed:
    def make(style: str, *edits: tuple[str, str]) -> Path:
        path = write_plugin(tmp_path / "plugins", style=style)
        text = path.read_text()
        for old, new in edits:
            assert text.count(old) >= 1, f"the fake plugin has no {old!r}"
            text = text.replace(old, new)
        path.write_text(text)
        return path

    return make


def bench(plugin: Path | str, folder: Path) -> Bench:
    loaded = load(plugin)
    assert loaded.rejected == ()
    return Bench(loaded, loaded.scanners[0], Path(tempfile.mkdtemp(dir=folder)), offline=True)


def wrong(plugin: Path | str, check: str, folder: Path) -> list[str]:
    """Return what one check of a scanner has to say."""
    checks = conformance.ALWAYS | conformance.AT_WORK | conformance.WITH_TOOL | conformance.IN_PROCESS
    return list(checks[check](bench(plugin, folder)))


def wrong_format(plugin: Path | str, check: str) -> list[str]:
    """Return what one check of a format has to say."""
    loaded = load(plugin)
    return list(conformance.OF_FORMATS[check](Desk(loaded, loaded.formats[0])))
