"""devsecops dast: what can be said about scanning a service before anything is sent to it."""

from __future__ import annotations

import argparse

from devsecops.cli.scan import target_arguments

SUMMARY = "Check what a scan of a running service would do, without a packet to it."


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    check = verbs.add_parser("check", help="addresses, patterns, document, login, and what ZAP can do")
    check.add_argument("path", metavar="PATH", nargs="?", help="the tree with the document (default: .)")
    check.add_argument("--policy", metavar="FILE|REV:PATH", help="the trusted policy, as for scan")
    check.add_argument("--base", metavar="REV", help="check by the policy of REV, as scan does")
    target_arguments(check)
    parser.epilog = "exit: 0 nothing is wrong, 2 something is"


def run(args: argparse.Namespace) -> int:
    """Show what is fine on stdout, a line each, and what is wrong on stderr; return 0 or 2."""
    import sys

    from devsecops.cli.looking import look
    from devsecops.encode import one_line
    from devsecops.errors import UsageError

    if args.target is None:
        raise UsageError("dast check: name the service: --target URL.")
    wrong = False
    for name, told in look(args):
        for note in told.notes:
            print(one_line(f"{name}: {note}"))
        for error in (*told.errors, *told.unable):
            wrong = True
            print(one_line(f"{name}: WRONG: {error}"), file=sys.stderr)
    return 2 if wrong else 0
