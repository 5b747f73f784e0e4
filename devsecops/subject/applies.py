"""Which scanners apply to a file: by suffix, by name, by shebang."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from devsecops import paths
from devsecops.contract import Reads, Spec
from devsecops.subject.globs import translate
from devsecops.subject.tree import Entry

_SPECIAL = re.compile(r"[*?\[/]")
_VERSION = re.compile(r"[-.\d]*\Z")


class Applies:
    """What some scanners read. Answers are places in the sequence of specs it was made of."""

    def __init__(self, specs: Sequence[Spec]) -> None:
        self._suffixes: dict[str, set[int]] = {}
        self._names: dict[str, set[int]] = {}
        self._ends: list[tuple[int, re.Pattern[str]]] = []
        self._alone: list[tuple[int, re.Pattern[str]]] = []
        self._shebangs: dict[str, set[int]] = {}
        for place, spec in enumerate(specs):
            for suffix in spec.reads.suffixes:
                self._suffixes.setdefault(suffix.lower(), set()).add(place)
            for word in spec.reads.shebangs:
                self._shebangs.setdefault(word, set()).add(place)
            special = [name for name in spec.reads.names if _SPECIAL.search(name)]
            for name in set(spec.reads.names).difference(special):
                self._names.setdefault(name, set()).add(place)
            # The end of the path: in any folder, and nothing below it.
            ends = [translate(f"**/{name}", under=False) for name in special if "/" in name]
            # A name alone is compared with names alone: a look along every path would cost more.
            alone = [translate(name, under=False) for name in special if "/" not in name]
            self._ends += [(place, re.compile("|".join(ends), re.DOTALL))] if ends else []
            self._alone += [(place, re.compile("|".join(alone), re.DOTALL))] if alone else []
        self.by_shebang = frozenset().union(*self._shebangs.values())

    def by_name(self, raw: bytes) -> set[int]:
        """Return who reads a file of this name."""
        text = paths.to_text(raw)
        name = text.rpartition("/")[2]
        found = set(self._names.get(name, ()))
        for suffix in _suffixes(name):
            found |= self._suffixes.get(suffix, set())
        found.update(place for place, expression in self._alone if expression.fullmatch(name))
        found.update(place for place, expression in self._ends if expression.fullmatch(text))
        return found

    def by_content(self, head: bytes) -> set[int]:
        """Return who reads a script that starts like this; 256 bytes are enough."""
        return self._shebangs.get(interpreter(head), set())


def _suffixes(name: str) -> list[str]:
    """Return the suffixes of a file name, longest first, in lower case."""
    low, out = name.lower(), []
    place = low.find(".")
    while place >= 0:
        out.append(low[place:])
        place = low.find(".", place + 1)
    return out


class Shown:
    """The suffix under which a file is shown to a scanner whose unit is the file."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads
        self._names = [(name, re.compile(translate(f"**/{name}", under=False))) for name in reads.names]

    def __call__(self, raw: bytes, head: Callable[[], bytes | None]) -> str:
        """Return the suffix for a file; `head` gives its content and is asked only where no name decides."""
        shown = self._reads.shown
        text = paths.to_text(raw)
        for suffix in _suffixes(text.rpartition("/")[2]):
            if suffix in self._reads.suffixes:
                return shown.get(suffix, suffix)
        for name, expression in self._names:
            if expression.fullmatch(text) and name in shown:
                return shown[name]
        first = self._reads.suffixes[0] if self._reads.suffixes else ""
        if any(word in shown for word in self._reads.shebangs):
            return shown.get(interpreter((head() or b"")[:256]), first)
        return first


def may_have_shebang(entry: Entry) -> bool:
    """Return whether the first line of a file counts: it has no suffix, or it can be run."""
    return entry.executable or b"." not in entry.raw.rpartition(b"/")[2].lstrip(b".")


def interpreter(head: bytes) -> str:
    """Return the name of the interpreter that a shebang asks for, without path and version."""
    if not head.startswith(b"#!"):
        return ""
    words = re.split(rb"[\r\n]", head[2:256], maxsplit=1)[0].decode("utf-8", "replace").split()
    if words and words[0].rpartition("/")[2] == "env":
        words = [word.removeprefix("-S") for word in words[1:]]
        while words and (not words[0] or words[0].startswith("-") or "=" in words[0]):
            # -u and -C take the word that follows them.
            del words[: 2 if words[0] in ("-u", "-C", "--unset", "--chdir") else 1]
    return _VERSION.sub("", words[0].rpartition("/")[2]) if words else ""
