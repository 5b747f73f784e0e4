"""devsecops tools: build the locked environments of the tools."""

from __future__ import annotations

import argparse

SUMMARY = "Build the locked environments of the tools."


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    sync = verbs.add_parser("sync", help="build what is missing, so that scans need no network")
    sync.add_argument(
        "names",
        metavar="NAME",
        nargs="*",
        help="scanners or their tools (default: all but those switched off)",
    )
    sync.add_argument("--policy", metavar="FILE|REV:PATH", help="the trusted policy; it may name plugins")
    parser.epilog = "exit: 0 all ready, 2 usage, 3 a tool is missing"


def run(args: argparse.Namespace) -> int:
    """Make tools ready; narration goes to stderr, one line for each tool to stdout."""
    import sys

    from devsecops.cli.doctor import installed, surroundings, wanted
    from devsecops.encode import one_line
    from devsecops.errors import UsageError
    from devsecops.policy.parse import nearest
    from devsecops.tools import ToolMissing, sync

    def say(text: str) -> None:
        print(one_line(text), file=sys.stderr, flush=True)

    around = surroundings(args.policy)
    scanners = around.registry.scanners
    specs = {name: s.tool for name, s in sorted(scanners.items()) if s.tool is not None}
    by_tool = {tool.name: tool for tool in specs.values()}
    installing = [name for name, spec in sorted(scanners.items()) if spec.installs]
    for name in args.names:
        if name not in specs and name not in by_tool and name not in installing:
            known = [*specs, *by_tool, *installing]
            raise UsageError(f"tools sync {name}: no such tool; {nearest(name, known)}.")
    names = args.names or [name for name in scanners if wanted(around, name)]
    needed = [tool for name in names if (tool := specs.get(name) or by_tool.get(name)) is not None]
    tools = list({tool.name: tool for tool in needed}.values())
    missing = False
    for tool, got in zip(tools, sync(tools, say=say, exclude=around.root), strict=True):
        if isinstance(got, ToolMissing):
            missing = True
            print(one_line(f"{tool.name}  MISSING: {got.message}; {got.remedy}"))
        else:
            lock = f", lock {got.lock[:12]}" if got.lock else ""
            print(one_line(f"{tool.name} {got.version}  ready ({got.interpreter or got.command}{lock})"))
    for name in sorted(set(names) & set(installing)):
        made = installed(around, name, offline=False, say=say)
        if isinstance(made, ToolMissing):
            missing = True
            print(one_line(f"{name}  MISSING: {made.message}; {made.remedy}"))
        else:
            lock = f", lock {made.lock[:12]}" if made.lock else ""
            print(one_line(f"{made.name} {made.version}  ready ({made.interpreter or made.command}{lock})"))
    return 3 if missing else 0
