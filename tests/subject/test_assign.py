from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devsecops.contract import Attested, Reads, Spec
from devsecops.model import GREEN_STATES, Cover, CoverState, Problem, ScanResult, Unit
from devsecops.policy import Accept, Exclude
from devsecops.subject import open_tree
from devsecops.subject.applies import Shown, interpreter
from devsecops.subject.ledger import Assignment, assign, close_ledger, ledger_bytes, read_ledger
from tests.subject.repos import MakeRepo, Repo

TODAY = "2026-11-24"


def spec(name: str, *suffixes: str, names: tuple[str, ...] = (), shebangs: tuple[str, ...] = (),
         strips: tuple[str, ...] = ()) -> Spec:  # fmt: skip
    reads = Reads(suffixes=suffixes, names=names, shebangs=shebangs)
    return Spec(name=name, kind="sast", reads=reads, strips=strips, controls=Attested(label="none"))


SPECS = (
    spec("bandit", ".py", ".pyw", shebangs=("python",), strips=(".bandit", "pyproject.toml")),
    spec("other", ".py", shebangs=("sh", "bash")),
    spec("manifests", names=("requirements*.txt", "pyproject.toml", "requirements/*.txt")),
)


def result(scanner: str, *rows: Cover, problem: Problem | None = None) -> ScanResult:
    problems = () if problem is None else (problem,)
    return ScanResult(scanner=scanner, kind="sast", status="complete", cover=rows, problems=problems)


def row(path: str, state: str = "scanned", *, kind: str = "file", why: str = "") -> Cover:
    fields = {"unit": {"kind": kind, "id": path}, "state": "scanned", "why": why}
    return msgspec.structs.replace(msgspec.convert(fields, Cover), state=state)


def given_to(assignment: Assignment) -> dict[str, set[bytes]]:
    return {name: {entry.raw for entry in entries} for name, entries in assignment.units.items()}


def decided(assignment: Assignment) -> dict[tuple[str, str | None], tuple[str, str, str | None]]:
    return {(r.unit.id, r.scanner): (r.state, r.why, r.by) for r in assignment.rows}


@pytest.mark.parametrize("commit", [True, False])
def test_every_entry_has_its_rows_and_no_other(zoo: Repo, commit: bool) -> None:
    """The promise, counted against git itself."""
    with open_tree(zoo.root, commit=commit) as tree:
        assignment = assign(tree, SPECS, (Exclude(paths=("pkg",), reason="r"),))
        results = [
            result(name, *(row(entry.path) for entry in entries))
            for name, entries in assignment.units.items()
        ]
        ledger = close_ledger(assignment, results, (), TODAY)
        count = Counter((r.unit.id, r.scanner) for r in ledger)
        assert set(count.values()) == {1}
        names = zoo.git("ls-tree", "-r", "-z", "HEAD").split(b"\0")[:-1]
        assert len({r.unit.id for r in ledger}) == len(names) == len(tree.entries)
        alone = {unit for unit, scanner in count if scanner is None}
        assert not alone & {unit for unit, scanner in count if scanner is not None}
        assert {r.unit.id: r.unit.digest for r in ledger} == {e.path: e.digest for e in tree.entries}


def test_who_gets_what(zoo: Repo) -> None:
    zoo.put("UPPER.PY")
    zoo.put("app/requirements/base.txt")
    zoo.put("app/requirements/deep/base.txt")
    zoo.put("pyproject.toml")
    zoo.put("cgi.cgi", "#!/usr/bin/python\n")
    zoo.put("noexec", "#!/usr/bin/python3.11\n")
    zoo.put("binary", b"\x7fELF", run=True)
    with open_tree(zoo.root) as tree:
        assignment = assign(tree, SPECS, ())
        units, rows = given_to(assignment), decided(assignment)
    assert {b"script", b"noexec", b"UPPER.PY", b"pkg/real.py", b"new\nline.py"} <= units["bandit"]
    assert not {b"cgi.cgi", b"binary", b"tool.sh", b"link.py", b"model.py", b"LICENSE"} & units["bandit"]
    assert b"tool.sh" in units["other"]
    assert b"script" not in units["other"]
    assert units["manifests"] == {b"requirements.txt", b"app/requirements/base.txt", b"pyproject.toml"}
    assert rows["link.py", None] == ("excluded", "symlink", "built-in:symlink")
    assert rows["sub", None] == ("excluded", "submodule", "built-in:submodule")
    assert rows["model.py", "bandit"] == rows["model.py", "other"] == ("unresolved", "lfs-pointer", None)
    assert rows["weights.bin", None] == ("unsupported", "no-scanner", None)
    assert rows[".bandit", None] == ("excluded", "tool-config", "built-in:tool-config")
    assert rows["cgi.cgi", None] == rows["binary.bin", None] == ("unsupported", "no-scanner", None)


def test_the_policy_excludes_by_path_and_says_by_which_rule(zoo: Repo) -> None:
    zoo.put("vendored.min.js")
    excludes = (Exclude(paths=("pkg/", "docs"), reason="r"), Exclude(paths=("**/*.py",), reason="r"))
    with open_tree(zoo.root) as tree:
        assignment = assign(tree, SPECS, excludes)
    rows = decided(assignment)
    assert rows["pkg/real.py", None] == ("excluded", "by-policy", "scope.exclude[0]")
    assert rows["deep/er/and/deeper/f.py", None] == ("excluded", "by-policy", "scope.exclude[1]")
    assert rows["link.py", None] == ("excluded", "symlink", "built-in:symlink")
    assert given_to(assignment)["bandit"] == {b"script"}
    readers = {row.unit.id: row.readers for row in assignment.rows if row.state == "excluded"}
    assert readers["pkg/real.py"] == readers["deep/er/and/deeper/f.py"] == ("bandit", "other")
    assert readers["link.py"] == ()


def test_what_cannot_be_opened_fails_for_whoever_may_read_it(
    make_repo: MakeRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = make_repo()
    for name in ("a.py", "noext", "b.txt"):
        repo.put(name)
    os.mkfifo(repo.root / "fifo.py")
    repo.git("add", "a.py")
    real = os.open

    def refusing(path: bytes, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        if path in (b"a.py", b"noext", b"b.txt"):
            raise PermissionError(13, "Permission denied")
        return real(path, flags, mode, dir_fd=dir_fd)

    monkeypatch.setattr(os, "open", refusing)
    with open_tree(repo.root) as tree:
        assignment = assign(tree, SPECS, ())
    assert given_to(assignment) == {"bandit": set(), "other": set(), "manifests": set()}
    failed = ("failed", "unreadable", None)
    assert decided(assignment) == {
        ("a.py", "bandit"): failed, ("a.py", "other"): failed,
        ("noext", "bandit"): failed, ("noext", "other"): failed,
        ("b.txt", None): ("unsupported", "no-scanner", None),
    }  # fmt: skip


def test_a_device_or_pipe_is_no_file_of_a_folder(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo.py")
    with open_tree(tmp_path) as tree:
        rows = decided(assign(tree, SPECS, ()))
    assert rows == {("fifo.py", None): ("excluded", "not-a-regular-file", "built-in:not-a-regular-file")}


@pytest.mark.parametrize(
    ("line", "name"),
    [
        (b"#!/usr/bin/python\n", "python"),
        (b"#!/usr/bin/python3.12 -u\r\n", "python"),
        (b"#! /usr/bin/env python3\n", "python"),
        (b"#!/usr/bin/env -S python3.12 -u\n", "python"),
        (b"#!/usr/bin/env -Spython3 -u\n", "python"),
        (b"#!/usr/bin/env -i -u HOME A=b python2.7\n", "python"),
        (b"#!/bin/bash", "bash"),
        (b"#!/opt/pypy3.10/bin/pypy3.10\n", "pypy"),
        (b"#!\n", ""),
        (b"#!/usr/bin/env\n", ""),
        (b"\xef\xbb\xbf#!/bin/sh\n", ""),
        (b"#!/usr/bin/\xff\xfe\n", "\ufffd\ufffd"),
        (b"print('#!/bin/sh')\n", ""),
    ],
)
def test_the_interpreter_of_a_shebang(line: bytes, name: str) -> None:
    assert interpreter(line) == name


@pytest.fixture
def three(make_repo: MakeRepo) -> Assignment:
    repo = make_repo()
    for name in ("a.py", "b.py", "requirements.txt", "odd#name.txt"):
        repo.put(name)
    repo.commit()
    with open_tree(repo.root, commit=True) as tree:
        return assign(tree, SPECS, ())


def states(rows: tuple[Cover, ...]) -> dict[tuple[str, str | None], tuple[str, str]]:
    assert len(rows) == len({(r.unit.kind, r.unit.id, r.scanner) for r in rows})
    return {(r.unit.id, r.scanner): (r.state, r.why) for r in rows}


def test_what_a_scanner_does_not_account_for_is_not_reached(three: Assignment) -> None:
    problem = Problem(code="scanner-missing", message="it is not installed")
    closed = states(
        close_ledger(three, [result("bandit", row("a.py")), result("other", problem=problem)], (), TODAY)
    )
    assert closed == {
        ("a.py", "bandit"): ("scanned", ""), ("b.py", "bandit"): ("not-reached", "no-row"),
        ("a.py", "other"): ("not-reached", "scanner-missing"),
        ("b.py", "other"): ("not-reached", "scanner-missing"),
        ("requirements.txt", "manifests"): ("not-reached", "no-result"),
        ("odd#name.txt", None): ("unsupported", "no-scanner"),
    }  # fmt: skip


@pytest.mark.parametrize("state", ["accepted", "clean", "", "SCANNED"])
def test_a_state_that_is_not_a_scanners_is_a_failure(three: Assignment, state: str) -> None:
    closed = states(close_ledger(three, [result("bandit", row("a.py", state))], (), TODAY))
    assert closed["a.py", "bandit"] == ("failed", "unknown-state")


def test_no_scanner_says_what_became_of_a_row_later(three: Assignment) -> None:
    claim = msgspec.structs.replace(row("a.py"), was="failed")
    closed = close_ledger(three, [result("bandit", claim)], (), TODAY)
    assert {entry.was for entry in closed} == {""}


@pytest.mark.parametrize("order", [1, -1])
def test_of_two_rows_the_worse_counts(three: Assignment, order: int) -> None:
    said = [row("a.py"), row("a.py", "partial", why="half"), row("a.py", "excluded")][::order]
    closed = states(close_ledger(three, [result("bandit", *said)], (), TODAY))
    assert closed["a.py", "bandit"] == ("partial", "half")


def test_units_that_are_no_files_pass_and_manifests_are_files(three: Assignment) -> None:
    said = result(
        "manifests",
        row("requirements.txt", kind="manifest"),
        row("requirements.txt#flask", "unresolved", kind="package", why="unpinned"),
        row("a.py", "scanned"),
        row("b.py", "failed", why="syntax-error"),
        row("odd#name.txt", "failed", why="syntax-error"),
        row("never/given.txt", "failed"),
    )
    closed = close_ledger(three, [said], (), TODAY)
    seen = {(r.unit.kind, r.unit.id): r.state for r in closed if r.scanner == "manifests"}
    assert seen == {
        ("file", "requirements.txt"): "scanned", ("package", "requirements.txt#flask"): "unresolved",
        ("file", "b.py"): "failed", ("file", "odd#name.txt"): "failed", ("file", "never/given.txt"): "failed",
    }  # fmt: skip
    assert ("odd#name.txt", None) not in states(closed)


def accept(*paths: str, scanners: tuple[str, ...] = ("bandit",), expires: str = TODAY) -> Accept:
    return Accept(paths=paths, scanners=scanners, reason="r", expires=expires)


@pytest.mark.parametrize(
    ("rule", "accepted"),
    [
        (accept("a.py"), {"a.py"}),
        (accept("*.py"), {"a.py", "b.py"}),
        (accept("a.py", expires="2026-11-23"), set()),
        (accept("a.py", scanners=("other",)), set()),
        (accept("a.py", scanners=("*",)), {"a.py"}),
        (accept("a"), set()),
    ],
)
def test_only_a_policy_that_holds_accepts_a_gap(three: Assignment, rule: Accept, accepted: set[str]) -> None:
    rows = close_ledger(three, [result("bandit")], (accept("nothing"), rule), TODAY)
    taken = {r.unit.id: r.by for r in rows if r.state == "accepted" and r.scanner == "bandit"}
    assert taken == dict.fromkeys(accepted, "coverage.accept[1]")


def test_accepting_a_manifest_takes_its_dependencies_and_no_other_file(three: Assignment) -> None:
    names = ("requirements.txt", "requirements.txt.d/a.txt", "odd#name.txt", "odd")
    packages = (row(f"{name}#x", "unresolved", kind="package") for name in names)
    said = result("manifests", row("requirements.txt", kind="manifest"), *packages)
    rules = (accept("requirements.txt", "odd", scanners=("manifests",)),)
    rows = states(close_ledger(three, [said], rules, TODAY))
    assert {unit for (unit, _), (state, _) in rows.items() if state == "accepted"} == {
        "requirements.txt#x",
        "odd#x",
    }


def test_scanned_files_are_not_called_accepted(three: Assignment) -> None:
    rows = close_ledger(three, [result("bandit", row("a.py"), row("b.py"))], (accept("**"),), TODAY)
    assert {r.state for r in rows if r.scanner == "bandit"} == {"scanned"}


_TEXT = st.text(max_size=8)
_ROWS = st.builds(
    Cover,
    unit=st.builds(Unit, kind=st.sampled_from(("file", "package")), id=_TEXT, digest=st.none() | _TEXT),
    scanner=st.none() | _TEXT,
    state=st.sampled_from(sorted({*GREEN_STATES, "failed", "partial", "unresolved", "not-reached"})),
    why=_TEXT,
    by=st.none() | _TEXT,
    note=_TEXT,
)


@given(st.lists(_ROWS, max_size=6), st.randoms())
def test_the_ledger_is_read_as_it_was_written_in_any_order(rows: list[Cover], random: object) -> None:
    data = ledger_bytes(rows)
    back = read_ledger(data)
    assert sorted(map(repr, back)) == sorted(map(repr, rows))
    assert ledger_bytes(back) == ledger_bytes(reversed(rows)) == data
    assert data.count(b"\n") == len(rows)


def test_a_damaged_ledger_is_not_read() -> None:
    for data in (b"{}\n", b"x\n", b'{"unit":{"kind":"file","id":"a"},"state":"clean"}\n'):
        with pytest.raises(msgspec.DecodeError):
            read_ledger(data)


_STATES: tuple[CoverState, ...] = ("scanned", "failed", "partial", "excluded", "unsupported")


@given(st.lists(st.tuples(st.sampled_from(["a", "b", "c", "#"]), st.sampled_from(_STATES)), max_size=8))
def test_whatever_is_said_each_unit_and_scanner_has_one_row(said: list[tuple[str, CoverState]]) -> None:
    from devsecops.subject import Entry

    units = tuple(Entry(p.encode(), p, "file", False, f"git:{p}", 1) for p in ("a", "b"))
    known = {entry.path: Unit(kind="file", id=entry.path, digest=entry.digest) for entry in units}
    nobody = Cover(unit=Unit(kind="file", id="c"), state="unsupported", why="no-scanner")
    assignment = Assignment({"s": units}, (nobody,), {**known, "c": nobody.unit})
    rows = close_ledger(assignment, [result("s", *(row(path, state) for path, state in said))], (), TODAY)
    count = Counter((r.unit.id, r.scanner) for r in rows)
    assert set(count.values()) == {1}
    assert count["a", "s"] == count["b", "s"] == 1
    for path in ("a", "b"):
        worst = {state for name, state in said if name == path}
        mine = next(r for r in rows if r.unit.id == path)
        assert (mine.state in GREEN_STATES) is bool(worst and worst <= GREEN_STATES)


SEVERAL = Reads(
    suffixes=(".py", ".pyw", ".js", ".d.ts"),
    names=("Dockerfile", "Dockerfile.*", "docker/*.conf"),
    shebangs=("python", "node"),
    shown={
        ".pyw": ".py",
        "Dockerfile": ".dock",
        "Dockerfile.*": ".dock",
        "docker/*.conf": ".dock",
        "node": ".js",
    },
)


@pytest.mark.parametrize(
    ("raw", "head", "suffix"),
    [
        (b"a.py", None, ".py"),
        (b"a/b.PYW", None, ".py"),
        (b"x.min.js", None, ".js"),
        (b"x.d.ts", None, ".d.ts"),
        (b"tests/Dockerfile", None, ".dock"),
        (b"Dockerfile.dev", None, ".dock"),
        (b"a/docker/b.conf", None, ".dock"),
        (b"bin/run", b"#!/usr/bin/env node\n", ".js"),
        (b"bin/run", b"#!/usr/bin/python3.12\n", ".py"),
        (b"bin/run.sh", b"#!/usr/bin/env -S node --x\n", ".js"),
        (b"gone", None, ".py"),
        (b"\xff.js", None, ".js"),
    ],
)
def test_a_file_is_shown_under_the_suffix_of_its_kind(raw: bytes, head: bytes | None, suffix: str) -> None:
    assert Shown(SEVERAL)(raw, lambda: head) == suffix


def test_a_content_is_not_read_where_the_name_decides() -> None:
    assert Shown(SEVERAL)(b"a.js", lambda: pytest.fail("it was read")) == ".js"
    assert Shown(Reads(suffixes=(".py",), shebangs=("python",)))(b"run", lambda: pytest.fail("read")) == ".py"
