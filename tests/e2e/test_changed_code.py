"""What a change does to code that holds flaws: the old ones stay old, and nothing new passes for old."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from devsecops import paths
from tests.e2e.program import Program
from tests.e2e.pulls import CLEAN, POLICY, Pull, States, failed, flaw, new, old, passed

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("tools_ready")]

OLD = flaw("old")
DEEPER = "if True:\n" + "".join(f"    {line}\n" if line else "\n" for line in OLD.splitlines())
ODD = (
    "ünï-🦊.py".encode(), b"new\nline.py", b'qu"ote\'s.py', b"tab\t.py", b"-rf.py", b"--help.py",
    b"not-utf8-\xff\xfe.py", b"back\\slash.py", b"[class]*?.py", b":(top)magic.py", b" lead.py",
    b"esc\x1b[31m.py",
)  # fmt: skip


def moved_over(pull: Pull) -> None:
    pull.move("app/old.py", "app/elsewhere.py")
    pull.put({"app/old.py": flaw("old", "other").replace("digest_old", "another")})


def copied(pull: Pull) -> None:
    pull.put({"app/old.py": "# a line\n" + OLD, "app/copy.py": OLD})


def renamed(pull: Pull) -> None:
    pull.move("app/old.py", "lib/renamed.py")


CHANGES: dict[str, tuple[Callable[[Pull], None] | str, set[str], list[str]]] = {
    "a line more above it": ("# a line\n" + OLD, {"app/old.py:6"}, []),
    "indented": (DEEPER, {"app/old.py:6"}, []),
    "ends its lines otherwise": (OLD.replace("\n", "\r\n"), {"app/old.py:5"}, []),
    "ends them as git does not know": (OLD.replace("\n", "\r"), {"app/old.py:5"}, []),
    "another name": (renamed, {"lib/renamed.py:5"}, []),
    "another name, another flaw in its place": (moved_over, set(), ["new", "updated"]),
    "a copy that calls it by another name": (
        OLD + "\n\n" + OLD.replace("_old(", "_two("), {"app/old.py:5"}, ["new"],
    ),
    "another flaw in the same line": (
        OLD.replace(".hexdigest()", ".hexdigest() + hashlib.md5(old).hexdigest()"), set(), ["new", "new"],
    ),
    "a flaw of its own in its place": (flaw("theirs"), set(), ["updated"]),
    "edited": (OLD.replace("old_salt", "old_salt + b'x'"), set(), ["updated"]),
    "a copy of it in another file": (copied, {"app/old.py:6"}, ["new"]),
}  # fmt: skip
"""What happens -> the old flaws after it, and the states of those that count."""


@pytest.mark.parametrize("name", CHANGES)
def test_what_moves_is_old_and_what_is_added_is_new(name: str, program: Program) -> None:
    how, unchanged, counts = CHANGES[name]
    pull = Pull.start(program, {"app/old.py": OLD, "app/clean.py": CLEAN})
    if isinstance(how, str):
        pull.put({"app/old.py": how})
    else:
        how(pull)
    seen = pull.judge()
    kept = {f"{path}:{line}" for (_, path, line), state in seen.states.items() if state == "unchanged"}
    assert kept == unchanged
    every = "+".join(seen.states.values()).split("+")
    assert sorted(state for state in every if state != "unchanged") == counts
    if counts:
        assert seen.done.code == 1, seen.done
        assert seen.done.last_line.startswith("FAIL: change of ")
        assert f": {len(counts)} finding{'s' * (len(counts) > 1)} at or above high" in seen.done.last_line
    else:
        passed(pull, seen, 1)
    assert seen.done.rows("bandit")["app/clean.py"] == ("same-as-base", "untouched")


def test_of_equal_ones_only_one_is_old(program: Program) -> None:
    pull = Pull.start(program, {"app/old.py": OLD})
    pull.put({"app/old.py": OLD + OLD.replace("import hashlib\n", "") * 2})
    seen = pull.judge()
    assert sorted(seen.states.values()) == ["new", "new", "unchanged"]
    assert seen.done.code == 1, seen.done


@pytest.mark.parametrize(
    "attributes", ["", "* binary -diff\n", "* diff=evil filter=evil text eol=crlf merge=evil\n"]
)
def test_names_and_attributes_hide_nothing(attributes: str, program: Program, tmp_path: Path) -> None:
    """In each file an old flaw moves by a line and another comes, whatever git is told of the file."""
    mark = tmp_path / "it-ran"
    pull = Pull.start(program, {b"app/" + raw: flaw(f"n{place}") for place, raw in enumerate(ODD)})
    if attributes:
        pull.put({".gitattributes": attributes})
    for place, raw in enumerate(ODD):
        both = "# a line\n" + flaw(f"n{place}") + "\n\n" + flaw(f"n{place}_too")
        pull.put({b"app/" + raw: both, b"new/" + raw: flaw(f"fresh{place}")})
    pull.repo.commit()
    for key in (
        "diff.evil.textconv",
        "diff.evil.command",
        "filter.evil.clean",
        "filter.evil.smudge",
        "diff.external",
    ):
        pull.repo.git("config", key, f"touch {mark}; cat")
    seen = pull.judge(commit=False)
    expected: States = {}
    for raw in ODD:
        name = paths.to_text(raw)
        expected |= old(f"app/{name}", 6) | new(f"app/{name}", 13) | new(f"new/{name}")
    assert seen.states == expected
    assert seen.done.code == 1, seen.done
    assert f"{2 * len(ODD)} findings at or above high" in seen.done.last_line
    assert "\x1b" not in seen.done.last_line
    assert not mark.exists()


def test_files_that_become_something_else(program: Program) -> None:
    names = ("gone", "link", "module", "run", "kept")
    pull = Pull.start(
        program,
        {f"app/{name}.py": flaw(name) for name in names}
        | {
            "script": "#!/usr/bin/env python3\n" + flaw("script"),
            "tool.txt": "#!/usr/bin/env python3\n" + flaw("tool"),
            "note.txt": flaw("note"),
        },
    )
    for name in ("gone", "link", "module"):
        pull.remove(f"app/{name}.py")
    (pull.repo.root / "app/link.py").symlink_to("kept.py")
    (pull.repo.root / "app/run.py").chmod(0o755)
    (pull.repo.root / "tool.txt").chmod(0o755)
    (pull.repo.root / "note.txt").rename(pull.repo.root / "note.py")
    pull.repo.git("add", "-A")
    pull.repo.git("update-index", "--add", "--cacheinfo", f"160000,{pull.rev('main')},app/module.py")
    pull.repo.git("commit", "-q", "-m", "kinds")
    seen = pull.judge(commit=False)
    # What became a program, or got a name that is read, is looked at for the first time.
    assert seen.states == old("app/run.py") | new("tool.txt", 6) | new("note.py")
    failed(pull, seen, 6, "note.py:5", flaws=2)
    assert seen.gone["app/gone.py"] == "fixed"
    assert set(seen.gone) == {"app/gone.py", "app/link.py", "app/module.py"}
    rows = {unit: why for unit, (_, why) in seen.done.rows("bandit").items()}
    assert rows["app/kept.py"] == "untouched"
    assert "script" not in rows


def test_a_huge_binary_is_only_a_file(program: Program) -> None:
    pull = Pull.start(program, {"big.bin": os.urandom(1 << 22), "app/old.py": OLD})
    pull.put({"big.bin": os.urandom(1 << 22), "more.bin": b"\0" * (1 << 25), "app/new.py": flaw("new")})
    seen = pull.judge()
    failed(pull, seen, 3, "app/new.py:5")
    assert seen.states == new("app/new.py")


def test_a_gap_in_a_touched_file_blocks_and_the_screen_shows_what_accepts_it(program: Program) -> None:
    """It was there before; whoever touches the file has to say why it is no matter."""
    pull = Pull.start(program, {"app/broken.py": "def broken(:\n", "app/other.py": "def other(:\n"})
    pull.put({"app/broken.py": "def broken(:\n    pass\n", "app/clean.py": CLEAN})
    seen = pull.judge()
    assert seen.done.code == 3, seen.done
    assert seen.done.last_line == (
        f"INCOMPLETE: change of 2 files since {pull.since}: "
        "bandit could not read 1 of 2 files: app/broken.py (syntax error)"
    )
    screen = seen.done.out.decode()
    shown = screen[screen.index("[[coverage.accept]]") :].split("\n")[:5]
    assert seen.done.rows("bandit")["app/other.py"] == ("same-as-base", "untouched")
    assert "other.py" not in screen
    pull.repo.git("checkout", "-q", "main")
    pull.put({".devsecops/policy.toml": "\n".join([POLICY, *(line.strip() for line in shown), ""])})
    pull.repo.commit()
    accepted = pull.judge("--head", "feature", commit=False)
    assert accepted.done.code == 0, accepted.done
    assert "1 gap accepted" in accepted.done.last_line


def test_a_gap_in_an_untouched_file_neither_blocks_nor_is_searched_for(program: Program) -> None:
    pull = Pull.start(program, {"app/broken.py": "def broken(:\n", "app/clean.py": CLEAN})
    pull.put({"app/clean.py": CLEAN + "\n"})
    seen = pull.judge()
    passed(pull, seen, 1)
    assert "broken.py" not in seen.done.out.decode()


def test_a_name_that_is_hidden_hides_no_edit(program: Program) -> None:
    """A name that holds a secret is shown masked: the file is touched all the same."""
    secret = f"app/{'AKIA' + 'Q3EGRH7XW2ZKLMNP'}.py"
    broken = f"app/{'AKIA' + 'Q3EGRH7XW2ZKLMNQ'}.py"
    pull = Pull.start(program, {secret: OLD, broken: "def broken(:\n"})
    pull.put({secret: OLD.replace("old_salt", "other_salt"), broken: "def broken(:\n    pass\n"})
    seen = pull.judge()
    assert "unchanged" not in seen.states.values()
    assert seen.done.code == 1, seen.done
    assert "and incomplete: bandit could not read 1 of 2 " in seen.done.last_line
