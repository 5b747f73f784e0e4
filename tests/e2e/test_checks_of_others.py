"""Checks of plugins in a whole run: what they say is in the verdict, and what breaks is never green."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.program import OTHERS_OFF, Program, write_plugin

CHECK = """
import os
from devsecops.api import Objection, hookimpl
class TwoEyes:
    name = "two-eyes"
    def check(self, report):
        {body}
@hookimpl
def devsecops_checks():
    return [TwoEyes()]
"""


def policy(folder: Path, body: str, more: str = "") -> Path:
    """Write a policy with the fake scanner and a check of this body."""
    scanner = write_plugin(folder / "plugins", style="scan")
    check = folder / "plugins" / "eyes.py"
    check.write_text(CHECK.format(body=body))
    path = folder / "policy.toml"
    required = '[scanners.fake]\nrequired = "yes"\n'
    path.write_text(
        f"{more}\n[plugins]\nfiles = {json.dumps([str(scanner), str(check)])}\n{OTHERS_OFF}{required}"
    )
    return path


def test_an_objection_fails_and_is_the_last_line(program: Program, tree: Path) -> None:
    body = "yield Objection(message=f'{len(report.findings)} open', findings=(report.findings[0].id,))"
    done = program.scan(tree, policy=policy(program.folder, body))
    assert done.code == 1, done
    (reason,) = done.reasons
    assert (reason["code"], reason["message"], len(reason["findings"])) == ("check", "two-eyes: 3 open", 1)
    assert done.last_line == "FAIL: two-eyes: 3 open"
    assert "Not allowed: 1 reason" in done.out.decode()


def test_a_check_that_is_content_leaves_a_pass(program: Program, tree: Path) -> None:
    done = program.scan(tree, policy=policy(program.folder, "return []"))
    assert done.code == 0, done


@pytest.mark.parametrize(
    ("body", "words"),
    [("1 / 0", "ZeroDivisionError"), ("os._exit(0)", "ended before it answered"), ("return [1]", "gave int")],
)
def test_a_check_that_breaks_is_incomplete(program: Program, tree: Path, body: str, words: str) -> None:
    done = program.scan(tree, policy=policy(program.folder, body))
    assert done.code == 3, done
    (reason,) = done.reasons
    assert reason["code"] == "plugin-rejected"
    assert words in done.last_line
    assert program.left() == []


def test_rules_of_an_extended_policy_fail_a_run_and_the_run_holds_both_files(
    program: Program, tree: Path
) -> None:
    base = program.folder / "base.toml"
    base.write_text('[[gate.rule]]\nname = "debt"\nmax = 2\n')
    done = program.scan(tree, policy=policy(program.folder, "return []", more='extends = "base.toml"'))
    assert done.code == 1, done
    assert [(r["code"], r["rule"]) for r in done.reasons if r["code"] == "budget"] == [("budget", "debt")]
    text = json.loads((done.output / "run.json").read_bytes())["policy_text"]
    assert text.startswith("# policy file 1 of 2, ")
    digest = done.statement["policy"]["sha256"]
    base.write_text('[[gate.rule]]\nname = "debt"\nmax = 3\n')
    again = program.scan(tree, policy=program.folder / "policy.toml")
    assert again.code == 0, again
    assert again.statement["policy"]["sha256"] != digest
