"""Waivers, inline marks and a baseline that a change brings accept nothing; those of the base hold on."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.e2e.program import Program
from tests.e2e.pulls import Pull, Seen, failed, flaw, new, old, passed

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("tools_ready")]

WAIVERS, BASELINE, OWN = (f".devsecops/{name}" for name in ("waivers.toml", "baseline.json", "policy.toml"))
AS_OF = ("--as-of", "2026-03-01")
MARKS = ("# nosec", "# nosec B324", "# devsecops: ignore[bandit/B324] we know")


def waiver(path: str) -> str:
    return (
        f"[[waiver]]\nrule = 'bandit/B324'\npath = '{path}'\nreason = 'no secret'\nowner = 'ana'\n"
        "created = 2026-02-01\nexpires = 2026-04-01\n"
    )


def marked(name: str, mark: str = MARKS[0]) -> str:
    return flaw(name).replace("hexdigest()\n", f"hexdigest()  {mark}\n")


def waived(seen: Seen) -> set[str]:
    """Return the paths of the findings that something accepts."""
    return {path for path, words in seen.waivers.items() if words}


def ran(pull: Pull, *words: str | Path) -> None:
    """Run another command of the program in the repository."""
    subprocess.run(
        [pull.program.binary, *words], cwd=pull.repo.root, env=dict(pull.program.env),
        stdin=subprocess.DEVNULL, check=True, capture_output=True,
    )  # fmt: skip


@pytest.mark.parametrize("ci", [False, True])
def test_a_waiver_that_it_brings(ci: bool, program: Program) -> None:
    pull = Pull.start(program, {"app/old.py": flaw("old")})
    pull.env = {"CI": "true"} if ci else {}
    pull.put({"app/new.py": flaw("new"), WAIVERS: waiver("**")})
    seen = pull.judge(*AS_OF)
    failed(pull, seen, 2, "app/new.py:5")
    assert seen.watched == {WAIVERS: "waivers-changed"}
    assert waived(seen) == set()


def test_a_waiver_of_the_base_holds_although_the_change_removes_it(program: Program) -> None:
    pull = Pull.start(program, {WAIVERS: waiver("app/*.py")})
    pull.put({"app/new.py": flaw("new"), WAIVERS: ""})
    seen = pull.judge(*AS_OF)
    passed(pull, seen, 2)
    assert seen.states == new("app/new.py")
    assert waived(seen) == {"app/new.py"}
    pull.put({"lib/new.py": flaw("new")})
    failed(pull, pull.judge(*AS_OF), 3, "lib/new.py:5")


@pytest.mark.parametrize("mark", MARKS)
def test_a_mark_that_it_brings(mark: str, program: Program) -> None:
    """Beside a new flaw, and beside a flaw in a line that it edits and that had the mark before."""
    pull = Pull.start(program, {"app/old.py": marked("old", mark), "app/moved.py": marked("moved", mark)})
    pull.put(
        {
            "app/new.py": marked("new", mark),
            "app/old.py": marked("old", mark).replace("old_salt", "old_pepper"),
            "app/moved.py": "# a line\n" + marked("moved", mark),
        }
    )
    seen = pull.judge()
    failed(pull, seen, 3, "app/new.py:5", flaws=2)
    assert waived(seen) == {"app/moved.py"}


def test_a_copy_of_a_marked_line(program: Program) -> None:
    pull = Pull.start(program, {"app/old.py": marked("old")})
    twice = marked("old") + marked("old").split("\n", 3)[3]
    pull.put({"app/old.py": twice, "app/copy.py": marked("old")})
    seen = pull.judge()
    assert seen.done.code == 1, seen.done
    assert "2 findings at or above high" in seen.done.last_line
    assert sorted(seen.states.values()) == ["new", "new", "unchanged"]


def test_another_flaw_where_a_waived_one_was(program: Program) -> None:
    """The waived file gets another name, and its old name another flaw of the same rule."""
    pull = Pull.start(program, {"app/old.py": flaw("old")})
    pull.repo.git("checkout", "-q", "main")
    done = program.scan(pull.repo.root, "--head", "main", "--offline", "--policy", f"main:{OWN}")
    (found,) = Seen(done).ids
    words = ("--reason", "no secret", "--owner", "ana", "--until", "30d")
    ran(pull, "waive", found, *words, "--run", done.output)
    pull.repo.commit()
    pull.repo.git("checkout", "-q", "-B", "feature")
    pull.move("app/old.py", "lib/renamed.py")
    pull.put({"app/old.py": flaw("theirs")})
    seen = pull.judge()
    assert seen.done.code == 1, seen.done
    assert "app/old.py" not in waived(seen)
    assert seen.states[("B324", "app/old.py", 5)] in ("new", "updated")


@pytest.mark.parametrize("change", [True, False])
def test_a_baseline_that_it_brings(change: bool, program: Program) -> None:
    """Made of its own run, so that it knows all of its flaws; also where a build judges the whole tree."""
    pull = Pull.start(program, {"app/old.py": flaw("old")})
    pull.put({"app/new.py": flaw("new")})
    pull.repo.commit()
    done = program.scan(pull.repo.root, "--head", "feature", "--offline", "--policy", f"main:{OWN}", *AS_OF)
    ran(pull, "baseline", "write", done.output)
    assert "app/new.py" in (pull.repo.root / BASELINE).read_text()
    if change:
        seen = pull.judge(*AS_OF)
        failed(pull, seen, 2, "app/new.py:5")
        assert seen.watched == {BASELINE: "baseline-changed"}
        return
    pull.repo.commit()
    words = ("--head", "feature", "--offline", "--policy", f"main:{OWN}", *AS_OF)
    whole = Seen(program.scan(pull.repo.root, *words, env={"CI": "true"}))
    assert whole.done.code == 1, whole.done
    assert whole.states == new("app/new.py") | new("app/old.py")
    pull.repo.git("checkout", "-q", "-B", "main")
    merged = Seen(program.scan(pull.repo.root, *words, env={"CI": "true"}))
    assert merged.done.code == 0, merged.done
    assert merged.states == old("app/new.py") | old("app/old.py")
