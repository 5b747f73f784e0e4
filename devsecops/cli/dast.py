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
    """Show what is fine on stdout and what is wrong on stderr; the last line says it all. Return 0 or 2."""
    import sys

    from devsecops.cli.looking import look
    from devsecops.encode import one_line
    from devsecops.errors import UsageError

    if args.target is None:
        raise UsageError("dast check: name the service: --target URL.")
    seen = look(args)
    wrong = [(name, error) for name, told in seen for error in (*told.errors, *told.unable)]
    for name, told in seen:
        for note in told.notes:
            print(one_line(f"{name}: {note}"))
    sys.stdout.flush()
    for name, error in wrong:
        what, _, remedy = error.partition("; ")
        print(one_line(f"{name}: WRONG: {what.rstrip('.')}."), file=sys.stderr)
        if remedy:
            print(one_line(f"  What to do: {remedy}"), file=sys.stderr)
    if wrong:
        many = "1 thing is" if len(wrong) == 1 else f"{len(wrong)} things are"
        print(f"WRONG: {many} to be corrected; nothing was sent to the target.", file=sys.stderr)
        return 2
    targets = dict.fromkeys(told.target.alias for _, told in seen if told.target is not None)
    names = ", ".join(name for name, _ in seen)
    what = ", ".join(targets) or args.target
    print(one_line(f"OK: {names} can scan {what}; nothing was sent to it."))
    return 0
