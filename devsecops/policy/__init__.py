"""The trusted policy: what it says, how it is read, and whose it is."""

from __future__ import annotations

from devsecops.policy.load import BUILT_IN, OWN, Loaded, default_policy, in_ci, load_policy
from devsecops.policy.locks import at_hand
from devsecops.policy.model import (
    GATING_KINDS,
    Accept,
    Baseline,
    Coverage,
    Data,
    Exclude,
    FailOn,
    Gate,
    GateRule,
    Mark,
    Plugins,
    Policy,
    ScannerRules,
    Scope,
    Waivers,
)
from devsecops.policy.parse import check_scanners, parse_policy, with_fail_on
from devsecops.policy.texts import PolicyText

__all__ = [
    "BUILT_IN", "GATING_KINDS", "OWN", "Accept", "Baseline", "Coverage", "Data", "Exclude", "FailOn", "Gate",
    "GateRule", "Loaded", "Mark", "Plugins", "Policy", "PolicyText", "ScannerRules", "Scope", "Waivers",
    "at_hand", "check_scanners", "default_policy", "in_ci", "load_policy", "parse_policy", "with_fail_on",
]  # fmt: skip
