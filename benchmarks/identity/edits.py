"""Edits of real files that know where every line came from: the truth that the matcher is measured with.

A file is a list of lines, each with the base line that it is; what an edit writes or copies has none. Nothing
here knows of the matcher, of its keys, or of a diff.
"""

from __future__ import annotations

import ast
import random
import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

_NAME = re.compile(r"\b[a-z_][a-z0-9_]{2,}\b(?=\s*[=,)\]:])")
_KEPT = frozenset({"else", "try", "finally", "except", "lambda", "pass", "self", "shell"})
Origin = tuple[str, int]
"""Path and line, from 1, of the base."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line."""

    text: str
    origin: Origin | None = None
    """The line of the base that it is; None: it is fresh."""
    edited: bool = False
    """It says something else than in the base."""
    copied: Origin | None = None
    """The line of the base that a fresh line says the same as, because it is its copy."""


@dataclass(frozen=True, slots=True)
class Block:
    """Statements that can be moved as one: the lines from `start` up to, not including, `end`, from 0."""

    start: int
    end: int
    indent: str


@dataclass
class Trial:
    """Some files before and after some edits."""

    base: dict[str, str]
    head: dict[str, list[Line]]
    draw: random.Random
    flawed: dict[str, set[int]]
    """Lines of the base, from 1, that a finding begins in."""
    crlf: set[str] = field(default_factory=set)
    did: list[str] = field(default_factory=list)

    def text(self, path: str) -> str:
        """Return what a file of the head holds."""
        end = "\r\n" if path in self.crlf else "\n"
        return "".join(line.text + end for line in self.head[path])

    def start_lines(self, path: str) -> list[int]:
        """Return the places of lines that a finding of the base began in."""
        return [
            place
            for place, line in enumerate(self.head[path])
            if line.origin and line.origin[1] in self.flawed.get(line.origin[0], ())
        ]


def lines_of(path: str, text: str) -> list[Line]:
    """Return the lines of a base file."""
    return [Line(line, (path, number)) for number, line in enumerate(text.removesuffix("\n").split("\n"), 1)]


def parsed(text: str) -> ast.Module | None:
    """Return the tree of a Python text; None when it is none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text)
        except (SyntaxError, ValueError, RecursionError):
            return None


def blocks(lines: list[Line]) -> Iterator[list[Block]]:
    """Yield the statements of each body of more than one, that begin a line of their own."""
    tree = parsed("\n".join(line.text for line in lines) + "\n")
    for node in ast.walk(tree) if tree else ():
        body = getattr(node, "body", None)
        if not isinstance(body, list) or len(body) < 2:
            continue
        found: list[Block] = []
        for statement in body:
            decorators = getattr(statement, "decorator_list", [])
            start = min([statement.lineno, *(d.lineno for d in decorators)]) - 1
            indent = re.match(r"\s*", lines[start].text)
            assert indent is not None
            if len(indent[0]) == statement.col_offset and (not found or found[-1].end <= start):
                found.append(Block(start, statement.end_lineno, indent[0]))
        yield found


def _chosen(trial: Trial, path: str, least: int = 3) -> tuple[Block, list[Block]] | None:
    """Return a block of some lines, one with a finding if there is one, and its siblings."""
    flawed = set(trial.start_lines(path))
    every = [(b, all_) for all_ in blocks(trial.head[path]) for b in all_ if least <= b.end - b.start <= 120]
    some = [(b, all_) for b, all_ in every if not flawed.isdisjoint(range(b.start, b.end))]
    pool = some or every
    return trial.draw.choice(pool) if pool else None


def _path(trial: Trial) -> str:
    return trial.draw.choice(sorted(trial.head))


def _new_path(trial: Trial) -> str:
    number = trial.draw.randrange(1000)
    return trial.draw.choice(["{}.py", "moved/{}.py", "src/pkg/{}.py"]).format(f"m{number}_{len(trial.did)}")


def move(trial: Trial) -> bool:
    """Move a block to another place among its siblings."""
    path = _path(trial)
    picked = _chosen(trial, path)
    if picked is None:
        return False
    block, siblings = picked
    places = [b.end for b in siblings if b.end <= block.start or b.start >= block.end]
    if not places:
        return False
    lines, place = trial.head[path], trial.draw.choice(places)
    moved = lines[block.start : block.end]
    rest = lines[: block.start] + lines[block.end :]
    place -= len(moved) if place > block.start else 0
    trial.head[path] = rest[:place] + moved + rest[place:]
    return True


def reindent(trial: Trial) -> bool:
    """Put a block into an `if`, one step deeper."""
    path = _path(trial)
    picked = _chosen(trial, path, least=1)
    if picked is None:
        return False
    block, lines = picked[0], trial.head[path]
    name = f"FLAG_{trial.draw.randrange(1000)}"
    deeper = [replace(x, text="    " + x.text if x.text else "") for x in lines[block.start : block.end]]
    lines[block.start : block.end] = [Line(f"{block.indent}if {name}:"), *deeper]
    return True


def rename(trial: Trial) -> bool:
    """Give a file another path."""
    path, new = _path(trial), _new_path(trial)
    trial.head[new] = trial.head.pop(path)
    if path in trial.crlf:
        trial.crlf.add(new)
    return True


def _fresh(lines: list[Line]) -> list[Line]:
    return [Line(line.text, copied=None if line.edited else line.origin or line.copied) for line in lines]


def duplicate(trial: Trial) -> bool:
    """Copy a block to right before or right after itself."""
    path = _path(trial)
    picked = _chosen(trial, path)
    if picked is None:
        return False
    block, lines = picked[0], trial.head[path]
    place = trial.draw.choice([block.start, block.end])
    lines[place:place] = _fresh(lines[block.start : block.end])
    return True


def copy_with_changes(trial: Trial) -> bool:
    """Copy a block to another place, or into a new file, and change lines of the copy."""
    path = _path(trial)
    picked = _chosen(trial, path)
    if picked is None:
        return False
    block, siblings = picked
    lines = trial.head[path]
    copy = _fresh(lines[block.start : block.end])
    for place in trial.draw.sample(range(len(copy)), min(len(copy), trial.draw.randint(1, 3))):
        text = _reworded(trial, copy[place].text)
        # Only a comment was added, or changed: what is found in these lines is a copy all the same.
        says_the_same = text.startswith(copy[place].text) or text.lstrip().startswith("#")
        copy[place] = Line(text, copied=copy[place].copied if says_the_same else None)
    if trial.draw.random() < 0.3 and not block.indent:
        trial.head[_new_path(trial)] = copy
        return True
    place = trial.draw.choice(siblings).end
    lines[place:place] = copy
    return True


def insert_above(trial: Trial) -> bool:
    """Insert lines of another file, or a comment, above a block."""
    path, other = _path(trial), trial.draw.choice(sorted(trial.base))
    picked = _chosen(trial, path, least=1)
    if picked is None:
        return False
    block = picked[0]
    if trial.draw.random() < 0.4:
        comments = trial.draw.sample(range(10**6), trial.draw.randint(1, 9))
        new = [Line(f"{block.indent}# note {number}") for number in comments]
    else:
        source = lines_of(other, trial.base[other])
        pool = [b for all_ in blocks(source) for b in all_ if not b.indent and b.end - b.start < 60]
        if not pool:
            return False
        taken = trial.draw.choice(pool)
        new = [
            replace(x, text=block.indent + x.text if x.text else "")
            for x in _fresh(source[taken.start : taken.end])
        ]
    trial.head[path][block.start : block.start] = new
    return True


def crlf(trial: Trial) -> bool:
    """End the lines of a file as Windows does."""
    path = _path(trial)
    trial.crlf.add(path)
    return True


def split(trial: Trial) -> bool:
    """Move about half of a file's top blocks, in order, to a new file that begins with the same imports."""
    path = _path(trial)
    top = next(iter(blocks(trial.head[path])), [])
    lines = trial.head[path]
    imports = [b for b in top if re.match(r"import |from ", lines[b.start].text)]
    rest = [b for b in top if b not in imports]
    if len(rest) < 4:
        return False
    first = trial.draw.randrange(1, len(rest) - 1)
    moved = rest[first : first + max(1, len(rest) // 2)]
    new = [x for b in imports for x in _fresh(lines[b.start : b.end])]
    new += lines[moved[0].start : moved[-1].end]
    inside = {n for b in imports for n in range(b.start, b.end) if moved[0].start <= n < moved[-1].end}
    if inside:
        return False
    trial.head[_new_path(trial)] = new
    trial.head[path] = lines[: moved[0].start] + lines[moved[-1].end :]
    return True


def join(trial: Trial) -> bool:
    """Append a file to another; it is gone then."""
    if len(trial.head) < 2:
        return False
    first, second = trial.draw.sample(sorted(trial.head), 2)
    if any(line.text.startswith("from __future__") for line in trial.head[second]):
        return False
    trial.head[first] += [Line(""), *trial.head.pop(second)]
    return True


def _reworded(trial: Trial, text: str) -> str:
    """Return `text` with one name in it changed; a comment is added where there is none to change."""
    names = [m for m in _NAME.finditer(text) if m[0] not in _KEPT]
    if not names:
        return f"{text}  # seen {trial.draw.randrange(1000)}" if text and text[-1] not in "\\\"'" else text
    match = trial.draw.choice(names)
    return f"{text[: match.start()]}{match[0]}_{trial.draw.randrange(100)}{text[match.end() :]}"


def edit_line(trial: Trial) -> bool:
    """Change a line that a finding begins in."""
    return _edit(trial, 0)


def edit_neighbour(trial: Trial) -> bool:
    """Change the line above or below one that a finding begins in."""
    return _edit(trial, trial.draw.choice([-1, 1]))


def _edit(trial: Trial, beside: int) -> bool:
    path = _path(trial)
    lines, places = trial.head[path], trial.start_lines(path)
    places = [place + beside for place in places if 0 <= place + beside < len(lines)]
    if not places:
        return False
    place = trial.draw.choice(places)
    new = _reworded(trial, lines[place].text)
    says_the_same = new.startswith(lines[place].text)  # at most a comment was added
    changed, lines[place] = (
        new != lines[place].text,
        replace(lines[place], text=new, edited=lines[place].edited or not says_the_same),
    )
    return changed


EDITS: dict[str, Callable[[Trial], bool]] = {
    edit.__name__: edit
    for edit in (
        move, reindent, rename, duplicate, insert_above, crlf, split, join, edit_line, edit_neighbour,
        copy_with_changes,
    )
}  # fmt: skip


def perform(trial: Trial, name: str) -> bool:
    """Do the edit `name`; nothing happens, and False is returned, when the result would not be Python."""
    before = {path: list(lines) for path, lines in trial.head.items()}, set(trial.crlf)
    done = EDITS[name](trial)
    whole = all(parsed(trial.text(path).replace("\r\n", "\n")) is not None for path in trial.head)
    if done and whole:
        trial.did.append(name)
        return True
    trial.head, trial.crlf = before
    return False
