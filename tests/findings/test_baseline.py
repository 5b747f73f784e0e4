"""A baseline says the same as the run it was made from, and nothing it did not see is gone."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devsecops.change import Change, FileChange
from devsecops.errors import DevsecopsError, IncompleteError, UsageError
from devsecops.findings.baseline import (
    MAX_BYTES,
    Baseline,
    baseline_bytes,
    file_of_unit,
    make_baseline,
    read_baseline,
)
from devsecops.findings.complete import SourceText, complete
from devsecops.findings.identity import name_findings
from devsecops.findings.matching import Matching, match
from devsecops.findings.since import Extent, change_by_digest, compare, in_format_of, known_gaps
from devsecops.model import (
    Control,
    Cover,
    File,
    Finding,
    Kind,
    Region,
    RuleRef,
    ScanResult,
    Source,
    Statement,
    Unit,
)
from devsecops.subject.blobs import oid
from tests.findings.changes import SCANNER, change, findings
from tests.reports.anything import value
from tests.run.runs import FORCE

Tree = Mapping[str, str]
WORDS = ("eval(x)", "eval(x); y", 'token = eval("hunter-2-secret")', "x = 1", "z = 2 + 3", "", "def f():")
LINES = st.lists(st.sampled_from(WORDS), max_size=8)
TREES = st.dictionaries(st.sampled_from(["a.py", "b/c.py", "d.py"]), LINES.map("\n".join), max_size=3)


def digest(text: str) -> str:
    return f"git:{oid(text.encode())}"


def rows(tree: Tree, state: str = "scanned", why: str = "") -> list[Cover]:
    return [
        Cover(
            unit=Unit(kind="file", id=path, digest=digest(text)),
            scanner=SCANNER,
            state=state,  # type: ignore[arg-type]  # a word of the test's
            why=why,
        )
        for path, text in sorted(tree.items())
    ]


def result(found: Sequence[Finding], *, proved: bool = True) -> ScanResult:
    control = Control(kind="canary", found=proved)
    return ScanResult(scanner=SCANNER, kind="sast", status="complete", control=control, findings=tuple(found))


def statement(**more: object) -> Statement:
    base: dict[str, object] = {
        "verdict": "pass",
        "cause": "PASS",
        "subject": (Source(head="a" * 40, tree="git:" + "b" * 40),),
        "evaluated_on": "2026-11-24",
        "policy": FORCE,
    }
    return Statement(**{**base, **more})  # type: ignore[arg-type]


def known(
    tree: Tree, ledger: Sequence[Cover] | None = None, kind: Kind = "sast", key: bytes = b""
) -> Baseline:
    made = make_baseline(
        statement(), "0" * 64, [result(findings(tree, kind, key))], rows(tree) if ledger is None else ledger
    )
    return read_baseline(baseline_bytes(made), "it")


def by_digest(base: Tree, head: Tree, **extent: object) -> Change:
    sees = Extent(scanners=frozenset({SCANNER}))
    return change_by_digest(
        known(base),
        {path: digest(text) for path, text in head.items()},
        msgspec.structs.replace(sees, **extent),
    )


def became(said: Matching) -> tuple[list[str], list[str]]:
    return sorted(one.state for one in said.heads), sorted(one.state for one in said.left)


EMPTY_LINES = 15

# --- the file -----------------------------------------------------------------------------------


@given(value(Baseline))
def test_what_is_written_is_read_again_and_has_one_form(made: Baseline) -> None:
    # Half a character cannot be written in UTF-8, and findings hold none.
    text = json.dumps(msgspec.to_builtins(made), ensure_ascii=False).encode("utf-8", "replace")
    made = msgspec.json.decode(text, type=Baseline)
    unique = {(one.scanner, one.id): one for one in made.findings}
    made = msgspec.structs.replace(made, findings=tuple(unique.values()))
    data = baseline_bytes(made)
    again = read_baseline(data, "it")
    assert again == made
    assert baseline_bytes(again) == data
    items = sum(map(len, (made.files, made.findings, made.gaps, made.scanners, made.subject)))
    assert data.count(b"\n") == EMPTY_LINES + items, "one item a line"


@given(TREES, TREES, st.booleans(), st.sampled_from(["sast", "secrets"]), st.sampled_from([b"", b"k"]))
def test_it_tells_findings_apart_as_the_run_would(
    base: Tree, head: Tree, texts: bool, kind: Kind, key: bytes
) -> None:
    ours, theirs = findings(base, kind, key), findings(head, kind, key)
    what = change(base, head)
    looked = frozenset((SCANNER, path) for path in head)
    plain = match(ours, theirs, what, looked, base if texts else None, head if texts else None)
    file = known(base, kind=kind, key=key)
    said = compare(file, theirs, rows(head), what, base if texts else None, head if texts else None)
    assert said.get(SCANNER, Matching(heads=(), left=())) == plain


def test_a_finding_of_several_lines_is_known_by_all_of_them() -> None:
    def spanning(text: str, lines: int) -> tuple[Finding, ...]:
        region = Region(start_line=2, end_line=1 + lines)
        one = Finding(
            scanner=SCANNER,
            rule=RuleRef(tool="tool", id="R1"),
            kind="sast",
            severity="high",
            message="eval",
            location=File(path="a.py", region=region),
        )
        return name_findings([complete(one, SourceText(text))])

    def state(lines: int) -> str:
        base = "x = 1\n" + "call(\n" * (lines - 1) + ")\ny = 2\n"
        made = make_baseline(statement(), "0" * 64, [result(spanning(base, lines))], rows({"a.py": base}))
        blind = Change(base="b", head="h", files=(FileChange(base="a.py", head="a.py", text=False),))
        head = spanning(base, lines)
        (one,) = compare(made, head, rows({"a.py": base}), blind)[SCANNER].heads
        (plain,) = match(spanning(base, lines), head, blind, frozenset()).heads
        assert one == plain
        return one.state

    assert [state(lines) for lines in (1, 2, 3, 4)] == ["unchanged"] * 3 + ["new"]


def test_it_holds_no_code_and_only_the_files_that_it_speaks_of() -> None:
    tree = {"a.py": 'password = "x"\nresult = eval(one_of_a_kind)\n', "b.py": "x = 1\n"}
    made = known(tree)
    data = baseline_bytes(made)
    assert b"one_of_a_kind" not in data
    assert b"snippet" not in data
    assert list(made.files) == ["a.py"]


def test_what_a_scanner_without_proof_found_is_not_known() -> None:
    tree = {"a.py": "eval(x)\n"}
    made = make_baseline(statement(), "0" * 64, [result(findings(tree), proved=False)], rows(tree))
    assert (made.findings, made.scanners) == ((), ())


GOOD = baseline_bytes(known({"a.py": "eval(x)\neval(x)\n"}))


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        (b"", IncompleteError, "not a baseline, or damaged"),
        (GOOD[:-40], IncompleteError, "not a baseline, or damaged"),
        (b"<<<<<<< ours\n" + GOOD, IncompleteError, "not a baseline, or damaged"),
        (GOOD.replace(b'"day":', b'"day":"2020-01-01",\n"day":'), IncompleteError, "names a key twice"),
        (b"[" * 100_000, IncompleteError, "nested too deeply"),
        (b"[]", UsageError, "it is not a baseline"),
        (b'{"version": "2.1.0"}', UsageError, "it is not a baseline"),
        (GOOD.replace(b"baseline/1", b"baseline/2"), UsageError, "of the version devsecops.baseline/2"),
        (GOOD.replace(b'"sast"', b'"worst"'), IncompleteError, "is damaged"),
        (GOOD.replace(b'"start_line":1', b'"start_line":"1"'), IncompleteError, "is damaged"),
        (GOOD.replace(b'"files":', b'"more":1,\n"files":'), IncompleteError, "is damaged"),
        (b" " * (MAX_BYTES + 1), UsageError, "larger than 64 MB"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_with_what_to_do(
    data: bytes, error: type[DevsecopsError], words: str
) -> None:
    with pytest.raises(error, match=words) as raised:
        read_baseline(data, "it")
    assert str(raised.value).startswith("it is ")


def test_two_findings_with_one_id_are_damage() -> None:
    one, other = known({"a.py": "eval(x)\neval(x)\n"}).findings
    twice = GOOD.replace(other.id.encode(), one.id.encode())
    with pytest.raises(IncompleteError, match="have the same id"):
        read_baseline(twice, "it")


def test_a_unit_of_a_file_stands_in_the_longest_name_that_is_a_file() -> None:
    def row(name: str, kind: str = "package") -> Cover:
        return Cover(unit=Unit(kind=kind, id=name), scanner=SCANNER, state="unresolved")  # type: ignore[arg-type]

    files = ["c#/uv.lock", "c#/uv.lock#x", "a#b.py"]
    assert file_of_unit(row("c#/uv.lock#flask"), files) == "c#/uv.lock"
    assert file_of_unit(row("c#/uv.lock#x#y"), files) == "c#/uv.lock#x"
    assert file_of_unit(row("uv.lock#flask"), files) == "uv.lock"
    assert file_of_unit(row("a#b.py", "file"), []) == "a#b.py"


# --- what changed, by digests -------------------------------------------------------------------

FLAW, OTHER = "a = 1\neval(x)\n", "b = 2\neval(y)\n"


def test_the_same_content_elsewhere_is_a_rename_when_the_old_place_is_gone() -> None:
    assert by_digest({"a.py": FLAW}, {"a.py": FLAW}).files == ()
    assert by_digest({"a.py": FLAW}, {"b.py": FLAW}).files == (FileChange(base="a.py", head="b.py"),)
    assert by_digest({"a.py": FLAW}, {"a.py": FLAW, "b.py": FLAW}).files == ()
    assert by_digest({"a.py": FLAW}, {"c.py": OTHER}).files == (FileChange(base="a.py", head=None),)
    assert by_digest({"a.py": FLAW}, {"a.py": OTHER}).files == (
        FileChange(base="a.py", head="a.py", text=False),
    )
    two = by_digest({"a.py": FLAW, "b.py": FLAW}, {"c.py": FLAW})
    assert two.files == (FileChange(base="b.py", head=None), FileChange(base="a.py", head="c.py"))


def test_a_copy_of_a_flaw_is_new_also_by_digests() -> None:
    base, head = {"a.py": FLAW}, {"a.py": FLAW, "b.py": FLAW}
    said = compare(known(base), findings(head), rows(head), by_digest(base, head))
    assert became(said[SCANNER]) == (["new", "unchanged"], [])


@pytest.mark.parametrize(
    "extent",
    [{"scope": "lib"}, {"left_out": ("app",)}, {"scanners": frozenset({"another"})}, {"scope": "ap"}],
)
def test_what_a_run_could_not_list_is_not_gone(extent: dict[str, object]) -> None:
    base, head = {"app/a.py": FLAW}, {"lib/b.py": OTHER}
    what = by_digest(base, head, **extent)
    assert what.files == ()
    said = compare(known(base), findings(head), rows(head), what)
    assert became(said[SCANNER]) == (["new"], ["not-looked-at"])


def test_a_file_that_was_not_covered_is_never_fixed() -> None:
    base, head = {"a.py": FLAW}, {"a.py": "x = 1\n"}
    for state, left in (("scanned", "fixed"), ("failed", "not-looked-at"), ("excluded", "not-looked-at")):
        said = compare(known(base), findings(head), rows(head, state), by_digest(base, head))
        assert became(said[SCANNER]) == ([], [left])


def test_a_file_of_which_no_digest_is_known_has_changed() -> None:
    sees = Extent(scanners=frozenset({SCANNER}))
    assert change_by_digest(known({"a.py": FLAW}), {"a.py": None}, sees).files == (
        FileChange(base="a.py", head="a.py", text=False),
    )


@given(TREES, TREES)
def test_by_digests_no_more_is_old_than_by_lines(base: Tree, head: Tree) -> None:
    """Digests may call new what lines would follow; never the other way round, but for a file moved whole."""
    theirs = findings(head)
    lines = match(
        findings(base), theirs, change(base, head), frozenset((SCANNER, p) for p in head), base, head
    )
    said = compare(known(base), theirs, rows(head), by_digest(base, head)).get(SCANNER)
    if said is None:
        return
    old = {one.finding for one in lines.heads if one.state != "new"}
    moved = {path for path in head if path not in base}
    path_of = {one.id: one.location.path for one in theirs}  # type: ignore[union-attr]
    more = {one.finding for one in said.heads if one.state != "new"} - old
    assert {path_of[name] for name in more} <= moved
    assert len(said.heads) == len(theirs)


def test_digests_of_a_folder_are_made_comparable_with_those_of_git() -> None:
    base = known({"a.py": FLAW})
    head = {"a.py": "sha256:" + "1" * 64, "b.py": "sha256:" + "2" * 64, "c.py": None}
    asked = []

    def blob(path: str, name: str) -> str | None:
        asked.append(name)
        return oid(FLAW.encode(), name) if path == "a.py" else None

    assert in_format_of(base, head, blob) == {**head, "a.py": digest(FLAW)}
    assert set(asked) == {"sha1"}
    asked.clear()
    same = {"a.py": digest(FLAW)}
    assert in_format_of(base, same, blob) == same
    assert asked == []


# --- gaps ---------------------------------------------------------------------------------------


def test_a_gap_is_known_while_its_file_is_what_it_was() -> None:
    tree = {"a.py": FLAW, "b.py": OTHER}
    gaps = rows({"a.py": FLAW}, "failed", "syntax-error") + rows({"b.py": OTHER})
    base = known(tree, gaps)
    none = Change(base="b", head="h")
    assert [row.unit.id for row in known_gaps(base, gaps, none)] == ["a.py"]
    accepted = [msgspec.structs.replace(gaps[0], state="accepted", was="failed"), gaps[1]]
    assert [row.unit.id for row in known_gaps(base, accepted, none)] == ["a.py"]
    assert known_gaps(base, rows({"a.py": FLAW}, "partial", "syntax-error"), none) == ()
    assert known_gaps(base, rows({"a.py": FLAW}, "failed", "timeout"), none) == ()
    assert known_gaps(base, rows(tree, "failed", "syntax-error"), none) == (gaps[0],)
    touched = Change(base="b", head="h", files=(FileChange(base="a.py", head="a.py"),))
    assert known_gaps(base, gaps, touched) == ()
    other = rows({"a.py": "def f(:\n"}, "failed", "syntax-error")
    assert known_gaps(base, other, by_digest(tree, {"a.py": "def f(:\n"})) == ()


def test_a_gap_of_a_dependency_goes_by_its_manifest() -> None:
    manifest = Cover(
        unit=Unit(kind="file", id="req.txt", digest=digest("flask\n")), scanner=SCANNER, state="scanned"
    )
    gap = Cover(
        unit=Unit(kind="package", id="req.txt#flask"), scanner=SCANNER, state="unresolved", why="unpinned"
    )
    base = known({}, [manifest, gap])
    assert base.files == {"req.txt": digest("flask\n")}
    assert known_gaps(base, [manifest, gap], Change(base="b", head="h")) == (gap,)
    touched = Change(base="b", head="h", files=(FileChange(base="req.txt", head="req.txt"),))
    assert known_gaps(base, [manifest, gap], touched) == ()
