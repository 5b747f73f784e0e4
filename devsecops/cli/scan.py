"""devsecops scan: the arguments. The work is in `devsecops.cli.scanning`."""

from __future__ import annotations

import argparse
from typing import Any

SUMMARY = "Scan a tree and judge it."


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "path", metavar="PATH", nargs="?", help="a folder or file (default: . unless there is a --target)"
    )
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
    target_arguments(parser)
    parser.add_argument("-v", "--verbose", action="store_true", help="every finding and every gap")
    parser.add_argument("-q", "--quiet", action="store_true", help="only the last line")
    parser.epilog = "exit: 0 pass, 1 fail, 2 usage or configuration, 3 incomplete, 4 internal error"


class Once(argparse.Action):
    """An option that is not given twice: the last one would count, and nobody would hear of the others."""

    def __call__(self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, *given: Any) -> None:
        """Take it. Raises ArgumentError for a second one."""
        if getattr(namespace, self.dest) is not None:
            raise argparse.ArgumentError(self, "give it once: a run judges one service")
        setattr(namespace, self.dest, given[0])


def target_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments about a running service."""
    group = parser.add_argument_group("a running service")
    group.add_argument(
        "--target", metavar="URL", action=Once, help="also judge this service; without PATH it alone"
    )
    group.add_argument("--openapi", metavar="FILE|URL", help="the OpenAPI document of its operations")
    group.add_argument(
        "--active", action="store_true", help="also attack it; the policy must list it as attackable"
    )
    group.add_argument("--budget", metavar="TIME", help="for all phases together: 90s, 10m, 1h")
    group.add_argument("--auth", metavar="NAME", help="log in by this login of the policy")
    group.add_argument("--wait", metavar="TIME", help="wait so long for it to answer")
    group.add_argument(
        "--expect-version", metavar="WHERE=VERSION", help="a header or a JSON pointer, and what it must say"
    )
    group.add_argument("--zap", metavar="URL|FOLDER", help="a running or an installed ZAP (in a shell)")
    group.add_argument("--zap-key", metavar="REF", help="the key of a running one: env:NAME or file:PATH")


def run(args: argparse.Namespace) -> int:
    """Scan, judge, write, show, and return the verdict's exit code."""
    from devsecops.cli.scanning import scan

    return scan(args)
