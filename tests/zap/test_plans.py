"""Plans of the Automation Framework: what is let in, and real runs inside the fence."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from devsecops_zap.addresses import read_url
from devsecops_zap.capabilities import probe
from devsecops_zap.errors import ZapError
from devsecops_zap.fence import outside
from devsecops_zap.patterns import excludes, include
from devsecops_zap.plans import Plan, PlanEnd, PlanError, Scope, read_plan, run_plan
from tests.targets import slow, trap, vulnerable
from tests.targets.serving import running
from tests.zap.conftest import Booted
from tests.zap.entering import enter

Boot = Callable[[str], Booted]
HERE = "http://localhost:8080"


def scope(
    origin: str = HERE, base: str = "", *, attackable: bool = True, change_state: bool = False
) -> Scope:
    target = read_url(origin).origin
    return Scope(
        origin=target, base=base, include=include(target, base), excludes=excludes(target),
        attackable=attackable, change_state=change_state,
    )  # fmt: skip


def plan(*jobs: dict[str, Any], origin: str = HERE, **context: Any) -> bytes:
    whole = {"env": {"contexts": [{"name": "site", "urls": [f"{origin}/"], **context}]}, "jobs": list(jobs)}
    return json.dumps(whole, indent=1).encode()


def job(kind: str, /, **parameters: Any) -> dict[str, Any]:
    return {"type": kind, "parameters": parameters}


def asks(url: str = HERE, **more: Any) -> dict[str, Any]:
    return {"type": "requestor", "requests": [{"url": url, **more}]}


# --- what is let in


def test_a_plan_is_fenced_in() -> None:
    text = f"""\
env:
  vars: {{host: "{HERE}"}}
  contexts:
    - name: site
      urls: ["${{host}}/shop"]
      includePaths: ["http://localhost:8080/shop.*"]
      excludePaths: [".*/slow"]
      technology: {{include: [Python]}}
  parameters: {{failOnError: false, progressToStdout: true}}
jobs:
  - type: spider
    name: mine
    parameters: {{context: site, url: "${{host}}/shop/start", maxDuration: 1}}
    tests: [{{name: t, type: stats, statistic: x, operator: ">=", value: 1, onFail: error}}]
  - {{type: passiveScan-wait, enabled: false}}
  - type: activeScan
    policyDefinition: {{defaultStrength: low}}
  - type: exitStatus
    parameters: {{errorLevel: High}}
"""
    read = read_plan(text.encode(), "af.yaml", scope())
    (context,) = read.document["env"]["contexts"]
    ours = include(read_url(HERE).origin)
    assert context == {
        "name": "site",
        "urls": [f"{HERE}/shop"],
        "includePaths": [f"(?=(?:http://localhost:8080/shop.*)$){ours}"],
        "excludePaths": [*excludes(read_url(HERE).origin), ".*/slow"],
        "technology": {"include": ["Python"]},
    }
    assert read.document["env"]["parameters"] == {
        "failOnError": True, "failOnWarning": False, "progressToStdout": False,
    }  # fmt: skip
    assert [(one.type, one.line) for one in read.jobs] == [("spider", 11), ("activeScan", 16)]
    spider, active = read.document["jobs"]
    assert spider == {
        "type": "spider",
        "name": "mine",
        "parameters": {"context": "site", "url": f"{HERE}/shop/start", "maxDuration": 1},
    }
    assert active["policyDefinition"] == {"defaultStrength": "low"}
    assert read.notes == (
        "af.yaml:11: tests are left out: they have no say in the verdict.",
        "af.yaml:15: passiveScan-wait is not enabled.",
        "af.yaml:18: exitStatus is left out: the verdict is not ZAP's to give.",
    )


SPIDER = job("spider")
AWAY = "http://evil.example/"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"- 1", "af.yaml:1: a mapping is needed"),
        (b"env: {a: [", "af.yaml: "),
        (plan(), "a plan has env and jobs"),
        (plan(job("exitStatus")), "no job sends anything"),
        (plan(job("script", action="run")), "the job script is not let in: it runs scripts; remove it"),
        (plan(job("report", template="x")), "the job report is not let in: it writes files"),
        (plan(job("import", fileName="a.har")), "the job import is not let in: it reads addresses"),
        (plan(job("spiderAjax")), "its browser is outside of the fence"),
        (plan(job("addOns")), "it installs what nobody checked"),
        (plan(job("replacer")), "it changes requests behind the fence"),
        (plan(job("spyder")), "the job spyder is not let in; the nearest is spider"),
        (plan({"name": "x"}), "the job without a type is not let in"),
        (plan(job("spider", maxDurations=1)), "maxDurations is not let in; the nearest is maxDuration"),
        (plan(job("spider", user="admin")), "user is not let in"),
        (plan(job("delay", fileName="/tmp/x")), "fileName is not let in"),
        (plan(job("spider", context="other")), "there is no context other; the nearest is|known are site"),
        (plan(job("spider", url=AWAY)), "http://evil.example/ is outside of the target"),
        (plan(job("spider", url=7)), "a URL is needed"),
        (plan(job("spider", url="/path")), "is not a URL"),
        (plan(job("spider", url=f"{HERE[:-1]}/")), "is outside of the target"),
        (plan(job("spider", url="http://localhost:8080@evil.example/")), "no user name or password"),
        (plan(job("spider", url="${HOME}")), r"a variable of \$\{HOME\} is not known"),
        (plan(job("spider", userAgent=f"x {AWAY}")), "is outside of the target"),
        (plan(SPIDER, urls=[AWAY]), "is outside of the target"),
        (plan(SPIDER, urls=[]), "the context site has no urls"),
        (plan(SPIDER, includePaths=["("]), "not a pattern"),
        (plan(SPIDER, includePaths=["a)|.*(?:b"]), "not a pattern"),
        (plan(SPIDER, authentication={"method": "script"}), "authentication stands in the policy"),
        (plan(SPIDER, users=[]), "users stands in the policy"),
        (plan(SPIDER, name=""), "a context has a name of its own"),
        (plan(asks(AWAY)), "is outside of the target"),
        (plan({"type": "requestor", "requests": [{}]}), "a request has no url"),
        (plan(asks(method="DELETE")), "DELETE may change something"),
        (plan(asks(headers=["Host: evil"])), "the header host is not"),
        (plan(asks(headers=["A: b\r\nHost: c"])), "header a is not"),
        (plan(asks(data=f"next={AWAY}")), "outside of the target"),
        (b'{"env": {"configs": []}, "jobs": [{"type": "spider"}]}', "env: configs is not let in"),
        (b'{"env": {"proxy": {}}, "jobs": [{"type": "spider"}]}', "env: proxy is not let in"),
        (b'{"env": {"contexts": []}, "jobs": [{"type": "spider"}]}', "there is no context"),
    ],
)  # fmt: skip
def test_what_is_not_let_in(data: bytes, text: str) -> None:
    with pytest.raises(PlanError, match=text) as caught:
        read_plan(data, "af.yaml", scope())
    assert str(caught.value).startswith("af.yaml:")


def test_what_a_target_allows() -> None:
    with pytest.raises(PlanError, match="activeScan attacks, and the target may not be attacked"):
        read_plan(plan(job("activeScan")), "af.yaml", scope(attackable=False))
    changing = plan(
        {"type": "requestor", "requests": [{"url": f"{HERE}/a", "method": "POST", "data": "a=1"}]}
    )
    assert read_plan(changing, "af.yaml", scope(change_state=True)).jobs[0].type == "requestor"
    with pytest.raises(PlanError, match="is outside of the target"):
        read_plan(plan(SPIDER), "af.yaml", scope(base="/api"))
    assert read_plan(plan(SPIDER, urls=[f"{HERE}/api/x"]), "af.yaml", scope(base="/api")).jobs


# --- real runs


def ran(
    one: Booted, origin: str, folder: Path, *jobs: dict[str, Any], within_s: float = 90.0, **more: Any
) -> PlanEnd:
    enter(one.adapter, origin)
    read = read_plan(plan(*jobs, origin=origin), "af.yaml", scope(origin))
    return run_plan(one.adapter, read, folder / "plan.json", deadline=time.monotonic() + within_s, **more)


def test_a_plan_finds_what_is_wrong_with_the_target(booted: Boot, tmp_path: Path) -> None:
    one = booted("2.17.0")
    lines: list[str] = []
    sent: list[int] = []
    with running(vulnerable.make()) as target:
        end = ran(
            one, target.origin, tmp_path,
            asks(f"{target.origin}/search?q=milk"),
            job("spider"), job("activeScan"), say=lines.append, look=sent.append,
        )  # fmt: skip
        found = {str(alert["pluginId"]) for alert in one.adapter.alerts(target.origin)}
    assert end.problems == ()
    assert end.sent > 20
    assert sent[-1] <= end.sent
    assert "690001" in found
    assert "plan: Job spider started" in lines
    assert not (tmp_path / "plan.json").exists()


def test_a_plan_does_not_leave_the_target(booted: Boot, tmp_path: Path) -> None:
    one = booted("2.17.0")
    with running(trap.make()) as target:
        jumps = [{"url": f"{target.origin}/jump/{n}?x=1"} for n in range(0, 13, 4)]
        end = ran(
            one, target.origin, tmp_path,
            {"type": "requestor", "requests": jumps}, job("spider"), job("activeScan"),
        )  # fmt: skip
        assert end.problems == ()
        assert target.facts.counter["requests"] > 60
        assert target.facts.connections == 0
        assert outside(one.adapter.sites(), [read_url(target.origin).origin]) == []


def test_a_job_that_zap_leaves_out_without_a_word_is_a_problem(booted: Boot, tmp_path: Path) -> None:
    """This ZAP has no passive engine: its Automation Framework says nothing at all about that job."""
    with running(vulnerable.make()) as target:
        end = ran(booted("2.17.0"), target.origin, tmp_path, job("spider"), job("passiveScan-wait"))
    assert [problem.code for problem in end.problems] == ["phase-unfinished"]
    assert end.problems[0].message == "the job passiveScan-wait (af.yaml:17) did not run to its end"


def test_what_zap_complains_about_is_a_problem(booted: Boot, tmp_path: Path) -> None:
    with running(vulnerable.make()) as target:
        missing = asks(f"{target.origin}/none", responseCode=200)
        end = ran(booted("2.17.0"), target.origin, tmp_path, missing)
        assert len(end.problems) == 1
        assert end.problems[0].message.startswith("ZAP says of the plan: ")
        end = ran(booted("2.17.0"), target.origin, tmp_path, job("activeScan", policy="nobody's"))
    assert any("nobody's" in problem.message for problem in end.problems)
    assert any("sent nothing" in problem.message for problem in end.problems)


def test_a_plan_is_bounded(booted: Boot, tmp_path: Path) -> None:
    one = booted("2.17.0")
    with running(slow.make()) as target:
        began = time.monotonic()
        end = ran(one, target.origin, tmp_path, job("spider"), job("activeScan"), within_s=3.0)
        assert time.monotonic() - began < 8
        assert end.problems[0].message == "the plan was cut short: its time is used up"
        assert any("did not" in problem.message for problem in end.problems[1:])
        idle(one)
        stopped: list[str] = []

        def look(sent: int) -> None:
            if sent > 2:
                raise KeyError(sent)

        with pytest.raises(KeyError):
            ran(one, target.origin, tmp_path, job("spider"), look=look, say=stopped.append)
        idle(one)
    assert not (tmp_path / "plan.json").exists()


def idle(one: Booted) -> None:
    """Wait until ZAP sends nothing any more."""
    ends = time.monotonic() + 5
    before = -1
    while (now := one.adapter.messages()) != before:
        assert time.monotonic() < ends, "it goes on"
        before = now
        time.sleep(0.7)


def test_where_there_is_no_automation(booted: Boot, tmp_path: Path) -> None:
    one = booted("2.11.1")
    assert not probe(one.adapter).automation
    read: Plan = read_plan(plan(SPIDER), "af.yaml", scope())
    with pytest.raises(ZapError, match="no_implementor"):
        run_plan(one.adapter, read, tmp_path / "plan.json", deadline=time.monotonic() + 5)
    assert not (tmp_path / "plan.json").exists()


def test_a_zap_that_cannot_see_the_file(
    booted: Boot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = read_plan(plan(SPIDER), "af.yaml", scope())
    monkeypatch.setattr("devsecops_zap.plans.running._write", lambda file, plan: None)
    end = run_plan(booted("2.17.0").adapter, read, tmp_path / "elsewhere.json", deadline=time.monotonic() + 5)
    assert [problem.message for problem in end.problems] == [
        "ZAP cannot read the plan: it does not see the files of this machine"
    ]
