from __future__ import annotations

import pytest

from devsecops_advisories.manifests.requirements import read_requirements
from devsecops_safety.requirements import Gap, Pin, Requirements, read
from tests.safety.samples import FILES


def asked(text: str | bytes, path: str = "requirements.txt", tree: tuple[str, ...] = ()) -> Requirements:
    data = text.encode() if isinstance(text, str) else text
    return read(path, data, lambda name: name in tree)


def test_plain_pins_keep_their_lines() -> None:
    given = asked(
        "a==1\n\nB.b_c [x,y] == 2.0 # why\n===\nd===3 \\\n  --hash=sha256:00 \\\n  --hash=sha256:11\n"
    )
    assert given.pins == [Pin("a", "1", 1, None), Pin("b-b-c", "2.0", 3, None), Pin("d", "3", 5, 7)]
    assert given.gaps == [Gap("===", 4, "unparsable")]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("flask", "unpinned"),
        ("flask>=1,<2", "unpinned"),
        ("flask==1.*", "unpinned"),
        ("flask~=1.0", "unpinned"),
        ("flask @ https://example.org/flask.whl", "url"),
        ("https://example.org/flask.zip", "url"),
        ("git+ssh://git@example.org/x.git", "url"),
        ("./vendor/flask", "url"),
        ("/srv/flask-1.0.tar.gz", "url"),
        (".", "url"),
        ("-e .", "url"),
        ("--editable=git+https://example.org/x", "url"),
        ("-r ../../outside/requirements.txt", "include"),
        ("-r base.txt", "include"),
        ("-rmissing-requirements.txt", "include"),
        ("-r https://example.org/requirements.txt", "include"),
        ("flask===1.0-what", "odd-version"),
        ("flask=1", "unparsable"),
        ("--unheard-of thing", "unparsable"),
        ('-r "unended', "unparsable"),
        ("a" * 30_000, "unparsable"),
    ],
)
def test_whatever_is_no_pin_is_a_gap(line: str, why: str) -> None:
    given = asked(f"{line}\nlast==1\n", tree=("base.txt",))
    assert [gap.why for gap in given.gaps] == [why]
    assert [pin.name for pin in given.pins] == ["last"]


def test_options_and_files_of_their_own_are_no_gaps() -> None:
    text = "-i https://example.org\n--pre -r dev/requirements.txt\n-r requirements/base.txt\n-c others.txt\n"
    tree = ("app/dev/requirements.txt", "app/requirements/base.txt")
    assert asked(text, "app/requirements.txt", tree) == Requirements()


def test_a_line_that_only_pip_sees_is_seen() -> None:
    given = asked("a==1 # \u2028django==2.2\nb==1\n")
    assert [(pin.name, pin.line) for pin in given.pins] == [("a", 1), ("django", 1), ("b", 2)]


def test_encodings() -> None:
    for data in (
        b"\xef\xbb\xbfa==1\r\nb==2",
        "\ufeffa==1\nb==2".encode("utf-16-le"),
        b"a==1\rb==2 # \xff\r",
    ):
        assert [pin.name for pin in asked(data).pins] == ["a", "b"]


def test_a_marker_is_kept_for_the_ledger() -> None:
    (pin,) = asked('a==1 ; python_version < "3" and os_name == "nt"').pins
    assert pin.marker == 'python_version < "3" and os_name == "nt"'


@pytest.mark.parametrize("path", sorted(FILES))
def test_it_reads_pins_as_the_scanner_advisories_does(path: str) -> None:
    data, paths = FILES[path].encode(), frozenset(FILES)
    theirs = read_requirements(path, data, lambda name: None, paths)
    pins = {(d.name.lower(), d.version, d.line, d.end) for d in theirs.dependencies if d.version is not None}
    ours = asked(data, path, tuple(FILES))
    # It leaves out what no Python 3 installs, and lets the matcher say which versions are odd.
    assert {(p.name, p.version, p.line, p.end) for p in ours.pins if not p.marker} == {
        pin for pin in pins if pin[0] != "odd"
    }
