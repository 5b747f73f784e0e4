"""What goes wrong in scans with real ZAPs: never a pass, the cause is named, it ends, nothing is left."""

from __future__ import annotations

import os
import random
import re
import signal
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.program import Done, Program
from tests.targets import breaking, hanging, maze, slow
from tests.targets.serving import Service, of_handler, running
from tests.targets.troubled import Paged
from tests.zap.conftest import REPEAT
from tests.zap.scanning import AFTER_S, EVERY, NEW, OLD, scan, start, unfinished, write_policy

pytestmark = pytest.mark.e2e
BUDGET_S = 40


@pytest.mark.parametrize(
    ("version", "make", "more", "said"),
    [
        (NEW, lambda: slow.make(seconds=1.0), 'budgets = { spider = "3s" }', "phase spider was cut short"),
        (OLD, lambda: hanging.make(answered=8), "", "the target does not answer any more"),
        (NEW, lambda: breaking.make(sound=12, rising=15), "", "the target answers with 5xx errors"),
        (OLD, lambda: maze.make(big=3_000_000), 'budgets = { spider = "4s" }', "phase spider was cut short"),
        (NEW, maze.make, "requests = 60", "more than the 60 requests"),
    ],
    ids=["slow", "hanging", "breaking", "maze", "requests"],
)  # fmt: skip
def test_a_difficult_target(
    version: str, make: Callable[[], Service[Any]], more: str, said: str,
    program: Program, rules: Path,
) -> None:  # fmt: skip
    with running(make()) as service:
        policy = write_policy(
            program.folder, version, rules, service.origin, phases=("seed", "spider"), more=more
        )
        done = scan(program, policy, service.origin, "--budget", f"{BUDGET_S}s")
    unfinished(done, said)
    assert done.seconds < BUDGET_S + AFTER_S


PHASES = EVERY[OLD]


def drawn(number: int) -> tuple[str, str]:
    """Return a version and a phase of it: the phases in turn, then with the other version."""
    phase = PHASES[number % len(PHASES)]
    versions = [version for version in (NEW, OLD) if phase in EVERY[version]]
    return versions[number // len(PHASES) % len(versions)], phase


def goes_away(seed: int, place: int, number: signal.Signals, program: Program, rules: Path) -> Done:
    """Scan, and send a signal to ZAP at some moment of a phase."""
    version, phase = drawn(place)
    after_s = 0.0 if phase == "passive" else random.Random(seed).uniform(0.0, 0.4)
    phases = tuple(dict.fromkeys(("seed", "spider", phase)))
    with running(slow.make(seconds=0.2)) as service:
        target = "attackable = true\nurls = [" + ", ".join(f'"/page/{n}?q=1"' for n in range(15)) + "]"
        policy = write_policy(program.folder, version, rules, service.origin, phases=phases, target=target)
        going = start(program, policy, service.origin, "--budget", f"{BUDGET_S}s")
        going.hears("zap: control:")
        zap = going.java()
        going.hears(f"zap: {phase}:")
        time.sleep(after_s)
        os.kill(zap, number)
        done = going.end()
    unfinished(done, f"phase {phase} was cut short")
    assert done.seconds < BUDGET_S + AFTER_S
    return done


@pytest.mark.parametrize("turn", range(2 if REPEAT else 1))
@pytest.mark.parametrize("phase", PHASES)
def test_zap_is_killed_in_a_phase(phase: str, turn: int, seed: int, program: Program, rules: Path) -> None:
    place = (seed + turn) * len(PHASES) + PHASES.index(phase)
    unfinished(goes_away(seed, place, signal.SIGKILL, program, rules), "ZAP has ended")


@pytest.mark.parametrize("turn", range(2 * len(PHASES) if REPEAT else 1))
def test_zap_is_stopped_in_a_phase(turn: int, seed: int, program: Program, rules: Path) -> None:
    done = goes_away(seed, seed + turn, signal.SIGSTOP, program, rules)
    unfinished(done, "did not answer within")


@pytest.mark.parametrize("version", [NEW, OLD])
def test_a_disk_that_is_full(version: str, program: Program, rules: Path) -> None:
    """A limit on the size of files stands for it: the database in ZAP's home cannot grow.

    ZAP 2.17.0 says then that its spider is through, after a part of the links.
    """
    with running(maze.make(big=3_000_000)) as service:
        policy = write_policy(program.folder, version, rules, service.origin, phases=("seed", "spider"))
        policy.write_text(f"{policy.read_text()}[scanners.zap]\noutput_mb = 12\n")
        done = scan(program, policy, service.origin, "--budget", f"{BUDGET_S}s")
    unfinished(done, "ZAP could not keep what it saw: ")
    assert "make room where TMPDIR is" in done.reasons[0]["remedy"]
    assert done.seconds < BUDGET_S + AFTER_S


def test_a_page_that_is_longer_than_zap_keeps(program: Program, rules: Path) -> None:
    """One at a time: of two its memory may run out first, which is told as well, in other words."""
    with running(maze.make(big=100_000_000)) as service:
        phases = ("seed", "spider")
        policy = write_policy(program.folder, NEW, rules, service.origin, phases=phases, more="threads = 1")
        done = scan(program, policy, service.origin, "--budget", f"{BUDGET_S}s")
    unfinished(done, "Response Body length 100000000 is greater than the configured")
    assert "exclude that page" in done.reasons[0]["remedy"]
    assert done.seconds < BUDGET_S + AFTER_S


def test_a_target_that_dies(program: Program, rules: Path) -> None:
    with running(slow.make(seconds=0.2)) as service:
        policy = write_policy(program.folder, NEW, rules, service.origin)
        going = start(program, policy, service.origin, "--budget", f"{BUDGET_S}s")
        going.hears("zap: spider:")
    done = going.end()
    unfinished(done, "the target cannot be reached any more")


def test_a_target_that_is_not_there(program: Program, rules: Path) -> None:
    with running(slow.make()) as service:
        url = service.origin
    policy = write_policy(program.folder, NEW, rules, url, phases=("seed",))
    unfinished(scan(program, policy, url), "the target cannot be reached")


def test_a_budget_that_is_too_small(program: Program, rules: Path) -> None:
    with running(slow.make()) as service:
        policy = write_policy(program.folder, NEW, rules, service.origin)
        done = scan(program, policy, service.origin, "--budget", "2s")
        assert service.facts["requests"] == 0
    unfinished(done, "ZAP did not answer in time", "scanner-failed")
    assert done.seconds < 2 + AFTER_S


def test_our_own_end(program: Program, rules: Path) -> None:
    with running(slow.make(seconds=0.2)) as service:
        policy = write_policy(program.folder, OLD, rules, service.origin)
        going = start(program, policy, service.origin)
        going.hears("zap: spider:")
        going.child.send_signal(signal.SIGTERM)
        done = going.end(AFTER_S)
    assert done.code == 3, done
    assert "interrupted" in [reason["code"] for reason in done.reasons]


def test_a_zap_without_rules_touches_nothing(program: Program, rules: Path) -> None:
    with running(slow.make(seconds=0.0)) as service:
        policy = write_policy(program.folder, NEW, rules, service.origin)
        text = policy.read_text()
        policy.write_text(text[: text.index("[[dast.addons]]")] + text[text.index("[dast.targets") :])
        done = scan(program, policy, service.origin)
        assert service.facts["requests"] == 0
    unfinished(done, "active: ZAP of source artifacts has no rules of its own")
    assert "add rules ([[dast.addons]])" in done.out.decode()
    assert done.rows("zap") == {"GET /": ("not-reached", "not-asked")}


@pytest.mark.parametrize("phase", ["passive", "active"])
def test_a_phase_that_finds_nothing_in_the_control_does_not_run(
    phase: str, program: Program, rules: Path
) -> None:
    """ZAP 2.11.1 holds a rule of each kind that runs scripts: it says that it can, and there is no script."""
    poor = program.folder / rules.name
    kind = f"{phase[0]}scanrules"
    with zipfile.ZipFile(rules) as whole, zipfile.ZipFile(poor, "w") as out:
        for name in whole.namelist():
            text = whole.read(name)
            if name == "ZapAddOn.xml":
                text = re.sub(rf"<{kind}>.*</{kind}>".encode(), b"", text, flags=re.DOTALL)
            out.writestr(name, text)
    with running(slow.make(seconds=0.0)) as service:
        policy = write_policy(program.folder, OLD, poor, service.origin)
        done = scan(program, policy, service.origin)
        assert service.facts["requests"] == 0
    unfinished(done, f"phase {phase} cannot run: its {phase} rules found nothing in the control")
    assert done.statement["scanners"][0]["control"]["found"] is False
    assert "add rules ([[dast.addons]])" in done.out.decode()


class Gateway(Paged):
    """What stands before a service that is not there."""

    def troubled(self) -> bool:
        self.answer(503, "try again later")
        return True


def test_what_only_a_gateway_answers_was_not_reached(program: Program, rules: Path) -> None:
    with running(of_handler(Gateway, None)) as service:
        policy = write_policy(program.folder, NEW, rules, service.origin, phases=("seed",))
        done = scan(program, policy, service.origin)
    assert done.code == 3, done
    assert done.rows("zap") == {"GET /": ("not-reached", "no-answer")}
