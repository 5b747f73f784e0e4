"""devsecops report: render a saved run again, as it was judged or judged once more."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from devsecops.model import Report
    from devsecops.registry import Registry

SUMMARY = "Render a saved run again, in any format; compare two, or judge one by another policy."


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "run", metavar="RUN", nargs="?", help="output folder of a run (default: the last run of this folder)"
    )
    parser.add_argument(
        "--report",
        metavar="FORMAT[=PATH]",
        action="append",
        default=[],
        help="a format, and where to; without PATH or with - to stdout; repeat for more (default: text)",
    )
    parser.add_argument(
        "--against", metavar="RUN2", help="compare with this run: what it found as well is not new"
    )
    parser.add_argument(
        "--policy", metavar="FILE|REV:PATH", help="judge by this policy; such a verdict is never trusted"
    )
    parser.add_argument(
        "--repo",
        metavar="DIR",
        default=".",
        help="the repository of the runs (default: here)",
    )
    parser.add_argument(
        "--output", metavar="DIR", help="also keep the run as it was judged again; with --against or --policy"
    )
    parser.add_argument("-v", "--verbose", action="store_true", help="every finding and every gap")
    parser.epilog = "exit: the verdict's (0 pass, 1 fail, 3 incomplete); 2 usage; 3 also for a damaged run"


def run(args: argparse.Namespace) -> int:
    """Judge again when asked, render, write, and return the verdict's exit code."""
    import os
    import sys
    from pathlib import Path

    from devsecops.errors import UsageError
    from devsecops.gate import exit_code
    from devsecops.model import View
    from devsecops.output import check_copy
    from devsecops.policy import in_ci
    from devsecops.policy.parse import nearest
    from devsecops.registry import discover
    from devsecops.run import build_report, last_run, read_run

    wanted = [_wanted(text) for text in args.report or ["text"]]
    again = args.against is not None or args.policy is not None
    if sum(path == "-" for _, path in wanted) > 1:
        raise UsageError("Only one format can go to stdout; give the others a PATH.")
    if args.output and not again:
        raise UsageError("--output keeps what is judged again; give --against or --policy with it.")
    for _, path in wanted:
        if path != "-":
            check_copy(Path(path))
    saved = read_run(Path(args.run) if args.run else last_run(Path.cwd()))
    # Never the run's own word for plugins: whoever sent the folder would choose what code runs here.
    registry = discover(() if in_ci() else None)
    for name, _ in wanted:
        if name not in registry.reporters:
            known = sorted(registry.reporters)
            raise UsageError(f"--report {name}: no such format; {nearest(name, known)}.")
    if again:
        from devsecops.cli.regating import judged_again, save

        saved = judged_again(
            saved, other=args.against, policy=args.policy, repo=Path(args.repo), registry=registry
        )
        if args.output:
            saved = save(saved, Path(args.output))
    color = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    statement = saved.verdict.statement
    view = View(verbose=args.verbose, color=color, gate=statement.policy.trusted)
    _deliver(registry, wanted, build_report(saved, view))
    return exit_code(statement)


def _deliver(registry: Registry, wanted: list[tuple[str, str]], report: Report) -> None:
    import sys
    from pathlib import Path

    from devsecops.model import Problem
    from devsecops.output import OutputLost, write_copy
    from devsecops.registry import render

    rendered = render(registry, [name for name, _ in wanted], report)
    lost = ""
    for name, path in wanted:
        data = rendered[name]
        if isinstance(data, Problem):
            lost = f"The format {name} could not be written: {data.message}"
        elif path == "-":
            sys.stdout.flush()
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
        else:
            write_copy(Path(path), data)
    if lost:
        raise OutputLost(lost)


def _wanted(text: str) -> tuple[str, str]:
    name, _, path = text.partition("=")
    return name, path or "-"
