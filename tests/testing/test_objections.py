"""The suite's checks of a check find what is wrong with one; the helper asks it as a scan does."""

from __future__ import annotations

from pathlib import Path

import pytest

from devsecops.cli.plugin_new import files_of
from devsecops.errors import UsageError
from devsecops.testing import check, objections, sample_report
from devsecops.testing.conformance import OF_CHECKS
from devsecops.testing.engine import load
from devsecops.testing.objections import Hearing

HONEST = files_of("no-open", check=True)["no_open.py"]
BODY = "        waived = {"


def plugin(folder: Path, *edits: tuple[str, str]) -> Path:
    text = HONEST
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    path = folder / "no_open.py"
    path.write_text(text)
    return path


def wrong(path: Path, name: str) -> list[str]:
    loaded = load(path)
    assert loaded.rejected == ()
    return list(OF_CHECKS[name](Hearing(loaded, loaded.checks[0])))


def test_a_new_check_passes_every_check(tmp_path: Path) -> None:
    done = check(plugin(tmp_path))
    assert [(one.name, one.wrong) for one in done if not one.passed] == []
    assert [one.name for one in done] == ["loads", *OF_CHECKS]


FAULTS = {
    "a name for a shell": ("describes itself", 'name = "no-open"', 'name = "No open"', "lower-case"),
    "an exception": (
        "answers",
        BODY,
        f"        report.findings[0]\n{BODY}",
        "without findings it has no answer",
    ),
    "another type": ("answers", BODY, f"        yield 'no'\n{BODY}", "check() gave str, not Objection"),
    "a clock": (
        "answers",
        BODY,
        f"        yield api.Objection(message=str(__import__('time').time_ns()))\n{BODY}",
        "another answer the second time",
    ),
    "a set": (
        "answers",
        BODY,
        f"        yield api.Objection(message=' '.join({{str(n) * 9 for n in range(40)}}))\n{BODY}",
        "another interpreter",
    ),
    "a novel": (
        "objections",
        BODY,
        f"        yield api.Objection(message='no ' * 200)\n{BODY}",
        "no sentence",
    ),
    "two lines": ("objections", BODY, f"        yield api.Objection(message='a\\nb')\n{BODY}", "no sentence"),
    "a finding of its own": (
        "objections",
        BODY,
        f"        yield api.Objection(message='no', findings=('f-mine',))\n{BODY}",
        "findings that are not in it",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_check_of_the_suite_finds_what_is_wrong(tmp_path: Path, fault: str) -> None:
    name, old, new, words = FAULTS[fault]
    said = wrong(plugin(tmp_path, (old, new)), name)
    assert any(words in one for one in said), said


def test_a_plugin_with_a_check_alone_contributes_something(tmp_path: Path) -> None:
    loaded = load(plugin(tmp_path))
    assert (loaded.checks, loaded.scanners, loaded.formats) == (("no-open",), (), ())


def test_the_helper_returns_what_is_objected_to_or_says_why_not(tmp_path: Path) -> None:
    path = plugin(tmp_path)
    here = sample_report(hostile=False, findings=4, folder="payments")
    (one,) = objections(path, here)
    assert one.message == "4 open in payments/ or app/payments/"
    assert set(one.findings) == {finding.id for finding in here.findings}
    assert objections(path, sample_report(hostile=False)) == ()
    with pytest.raises(ValueError, match="0 such checks"):
        objections(path, here, check="other")
    with pytest.raises(ValueError, match="ZeroDivisionError"):
        objections(plugin(tmp_path, (BODY, f"        1 / 0\n{BODY}")), here)
    with pytest.raises(ValueError, match="ModuleNotFoundError"):
        objections(plugin(tmp_path, ("from devsecops import api", "import no_such_module")), here)
    with pytest.raises(UsageError):
        objections(tmp_path / "none.py", here)
