"""The table of classes speaks of rules that there are, and leaves out only what has no second tool."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from devsecops.findings import weaknesses
from devsecops.findings.weaknesses import CLASSES, weakness_class, weakness_of
from devsecops_bandit.rules import ids, rule
from tests.findings.test_grouping import source

ROOT = Path(__file__).parents[2]
PACK = {
    path.stem: number[0]
    for path in (ROOT / "plugins/devsecops_semgrep/rules").glob("*/*.yaml")
    if (number := re.findall(r"CWE-\d+", path.read_text(encoding="utf-8")))
}
ALONE = {
    "bandit": {"B412"},
    "semgrep": {
        "docker-passwordless-root", "docker-remote-shell-port", "docker-secret-file-copied",
        "js-electron-unsafe-window", "py-iam-wildcard-policy", "py-remote-model-code",
        "py-session-request-value",
    },
}  # fmt: skip
"""Rules of a weakness that no other tool here knows."""


def class_of(name: str, weakness: str | None = None) -> str | None:
    return weakness_class(source(name, 1, weakness=weakness))


def test_every_rule_has_a_class_or_stands_alone() -> None:
    bandit = {name for name in ids() if class_of(f"bandit/{name}", rule(name, "").weakness) is None}
    pack = {name for name, number in PACK.items() if class_of(f"semgrep/{name}", number) is None}
    assert {"bandit": bandit, "semgrep": pack} == ALONE
    assert len(PACK) > 100


def test_the_table_names_rules_that_there_are() -> None:
    named = {(tool, name) for tool, name in weaknesses._BY_RULE if tool in ("bandit", "semgrep")}
    gone_from_bandit = {"B320", "B410"}  # ruff still has S320 and S410
    assert {name for tool, name in named if tool == "bandit"} - ids() == gone_from_bandit
    assert {name for tool, name in named if tool == "semgrep"} <= PACK.keys()
    assert set(weaknesses._BY_RULE.values()) <= CLASSES.keys()


def test_a_number_leads_to_one_class() -> None:
    by_number = [
        number for name in CLASSES if name not in weaknesses._NOT_BY_NUMBER for number in CLASSES[name]
    ]
    assert len(by_number) == len(set(by_number))
    assert {20, 693, 703}.isdisjoint(by_number), "numbers that say too little"
    assert set(weaknesses._BY_RULE.values()) >= weaknesses._NOT_BY_NUMBER


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("bandit/B506", "CWE-20"), ("semgrep/py-yaml-unsafe-loader", "CWE-502")),
        (("bandit/B307", "CWE-78"), ("semgrep/py-code-evaluation", "CWE-95")),
        (("bandit/B104", "CWE-605"), ("semgrep/py-listen-all-interfaces", "CWE-1327")),
        (("bandit/B314", "CWE-20"), ("semgrep/py-xml-external-entities", "CWE-611")),
        (("bandit/B202", "CWE-22"), ("semgrep/py-tar-extract-no-filter", "CWE-22")),
        (("bandit/B324", "CWE-327"), ("ruff/S324", None)),
        (("bandit/B502", "CWE-327"), ("semgrep/py-tls-old-version", "CWE-757")),
        (("hadolint/DL3002", None), ("semgrep/docker-root-user", "CWE-250")),
        (("any/thing", "CWE-79"), ("bandit/B701", "CWE-94")),
    ],
)
def test_rules_of_one_class(one: tuple[str, str | None], other: tuple[str, str | None]) -> None:
    assert class_of(*one) == class_of(*other) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("bandit/B310", "CWE-22"), ("semgrep/py-path-traversal-file", "CWE-22")),
        (("bandit/B201", "CWE-94"), ("semgrep/py-code-evaluation", "CWE-95")),
        (("bandit/B303", "CWE-327"), ("semgrep/py-broken-cipher", "CWE-327")),
        (("bandit/B101", "CWE-703"), ("bandit/B110", "CWE-703")),
        (("bandit/B603", "CWE-78"), ("bandit/B607", "CWE-78")),
        (("bandit/B113", "CWE-400"), ("any/thing", "CWE-400")),
    ],
)
def test_rules_of_two_classes_in_spite_of_their_number(
    one: tuple[str, str | None], other: tuple[str, str | None]
) -> None:
    assert class_of(*one) != class_of(*other)


def test_a_secret_is_a_credential_and_a_class_has_a_weakness() -> None:
    assert weakness_class(source("any/aws-key", 1, kind="secrets")) == "credential"
    assert weakness_of("credential") == "CWE-798"
    assert all(re.fullmatch(r"CWE-\d+", weakness_of(name)) for name in CLASSES)
    with pytest.raises(KeyError):
        weakness_of("nothing")
