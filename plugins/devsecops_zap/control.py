"""Proof that this ZAP works in this run: what it finds in a service of ours, phase by phase."""

from __future__ import annotations

from devsecops_zap.adapter import Adapter
from devsecops_zap.addresses import Origin, read_url
from devsecops_zap.attacking import Attack
from devsecops_zap.capabilities import Capabilities
from devsecops_zap.config import Phase
from devsecops_zap.config.values import Effort
from devsecops_zap.flaws import FLAWS, LINKED, Control
from devsecops_zap.ground import Ground, fence_in
from devsecops_zap.limits import CutShort, Halted, Watch
from devsecops_zap.options import Options
from devsecops_zap.passive import settle
from devsecops_zap.patterns import include
from devsecops_zap.requests import from_urls
from devsecops_zap.seeding import seed
from devsecops_zap.spidering import spider

CONTEXT = "devsecops-control"
BUDGET_S = 60.0
LACKS = {
    "spider": "this ZAP has no spider",
    "passive": "this ZAP has no passive engine, or no passive rule that is on",
    "active": "this ZAP has no active rule that is on",
}


def able(can: Capabilities, phase: Phase) -> bool:
    """Return whether this ZAP can run a phase at all."""
    return {
        "seed": True,
        "spider": can.spider,
        "passive": can.passive and any(rule.enabled for rule in can.passive_rules),
        "active": can.active and any(rule.enabled for rule in can.active_rules),
    }[phase]


def prove(
    zap: Adapter, can: Capabilities, options: Options, watch: Watch, service: Control, host: str
) -> dict[Phase, str]:
    """Run every phase that this ZAP can run on the control.

    Args:
        zap, can, options: of the ZAP.
        watch: whose only origin is the control.
        service: which listens.
        host: the name or address under which that ZAP reaches it.

    Returns:
        Phase -> what it did not find; nothing for one that works.

    Raises:
        Halted: it touched something else, or there is no time left. ZapFault: the adapter's.
    """
    origin = read_url(f"http://{host}:{service.port}").origin
    ground = _ground(zap, can, origin)
    failed: dict[Phase, str] = {}
    watch.begin("", BUDGET_S)
    try:
        seed(zap, ground, watch, set())
        if "/" not in service.seen:
            return dict.fromkeys(
                ("seed", "spider", "passive", "active"), f"it did not reach the control at {origin}"
            )
        if able(can, "spider"):
            spider(zap, ground, watch, set())
            if LINKED not in service.seen:
                failed["spider"] = "it did not follow the link of the control"
        if able(can, "passive"):
            settle(zap, watch)
            if not _found(zap, origin, {rule.id for rule in can.passive_rules}):
                failed["passive"] = "its passive rules found nothing in the control"
        if able(can, "active"):
            rules = {rule.id for rule in can.active_rules}
            # One find is proof: it takes ZAP a fifth of a second for each rule to say that it is through.
            Attack(zap, ground, watch, options).run(lambda: _found(zap, origin, rules))
            if not _found(zap, origin, rules):
                failed["active"] = "its active rules found nothing in the control"
    except Halted:
        raise
    except CutShort:
        why = f"it did not finish with the control within {BUDGET_S:g} s"
        return {phase: failed.get(phase, why) for phase in ("seed", "spider", "passive", "active")}
    return failed


def _ground(zap: Adapter, can: Capabilities, origin: Origin) -> Ground:
    known = {rule for flaw in FLAWS if flaw.phase == "active" for rule in flaw.rules}
    held = {rule.id for rule in can.active_rules if rule.enabled}
    return Ground(
        context=CONTEXT,
        number=fence_in(zap, CONTEXT, include(origin), ()),
        origin=origin,
        start=f"{origin}/",
        requests=from_urls(["/", *(flaw.page for flaw in FLAWS if flaw.phase == "active")], origin),
        effort=Effort(
            phases=("seed", "spider", "passive", "active"), strength="low", threads=4, rule_minutes=1,
            requests=100_000, budgets={},
        ),
        # Of ZAP's own rules those that are for these flaws; of others, whose flaws nobody knows, all.
        rules=tuple(sorted(known & held)),
    )  # fmt: skip


def _found(zap: Adapter, origin: Origin, rules: set[str]) -> bool:
    return any(str(alert.get("pluginId")) in rules for alert in zap.alerts(str(origin)))
