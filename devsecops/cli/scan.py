"""devsecops scan: the arguments. The work is in `devsecops.cli.scanning`."""

from __future__ import annotations

import argparse

SUMMARY = "Scan a tree and judge it."


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("path", metavar="PATH", nargs="?", default=".", help="a folder or file (default: .)")
    parser.add_argument("--policy", metavar="FILE|REV:PATH", help="the trusted policy")
    parser.add_argument("--head", metavar="REV", help="judge this commit's tree instead of the files on disk")
    parser.add_argument(
        "--base",
        metavar="REV",
        help="judge only the change since REV, by the policy of REV",
    )
    parser.add_argument(
        "--baseline",
        metavar="FILE|REV:PATH",
        help="what is known (default: baseline.json beside the policy)",
    )
    parser.add_argument("--output", metavar="DIR", help="where the verdict and the saved run go")
    parser.add_argument(
        "--report",
        metavar="FORMAT[=PATH]",
        action="append",
        default=[],
        help="also write this format: to the output folder, to PATH, or with =- to stdout; repeat",
    )
    parser.add_argument(
        "--only", metavar="SCANNER", action="append", default=[], help="run only this; repeat"
    )
    parser.add_argument(
        "--skip", metavar="SCANNER", action="append", default=[], help="leave this out; repeat"
    )
    parser.add_argument("--fail-on", metavar="LEVEL", help="critical, high, medium, low, info or none")
    parser.add_argument(
        "--exit-zero", action="store_true", help="exit 0 for a fail; the last line still says it"
    )
    parser.add_argument("--offline", action="store_true", help="build no tool environment, refresh no data")
    parser.add_argument("--as-of", metavar="DATE", help="judge as on this UTC day, YYYY-MM-DD")
    parser.add_argument("-v", "--verbose", action="store_true", help="every finding and every gap")
    parser.add_argument("-q", "--quiet", action="store_true", help="only the last line")
    parser.epilog = "exit: 0 pass, 1 fail, 2 usage or configuration, 3 incomplete, 4 internal error"


def run(args: argparse.Namespace) -> int:
    """Scan, judge, write, show, and return the verdict's exit code."""
    from devsecops.cli.scanning import scan

    return scan(args)
