"""`devsecops dast check`, and what of ZAP is looked for where no service is judged."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import RunDevsecops
from tests.targets import slow
from tests.targets.serving import Counter, Service, running
from tests.zap.scanning import NEW, OLD, write_policy

pytestmark = pytest.mark.e2e
WRONG = "WRONG: 1 thing is to be corrected; nothing was sent to the target."
PHASES = 'phases = ["seed", "spider", "active"]'
AUTH = """auth = "team"
[dast.auth.team]
kind = "header"
value = "env:NOWHERE"
logged_in = "x"
"""


@pytest.fixture
def service() -> Iterator[Service[Counter]]:
    """A target that must not be asked for anything."""
    with running(slow.make(seconds=0.0)) as made:
        yield made
        assert made.facts["requests"] == 0


def test_what_is_fine_is_shown(
    run_devsecops: RunDevsecops, service: Service[Counter], rules: Path, tmp_path: Path
) -> None:
    policy = write_policy(tmp_path, OLD, rules, service.origin)
    assert run_devsecops("tools", "sync", "zap", "--policy", policy).returncode == 0
    done = run_devsecops("dast", "check", "--policy", policy, f"--target={service.origin}")
    assert (done.returncode, done.stderr) == (0, ""), done
    lines = done.stdout.splitlines()
    assert lines[:2] == [
        f"zap: Target shop: {service.origin}/ at 127.0.0.1.",
        "zap: Phases: seed, spider, passive, active; at most 10,000 requests and 720 s.",
    ]
    assert any(line.startswith(f"zap: ZAP {OLD} is ready (Java 17.") for line in lines)
    assert lines[-1] == "OK: zap can scan shop; nothing was sent to it."
    assert len(lines) < 24, "it is one screen"


@pytest.mark.parametrize(
    ("change", "args", "said"),
    [
        (("attackable = true", "attackable = maybe"), (), "policy-2.17.0.toml"),
        (("attackable = true", "attackable = false"), (), "toml:2: dast.phases: active is asked for and no"),
        (("attackable = true", "atackable = true"), (), "toml:13: dast.targets.shop.atackable: unknown key"),
        (("127.0.0.1", "169.254.169.254"), ("--target=shop",), "toml:12: dast.targets.shop.url: "),
        (("heap_mb = 512", "heap = 512"), (), "toml:7: dast.zap.heap: unknown key; the nearest is heap_mb."),
        (("heap_mb = 512", 'java = "/nonexistent/java"'), (), "/nonexistent/java"),
        (("\"spider\", ", '"spider", "passive", '), (), "source artifacts has no passive engine"),
        (("", ""), ("--target=http://127.0.0.1:1",), "does not list it; name one that it lists: shop"),
        (("", ""), ("--openapi", "http://127.0.0.1:1/api.json"), "is not of the target"),
        (("", ""), ("--openapi", "policy-2.17.0.toml"), "--openapi: policy-2.17.0.toml is no OpenAPI"),
        (("", ""), ("--auth", "admin"), "there is no [dast.auth.admin] in the policy"),
        (("", ""), ("--budget", "soon"), "--budget soon: give a number with s, m or h"),
        (("", ""), ("--expect-version", "abc"), "--expect-version abc: the policy does not say where"),
        (("change_state = true", AUTH), (), "toml:15: dast.auth.team: env:NOWHERE is not there; set it"),
        ((PHASES, 'plan = "af.yaml"'), (), "toml:2: dast.plan: af.yaml is not there; put it beside"),
        ((PHASES, 'plan = "policy-2.17.0.toml"'), (), "policy-2.17.0.toml: "),
        (("", ""), ("--target=shop", "--target=http://127.0.0.1:1"), "--target: give it once"),
        (("ADDON", "gone-beta-1.zap"), (), "toml:9: dast.addons[0].file: gone-beta-1.zap is not there"),
        (("ADDON", "../x-beta-1.zap"), (), "toml:9: dast.addons[0].file: it is not beside the policy"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_before_a_packet(
    change: tuple[str, str], args: tuple[str, ...], said: str,
    run_devsecops: RunDevsecops, service: Service[Counter], rules: Path, tmp_path: Path,
) -> None:  # fmt: skip
    policy = write_policy(tmp_path, NEW, rules, service.origin)
    if "java" in change[1]:  # what is told first is what is not in the cache
        assert run_devsecops("tools", "sync", "zap", "--policy", policy).returncode == 0
    before, after = change[0].replace("ADDON", str(rules)), change[1]
    policy.write_text(policy.read_text().replace(before, after) if before else policy.read_text())
    target = () if any(one.startswith("--target") for one in args) else (f"--target={service.origin}",)
    done = run_devsecops("dast", "check", "--policy", policy, *target, *args)
    assert done.returncode == 2, done
    assert said in done.stderr.replace(".\n  What to do: ", "; "), done.stderr
    assert "OK:" not in done.stdout
    last = done.stderr.splitlines()[-1]
    assert last == WRONG or last.startswith(
        ("devsecops: usage: ", "devsecops dast check: error: argument --")
    ), done.stderr


@pytest.mark.parametrize("where", ["disk", "revision"])
def test_an_add_on_beside_the_policy(
    where: str, run_devsecops: RunDevsecops, service: Service[Counter], rules: Path, tmp_path: Path
) -> None:
    """It is found from the folder of the policy, wherever that is and whoever asks."""
    repo = tmp_path / "repo"
    (repo / ".devsecops" / "rules").mkdir(parents=True)
    policy = write_policy(repo / ".devsecops", NEW, rules, service.origin)
    policy.write_text(policy.read_text().replace(str(rules), f"rules/{rules.name}"))
    beside = repo / ".devsecops" / "rules" / rules.name
    beside.write_bytes(rules.read_bytes())
    named = str(policy)
    if where == "revision":
        who = ("-c", "user.name=a", "-c", "user.email=a@example.test")
        for words in (("init", "-q", "-b", "main"), ("add", "."), (*who, "commit", "-q", "-m", "policy")):
            subprocess.run(["git", "-C", repo, *words], check=True)
        named = f"main:.devsecops/{policy.name}"
        beside.unlink()  # what counts is in the revision
    for command in (("tools", "sync", "zap"), ("doctor",), ("dast", "check", f"--target={service.origin}")):
        done = run_devsecops(*command, "--policy", named, cwd=repo)
        assert command[0] == "doctor" or done.returncode == 0, done
        assert command[0] != "doctor" or f"Add-on {rules.name}" in done.stdout


def test_without_a_service_in_the_policy_no_zap_is_asked_for(
    run_devsecops: RunDevsecops, rules: Path, tmp_path: Path
) -> None:
    for name in ("advisories", "bandit", "safety", "semgrep"):
        with (tmp_path / "policy.toml").open("a") as file:
            file.write(f'[scanners.{name}]\nrequired = "off"\n')
    (tmp_path / "tree").mkdir()
    done = run_devsecops("doctor", "--json", "--policy", tmp_path / "policy.toml", cwd=tmp_path / "tree")
    assert done.returncode == 0, done
    (row,) = [row for row in json.loads(done.stdout)["tools"] if row["scanner"] == "zap"]
    assert row["required"] is False
    done = run_devsecops("tools", "sync", "--policy", tmp_path / "policy.toml", cwd=tmp_path / "tree")
    assert (done.returncode, done.stdout) == (0, ""), done
    policy = write_policy(tmp_path, NEW, rules, "http://127.0.0.1:1")
    done = run_devsecops("doctor", "--json", "--policy", policy, cwd=tmp_path / "tree")
    (row,) = [row for row in json.loads(done.stdout)["tools"] if row["scanner"] == "zap"]
    assert row["required"] is True
