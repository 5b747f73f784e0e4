"""The kit for authors of plugins (docs/testing.md). It needs no test framework."""

from __future__ import annotations

from devsecops.testing.context import FilesContext, context
from devsecops.testing.engine import scan
from devsecops.testing.tools import Says, fake_tool

__all__ = ["FilesContext", "Says", "context", "fake_tool", "scan"]
