from __future__ import annotations

import fnmatch
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devsecops.gate.coverage import pattern
from devsecops.subject.globs import compile_globs, matches


@pytest.mark.parametrize(
    ("glob", "path", "meant"),
    [
        ("docs", "docs/a/b.py", True),
        ("docs", "docs", True),
        ("docs", "docs2/a.py", False),
        ("docs", "src/docs/a.py", False),
        ("docs/", "docs/a.py", True),
        ("docs/", "docs", False),
        ("/docs", "docs/a.py", True),
        ("./docs/*.py", "docs/a.py", True),
        ("docs/*.py", "docs/a/b.py", False),
        ("docs/**", "docs/a/b.py", True),
        ("docs/**", "docs", False),
        ("**/docs", "a/docs/x.py", True),
        ("**/docs", "docs", True),
        ("**/*.min.js", "a.min.js", True),
        ("**/*.min.js", "a/b/c.min.js", True),
        ("a/**/z", "a/z", True),
        ("a/**/z", "a/b/c/z", True),
        ("a/**/b/**/z", "a/b/x/b/y/z", True),
        ("a/**/b/**/z", "a/x/z", False),
        ("*", "a/b", True),
        ("*.py", "a/b.py", False),
        ("*.py", "a.py/b", True),
        ("a?c.py", "abc.py", True),
        ("a?c", "a/c", False),
        ("a[!x]c", "a/c", False),
        ("[]a]", "]", True),
        ("[^a-c]z", "dz", True),
        ("[z-a]", "m", False),
        ("[a", "[a", True),
        ("a.c", "abc", False),
        ("", "a", False),
        ("/", "a", False),
        (".", "a", False),
        ("**", "a/b", True),
        ("a*", "a\nb", True),
        ("back\\\\slash", "back\\\\slash", True),
    ],
)
def test_what_a_pattern_means(glob: str, path: str, meant: bool) -> None:
    assert matches((glob,), path) is meant


def _naive(glob: str, path: str) -> bool:
    """The same meaning, said without an expression over the whole path."""

    def part(pattern: str, text: str) -> bool:
        return (
            re.fullmatch(fnmatch.translate(pattern).replace("\\Z", "").replace("\\z", ""), text) is not None
        )

    def parts(globs: list[str], names: list[str]) -> bool:
        if not globs:
            return True
        if globs[0] == "**":
            rest = globs[1:]
            if not rest:
                return bool(names)
            return any(parts(rest, names[at:]) for at in range(len(names) + 1))
        return bool(names) and part(globs[0], names[0]) and parts(globs[1:], names[1:])

    return parts(glob.split("/"), path.split("/"))


_PART = st.text(alphabet="ab*?", min_size=1, max_size=5).filter(
    lambda part: set(part) != {"*"} or len(part) == 1
)
_GLOB = st.lists(st.one_of(_PART, st.just("**")), min_size=1, max_size=5).map("/".join)
_PATH = st.lists(st.text(alphabet="ab", min_size=1, max_size=5), min_size=1, max_size=6).map("/".join)


@given(_GLOB, _PATH)
def test_patterns_mean_what_the_plain_reading_says(glob: str, path: str) -> None:
    assert matches((glob,), path) is _naive(glob, path)


_NAME = st.text(alphabet="ab*?[]!^-\\.\n é", min_size=1, max_size=8).filter(lambda name: set(name) != {"."})


@given(
    st.lists(_NAME, min_size=1, max_size=3).map("/".join),
    st.lists(_NAME, min_size=1, max_size=3).map("/".join),
)
def test_the_pattern_that_a_remedy_prints_means_one_path(path: str, other: str) -> None:
    glob = (pattern(path),)
    assert matches(glob, path)
    assert matches(glob, other) is (other == path or other.startswith(path + "/"))


def test_a_pattern_takes_no_time_to_fail() -> None:
    """Tried the naive way, each of these would outlive the test run."""
    bombs = ("*a" * 40 + "b", "**/a/" * 30 + "b", "a/" + "**/*a*/" * 20 + "b")
    assert compile_globs(bombs).fullmatch("a" * 250) is None
    assert compile_globs(bombs).fullmatch("/".join(["a"] * 300)) is None
