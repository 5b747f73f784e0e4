"""Plans of ZAP's Automation Framework: read and fenced in by us, run by ZAP, judged by us."""

from __future__ import annotations

from devsecops_zap.plans.reading import Plan, PlanError, Scope, read_plan
from devsecops_zap.plans.running import PlanEnd, run_plan

__all__ = ["Plan", "PlanEnd", "PlanError", "Scope", "read_plan", "run_plan"]
