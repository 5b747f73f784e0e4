"""The trusted policy: what it says, how it is read, and whose it is."""

from __future__ import annotations

from devsecops.policy.load import BUILT_IN, OWN, Loaded, default_policy, in_ci, load_policy
from devsecops.policy.locks import at_hand
from devsecops.policy.model import (
    GATING_KINDS,
    Accept,
    Coverage,
    Data,
    Exclude,
    FailOn,
    Gate,
    Plugins,
    Policy,
    ScannerRules,
    Scope,
)
from devsecops.policy.parse import check_scanners, parse_policy, with_fail_on

__all__ = [
    "BUILT_IN", "GATING_KINDS", "OWN", "Accept", "Coverage", "Data", "Exclude", "FailOn", "Gate", "Loaded",
    "Plugins", "Policy", "ScannerRules", "Scope", "at_hand", "check_scanners", "default_policy", "in_ci",
    "load_policy", "parse_policy", "with_fail_on",
]  # fmt: skip
