"""A tree against what was known before: what is new for one scanner stays new."""

from __future__ import annotations

import msgspec

from devsecops.against import Head, against
from devsecops.findings.baseline import make_baseline
from devsecops.model import Cover, Unit
from tests.run.runs import SUBJECT, found, make


def test_two_scanners_with_one_id_for_a_flaw_do_not_hide_it_from_each_other() -> None:
    unit = Unit(kind="file", id="app/db.py", digest="git:" + "1" * 40)
    rows = [Cover(unit=unit, scanner=name, state="scanned") for name in ("bandit", "other")]
    run = make(found())
    base = make_baseline(run.verdict.statement, "0" * 64, run.results, rows[:1])
    mine = run.results[0]
    flaw = msgspec.structs.replace(found(), scanner="other")
    theirs = msgspec.structs.replace(mine, scanner="other", findings=(flaw,))
    for results in ((mine, theirs), (theirs, mine)):
        said = against(base, Head(part=SUBJECT[0], results=results, ledger=tuple(rows)), None)
        assert [one.state for one in said.standings.values()] == ["new"]
        assert said.gone == ()
