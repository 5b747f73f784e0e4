"""Login: who asks, proved before the scan and looked at during it."""

from __future__ import annotations

from devsecops_zap.login.errors import LoginError
from devsecops_zap.login.establishing import before_start, environment, establish, fixed
from devsecops_zap.login.gaining import gain, references
from devsecops_zap.login.session import Session
from devsecops_zap.login.way import Gained, Way

__all__ = [
    "Gained", "LoginError", "Session", "Way", "before_start", "environment", "establish", "fixed", "gain",
    "references",
]  # fmt: skip
