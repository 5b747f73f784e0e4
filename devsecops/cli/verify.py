"""devsecops verify: is this a pass that may be acted on?"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from devsecops.model import Statement
    from devsecops.run import Run

SUMMARY = "Check a saved verdict: exit 0 only for a trusted pass of a commit."


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("run", metavar="RUN", help="output folder of a run, or the verdict.json in it")
    parser.add_argument(
        "--commit", metavar="ID", required=True, help="the full commit id that was to be judged"
    )
    parser.add_argument(
        "--scope", metavar="PREFIX", default="", help="the part of the tree (default: all of it)"
    )
    parser.add_argument(
        "--change", action="store_true", help="accept a verdict on what changed since a base, not on the tree"
    )
    parser.epilog = (
        "exit: 0 a trusted pass of ID; 1 a fail; 2 usage, or RUN cannot be read; "
        "3 incomplete, damaged, untrusted, dirty, or about something else"
    )


def run(args: argparse.Namespace) -> int:
    """Verify, print what was found, and return the exit code."""
    from pathlib import Path

    from devsecops.encode import one_line
    from devsecops.errors import UsageError
    from devsecops.run import DamagedRun, read_run, verify_files

    commit = args.commit.lower()
    if len(commit) not in (40, 64) or set(commit) - set("0123456789abcdef"):
        raise UsageError(f"--commit {one_line(args.commit)}: give the full commit id (git rev-parse HEAD).")
    try:
        saved = read_run(Path(args.run))
        verify_files(Path(args.run), saved)
    except DamagedRun as error:
        print(f"NOT VERIFIED: {one_line(str(error))}")
        return 3
    statement = saved.verdict.statement
    doubts = objections(saved, commit, args.scope.strip("/"), change=args.change)
    for doubt in doubts:
        print(f"  {one_line(doubt)}")
    if statement.verdict == "fail":
        print(f"NOT VERIFIED: {one_line(statement.cause)}")
        return 1
    if doubts:
        print(f"NOT VERIFIED: {one_line(doubts[0])}")
        return 3
    print(f"VERIFIED {commit}: {one_line(statement.cause)}")
    return 0


def objections(saved: Run, commit: str, scope: str, *, change: bool = False) -> list[str]:
    """Return every reason not to act on a verdict as a trusted pass of `commit`.

    With `change` one on what changed since a base will do.
    """
    from devsecops.gate import exit_code
    from devsecops.gate.outcome import outcome_of

    statement = saved.verdict.statement
    out = _about_something_else(statement, commit, scope)
    if statement.against is not None and not change:
        out.append(f"it does not judge the whole tree: it was compared with {statement.against} (--change)")
    if not statement.policy.trusted:
        out.append(f"the policy is not trusted: it came from {statement.policy.source}")
    if statement.left_out:
        out.append(f"scanners were left out: {', '.join(statement.left_out)}")
    if statement.part is not None:
        out.append(f"it is part {statement.part.k} of {statement.part.n} only")
    if statement.verdict != "pass" or exit_code(statement) != 0:
        out.append(statement.cause)
    elif outcome_of(statement.reasons) != "pass":
        out.append("it says pass and gives reasons against it")
    elif statement.ledger is None or statement.sarif is None:
        out.append("it says pass without a ledger or results")
    return out


def _about_something_else(statement: Statement, commit: str, scope: str) -> list[str]:
    from devsecops.model import Image, Source

    out = []
    if not any(isinstance(part, Source | Image) for part in statement.subject):
        out.append("it is not about a commit")
    for part in statement.subject:
        if isinstance(part, Source):
            if part.head != commit:
                out.append(f"it is about commit {part.head or 'none'}, not {commit}")
            if part.dirty:
                out.append("the tree that was judged differs from its commit")
            if part.scope.strip("/") != scope:
                out.append(f"it is about {part.scope or 'the whole tree'}, not {scope or 'the whole tree'}")
        elif isinstance(part, Image) and part.commit != commit:
            out.append(f"the image is of commit {part.commit or 'none'}, not {commit}")
    return out
