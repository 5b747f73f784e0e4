"""Through the program: logins, deployments that are waited for, and plans, with a real ZAP."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from devsecops_zap.daemon import free_port
from tests.e2e.program import Program
from tests.targets import expiring, versioned, vulnerable, walled
from tests.targets.serving import Counter, Service, running
from tests.targets.versioned import NEW as SHA
from tests.targets.versioned import OLD as OLD_SHA
from tests.zap.scanning import NEW, found, scan, start, unfinished, write_policy

pytestmark = pytest.mark.e2e
SECRETS = {"ZUSER": walled.USER, "ZPASS": walled.PASSWORD, "ZTOKEN": expiring.TOKEN}
FORM = """
[dast.auth.team]
kind = "form"
url = "/login"
csrf = "csrf_token"
username = "env:ZUSER"
password = "env:ZPASS"
logged_in = "Signed in as scanner"
logged_out = "Please sign in"
"""
SLOW = "delay_ms = 300"
TARGET = 'attackable = true\nauth = "team"\nurls = ["/"]\n'


@pytest.fixture
def wall() -> Iterator[Service[walled.Wall]]:
    with running(walled.make()) as service:
        yield service


def test_what_stands_behind_a_login_is_found(
    program: Program, rules: Path, wall: Service[walled.Wall]
) -> None:
    policy = write_policy(program.folder, NEW, rules, wall.origin, target=TARGET + FORM)
    done = start(program, policy, wall.origin, env=SECRETS).end()
    assert done.code == 1, done
    assert ("690001", "GET", "/notes", "q") in found(done)
    assert [reason["code"] for reason in done.reasons] == ["finding"] * len(done.reasons)
    counter = wall.facts.counter
    assert (counter["logouts"], counter["deletes"]) == (0, 0)
    said = b"".join(path.read_bytes() for path in done.output.rglob("*") if path.is_file())
    for secret in (walled.PASSWORD, *wall.facts.sessions):
        assert secret.encode() not in said + done.out + done.err


def test_a_login_that_fails_is_no_scan(program: Program, rules: Path, wall: Service[walled.Wall]) -> None:
    policy = write_policy(program.folder, NEW, rules, wall.origin, target=TARGET + FORM)
    done = start(program, policy, wall.origin, env=SECRETS | {"ZPASS": "wrong-password"}).end()
    unfinished(done, "/login answers 401 to the login")
    assert wall.facts.counter["requests"] < 8, "nothing was scanned"
    assert wall.facts.counter["notes"] == 0


def test_a_login_that_is_lost_ends_the_run(program: Program, rules: Path, wall: Service[walled.Wall]) -> None:
    policy = write_policy(
        program.folder, NEW, rules, wall.origin, target=TARGET + FORM, more="delay_ms = 300"
    )
    going = start(program, policy, wall.origin, env=SECRETS)
    going.hears("zap: active:")
    wall.facts.deleted = True
    wall.facts.end_all()
    unfinished(going.end(), "phase active was cut short: /login answers 401 to the login")


def test_a_token_that_runs_out_ends_the_run(program: Program, rules: Path) -> None:
    header = '[dast.auth.team]\nkind = "header"\nvalue = "env:ZTOKEN"\nlogged_in = "page 1"\n'
    with running(expiring.make()) as target:
        policy = write_policy(program.folder, NEW, rules, target.origin, target=TARGET + header)
        done = start(program, policy, target.origin, env=SECRETS).end()
        assert target.facts["with token"] > 10
    unfinished(done, "the login does not hold any longer")


@pytest.fixture
def late() -> Iterator[str]:
    """A service that comes up after 12 s."""
    port = free_port()
    service: list[Service[Counter]] = []
    ended = threading.Event()

    def come_up() -> None:
        if not ended.wait(12.0):
            service.append(versioned.make(port=port, after=4))
            service[0].run()

    threading.Thread(target=come_up, daemon=True).start()
    yield f"http://127.0.0.1:{port}"
    ended.set()
    for one in service:
        one.close()


def test_a_deployment_is_waited_for_while_zap_boots(program: Program, rules: Path, late: str) -> None:
    origin = late
    policy = write_policy(
        program.folder, NEW, rules, origin, phases=("seed", "spider"), target='urls = ["/"]'
    )
    wanted = ("--wait=2m", f"--expect-version=X-Version={SHA}", "--budget=60s")
    going = start(program, policy, origin, *wanted)
    going.hears(f"it is version {OLD_SHA}, not {SHA}")
    seen = time.monotonic()
    going.hears("control: a service of ours")
    assert time.monotonic() - seen < 6, "ZAP was there already"
    done = going.end()
    assert done.code == 0, done
    result = json.loads((done.output / "results" / "zap.json").read_bytes())
    assert f"The target says version {SHA}." in result["notes"]


def test_another_version_is_not_scanned(program: Program, rules: Path) -> None:
    with running(versioned.make(after=10_000)) as target:
        policy = write_policy(program.folder, NEW, rules, target.origin, phases=("seed", "spider"))
        done = scan(program, policy, target.origin, "--wait=2s", f"--expect-version=/build/commit={SHA}")
        unfinished(done, "it says no version (/build/commit of /)", code="version-mismatch")
        done = scan(program, policy, target.origin, f"--expect-version=X-Version={SHA}")
        unfinished(done, f"it is version {OLD_SHA}, not {SHA}", code="version-mismatch")
        assert target.facts["requests"] < 10


PLAN = """\
env:
  contexts:
    - {{name: shop, urls: ["{origin}/"]}}
jobs:
  - {{type: spider}}
  - {{type: activeScan}}
{more}"""


def test_a_plan_runs_in_the_same_gate(program: Program, rules: Path) -> None:
    with running(vulnerable.make()) as target:
        policy = write_policy(program.folder, NEW, rules, target.origin, more='plan = "af.yaml"')
        lines = policy.read_text().splitlines(keepends=True)
        policy.write_text("".join(line for line in lines if not line.startswith("phases")))
        plan = program.folder / "af.yaml"
        plan.write_text(PLAN.format(origin=target.origin, more=""))
        done = scan(program, policy, target.origin, "--openapi", vulnerable.DOCUMENT_FILE)
        assert done.code == 1, done
        assert {"690001", "690002"} <= {rule for rule, *_ in found(done)}
        assert {reason["code"] for reason in done.reasons} == {"finding"}
        assert {state for state, _ in done.rows("zap").values()} == {"scanned"}

        plan.write_text(PLAN.format(origin=target.origin, more="  - {type: passiveScan-config}\n"))
        done = scan(program, policy, target.origin)
        unfinished(done, "the job passiveScan-config (af.yaml:7) did not run to its end")

        plan.write_text(PLAN.format(origin="http://evil.example", more=""))
        done = scan(program, policy, target.origin)
        assert done.code == 2, done
        assert b"af.yaml:3: http://evil.example/ is outside of the target" in done.err
