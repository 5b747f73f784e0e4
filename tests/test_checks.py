"""Checks of strangers: they may object, and whatever else they do is never green and harms nobody."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

import devsecops.registry as registry
from devsecops.checks import LARGEST, LONGEST, MOST, run_checks
from devsecops.gate import OUTCOME
from devsecops.gate.outcome import outcome_of
from devsecops.model import Reason
from devsecops.testing.sample import EVIL, sample_report

PLUGIN = """
import os
from devsecops.api import Objection, hookimpl
class Stranger:
    name = "{name}"
    def check(self, report):
        {body}
@hookimpl
def devsecops_checks():
    return [Stranger()]
"""
REPORT = sample_report(hostile=False)


def ask(folder: Path, **bodies: str) -> list[Reason]:
    """Return what plugins say whose checks have these bodies."""
    files = []
    for name, body in bodies.items():
        path = folder / f"{name}.py"
        path.write_text(PLUGIN.format(name=name.replace("_", "-"), body=body))
        files.append(str(path))
    found = registry.discover(files=files)
    assert found.rejected == []
    return run_checks(found, REPORT)


def test_an_objection_fails_and_says_who_objects(tmp_path: Path) -> None:
    (reason,) = ask(
        tmp_path,
        two_eyes="yield Objection(message='no', findings=(report.findings[0].id, 'f-else'), remedy='Ask.')",
    )
    assert reason == Reason(
        code="check",
        message="two-eyes: no",
        findings=(REPORT.findings[0].id,),
        rule="check two-eyes",
        remedy="Ask.",
    )
    assert OUTCOME["check"] == "fail"
    assert outcome_of([reason]) == "fail"


def test_a_check_that_has_nothing_to_say_adds_nothing(tmp_path: Path) -> None:
    assert ask(tmp_path, calm="return []", none="return iter(())") == []


def test_a_check_sees_the_verdict(tmp_path: Path) -> None:
    body = "yield Objection(message=f'{report.verdict.statement.verdict} {len(report.findings)}')"
    assert [reason.message for reason in ask(tmp_path, sees=body)] == [f"sees: fail {len(REPORT.findings)}"]


FAULTS = {
    "raises": ("1 / 0", "ZeroDivisionError: division by zero"),
    "nothing": ("return None", "TypeError"),
    "exits": ("os._exit(0)", "its worker ended before it answered"),
    "quits": ("raise SystemExit(0)", "its worker ended before it answered"),
    "hangs": ("while True: pass", "no answer within"),
    "text": ("return ['no']", "check() gave str, not Objection"),
    "an_object": ("return 7", "TypeError"),
    "a_field": ("yield Objection(message=7)", "wrong type"),
    "an_id": ("yield Objection(message='no', findings='f1')", "wrong type"),
    "silence": ("yield Objection(message=' ')", "an objection that says nothing"),
    "much": (f"yield Objection(message='x' * {LARGEST})", "it answered with too much"),
    "memory": ("x = [bytes(64 << 20) for _ in range(100)]", "MemoryError"),
    "endless": ("while True: yield Objection(message='x' * 99)", ""),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_check_that_breaks_is_named_and_harms_no_other(
    tmp_path: Path, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "CHECK_DEADLINE_S", 3.0)
    body, words = FAULTS[fault]
    began = time.monotonic()
    broken, fine = sorted(
        ask(tmp_path, **{fault: body, "zz": "yield Objection(message='no')"}), key=lambda r: r.code == "check"
    )
    assert time.monotonic() - began < 30
    assert (broken.code, OUTCOME[broken.code]) == ("plugin-rejected", "incomplete")
    assert broken.message.startswith(f"check {fault.replace('_', '-')} of plugin {fault} (")
    assert words in broken.message
    assert broken.remedy == f"devsecops plugin check {tmp_path / fault}.py"
    assert (fine.code, fine.message) == ("check", "zz: no")


def test_a_check_cannot_change_what_was_judged(tmp_path: Path) -> None:
    """It works on a copy, in a process of its own."""
    change = "__import__('msgspec').structs.force_setattr(report.verdict.statement, 'verdict', 'pass')"
    body = f"{change}; yield Objection(message=report.verdict.statement.verdict)"
    assert [reason.message for reason in ask(tmp_path, change=body)] == ["change: pass"]
    assert REPORT.verdict.statement.verdict == "fail"


def test_words_of_a_check_are_one_line_without_secrets(tmp_path: Path) -> None:
    secret = "AKIA" + "IOSFODNN7EXAMPLE"
    (tmp_path / "evil.txt").write_text(EVIL)
    body = (
        f"evil = open({str(tmp_path / 'evil.txt')!r}).read(); "
        f"yield Objection(message=evil + ' {secret} ' + 'x' * 999, remedy='{secret}')"
    )
    (reason,) = ask(tmp_path, words=body)
    assert reason.message.isprintable()
    assert len(reason.message) <= LONGEST
    assert secret not in reason.message + reason.remedy


def test_many_objections_are_counted_and_come_in_one_order(tmp_path: Path) -> None:
    body = f"yield from [Objection(message=f'no {{n:04}}') for n in range({MOST + 5})][::-1]"
    reasons = ask(tmp_path, many=body)
    assert len(reasons) == MOST + 1
    assert (reasons[0].message, reasons[-1].message) == ("many: no 0000", "many: 5 more objections")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("return [Stranger()]|return [1]", "int is no check: it needs a name and check()"),
        ("name =|nam =", "Stranger is no check"),
        ('name = "x"|name = 7', "Stranger is no check"),
        ("def check(|def chek(", "Stranger is no check"),
        ("devsecops_checks|devsecops_cheks", "did you mean devsecops_checks?"),
    ],
)
def test_what_is_no_check_is_rejected(tmp_path: Path, text: str, words: str) -> None:
    old, _, new = text.partition("|")
    plugin = tmp_path / "stranger.py"
    plugin.write_text(PLUGIN.format(name="x", body="return []").replace(old, new))
    found = registry.discover(files=[str(plugin)])
    assert found.checks == {}
    (rejected,) = [one for one in found.rejected if one.name == "stranger"]
    assert words in rejected.message


def test_a_second_check_of_the_same_name_is_rejected(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.py").write_text(PLUGIN.format(name="x", body="return []"))
    found = registry.discover(files=[str(tmp_path / "one.py"), str(tmp_path / "two.py")])
    assert [one.message for one in found.rejected] == ["check x exists already, from one"]
    assert found.checks["x"].name == "one"


def test_an_installed_plugin_that_no_policy_names_checks_nothing() -> None:
    assert registry.discover().checks == {}


def test_doctor_shows_which_plugin_checks(tmp_path: Path) -> None:
    from devsecops.cli.doctor import plugins

    path = tmp_path / "stranger.py"
    path.write_text(PLUGIN.format(name="two-eyes", body="return []"))
    (row,) = [row for row in plugins(registry.discover(files=[str(path)])) if row["name"] == "stranger"]
    assert (row["state"], row["checks"], row["scanners"], row["formats"]) == ("loaded", ["two-eyes"], [], [])
