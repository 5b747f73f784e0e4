"""The kit for authors of plugins (docs/plugins.md). It needs no test framework.

Everything that is not named here is the kit's own and may change.
"""

from __future__ import annotations

from devsecops.testing.conformance import Check, check
from devsecops.testing.context import FilesContext, context
from devsecops.testing.engine import scan
from devsecops.testing.objections import objections
from devsecops.testing.sample import sample_report
from devsecops.testing.tools import Says, fake_tool

__all__ = [
    "Check", "FilesContext", "Says", "check", "context", "fake_tool", "objections", "sample_report", "scan",
]  # fmt: skip
