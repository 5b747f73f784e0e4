"""devsecops baseline write: from which runs, and where to."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import msgspec
import pytest

from devsecops.cli import baseline
from devsecops.errors import UsageError
from devsecops.findings.baseline import Baseline, read_baseline
from devsecops.gate.judge import unfinished
from devsecops.model import Cover, Problem, Shard, Source, Statement, Unit
from devsecops.output import OutputFolder, OutputLost
from devsecops.run import Run, seal
from tests.run.runs import COMMIT, FACTS, FORCE, SUBJECT, found, make, save

GAP = Cover(unit=Unit(kind="file", id="x.py", digest="git:" + "1" * 40), scanner="bandit", state="failed")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "repo" / ".git").mkdir(parents=True)
    (tmp_path / "repo" / "app").mkdir()
    monkeypatch.chdir(tmp_path / "repo" / "app")


def write(run: Path, output: Path | None = None, *, force: bool = False) -> int:
    asked = {"verb": "write", "run": str(run), "output": None if output is None else str(output)}
    return baseline.run(argparse.Namespace(**asked, force=force))


def read(path: Path) -> Baseline:
    return read_baseline(path.read_bytes(), str(path))


def with_statement(run: Run, **more: Any) -> Run:
    changed: Statement = msgspec.structs.replace(run.verdict.statement, **more)
    return Run(
        verdict=seal(changed, FACTS),
        results=run.results,
        ledger=run.ledger,
        judged=run.judged,
        groups=run.groups,
    )


def test_it_stands_in_the_tree_with_findings_and_gaps(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = save(tmp_path / "out", make(found(), rows=(GAP,)))
    assert write(run) == 0
    path = tmp_path / "repo" / ".devsecops" / "baseline.json"
    made = read(path)
    assert [one.id for one in made.findings] == ["fabcdefghij"]
    assert made.gaps == (GAP,)
    assert made.subject == SUBJECT
    assert made.day == "2026-11-24"
    assert [one.name for one in made.scanners] == ["bandit"]
    said = capsys.readouterr().out
    assert said.startswith(f"{path}: 1 finding and 1 coverage gap of commit {COMMIT[:12]};")
    before = path.read_bytes()
    assert write(run) == 0
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["baseline.json"]


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (Problem(code="interrupted", message="the run was interrupted"), "the run was interrupted"),
        (Problem(code="scanner-failed", message="it broke"), "it broke"),
        (Problem(code="plugin-rejected", message="it raised"), "it raised"),
    ],
)
def test_a_run_that_did_not_finish_gives_none(
    tmp_path: Path, problem: Problem, words: str, force: bool
) -> None:
    run = save(tmp_path / "out", make(found(), problems=[(None, problem)]))
    with pytest.raises(UsageError, match=words):
        write(run, force=force)
    assert not (tmp_path / "repo" / ".devsecops").exists()


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (make(rows=(msgspec.structs.replace(GAP, state="same-as-base"),)), "judged a change only"),
        (with_statement(make(), part=Shard(k=1, n=3)), "part 1 of 3"),
        (make(results=()), "bandit"),
    ],
)
def test_a_run_of_a_part_gives_none(tmp_path: Path, run: Run, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        write(save(tmp_path / "out", run), force=True)


def test_a_run_that_is_still_going_on_gives_none(tmp_path: Path) -> None:
    with OutputFolder.open(tmp_path / "out") as folder:
        folder.begin(seal(unfinished(SUBJECT, FORCE, "2026-11-24"), FACTS))
    with pytest.raises(UsageError, match="did not get to its end"):
        write(tmp_path / "out", force=True)


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (make(found(), left_out=("bandit",), results=()), "left out bandit"),
        (
            with_statement(make(found()), subject=(Source(head=COMMIT, tree="dir:" + "b" * 64, dirty=True),)),
            "differs from the commit",
        ),
    ],
)
def test_a_narrowed_or_dirty_run_needs_force(tmp_path: Path, run: Run, words: str) -> None:
    out = save(tmp_path / "out", run)
    with pytest.raises(UsageError, match=f"{words}.*--force"):
        write(out)
    assert write(out, tmp_path / "b.json", force=True) == 0
    assert read(tmp_path / "b.json").subject == run.verdict.statement.subject


def test_a_gap_that_was_known_before_is_still_one(tmp_path: Path) -> None:
    known = msgspec.structs.replace(GAP, state="same-as-base", was="failed")
    accepted = msgspec.structs.replace(GAP, state="accepted", was="failed", scanner="b")
    assert write(save(tmp_path / "out", make(rows=(known, accepted))), tmp_path / "b.json") == 0
    assert read(tmp_path / "b.json").gaps == (accepted, known)


def test_it_is_never_written_through_a_link(tmp_path: Path) -> None:
    run = save(tmp_path / "out", make())
    aim = tmp_path / "aim"
    aim.mkdir()
    (tmp_path / "repo" / ".devsecops").symlink_to(aim)
    with pytest.raises(UsageError, match="passes a link"):
        write(run)
    (tmp_path / "link.json").symlink_to(aim / "file.json")
    with pytest.raises(UsageError, match="passes a link"):
        write(run, tmp_path / "link.json")
    assert list(aim.iterdir()) == []


def test_what_was_there_stays_when_it_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = save(tmp_path / "out", make())
    path = tmp_path / "b.json"
    path.write_bytes(b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OutputLost, match="No space left"):
        write(run, path)
    assert path.read_bytes() == b"old"
