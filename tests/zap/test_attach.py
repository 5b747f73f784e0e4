"""A ZAP that runs already: it is asked to scan, and gets back what it had."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from devsecops_zap.adapter import Adapter
from tests.e2e.program import Program
from tests.targets import clean, slow
from tests.targets.serving import running
from tests.zap.conftest import Booted
from tests.zap.scanning import OLD, scan, start, unfinished

pytestmark = pytest.mark.e2e
OPTIONS = (
    ("spider", "ThreadCount"), ("spider", "PostForm"), ("spider", "RequestWaitTime"),
    ("ascan", "TargetParamsInjectable"), ("ascan", "ThreadPerHost"), ("ascan", "ScanHeadersAllRequests"),
    ("ascan", "MaxRuleDurationInMins"), ("ascan", "DelayInMs"), ("core", "TimeoutInSecs"),
    ("core", "DefaultUserAgent"),
)  # fmt: skip


def state(zap: Adapter) -> dict[str, object]:
    """Return what belongs to whoever runs it."""
    found: dict[str, object] = {
        f"{where}.{name}": zap.view(where, f"option{name}") for where, name in OPTIONS
    }
    return found | {
        "mode": zap.mode(), "sites": zap.sites(), "policies": zap.view("ascan", "scanPolicyNames"),
        "excluded": zap.view("ascan", "excludedParams"), "contexts": zap.view("context", "contextList"),
        "in scope": zap.view("pscan", "scanOnlyInScope"),
    }  # fmt: skip


def write(folder: Path, booted: Booted, url: str, more: str = "") -> Path:
    """Write a policy that attaches to it."""
    (folder / "key").write_text(booted.daemon._key)
    policy = folder / "policy.toml"
    policy.write_text(
        '[dast]\nphases = ["seed", "spider", "passive", "active"]\n[dast.zap]\nsource = "attach"\n'
        f'url = "{booted.daemon.url}"\nkey = "file:{folder / "key"}"\n{more}\n'
        f'[dast.targets.shop]\nurl = "{url}"\nattackable = true\nchange_state = true\n'
    )
    return policy


def test_it_scans_and_gets_its_options_back(booted: Callable[[str], Booted], program: Program) -> None:
    zap = booted(OLD).adapter
    zap.action("core", "newSession", name="", overwrite="true")
    zap.action("core", "setMode", mode="standard")
    before = state(zap)
    with running(clean.make()) as service:
        policy = write(program.folder, booted(OLD), service.origin)
        done = scan(program, policy, service.origin, "--openapi", clean.DOCUMENT_FILE)
        assert service.facts["requests"] > 100
    assert done.code == 0, done
    assert state(zap) == before
    assert booted(OLD).daemon.process.wait(0.0) is None, "it still runs"
    result = (done.output / "results" / "zap.json").read_text()
    assert "they were not pinned there" in result
    assert booted(OLD).daemon._key not in result + done.err.decode() + done.out.decode()


def test_one_that_holds_sites_is_refused(booted: Callable[[str], Booted], program: Program) -> None:
    zap = booted(OLD).adapter
    with running(clean.make()) as other, running(clean.make()) as service:
        zap.action("core", "newSession", name="", overwrite="true")
        zap.action("core", "accessUrl", url=other.origin)
        policy = write(program.folder, booted(OLD), service.origin)
        done = scan(program, policy, service.origin)
        assert service.facts["requests"] == 0
    assert done.code == 2, done
    assert "new_session = true under [dast.zap]" in done.err.decode()
    assert zap.sites() == (other.origin,)
    zap.action("core", "newSession", name="", overwrite="true")


def test_a_site_outside_ends_the_run(booted: Callable[[str], Booted], program: Program) -> None:
    zap = booted(OLD).adapter
    zap.action("core", "newSession", name="", overwrite="true")
    with running(clean.make()) as other, running(slow.make(seconds=0.3)) as service:
        policy = write(program.folder, booted(OLD), service.origin)
        going = start(program, policy, service.origin)
        going.hears("zap: spider:")
        zap.action("core", "accessUrl", url=other.origin)
        done = going.end()
        before = service.facts["requests"]
        assert before < 60, "it was not attacked any more"
    unfinished(done, f"ZAP touched {other.origin}, which is outside of the target", "outside-target")
    assert done.statement["cause"].startswith("INCOMPLETE: zap: phase spider was cut short: ZAP touched")
    unfinished(done, "not begun: passive, active")
