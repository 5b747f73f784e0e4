import dataclasses
from pathlib import Path
from typing import Any

import msgspec
import pytest

from devsecops.canonical import canonical, encode_verdict
from devsecops.errors import UsageError
from devsecops.model import Cover, Source, Unit
from devsecops.run import DamagedRun, build_report, read_run, read_verdict, seal
from tests.run.runs import COMMIT, FACTS, FORCE, found, make, save


def verify(path: Path, commit: str = COMMIT, **more: Any) -> int:
    import argparse

    from devsecops.cli import verify as command

    parser = argparse.ArgumentParser()
    command.arguments(parser)
    extra = [f"--{name}={value}" for name, value in more.items()]
    return command.run(parser.parse_args([str(path), "--commit", commit, *extra]))


def explained(path: Path, what: str, *more: str) -> str:
    from devsecops.cli.explain import explain

    return "\n".join(explain(read_run(path), what, verbose="-v" in more))


def test_a_saved_run_gives_back_what_was_written(tmp_path: Path) -> None:
    gap = Cover(unit=Unit(kind="file", id="b.py"), scanner="bandit", state="failed", why="syntax-error")
    run = make(found(), rows=(gap,))
    again = read_run(save(tmp_path / "out", run))
    assert (again.results, again.ledger, again.judged, again.groups, again.plan) == (
        run.results, run.ledger, run.judged, run.groups, run.plan,
    )  # fmt: skip
    report = build_report(again)
    assert report.findings == run.results[0].findings
    assert report.gaps == (gap,)
    assert [rule.id for rule in report.rules] == ["B602"]


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    one, two = (save(tmp_path / name, make(found())) for name in ("one", "two"))
    for file in ("verdict.json", "run.json", "ledger.jsonl", "judged.json", "results/bandit.json"):
        assert (one / file).read_bytes() == (two / file).read_bytes()


def test_canonical_is_sorted_and_without_white_space() -> None:
    assert canonical({"b": Unit(kind="file", id="x"), "a": 2.50, "é": "\u2028"}) == (
        '{"a":2.5,"b":{"digest":null,"id":"x","kind":"file"},"é":"\\u2028"}'.encode()
    )


@pytest.mark.parametrize(
    "file",
    ["verdict.json", "run.json", "ledger.jsonl", "judged.json", "results/bandit.json", "results.sarif"],
)
@pytest.mark.parametrize("how", ["changed", "cut", "missing", "empty"])
def test_whatever_is_changed_afterwards_is_not_verified(
    tmp_path: Path, file: str, how: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = save(tmp_path / "out", make())
    assert verify(out) == 0
    data = (out / file).read_bytes()
    if how == "missing":
        (out / file).unlink()
    else:
        middle = len(data) // 2
        changed = data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]
        (out / file).write_bytes({"changed": changed, "cut": data[:-4], "empty": b""}[how])
    if file == "verdict.json" and how == "missing":
        with pytest.raises(UsageError):
            verify(out)
    else:
        assert verify(out) == 3
        assert capsys.readouterr().out.splitlines()[-1].startswith("NOT VERIFIED")


def test_only_a_trusted_pass_of_that_commit_is_verified(tmp_path: Path) -> None:
    replace = msgspec.structs.replace
    dirty = (Source(head=COMMIT, tree="git:x", dirty=True),)
    scoped = (Source(head=COMMIT, tree="git:x", scope="docs"),)
    cases: list[tuple[dict[str, Any], int]] = [
        ({"in_force": replace(FORCE, trusted=False, source="built-in")}, 3),
        ({"in_force": replace(FORCE, trusted=False), "gate": False}, 3),
        ({"subject": dirty}, 3),
        ({"subject": scoped}, 3),
        ({"subject": ()}, 3),
        ({"results": ()}, 3),
        ({"kinds": {"bandit": "sast", "zap": "dast"}, "left_out": ("zap",)}, 3),
    ]
    for number, (changes, code) in enumerate(cases):
        assert verify(save(tmp_path / str(number), make(**changes))) == code, changes
    good = save(tmp_path / "good", make())
    assert verify(good) == verify(good / "verdict.json") == 0
    assert verify(good, "c" * 40) == 3
    assert verify(save(tmp_path / "scoped", make(subject=scoped)), scope="docs/") == 0
    assert verify(save(tmp_path / "bad", make(found()))) == 1
    assert verify(save(tmp_path / "nosarif", make(), sarif=None)) == 3
    for commit in ("abc", "main", "g" * 40):
        with pytest.raises(UsageError, match="full commit id"):
            verify(good, commit)
    with pytest.raises(UsageError):
        verify(tmp_path / "nothing")


def test_a_pass_that_contradicts_itself_is_not_verified(tmp_path: Path) -> None:
    out = save(tmp_path / "out", make(found()))
    verdict = read_verdict(out)
    forged = seal(msgspec.structs.replace(verdict.statement, verdict="pass"), FACTS, verdict.files)
    (out / "verdict.json").write_bytes(encode_verdict(forged))
    assert verify(out) == 3


def test_an_unfinished_run_is_read_and_not_verified(tmp_path: Path) -> None:
    from devsecops.gate import unfinished
    from devsecops.output import OutputFolder

    save(tmp_path / "out", make())
    with OutputFolder.open(tmp_path / "out") as folder:
        folder.begin(seal(unfinished((), FORCE, "2026-11-24"), FACTS))
    assert read_run(tmp_path / "out").verdict.statement.cause == "INCOMPLETE: the run did not finish"
    assert verify(tmp_path / "out") == 3


def test_a_name_in_the_verdict_never_leads_outside(tmp_path: Path) -> None:
    out = save(tmp_path / "out", make())
    verdict = read_verdict(out)
    for name in ("../x", "/etc/hostname"):
        files = {**verdict.files, name: "0" * 64}
        (out / "verdict.json").write_bytes(encode_verdict(seal(verdict.statement, FACTS, files)))
        assert verify(out) == 3


def test_a_damaged_run_says_what_to_do(tmp_path: Path) -> None:
    out = save(tmp_path / "out", make())
    (out / "ledger.jsonl").write_bytes(b"")
    with pytest.raises(DamagedRun, match=r"ledger\.jsonl.*run the scan again"):
        read_run(out)


def test_explain_speaks_of_rules_findings_and_coverage(tmp_path: Path) -> None:
    gap = Cover(unit=Unit(kind="file", id="b.py"), scanner="bandit", state="failed", why="syntax-error")
    out = save(tmp_path / "out", make(found(), rows=(gap,)))
    for name in ("B602", "bandit/B602"):
        assert "pass a list" in explained(out, name)
        assert "fabcdefghij" in explained(out, name)
    about = explained(out, "fabcdefghij")
    for text in (
        "app/db.py:4",
        "run(x, shell=True)",
        "CWE-78",
        "Counted: gate.fail_on = high",
        "pass a list",
    ):
        assert text in about
    coverage = explained(out, "coverage")
    assert "could not read 1 of 2 files: b.py (syntax error)" in coverage
    assert '  [[coverage.accept]]\n  paths = ["b.py"]' in coverage
    assert "scanned  bandit  app/db.py" in explained(out, "coverage", "-v")
    with pytest.raises(UsageError, match="the nearest is bandit/B602"):
        explained(out, "bandit/B603")


def test_explain_makes_hostile_text_visible(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import argparse

    from devsecops.cli import explain

    out = save(tmp_path / "out", make(found()))
    explain.run(argparse.Namespace(what="fabcdefghij", run=str(out), verbose=False))
    assert "shell\\x1b[31m" in capsys.readouterr().out


def test_explain_says_what_accepts_a_finding(tmp_path: Path) -> None:
    run = make(found())
    facts = {"waiver": "waiver[0]", "counted": False, "until": "2027-01-31", "justification": "ours (ana)"}
    judged = tuple(msgspec.structs.replace(one, **facts) for one in run.judged)
    said = explained(save(tmp_path / "out", dataclasses.replace(run, judged=judged)), "fabcdefghij")
    assert "Waived until 2027-01-31 by waiver[0]\n  ours (ana)\n" in said
