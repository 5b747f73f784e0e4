"""The gate: from results, ledger and policy to the verdict, its reasons and its sentence."""

from __future__ import annotations

from devsecops.gate.judge import Judgement, judge, unfinished
from devsecops.gate.outcome import OUTCOME, exit_code

__all__ = ["OUTCOME", "Judgement", "exit_code", "judge", "unfinished"]
