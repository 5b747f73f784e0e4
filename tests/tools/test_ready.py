import subprocess
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from devsecops.api import ReadyTool, ToolSpec
from devsecops.tools import Interpreter, ToolMissing, installer, ready, records, sync
from devsecops.tools.installer import InstallFailed
from devsecops.tools.interpreters import own
from devsecops.tools.locks import Lock
from tests.tools.wheels import make_lock, make_wheel, tiny


def nothing(text: str) -> None:
    pass


def build(lock: str) -> tuple[ReadyTool, list[str]]:
    said: list[str] = []
    return ready(tiny(Path(lock)), offline=False, say=said.append), said


def folders(cache: Path) -> list[str]:
    return sorted(path.name for path in (cache / "tools" / "tiny").iterdir() if path.is_dir())


def test_first_use_builds_it_the_second_only_looks(wheels: Path, cold: Path) -> None:
    lock = make_lock(wheels, make_wheel(wheels))
    with pytest.raises(ToolMissing, match="tiny") as missing:
        ready(tiny(lock), offline=True, say=pytest.fail)
    assert missing.value.remedy == "devsecops tools sync"
    tool, said = build(str(lock))
    assert tool.version == "1.0"
    assert tool.interpreter == f"CPython {own().version}"
    assert said, "the first use is not silent"
    done = subprocess.run(tool.module("tiny"), capture_output=True, text=True, check=True, env={})
    assert done.stdout == "tiny works\n"
    assert folders(cold) == [Path(tool.command).parent.name]
    assert ready(tiny(lock), offline=True, say=pytest.fail) == tool


def test_two_runs_on_one_cold_cache_both_work(wheels: Path, cold: Path) -> None:
    lock = make_lock(wheels, make_wheel(wheels))
    with ProcessPoolExecutor(3, mp_context=get_context("spawn")) as pool:
        built = list(pool.map(build, [str(lock)] * 3))
    assert len({tool.command for tool, _ in built}) == 1
    assert sum("ready after" in " ".join(said) for _, said in built) == 1, "one built, the others took it"
    assert len(folders(cold)) == 1


def test_what_a_dead_run_left_is_cleaned_and_not_trusted(wheels: Path, cold: Path) -> None:
    lock = make_lock(wheels, make_wheel(wheels))
    tool, _ = build(str(lock))
    place = Path(tool.command).parent
    (place / "devsecops.json").unlink()
    left = place.with_name(f".{place.name}.4711")
    left.mkdir()
    (left / "half").touch()
    again, said = build(str(lock))
    assert said
    assert again == tool
    assert folders(cold) == [place.name]


def test_another_lock_is_another_environment(wheels: Path, cold: Path) -> None:
    first, _ = build(str(make_lock(wheels, make_wheel(wheels))))
    second, _ = build(str(make_lock(wheels, make_wheel(wheels, "1.1"), "1.1")))
    assert (first.version, second.version) == ("1.0", "1.1")
    assert first.lock != second.lock
    assert len(folders(cold)) == 2


def test_a_wheel_that_differs_from_its_hash_is_refused(wheels: Path, cold: Path) -> None:
    lock = make_lock(wheels, make_wheel(wheels))
    make_wheel(wheels, extra={"tiny/evil.py": ""})
    with pytest.raises(ToolMissing, match=r"(?i)hash"):
        ready(tiny(lock), offline=False, say=nothing)
    assert folders(cold) == []


def test_a_pth_file_is_refused(wheels: Path) -> None:
    lock = make_lock(wheels, make_wheel(wheels, extra={"evil.pth": "import os\n"}))
    with pytest.raises(ToolMissing, match=r"evil\.pth"):
        ready(tiny(lock), offline=False, say=nothing)


def test_an_interpreter_without_a_wheel_gives_way_to_the_next(
    wheels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = own()
    newer = Interpreter(path=ours.path, version="3.99.0", tag=".cpython-399.so")
    monkeypatch.setattr("devsecops.tools.supply.pythons", lambda exclude: iter((newer, ours)))
    real = installer.install

    def install(lock: Path, python: Path) -> None:
        if not tried:
            tried.append(1)
            raise InstallFailed("tiny has no usable wheels", unfit=True)
        real(lock, python)

    tried: list[int] = []
    monkeypatch.setattr(installer, "install", install)
    lock = make_lock(wheels, make_wheel(wheels))
    said: list[str] = []
    spec = tiny(lock, interpreter="newest")
    tool = ready(spec, offline=False, say=said.append)
    assert tool.interpreter == f"CPython {ours.version}"
    assert "Python 3.99.0 cannot take it" in " ".join(said)
    assert ready(spec, offline=True, say=pytest.fail) == tool, "it is not tried again"


def test_uv_itself_says_when_there_is_no_wheel(wheels: Path) -> None:
    lock = make_lock(wheels, make_wheel(wheels, tag="cp39-cp39-win_amd64"))
    said: list[str] = []
    with pytest.raises(ToolMissing, match="no Python here can take tiny"):
        ready(tiny(lock), offline=False, say=said.append)
    assert "trying the next" in " ".join(said)


def test_a_command_must_be_there_and_not_in_the_tree(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    command = tmp_path / "tree" / "tool"

    def said(exclude: Path | None = None, path: str = str(command)) -> str:
        try:
            return ready(
                ToolSpec(name="t", command=path), offline=True, say=pytest.fail, exclude=exclude
            ).command
        except ToolMissing as missing:
            return missing.message

    assert "does not exist" in said()
    command.write_text("#!/bin/sh\n")
    assert "not executable" in said()
    command.chmod(0o755)
    assert said() == str(command)
    assert "scanned tree" in said(tmp_path / "tree")
    outside = tmp_path / "link"
    outside.symlink_to(command)
    assert "scanned tree" in said(tmp_path / "tree", str(outside))
    assert "absolute" in said(path="tool")


def test_sync_names_each_that_is_missing(wheels: Path, tmp_path: Path) -> None:
    lock = make_lock(wheels, make_wheel(wheels))
    broken = tmp_path / "broken.lock"
    broken.write_text("tiny>=1\n")
    good, bad, none = sync(
        [tiny(lock), tiny(broken), ToolSpec(name="x", package="x", lock=str(tmp_path / "no"))], say=nothing
    )
    assert isinstance(good, ReadyTool)
    assert isinstance(bad, ToolMissing)
    assert "exact version" in bad.message
    assert isinstance(none, ToolMissing)


def test_a_cache_that_cannot_be_written_is_said(wheels: Path, cold: Path) -> None:
    lock = make_lock(wheels, make_wheel(wheels))
    cold.write_text("a file where the folder should be")
    with pytest.raises(ToolMissing, match="cannot be written") as missing:
        ready(tiny(lock), offline=False, say=nothing)
    assert "DEVSECOPS_CACHE" in missing.value.remedy


def test_the_environment_is_whole_before_it_has_its_name(
    wheels: Path, cold: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []
    real = records.verify

    def verify(environment: Path, lock: Lock) -> None:
        seen.extend(not name.startswith(".") for name in folders(cold))
        real(environment, lock)

    monkeypatch.setattr(records, "verify", verify)
    build(str(make_lock(wheels, make_wheel(wheels))))
    assert seen == [False]


def test_a_cache_that_is_named_in_a_roundabout_way_works(
    wheels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a file of an environment lies is compared with where the environment is."""
    lock = make_lock(wheels, make_wheel(wheels))
    (tmp_path / "real").mkdir()
    (tmp_path / "linked").symlink_to("real")
    for number, cache in enumerate((tmp_path / "real" / ".." / "a", tmp_path / "linked" / "b")):
        monkeypatch.setenv("DEVSECOPS_CACHE", str(cache))
        tool, said = build(str(lock))
        assert (tool.version, bool(said)) == ("1.0", True), number
