"""devsecops waive: what it writes, what it refuses, and what it leaves alone."""

from __future__ import annotations

import dataclasses
import datetime
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import pytest

from devsecops.cli.main import main
from devsecops.model import Cover, Finding, Group, RuleRef, Source, Unit
from devsecops.run import read_run
from devsecops.subject.since import changes_to
from devsecops.waivers.apply import apply
from devsecops.waivers.file import read_waivers
from devsecops.waivers.finding import path_of
from devsecops.waivers.model import Waiver
from tests.conftest import RunDevsecops
from tests.findings.changes import findings
from tests.findings.test_matching import module
from tests.run.runs import make, save
from tests.subject.repos import Repo

Waive = Callable[..., tuple[int, str, str]]
TAIL = "".join(f"line_{n} = {n}\n" for n in range(20))
FILE = Path(".devsecops") / "waivers.toml"


def today(days: int = 0) -> str:
    return (datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=days)).isoformat()


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    made = Repo(tmp_path / "repo")
    made.put("a.py", module([1, 2]) + TAIL)
    made.commit()
    monkeypatch.chdir(made.root)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("DEVSECOPS_POLICY", raising=False)
    return made


@pytest.fixture
def waive(repo: Repo, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Waive:
    """Runs the command on the run that `saved` left; returns code, stdout, stderr."""

    def run(*words: str) -> tuple[int, str, str]:
        code = main(["waive", "--run", str(tmp_path / "out"), *words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def saved(
    repo: Repo,
    found: Sequence[Finding],
    *,
    dirty: bool = False,
    looked: Sequence[str] = ("a.py",),
    waiver: str = "",
) -> None:
    head = repo.git("rev-parse", "HEAD").decode().strip()
    rows = tuple(Cover(unit=Unit(kind="file", id=name), scanner="tool", state="scanned") for name in looked)
    run = make(*found, rows=rows, subject=(Source(head=head, tree="git:" + "0" * 40, dirty=dirty),))
    if waiver:
        judged = tuple(msgspec.structs.replace(one, waiver=waiver, counted=False) for one in run.judged)
        run = dataclasses.replace(run, judged=judged)
    save(repo.root.parent / "out", run)


def entries(repo: Repo) -> tuple[Waiver, ...]:
    return read_waivers((repo.root / FILE).read_bytes(), "waivers.toml")


FOUND = findings({"a.py": module([1, 2]) + TAIL})
ONE = FOUND[0].id
WORDS = (ONE, "--reason", "known", "--until", "90d", "--owner", "team")


def test_what_other_tools_say_of_the_same_flaw_is_accepted_with_it(repo: Repo, waive: Waive) -> None:
    both = msgspec.structs.replace(FOUND[0], id="fother", rule=RuleRef(tool="other", id="R1"))
    saved(repo, [*FOUND, both])
    run = read_run(repo.root.parent / "out")
    alone = [group for group in run.groups if group.id not in (ONE, both.id)]
    together = Group(id=ONE, severity="high", reported_by=(ONE, both.id))
    save(repo.root.parent / "out", dataclasses.replace(run, groups=(*alone, together)))
    code, out, _ = waive(*WORDS)
    assert code == 0
    assert {one.id for one in entries(repo)} == {ONE, "fother"}
    assert "2 entries" in out
    assert "With it fother, of the same flaw: other/R1." in out


def test_it_writes_an_entry_for_a_finding_of_the_run(repo: Repo, waive: Waive) -> None:
    saved(repo, FOUND)
    code, out, _ = waive(*WORDS)
    assert code == 0
    assert out.splitlines() == [
        f"{ONE} is accepted until {today(90)} by team: an entry in .devsecops/waivers.toml.",
        "It counts once .devsecops/waivers.toml is on the destination branch.",
    ]
    (made,) = entries(repo)
    assert (made.id, made.rule, made.path, made.line, made.reason) == (ONE, "tool/R1", "a.py", 4, "known")
    assert (made.created, made.expires) == (today(), today(90))
    assert made.commit == repo.git("rev-parse", "HEAD").decode().strip()
    before = (repo.root / FILE).read_bytes()
    assert waive(FOUND[1].id, "--reason", "x", "--until", today(), "--owner", "o")[0] == 0
    assert (repo.root / FILE).read_bytes().startswith(before)
    assert [one.id for one in entries(repo)] == [ONE, FOUND[1].id]
    assert sorted(path.name for path in (repo.root / ".devsecops").iterdir()) == ["waivers.toml"]


def test_of_local_changes_no_commit_is_written_down(repo: Repo, waive: Waive) -> None:
    saved(repo, FOUND, dirty=True)
    code, out, _ = waive(*WORDS)
    assert (code, entries(repo)[0].commit) == (0, None)
    assert "No commit was judged" in out
    assert waive("--refresh")[0] == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "ID is missing"),
        ((ONE, "--until", "9d"), "--reason is missing"),
        ((ONE, "--reason", "  ", "--until", "9d"), "--reason is missing"),
        ((ONE, "--reason", "x"), "--until is missing"),
        ((ONE[:-1] + "x", *WORDS[1:]), f"no finding of this run; the nearest is {ONE}"),
        (("zzz", *WORDS[1:]), "no finding of this run; devsecops report -v shows all of them"),
        ((ONE, "--reason", "x", "--until", "181d"), "the policy allows 180 days, up to "),
        ((ONE, "--reason", "x", "--until", "2020-01-01"), "that day is over"),
        ((ONE, "--reason", "x", "--until", "20270101"), "give a day as YYYY-MM-DD"),
        ((ONE, "--reason", "x", "--until", "2027-02-30"), "give a day as YYYY-MM-DD"),
        ((ONE, "--reason", "x", "--until", "999999d"), "the policy allows 180 days"),
        ((ONE, "--reason", "x", "--until", "9d"), "git does not know who you are: give --owner NAME"),
        (("--refresh", ONE), "--refresh is about all entries"),
        ((*WORDS, "--file", "no/where.toml"), "is not a folder"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_leaves_nothing(
    repo: Repo, waive: Waive, words: tuple[str, ...], said: str
) -> None:
    saved(repo, FOUND)
    code, _, err = waive(*words)
    assert (code, said in err) == (2, True), err
    assert not (repo.root / ".devsecops").exists()


def test_an_accepted_finding_is_refused(repo: Repo, waive: Waive) -> None:
    saved(repo, FOUND, waiver="inline: nosec")
    assert "is accepted already, by inline: nosec" in waive(*WORDS)[2]
    saved(repo, FOUND)
    assert waive(*WORDS)[0] == 0
    code, _, err = waive(*WORDS)
    assert (code, f"has an entry for {ONE} until {today(90)}" in err) == (2, True)
    text = (repo.root / FILE).read_text()
    (repo.root / FILE).write_text(text.replace(today(), "2026-01-01").replace(today(90), "2026-01-02"))
    assert waive(*WORDS)[0] == 0
    assert len(entries(repo)) == 2


def test_the_owner_is_who_git_says(repo: Repo, waive: Waive, tmp_path: Path) -> None:
    saved(repo, FOUND)
    (tmp_path / ".gitconfig").write_text("[user]\n\tname = Ana\n")
    assert waive(*WORDS[:-2])[0] == 0
    repo.git("config", "user.email", "ana@example.com")
    assert waive(FOUND[1].id, *WORDS[1:-2])[0] == 0
    assert [one.owner for one in entries(repo)] == ["Ana", "ana@example.com"]


def test_a_broken_file_is_left_alone(repo: Repo, waive: Waive) -> None:
    saved(repo, FOUND)
    repo.put(str(FILE), "[[waiver]]\nid = 1\n")
    code, _, err = waive(*WORDS)
    assert (code, "waivers.toml: waiver[0]" in err) == (2, True)
    assert (repo.root / FILE).read_text() == "[[waiver]]\nid = 1\n"


@pytest.mark.parametrize("link", ["file", "folder", "dangling"])
def test_it_never_writes_through_a_link(repo: Repo, waive: Waive, tmp_path: Path, link: str) -> None:
    saved(repo, FOUND)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "waivers.toml").write_text("")
    folder = repo.root / ".devsecops"
    if link == "folder":
        folder.symlink_to(elsewhere)
    else:
        folder.mkdir()
        (folder / "waivers.toml").symlink_to(elsewhere / ("waivers.toml" if link == "file" else "none"))
    code, _, err = waive(*WORDS)
    assert (code, "link" in err) == (2, True)
    assert [path.read_text() for path in elsewhere.iterdir()] == [""]


def test_a_file_of_another_name(repo: Repo, waive: Waive) -> None:
    saved(repo, FOUND)
    code, out, _ = waive(*WORDS, "--file", "more.toml")
    assert (code, "once more.toml is on" in out) == (0, True)
    assert not (repo.root / ".devsecops").exists()
    assert len(read_waivers((repo.root / "more.toml").read_bytes(), "m")) == 1


def test_a_refresh_follows_what_moved_and_tells_of_the_rest(repo: Repo, waive: Waive) -> None:
    saved(repo, FOUND)
    for one in FOUND:
        assert waive(one.id, *WORDS[1:])[0] == 0
    repo.put("more.toml", (repo.root / FILE).read_text().replace('path = "a.py"', 'path = "b.py"'))
    repo.git("mv", "a.py", "c.py")
    moved = "import os\n" + module([1, 3]) + TAIL
    repo.put("c.py", moved)
    head = repo.commit()
    now = findings({"c.py": moved})
    saved(repo, now, looked=("c.py", "a.py"))
    code, out, _ = waive("--refresh")
    assert code == 0
    (two,) = (one.id for one in FOUND if "got_2" in one.location.snippet)  # type: ignore[union-attr]
    assert out.splitlines() == [
        f"waiver[{two}] (tool/R1 a.py:12) is found no more; it is left as it is, remove it.",
        f"1 of 2 entries in .devsecops/waivers.toml are of commit {head[:10]} now.",
        "They count once .devsecops/waivers.toml is on the destination branch.",
    ]
    fresh = next(one for one in entries(repo) if one.commit == head)
    assert (fresh.path, fresh.line) == ("c.py", 5)
    assert fresh.id in {one.id for one in now}
    before = (repo.root / FILE).read_bytes()
    assert waive("--refresh")[0] == 0
    assert (repo.root / FILE).read_bytes() == before
    assert "did not look there" in waive("--refresh", "--file", "more.toml")[1]


# --- the program itself -------------------------------------------------------------------------

PAGE = (Path(__file__).parents[2] / "docs" / "waivers.md").read_text(encoding="utf-8")


def test_the_entries_on_the_page_are_read() -> None:
    blocks = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    assert [len(read_waivers(block.encode(), "docs/waivers.md")) for block in blocks] == [1, 1]


@pytest.mark.e2e
@pytest.mark.usefixtures("tools_ready")
def test_the_commands_on_the_page_work(run_devsecops: RunDevsecops, tmp_path: Path) -> None:
    """On a real finding of bandit; what is written accepts it after its file has moved, and no copy of it."""
    repo = Repo(tmp_path / "repo")
    jobs = "import subprocess\n\n\ndef run(job):\n    log(job)\n    subprocess.call(job, shell=True)\n"
    repo.put("app/jobs.py", jobs)
    repo.commit()
    repo.git("config", "user.email", "ana@example.com")

    def scan() -> Path:
        out = tmp_path / "out"
        done = run_devsecops("scan", "--only", "bandit", "--offline", "--output", out, cwd=repo.root)
        assert done.returncode == 1, done.stderr
        return out

    commands = re.findall(r"```console\n\$ (.*?)\n```", PAGE, re.DOTALL)
    assert [" --refresh" in command for command in commands] == [False, True]
    grave = [one for one in _findings(scan()) if one.rule.id == "B602"]
    for command in commands:
        words = [word.strip('"') for word in re.findall(r'"[^"]*"|\S+', command)][1:]
        words = [grave[0].id if word == "ID" else word for word in words]
        done = run_devsecops(*words, "--run", tmp_path / "out", cwd=repo.root)
        assert (done.returncode, done.stderr) == (0, "")
    (entry,) = entries(repo)
    assert (entry.reason, entry.owner) == ("only our own job files reach it", "ana@example.com")
    repo.git("mv", "app/jobs.py", "app/work.py")
    repo.put("app/work.py", '"""Jobs."""\n' + jobs)
    repo.put("app/copy.py", "first = 1\nsecond = 2\nthird = 3\n" + jobs)
    head = repo.commit()
    found = _findings(scan())
    said = apply(
        [entry], found, today=today(), max_days=180, warn_days=14, history=changes_to(repo.root, head)
    )
    accepted = [one for one in found if one.id in said.by_finding]
    assert [(one.rule.id, path_of(one)) for one in accepted] == [("B602", "app/work.py")]
    assert said.notices == ()


def _findings(out: Path) -> list[Finding]:
    return [finding for result in read_run(out).results for finding in result.findings]
