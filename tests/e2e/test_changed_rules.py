"""A pull request that edits the rules it is judged by, beside a flaw: the base's rules judge it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.program import Program
from tests.e2e.pulls import CLEAN, POLICY, Pull, failed, flaw, new, old, passed

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("tools_ready")]

OWN = ".devsecops/policy.toml"
BASE = {
    "app/old.py": flaw("old"),
    "app/clean.py": CLEAN,
    ".bandit": "[bandit]\nskips = B101\n",
    "buildspec.yml": "version: 0.2\n",
}
POLICIES = {
    "fails on nothing": POLICY + '[gate]\nfail_on = "none"\n',
    "the scanner is off": POLICY.replace('"yes"', '"off"'),
    "excludes everything": POLICY + "[[scope.exclude]]\npaths = ['**']\nreason = 'x'\n",
    "is no TOML": "[[[",
}
OTHERS = {
    ".devsecops/more.toml": ("x = 1\n", "policy-changed"),
    ".devsecops/waivers.toml": ("[[[ no waivers", "waivers-changed"),
    ".devsecops/baseline.json": ("{}", "baseline-changed"),
    "devsecops.toml": ('fail_on = "high"\nreport = ["junit"]\n', "policy-changed"),
    ".bandit": ("[bandit]\nexclude = app\nskips = B324\n", "scanner-config-changed"),
    "app/.bandit": ("[bandit]\nskips = B324\n", "scanner-config-changed"),
    "buildspec.yml": ("version: 0.2\nphases: {}\n", "buildspec-changed"),
}


def start(program: Program, ci: bool = False) -> Pull:
    pull = Pull.start(program, BASE)
    pull.env = {"CI": "true"} if ci else {}
    pull.put({"app/new.py": flaw("new")})
    return pull


def check_policy(pull: Pull, statement: dict[str, object], source: str = f"main:{OWN}") -> None:
    policy = statement["policy"]
    assert isinstance(policy, dict)
    assert (policy["source"], policy["trusted"]) == (source, True)


@pytest.mark.parametrize("edit", POLICIES)
def test_its_policy_has_no_effect_and_is_told(edit: str, program: Program) -> None:
    pull = start(program)
    pull.put({OWN: POLICIES[edit]})
    seen = pull.judge()
    failed(pull, seen, 2, "app/new.py:5")
    assert seen.states == new("app/new.py")
    assert seen.watched == {OWN: "policy-changed"}
    check_policy(pull, seen.done.statement)


@pytest.mark.parametrize("ci", [False, True])
def test_all_that_judges_at_once(ci: bool, program: Program) -> None:
    pull = start(program, ci)
    pull.put({path: text for path, (text, _) in OTHERS.items()} | {OWN: POLICIES["fails on nothing"]})
    seen = pull.judge()
    failed(pull, seen, len(OTHERS) + 2, "app/new.py:5")
    assert seen.states == new("app/new.py")
    assert seen.watched == {OWN: "policy-changed"} | {path: rule for path, (_, rule) in OTHERS.items()}
    check_policy(pull, seen.done.statement)


@pytest.mark.parametrize(("how", "ci"), [("a link", False), ("moved", True)])
def test_the_base_has_its_policy_whatever_became_of_the_file(how: str, ci: bool, program: Program) -> None:
    pull = start(program, ci)
    if how == "moved":
        pull.move(OWN, "elsewhere/policy.toml")
    else:
        pull.remove(OWN)
        (pull.repo.root / OWN).symlink_to("/dev/null")
    seen = pull.judge()
    failed(pull, seen, 2, "app/new.py:5")
    assert seen.watched == {OWN: "policy-changed"}
    check_policy(pull, seen.done.statement)


def test_a_plugin_that_it_brings_never_runs(program: Program, tmp_path: Path) -> None:
    pull = start(program)
    mark = tmp_path / "it-ran"
    plugin = pull.repo.root / ".devsecops/plugin.py"
    pull.put({".devsecops/plugin.py": f"open({str(mark)!r}, 'w')\n"})
    tool = (
        "[[tool]]\nname = 'x'\nkind = 'sast'\ncommand = '/bin/sh'\nargs = ['-c', 'touch {}', '{{files}}']\n"
    )
    tool = tool.format(mark) + "reads = {suffixes = ['.py']}\n"
    tool += "canary = [{label = 'x', files = {x = ''}, expects = [{rule = 'x', file = 'x'}]}]\n"
    pull.put({OWN: f"plugins.files = [{str(plugin)!r}]\n{POLICY}{tool}"})
    seen = pull.judge()
    failed(pull, seen, 3, "app/new.py:5")
    assert not mark.exists()
    assert [summary["name"] for summary in seen.done.statement["scanners"]] == ["bandit", "change"]


def test_a_gap_that_it_accepts_itself_stays_a_gap(program: Program) -> None:
    pull = Pull.start(program, BASE)
    accept = "[[coverage.accept]]\npaths = ['**']\nscanners = ['*']\nreason = 'x'\nexpires = 2099-01-01\n"
    pull.put({OWN: POLICY + accept, "app/broken.py": "def broken(:\n"})
    seen = pull.judge()
    assert seen.done.code == 3, seen.done
    assert "could not read 1 of 1 file: app/broken.py (syntax error)" in seen.done.last_line
    assert seen.done.rows("bandit")["app/broken.py"] == ("failed", "syntax-error")


def test_what_it_puts_on_the_base_judges_the_next_one(program: Program) -> None:
    """So that the others prove something: the very same edit, merged first, decides."""
    pull = start(program)
    text = POLICIES["fails on nothing"]
    pull.repo.git("checkout", "-q", "main")
    pull.put({OWN: text})
    pull.repo.git("commit", "-q", "-m", "rules", OWN)
    pull.repo.git("checkout", "-q", "-B", "feature")
    seen = pull.judge()
    passed(pull, seen, 1)
    assert seen.states == new("app/new.py")
    assert seen.watched == {}


@pytest.mark.parametrize("ci", [False, True])
def test_where_the_base_has_no_policy_the_built_in_one_judges(
    ci: bool, program: Program, tools_ready: Path
) -> None:
    pull = Pull.start(program, {"app/old.py": flaw("old")}, policy="")
    pull.env = {"CI": "true"} if ci else {}
    pull.put({OWN: POLICY + '[gate]\nfail_on = "none"\n', "app/new.py": flaw("new")})
    seen = pull.judge("--as-of", "2024-10-20")
    assert seen.done.code == 1, seen.done
    assert "/bandit" not in seen.done.last_line.partition(":")[0]
    assert seen.states[("B324", "app/new.py", 5)] == "new"
    assert seen.watched == {OWN: "policy-changed"}
    check_policy(pull, seen.done.statement, f"built-in (main has no {OWN})")
    assert {s["name"] for s in seen.done.statement["scanners"]} >= {"bandit", "semgrep"}


def test_in_a_build_the_heads_policy_is_never_used(program: Program) -> None:
    """Neither without a base nor when it is named: then nobody trusts the answer."""
    pull = start(program, ci=True)
    pull.put({OWN: POLICY + '[gate]\nfail_on = "none"\n'})
    pull.repo.commit()
    named = program.scan(pull.repo.root, "--policy", f"HEAD:{OWN}", "--offline", env=pull.env)
    assert named.code == 3, named
    assert "comes from the tree that is judged" in named.last_line
    unnamed = program.scan(
        pull.repo.root, "--offline", "--skip", "semgrep", "--skip", "advisories", env=pull.env
    )
    assert unnamed.code == 1, unnamed
    assert unnamed.statement["policy"]["source"] == "built-in"


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ('fail_on = "none"\n', 2, "a repository may only tighten it"),
        ("[[waivers]]\n", 2, "may only stand in the trusted policy"),
        ('fail_on = "low"\n', 1, "2 findings at or above low"),
    ],
)
def test_wishes_of_the_repository_only_tighten(text: str, code: int, words: str, program: Program) -> None:
    pull = start(program)
    pull.put({"devsecops.toml": text})
    seen = pull.judge()
    assert seen.done.code == code, seen.done
    assert words in (seen.done.err + seen.done.out).decode()


def test_old_flaws_stay_old_beside_all_that(program: Program) -> None:
    pull = Pull.start(program, BASE)
    pull.put({OWN: "", "app/old.py": "# a line more\n" + flaw("old")})
    seen = pull.judge()
    passed(pull, seen, 2)
    assert seen.states == old("app/old.py", 6)
