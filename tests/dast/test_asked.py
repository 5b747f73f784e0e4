"""What is asked for, put together from policy and command line: what may be scanned, and how."""

from __future__ import annotations

from typing import Any

import pytest

from devsecops.api import File, Region, ToolError
from devsecops_zap.asked import Job, read_job
from devsecops_zap.config import Artifacts, Attach, Package
from devsecops_zap.config import Installed as Folder
from devsecops_zap.fence import Resolved

NAMES = {"shop.example": "93.184.215.14", "inner.example": "10.1.2.3", "localhost": "127.0.0.1"}
POLICY = """\
[dast]
phases = ["seed", "active"]

[dast.zap]
source = "artifacts"

[dast.targets.shop]
url = "https://shop.example/api"
attackable = true
exclude = ["/admin/**"]

[dast.targets.quiet]
url = "http://127.0.0.1:8080"
"""


def resolve(name: str) -> Resolved:
    if name not in NAMES:
        raise OSError(name)
    return Resolved(addresses=(NAMES[name],))


def job(target: str, text: str = POLICY, *, shell: bool = False, source: str = "p.toml", **ask: Any) -> Job:
    import tomllib

    table = tomllib.loads(text).get("dast", {})
    policy = {"text": text, "source": source, "shell": shell}
    return read_job({"ask": {"target": target, **ask}, "dast": table, "policy": policy}, resolve)


def test_a_listed_target_by_its_address_or_its_name() -> None:
    for name in ("https://shop.example/api/", "https://shop.example", "https://SHOP.example:443/api", "shop"):
        found = job(name)
        assert (found.alias, str(found.origin), found.base) == ("shop", "https://shop.example", "/api")
        assert found.start == "https://shop.example/api/"
        assert found.pinned.addresses == ("93.184.215.14",)
        assert found.source == Artifacts()
    for name in ("https://shop.example:444/api", "https://shop.example/other", "http://shop.example/api"):
        with pytest.raises(ToolError, match="name one that it lists: quiet"):
            job(name)


def test_what_a_shell_may_scan_without_a_policy() -> None:
    for url in ("http://127.0.0.1:8080", "http://localhost:8080", "http://[::1]:8080/app"):
        found = job(url, "", shell=True)
        assert (found.alias, found.effort.phases) == ("local", ("seed", "spider", "passive"))
        assert found.source == Package(), "artifacts is never a default"
        assert found.fallback is None
    for url in ("https://shop.example", "http://inner.example", "http://169.254.169.254"):
        with pytest.raises(ToolError):
            job(url, "", shell=True)
    with pytest.raises(ToolError, match=r"the policy lists no target; add \[dast.targets.NAME\]"):
        job("http://127.0.0.1:8080", "", shell=False)
    assert "active" in job("http://127.0.0.1:8080", "", shell=True, active=True).effort.phases


def test_who_may_be_attacked() -> None:
    with pytest.raises(ToolError, match=r"p\.toml:12: dast\.targets\.quiet: .*write attackable = true"):
        job("quiet")
    passive = POLICY.replace('"active"', '"passive"').replace("attackable = true\n", "")
    assert job("quiet", passive).effort.phases == ("seed", "passive")
    with pytest.raises(ToolError, match="may not be attacked"):
        job("quiet", passive, active=True)


def test_a_zap_named_on_the_command_line_counts_in_a_shell_only() -> None:
    assert job("shop", shell=True, zap="/opt/zap").source == Folder(path="/opt/zap")
    attached = job("shop", shell=True, zap="http://127.0.0.1:8090", zap_key="env:K").source
    assert attached == Attach(url="http://127.0.0.1:8090", key="env:K")
    with pytest.raises(ToolError, match="--zap: only in a shell"):
        job("shop", zap="/opt/zap")


def test_the_budget_and_the_place_in_the_policy() -> None:
    assert job("shop", budget_s=90.0).budget_s == 90.0
    assert job("shop").budget_s == 60.0 + 300.0 + 120.0
    here = File(path=".devsecops/policy.toml", region=Region(start_line=7))
    assert job("shop", source=".devsecops/policy.toml").fallback == here
    assert job("shop", source="origin/main:.devsecops/policy.toml").fallback == here
    for outside in ("/etc/policy.toml", "../policy.toml"):
        assert job("shop", source=outside).fallback is None


@pytest.mark.parametrize(
    ("target", "ask", "said"),
    [("shop", {"auth": "admin"}, "--auth admin: there is no"), ("ftp://shop.example", {}, "--target:")],
)
def test_what_was_asked_and_is_wrong(target: str, ask: dict[str, Any], said: str) -> None:
    with pytest.raises(ToolError, match=said):
        job(target, **ask)


def test_a_name_that_leads_where_it_may_not_names_key_and_line() -> None:
    text = POLICY.replace("shop.example", "inner.example")
    with pytest.raises(
        ToolError, match=r"p\.toml:8: dast\.targets\.shop\.url: .*private address 10\.1\.2\.3"
    ):
        job("shop", text)
