"""A change of texts as values, by an implementation that is not git's; findings as a tool would make them."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from devsecops.change import Change, FileChange, Hunk
from devsecops.findings.complete import SourceText, complete
from devsecops.findings.identity import name_findings
from devsecops.model import File, Finding, Kind, Region, RuleRef

FLAW = "eval("
SCANNER = "tool"


def hunks(base: list[str], head: list[str]) -> tuple[Hunk, ...]:
    """As ``git diff -U0`` would say, line by line."""
    matcher = difflib.SequenceMatcher(None, base, head, autojunk=False)
    return tuple(
        Hunk(
            base_start=a + 1 if b > a else a,
            base_count=b - a,
            head_start=c + 1 if d > c else c,
            head_count=d - c,
        )
        for tag, a, b, c, d in matcher.get_opcodes()
        if tag != "equal"
    )


def change(
    base: Mapping[str, str], head: Mapping[str, str], renamed: Mapping[str, str] | None = None
) -> Change:
    """What differs between two trees. `renamed`: old path -> new path of what git would call a rename."""
    names = dict(renamed or {}) | {path: path for path in base.keys() & head.keys()}
    files = [
        FileChange(base=old, head=new, hunks=hunks(base[old].split("\n"), head[new].split("\n")))
        for old, new in names.items()
        if old != new or base[old] != head[new]
    ]
    files += [FileChange(base=path, head=None) for path in base.keys() - names.keys()]
    files += [FileChange(base=None, head=path) for path in head.keys() - set(names.values())]
    return Change(
        base="base", head="head", files=tuple(sorted(files, key=lambda f: (f.head or "", f.base or "")))
    )


def findings(tree: Mapping[str, str], kind: Kind = "sast", key: bytes = b"") -> tuple[Finding, ...]:
    """A finding for each line with a flaw, completed and named."""
    done = []
    for path, text in tree.items():
        source = SourceText(text)
        for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
            if FLAW in line:
                region = Region(start_line=number, start_column=line.index(FLAW) + 1, end_line=number)
                one = Finding(
                    scanner=SCANNER,
                    rule=RuleRef(tool="tool", id="R1"),
                    kind=kind,
                    severity="high",
                    message="eval",
                    location=File(path=path, region=region),
                )
                done.append(complete(one, source, key))
    return name_findings(done)


def where(finding: Finding) -> tuple[str, int]:
    """Return path and line of a finding that `findings` made."""
    assert isinstance(finding.location, File)
    assert finding.location.region is not None
    return finding.location.path, finding.location.region.start_line
