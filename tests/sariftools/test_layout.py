"""A project's files lie where they lay, as far as that is harmless, and no two become one."""

from __future__ import annotations

import re

from hypothesis import example, given
from hypothesis import strategies as st

from devsecops.contract import Canary, Expect
from devsecops.engine.batches import Batch, Piece, cut, lay_out
from devsecops.engine.layout import sane
from devsecops.paths import to_text
from devsecops.subject import Entry

CANARY = Canary(label="c", files={"a/b.x": "bad"}, expects=(Expect(rule="R", file="a/b.x"),))


def entry(raw: bytes) -> Entry:
    return Entry(raw=raw, path=to_text(raw), kind="file", executable=False, digest=None, size=1)


parts = st.one_of(
    st.sampled_from([b"a", b"a b", b"a_b", b"-rf", b"..", b".git", b".GIT", b"HEAD", b"x~y", b"\xff"]),
    st.binary(min_size=1, max_size=300).map(lambda raw: raw.replace(b"/", b"_").replace(b"\0", b"_")),
)
raws = st.lists(parts, min_size=1, max_size=4).map(b"/".join)


@given(st.lists(raws, min_size=1, max_size=8, unique=True))
@example([b"a b/x.py", b"a:b/x.py", b"a_b/x.py"])
def test_paths_are_harmless_and_apart(names: list[bytes]) -> None:
    paths = [sane(name) for name in names]
    assert len(set(paths)) == len(names)
    for path in paths:
        assert re.fullmatch(r"[A-Za-z0-9._+@=~/-]+", path)
        for part in path.split("/"):
            assert part not in ("", ".", "..")
            assert part.lower() not in (".git", "head")
            assert not part.startswith("-")
            assert len(part) <= 255


def test_plain_paths_are_left_alone() -> None:
    for name in ("a.py", ".github/workflows/ci.yml", "src/pkg/__init__.py", "a+b=c@d.txt"):
        assert sane(name.encode()) == name
    assert sane("src/ä b.py".encode()).startswith("src/")
    assert sane("src/ä b.py".encode()).endswith(".py")


def test_the_canary_has_a_folder_that_no_file_is_in() -> None:
    batch = Batch(1, (Piece(entry(b"devsecops-control-0/a/b.x")), Piece(entry(b"src/a.x"))))
    units, planted = lay_out(batch, [CANARY, CANARY], None)
    assert [unit.path for _, unit in units] == ["devsecops-control-0/a/b.x", "src/a.x"]
    assert [p.path for p in planted] == ["devsecops-control-1/a/b.x", "devsecops-control-2/a/b.x"]


def test_a_project_is_one_batch_whatever_the_cores() -> None:
    pieces = [Piece(entry(b"%d.x" % n)) for n in range(4000)]
    (whole,) = cut(pieces, 8, whole=True)
    assert sorted(piece.entry.raw for piece in pieces) == [piece.entry.raw for piece in whole]
    assert len(cut(pieces, 8)) > 1
    assert cut([], 8, whole=True) == []
