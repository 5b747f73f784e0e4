"""A real project with more than a thousand old findings: a change of five files is told on one screen."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from benchmarks.corpora import tree
from benchmarks.ledger import commit
from tests.e2e.program import Program
from tests.e2e.pulls import Seen

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("corpus_cache", "tools_ready")]

AS_OF = ("--offline", "--as-of", "2024-10-20")
LINES, COLUMNS = 50, 100
FLAW = "\n\ndef run(command):\n    import subprocess\n\n    return subprocess.call(command, shell=True)\n"
EDITED = ("src/flask/cli.py", "src/flask/app.py", "tests/test_basic.py", "tests/test_blueprints.py")
NEW = "src/flask/runner.py"


@pytest.fixture
def corpus_cache(tool_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the tree is fetched to."""
    monkeypatch.setenv("DEVSECOPS_CACHE", str(tool_cache))


def test_a_change_of_five_files_is_told_on_one_screen(program: Program) -> None:
    repository = program.folder / "repository"
    commit(tree("flask"), repository)
    whole = Seen(program.scan(repository, "--head", "HEAD", *AS_OF))
    assert len(whole.ids) > 1000
    for name in EDITED:
        path = repository / name
        path.write_text("# A line more.\n" + path.read_text() + (FLAW if "cli" in name else ""))
    (repository / NEW).write_text(FLAW)
    git = ("git", "-C", str(repository), "-c", "user.name=n", "-c", "user.email=e@x")
    for words in (("add", "-A"), ("commit", "-q", "-m", "five files")):
        subprocess.run((*git, *words), check=True)
    seen = Seen(program.scan(repository, "--base", "HEAD~1", *AS_OF))
    screen = seen.done.out.decode().rstrip("\n").split("\n")
    assert len(screen) <= LINES
    # The first line names the policy, the last is the cause.
    assert [line for line in screen[1:-1] if len(line) > COLUMNS] == []
    named = {path for line in screen for path in re.findall(r"\b(?:src|tests|docs|examples)/[\w/.]+\w", line)}
    assert named == {"src/flask/cli.py", NEW}
    assert screen[-1].startswith("FAIL: change of 5 files since commit ")
    assert ": 2 findings " in screen[-1]
    assert {path for (_, path, _), state in seen.states.items() if state != "unchanged"} == named
    told = [re.match(r"Against commit \w+: ([\d,]+) findings there before", line) for line in screen]
    (known,) = [int(match[1].replace(",", "")) for match in told if match]
    assert known > 300
