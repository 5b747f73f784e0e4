import os
from pathlib import Path

import pytest

from devsecops.tools import interpreters
from devsecops.tools.interpreters import newest_python, own, pythons

GOOD = "echo 'devsecops|cpython|3.15.2|final|.so|{path}'"


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on PATH for interpreters that are shell scripts; there are no others."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}")
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    return folder


def put(file: Path, body: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\necho asked >> '{file}.log'\n{body.format(path=file)}\n")
    file.chmod(0o755)
    return file


def asked(file: Path) -> int:
    log = Path(f"{file}.log")
    return len(log.read_text().splitlines()) if log.exists() else 0


def test_the_newest_that_answers_and_it_is_asked_once(fake: Path) -> None:
    new = put(fake / "python3.15", GOOD)
    assert newest_python().version == "3.15.2"
    assert [newest_python().path for _ in range(3)] == [str(new)] * 3
    assert asked(new) == 1
    put(new, GOOD.replace("3.15.2", "3.15.10"))
    assert newest_python().version == "3.15.10", "a changed file is asked again"


@pytest.mark.parametrize(
    "body",
    [
        "exit 1",
        "echo 'pyenv: python3.15: command not found'; exit 127",
        "echo nonsense",
        GOOD.replace("final", "beta"),
        GOOD.replace("cpython", "pypy"),
        GOOD.replace("3.15.2", "3.9.1"),
        GOOD + "; exit 3",
        "sleep 600",
    ],
)
def test_one_that_does_not_answer_is_passed_over(
    fake: Path, body: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interpreters, "ANSWER_WITHIN_S", 0.4)
    put(fake / "python3.15", body)
    assert newest_python() == own()


def test_pyenvs_versions_are_looked_at(fake: Path, tmp_path: Path) -> None:
    there = put(tmp_path / "pyenv" / "versions" / "3.15.2" / "bin" / "python3.15", GOOD)
    assert newest_python().path == str(there)


def test_the_scanned_tree_gives_none(fake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree = tmp_path / "tree"
    evil = put(tree / "bin" / "python3.15", GOOD)
    (fake / "python3.15").symlink_to(evil)
    put(fake / "python3.14", GOOD.replace("3.15.2", "3.14.0").replace("{path}", str(evil)))
    monkeypatch.chdir(tree)
    monkeypatch.setenv("PATH", f":bin:./bin:{evil.parent}:{fake}")
    assert newest_python(tree) == own()
    assert asked(evil) == 0, "it is not even asked"


def test_relative_parts_of_path_are_never_looked_at(
    fake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evil = put(tmp_path / "bin2" / "python3.15", GOOD)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", ":bin2:./bin2")
    assert newest_python() == own()
    assert asked(evil) == 0


def test_our_own_is_always_among_them(fake: Path) -> None:
    put(fake / "python3.15", GOOD)
    assert [one.version for one in pythons()] == ["3.15.2", own().version]
    assert own() in list(pythons(Path("/")))


def test_a_cache_of_nonsense_is_asked_anew(fake: Path, cold: Path) -> None:
    cold.mkdir()
    (cold / "interpreters.json").write_bytes(b'{"a": \xff')
    put(fake / "python3.15", GOOD)
    assert newest_python().version == "3.15.2"


def test_the_question_is_asked_outside_the_tree_with_nothing_of_our_environment(
    fake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "never")
    put(fake / "python3.15", f"env > '{tmp_path}/env'; pwd > '{tmp_path}/cwd'")
    newest_python()
    assert (tmp_path / "cwd").read_text() == "/\n"
    names = {line.partition("=")[0] for line in (tmp_path / "env").read_text().splitlines()}
    assert names <= {"PATH", "HOME", "LANG", "PWD", "OLDPWD", "SHLVL", "_"}
    assert os.environ["AWS_SECRET_ACCESS_KEY"] == "never"
