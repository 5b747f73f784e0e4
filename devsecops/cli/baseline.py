"""devsecops baseline: write down what is known of a tree; later runs are judged by what came since."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from devsecops.findings.baseline import Baseline
    from devsecops.model import ReasonCode
    from devsecops.run import Run

SUMMARY = "Write what a run found into a baseline file."
PLACE = ".devsecops/baseline.json"
_UNFINISHED: frozenset[ReasonCode] = frozenset({
    "scanner-missing", "scanner-failed", "self-test-failed", "plugin-rejected", "base-missing", "interrupted",
    "output-lost", "shard-missing", "outside-target", "phase-unfinished", "version-mismatch",
})  # fmt: skip
"""Reasons of a run that did not look at all it meant to: its gaps are no gaps of the tree."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    write = verbs.add_parser("write", help="write the findings and the coverage gaps of a finished run")
    write.add_argument(
        "run", metavar="RUN", nargs="?", help="output folder of a run (default: the last run of this folder)"
    )
    write.add_argument("--output", metavar="FILE", help=f"where to (default: {PLACE} of the tree you are in)")
    write.add_argument(
        "--force",
        action="store_true",
        help="also from a run that left scanners out, or of a tree that is not the one of a commit",
    )
    parser.epilog = "exit: 0 written; 2 usage, or a run that no baseline can be made from; 3 a damaged run"


def run(args: argparse.Namespace) -> int:
    """Write the file and say what is in it."""
    from pathlib import Path

    from devsecops.encode import one_line
    from devsecops.errors import UsageError
    from devsecops.findings.baseline import baseline_bytes
    from devsecops.output import check_copy, make_folder, write_copy
    from devsecops.run import last_run, read_run, root_of

    saved = read_run(Path(args.run) if args.run else last_run(Path.cwd()))
    for doubt, final in doubts(saved):
        if final or not args.force:
            rest = "" if final else "; or give --force"
            raise UsageError(f"No baseline can be made from this run: {doubt}{rest}.")
    path = Path(args.output) if args.output else root_of(Path.cwd()) / PLACE
    if not args.output:
        make_folder(path.parent)
    check_copy(path)
    made = baseline_of(saved)
    write_copy(path, baseline_bytes(made))
    print(one_line(f"{path}: {_told(made)}"))
    return 0


def baseline_of(saved: Run) -> Baseline:
    """Return the baseline of a saved run."""
    from devsecops.findings.baseline import make_baseline

    return make_baseline(saved.verdict.statement, saved.verdict.digest, saved.results, saved.ledger)


def doubts(saved: Run) -> Iterator[tuple[str, bool]]:
    """Yield what speaks against a baseline of a run, and whether ``--force`` cannot help.

    A baseline lets its findings and its gaps pass in files that do not change. So a gap must be one of the
    tree, not one that a scanner left because it broke.
    """
    from devsecops.model import Source

    statement = saved.verdict.statement
    if statement.ledger is None:
        yield "it did not get to its end; scan again", True
        return
    for reason in (*statement.reasons, *statement.warnings):
        if reason.code in _UNFINISHED:
            who = f"{reason.scanner}: " if reason.scanner else ""
            yield f"{who}{reason.message.rstrip('.')}; repair that and scan again", True
    if any(row.state == "same-as-base" and not row.was for row in saved.ledger):
        yield "it judged a change only; scan the whole tree, without --base", True
    if statement.part is not None:
        yield f"it is part {statement.part.k} of {statement.part.n} only", True
    if statement.left_out:
        yield f"it left out {', '.join(statement.left_out)}, whose findings will all be new", False
    for part in statement.subject:
        if isinstance(part, Source) and part.dirty:
            yield "its tree differs from the commit; commit first, or scan with --head HEAD", False


def _told(made: Baseline) -> str:
    from devsecops.gate.coverage import number

    source = made.source
    of = f" of commit {source.head[:12]}" if source is not None and source.head and not source.dirty else ""
    what = f"{number(len(made.findings), 'finding')} and {number(len(made.gaps), 'coverage gap')}{of}"
    return f"{what}; commit it on the branch that changes are judged against"
