"""Small changes through everything between engine and verdict, with a scanner in process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import strategies as st

from devsecops.change import Change
from devsecops.comparing import as_before, compare
from devsecops.contract import Canary, Reads, Spec
from devsecops.gate import Judgement, judge
from devsecops.guard import watch
from devsecops.model import Control, Cover, Finding, ScanResult, Source, Unit
from devsecops.policy import default_policy
from devsecops.subject import Tree
from devsecops.subject.ledger import Assignment, assign, close_ledger, sort_ledger
from devsecops.testing.engine import Held
from tests.findings import changes
from tests.gate.worlds import TODAY, TRUSTED

Files = Mapping[str, str]
BROKEN = "BROKEN"
"""A file that begins so cannot be read by the scanner."""
SPEC = Spec(
    name=changes.SCANNER,
    kind="sast",
    reads=Reads(suffixes=(".py",)),
    strips=(".scanner",),
    controls=(Canary(label="x", files={}, expects=()),),
)
BLOCKS = (
    f"{changes.FLAW}a)",
    f"{changes.FLAW}b)",
    f"def f(x):\n    y = x + 1\n    z = {changes.FLAW}y)\n    return z",
    "x = 1",
    "def g(y):\n    return y * 2",
    "import os",
    "",
)
TEXTS = st.one_of(
    st.lists(st.sampled_from(BLOCKS), max_size=5).map("\n".join),
    st.sampled_from(BLOCKS).map(lambda block: f"{BROKEN}\n{block}"),
)
PATHS = ("a.py", "b.py", "d/c.py", "d/e.txt", ".devsecops/policy.toml", "devsecops.toml", ".scanner")
TREES = st.dictionaries(st.sampled_from(PATHS), TEXTS, max_size=5)


def tree(files: Files) -> Tree:
    """Return a tree that is held in memory."""
    held = Held(files)
    return Tree(part=Source(tree="dir:0"), root=Path("/"), in_git=False, listed=held.listed(), content=held)


def change(base: Files, head: Files) -> Change:
    """Return what git would say: a file that is gone and is there again under another name was renamed."""
    gone = sorted(base.keys() - head.keys())
    renamed: dict[str, str] = {}
    for path in sorted(head.keys() - base.keys()):
        old = next((one for one in gone if base[one] == head[path] and base[one].strip()), None)
        if old is not None:
            gone.remove(old)
            renamed[old] = path
    return changes.change(base, head, renamed)


@dataclass(frozen=True)
class Side:
    """One tree, who looks at what of it, and what was said."""

    files: Files
    change: Change | None
    tree: Tree = field(init=False)
    assignment: Assignment = field(init=False)
    result: ScanResult = field(init=False)
    ledger: tuple[Cover, ...] = field(init=False)

    def __post_init__(self) -> None:
        made = tree(self.files)
        paths = self.change.paths if self.change is not None else None
        given = assign(made, [SPEC], (), paths)
        result = scan(self.files, given)
        for name, value in (
            ("tree", made),
            ("assignment", given),
            ("result", result),
            ("ledger", close_ledger(given, [result], (), TODAY)),
        ):
            object.__setattr__(self, name, value)


def scan(files: Files, given: Assignment) -> ScanResult:
    """Look at what was assigned."""
    paths = [entry.path for entry in given.units[SPEC.name]]
    broken = {path for path in paths if files[path].startswith(BROKEN)}
    rows = [
        Cover(
            unit=Unit(kind="file", id=path),
            scanner=SPEC.name,
            state="failed" if path in broken else "scanned",
            why="syntax-error" if path in broken else "",
        )
        for path in paths
    ]
    return ScanResult(
        scanner=SPEC.name,
        kind="sast",
        status="not-applicable" if not paths else "partial" if broken else "complete",
        control=Control(kind="canary", found=True) if paths else None,
        findings=changes.findings({path: files[path] for path in paths if path not in broken}),
        cover=tuple(rows),
    )


@dataclass(frozen=True)
class Answer:
    """The verdict about a change, and what became of each finding: (path, line) -> state."""

    judgement: Judgement
    findings: tuple[Finding, ...]

    @property
    def states(self) -> list[tuple[str, int, str]]:
        """Return path, line and state of each finding, sorted."""
        states = {one.finding: one.state for one in self.judgement.judged}
        out = []
        for one in self.findings:
            path, line = changes.where(one)
            out.append((path, line, states[one.id]))
        return sorted(out)

    @property
    def reasons(self) -> set[tuple[str, str | None, str | None]]:
        """Return code, severity and scanner of each reason."""
        return {(one.code, one.severity, one.scanner) for one in self.judgement.statement.reasons}


def judged(base: Files, head: Files, *, whole: bool = False) -> Answer:
    """Judge a change as `scan --base` does; with `whole` both trees are looked at whole."""
    differs = change(base, head)
    theirs, ours = (Side(files, None if whole else differs) for files in (base, head))
    found = compare(
        [theirs.result], [ours.result],
        change=differs, ledger=ours.ledger, before=theirs.tree, after=ours.tree,
    )  # fmt: skip
    ledger = as_before(ours.ledger, theirs.ledger, differs.paths, ours.assignment.known)
    results = list(found.results)
    watched = watch(differs, default_policy(), TRUSTED.source, [SPEC], ours.assignment.known)
    if watched is not None:
        results.append(watched.result)
        ledger = sort_ledger([*ledger, *watched.rows])
    judgement = judge(
        subject=(Source(tree="dir:0"),),
        results=results,
        ledger=ledger,
        policy=default_policy(),
        in_force=TRUSTED,
        today=TODAY,
        kinds={SPEC.name: "sast"},
        standings=found.standings,
    )
    return Answer(judgement, found.results[0].findings)
