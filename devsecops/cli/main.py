"""The command line's edge: finds the command, and turns every error into one line and a documented code."""

from __future__ import annotations

import argparse
import gc
import sys
from importlib import import_module

COMMANDS = {
    "scan": "Scan a tree and judge it.",
    "explain": "Explain a rule, a finding, or the coverage of the last run.",
    "waive": "Accept a finding until a day: write it into the file of waivers.",
    "report": "Render a saved run again, in any format; compare two, or judge one by another policy.",
    "baseline": "Write what a run found into a baseline file.",
    "verify": "Check a saved verdict: exit 0 only for a trusted pass of a commit.",
    "init": "Write a policy, an ignore line and a buildspec; never overwrites.",
    "doctor": "Show tools, plugins, data and the policy in force.",
    "tools": "Build the locked environments of the tools.",
    "dast": "Check what a scan of a running service would do, without a packet to it.",
    "advisories": "Replace the advisory data that dependencies are judged by.",
    "plugin": "List the plugins, check one, start a new one.",
}
"""name -> summary; equal to each module's own, which a test holds. No module is imported for the help."""


def parser(command: str | None = None) -> argparse.ArgumentParser:
    """Return the parser; only the named command's arguments are filled in (None: of all)."""
    top = argparse.ArgumentParser(
        prog="devsecops",
        description="A security gate that cannot lie: pass, fail or incomplete, and why.",
        epilog="exit: 0 pass, 1 fail, 2 usage or configuration, 3 incomplete, 4 internal error",
    )
    top.add_argument("--version", action="store_true", help="print the version and exit")
    commands = top.add_subparsers(dest="command", metavar="COMMAND")
    for name, summary in COMMANDS.items():
        sub = commands.add_parser(name, help=summary, description=summary)
        if command in (name, None):
            import_module(f"devsecops.cli.{name}").arguments(sub)
    return top


def main(argv: list[str]) -> int:
    """Run one command and return its exit code."""
    named = next((word for word in argv if not word.startswith("-")), "")
    args = parser(named).parse_args(argv)
    if args.version:
        from devsecops import __version__

        print(f"devsecops {__version__}")
        return 0
    if not args.command:
        parser("").print_help()
        return 2
    from devsecops.errors import DevsecopsError

    try:
        return int(import_module(f"devsecops.cli.{args.command}").run(args))
    except DevsecopsError as error:
        from devsecops.encode import one_line
        from devsecops.findings.redact import redact

        label = {2: "usage", 3: "INCOMPLETE"}.get(error.exit_code, "error")
        print(f"devsecops: {label}: {one_line(redact(str(error)))}", file=sys.stderr)
        return error.exit_code


def entry() -> None:
    """The console script. An uncaught exception is 4, never 1; an interrupt is 3."""
    # A run makes values and keeps them: what the collector looks through again and again is all alive.
    gc.set_threshold(50_000, 20, 100)
    try:
        code = main(sys.argv[1:])
        sys.stdout.flush()
    except KeyboardInterrupt:
        print("devsecops: INCOMPLETE: interrupted", file=sys.stderr)
        code = 3
    except BrokenPipeError:
        # The reader went away; Python would complain once more when it closes stdout.
        import os

        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        code = 3
    except Exception as error:  # noqa: BLE001 - the edge: an error of ours must not look like a verdict
        code = 4
        _tell(error)
    sys.exit(code)


def _tell(error: Exception) -> None:
    """Say where an internal error happened, without the text of any tree or tool in it."""
    import traceback

    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}"
    print(
        f"devsecops: internal error: {type(error).__name__} at {place} in {frame.name}; "
        "no verdict was reached. Please report it.",
        file=sys.stderr,
    )
