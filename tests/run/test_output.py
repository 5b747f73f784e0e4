import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from devsecops.errors import UsageError
from devsecops.gate import unfinished
from devsecops.model import Verdict
from devsecops.output import OutputFolder, OutputLost, check_copy, default_folder, write_copy
from devsecops.run import read_verdict, seal
from tests.run.runs import FACTS, FORCE, SUBJECT

BEFORE = seal(unfinished(SUBJECT, FORCE, "2026-11-24"), FACTS)


def begin(path: Path, **more: object) -> OutputFolder:
    folder = OutputFolder.open(path, **more)  # type: ignore[arg-type]
    folder.begin(BEFORE)
    return folder


def names(path: Path) -> list[str]:
    return sorted(str(file.relative_to(path)) for file in path.rglob("*") if file.is_file())


def final(folder: OutputFolder) -> Verdict:
    return seal(BEFORE.statement, FACTS, folder.files)


def test_the_verdict_is_incomplete_from_the_start_and_the_rest_has_no_name_before_the_end(
    tmp_path: Path,
) -> None:
    with begin(tmp_path / "a" / "out") as folder:
        folder.write("results.sarif", b"{}")
        folder.write("results/bandit.json", b"{}")
        assert read_verdict(folder.path).statement.verdict == "incomplete"
        assert not (folder.path / "results.sarif").exists()
        folder.commit(final(folder))
        assert names(folder.path) == [
            "devsecops.lock", "results.sarif", "results/bandit.json", "verdict.json",
        ]  # fmt: skip


def test_a_run_that_died_leaves_nothing_that_a_later_one_keeps(tmp_path: Path) -> None:
    with begin(tmp_path) as folder:
        folder.write("results/old.json", b"{}")
        folder.commit(final(folder))
    with begin(tmp_path) as folder:
        folder.write("results/lost.json", b"{}")
        folder.write("results.sarif", b"{}")
    (tmp_path / "results" / "mine.json").write_text("not ours")
    (tmp_path / "notes.txt").write_text("not ours")
    with begin(tmp_path) as folder:
        folder.write("results/new.json", b"{}")
        folder.commit(final(folder))
    assert names(tmp_path) == [
        "devsecops.lock", "notes.txt", "results/mine.json", "results/new.json", "verdict.json",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["../x", "/x", "results/../x", "a/b", "results/", ".."])
def test_a_name_never_leads_outside(tmp_path: Path, name: str) -> None:
    with begin(tmp_path / "out") as folder, pytest.raises(ValueError, match="not a name"):
        folder.write(name, b"x")
    assert names(tmp_path) == ["out/devsecops.lock", "out/verdict.json"]


@pytest.mark.parametrize("place", ["link", "link/below", "real/link"])
def test_no_link_is_passed(tmp_path: Path, place: str) -> None:
    (tmp_path / "victim").mkdir()
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("victim")
    (tmp_path / "real" / "link").symlink_to("../victim")
    with pytest.raises(UsageError, match="passes a link"):
        OutputFolder.open(tmp_path / place)
    assert names(tmp_path / "victim") == []


@pytest.mark.parametrize("name", ["devsecops.lock", "results"])
def test_links_inside_the_folder_are_not_followed(tmp_path: Path, name: str) -> None:
    (tmp_path / "victim").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / name).symlink_to("../victim")
    with pytest.raises(UsageError):
        begin(tmp_path / "out")
    assert names(tmp_path / "victim") == []


def test_files_that_are_links_are_replaced_and_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    victim = tmp_path / "victim"
    victim.write_text("safe")
    for name in ("verdict.json", "results.sarif", ".results.sarif.devsecops-tmp"):
        (tmp_path / "out" / name).symlink_to("../victim")
    with begin(tmp_path / "out") as folder:
        folder.write("results.sarif", b"{}")
        folder.commit(final(folder))
    assert victim.read_text() == "safe"
    assert not (tmp_path / "out" / "results.sarif").is_symlink()


def test_a_folder_that_is_replaced_during_the_run_is_lost_and_nothing_else_is_touched(tmp_path: Path) -> None:
    (tmp_path / "victim").mkdir()
    with begin(tmp_path / "out") as folder:
        (tmp_path / "out").rename(tmp_path / "moved")
        (tmp_path / "out").symlink_to("victim")
        folder.write("results.sarif", b"{}")
        with pytest.raises(OutputLost, match="replaced"):
            folder.commit(final(folder))
    assert names(tmp_path / "victim") == []
    assert read_verdict(tmp_path / "moved").statement.verdict == "incomplete"


@pytest.mark.parametrize("step", ["write", "commit"])
def test_a_full_disk_after_the_start_is_lost_output(
    tmp_path: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with begin(tmp_path) as folder:
        if step == "commit":
            folder.write("results.sarif", b"{}")
        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(OutputLost, match="No space left") as error:
            folder.commit(final(folder)) if step == "commit" else folder.write("results.sarif", b"{}")
        assert error.value.exit_code == 3
    assert read_verdict(tmp_path).statement.verdict == "incomplete"


def test_a_full_disk_before_the_start_is_a_usage_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UsageError, match="No space left"):
        begin(tmp_path)


def test_what_is_no_folder_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(UsageError, match="cannot be written"):
            OutputFolder.open(place)


def test_inside_a_scanned_folder_only_what_is_ignored_empty_or_ours(tmp_path: Path) -> None:
    busy = tmp_path / "src"
    busy.mkdir()
    (busy / "a.py").write_text("")
    with pytest.raises(UsageError, match="lies in the scanned folder"):
        OutputFolder.open(busy, scanned=[tmp_path])
    OutputFolder.open(busy, scanned=[tmp_path], ignored=lambda _: True).close()
    for _ in range(2):
        with begin(tmp_path / "out", scanned=[tmp_path]) as folder:
            folder.commit(final(folder))
    assert (tmp_path / "out" / ".gitignore").read_text() == "*\n"
    with pytest.raises(UsageError, match="lies in the scanned folder"):
        OutputFolder.open(tmp_path, scanned=[tmp_path])


def test_a_second_run_waits_and_then_names_the_first(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib\n"
        "from devsecops.output import OutputFolder\n"
        "folder = OutputFolder.open(pathlib.Path(sys.argv[1]))\n"
        "print('locked', flush=True)\n"
        "sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as first:
        assert first.stdout is not None
        assert first.stdin is not None
        first.stdout.readline()
        with pytest.raises(UsageError, match=rf"pid {first.pid}\b"):
            OutputFolder.open(tmp_path, wait_s=0.1)
        first.stdin.close()
        OutputFolder.open(tmp_path, wait_s=30).close()


def test_the_default_folder_depends_on_the_whole_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    one, two = default_folder(tmp_path / "x" / "app"), default_folder(tmp_path / "y" / "app")
    assert one != two
    assert one.parent == tmp_path / "state" / "devsecops"
    assert one.name.startswith("app-")


def test_a_copy_is_checked_before_and_written_whole(tmp_path: Path) -> None:
    check_copy(tmp_path / "a.json")
    write_copy(tmp_path / "a.json", b"{}")
    assert (tmp_path / "a.json").read_bytes() == b"{}"
    (tmp_path / "link.json").symlink_to("a.json")
    for bad in ("link.json", "missing/a.json", "."):
        with pytest.raises(UsageError):
            check_copy(tmp_path / bad)
    with pytest.raises(OutputLost):
        write_copy(Path("/proc/none/a.json"), b"{}")
