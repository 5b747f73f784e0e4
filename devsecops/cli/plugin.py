"""devsecops plugin: list the plugins, check one, start one."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from devsecops.policy import Policy
    from devsecops.testing.conformance import Check

SUMMARY = "List the plugins, check one, start a new one."


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    verbs.add_parser("list", help="what is loaded, listed and rejected, and why")
    check = verbs.add_parser(
        "check", help="try a plugin with everything that goes wrong, and see that it is never green"
    )
    check.add_argument("name", metavar="NAME", help="an installed plugin, or the path of a Python file")
    check.add_argument(
        "--policy",
        metavar="FILE|REV:PATH",
        help="check it with the options and limits that this policy gives it",
    )
    check.add_argument("--offline", action="store_true", help="never build the environment of a tool")
    check.add_argument("-v", "--verbose", action="store_true", help="say what each check holds the plugin to")
    new = verbs.add_parser("new", help="write a small plugin that passes the check; never overwrites")
    new.add_argument(
        "name", metavar="NAME", help="of the plugin, its scanner and its folder, such as debug-ini"
    )
    new.add_argument(
        "--check", action="store_true", help="with a check of the judged run instead of a scanner"
    )
    new.add_argument("--dir", metavar="DIR", default=".", help="where its folder is made (default: here)")
    parser.epilog = "exit: 0; plugin check 1 when a check fails; 2 usage, or no such plugin"


def run(args: argparse.Namespace) -> int:
    """Run the verb."""
    return {"list": _list, "check": _check, "new": _new}[args.verb](args)


def _list(args: argparse.Namespace) -> int:
    """List the plugins; nothing of a third-party plugin runs."""
    from devsecops.encode import one_line
    from devsecops.registry import discover

    registry = discover()
    for name, spec in sorted(registry.scanners.items()):
        owner = registry.owner[name]
        text = f"scanner  {name}  {spec.kind}  {owner.distribution} {owner.version}".rstrip()
        off = f'  off by default: [scanners.{name}] required = "yes"' if spec.default == "off" else ""
        print(one_line(text + off))
    for name in sorted(registry.reporters):
        owner = registry.owner[f"format:{name}"]
        print(one_line(f"format   {name}  {owner.distribution} {owner.version}".rstrip()))
    for name, owner in sorted(registry.checks.items()):
        print(one_line(f"check    {name}  {owner.distribution} {owner.version}".rstrip()))
    for plugin in registry.listed:
        text = (
            f"listed   {plugin.name}  {plugin.distribution} {plugin.version}: runs only when the policy names"
        )
        print(one_line(f'{text} it: [plugins] allow = ["{plugin.name}"]'))
    for rejected in registry.rejected:
        print(one_line(f"rejected {rejected.name}  {rejected.distribution}: {rejected.message}"))
    return 0


def _check(args: argparse.Namespace) -> int:
    """Run the conformance suite; a line for each check as it ends, the last line says it all."""
    from devsecops.encode import one_line
    from devsecops.findings.redact import redact
    from devsecops.testing.conformance import check

    seen: set[str] = set()

    def say(done: Check) -> None:
        if done.subject not in seen:
            seen.add(done.subject)
            print(one_line(done.subject))
        words = done.promise if done.passed and args.verbose else ""
        words = "; ".join(done.wrong[:3]) if done.wrong else words
        more = f"; and {len(done.wrong) - 3} more" if len(done.wrong) > 3 else ""
        state = "pass" if done.passed else "FAIL"
        print(one_line(redact(f"  {state}  {done.name:<20}  {words}{more}".rstrip())), flush=True)

    done = check(args.name, policy=_policy(args.policy), offline=args.offline, say=say)
    failed = [f"{one.name} ({one.subject})" for one in done if not one.passed]
    if failed:
        print(one_line(f"FAIL: {args.name} fails {len(failed)} of {len(done)} checks: {', '.join(failed)}"))
        return 1
    print(one_line(f"PASS: {args.name} passes {len(done)} checks"))
    return 0


def _policy(option: str | None) -> Policy | None:
    from pathlib import Path

    from devsecops.policy import in_ci, load_policy
    from devsecops.subject import read_at

    if option is None:
        return None
    return load_policy(option=option, tree_root=Path.cwd(), ci=in_ci(), read_at=read_at).policy


def _new(args: argparse.Namespace) -> int:
    """Write a plugin and say what comes next."""
    from pathlib import Path

    from devsecops.cli.plugin_new import check_name, files_of, write
    from devsecops.registry import discover, installed

    registry = discover()
    check_name(args.name, {*registry.scanners, *registry.checks, *(found.name for found in installed())})
    folder = write(args.name, Path(args.dir), check=args.check)
    module = next(name for name in files_of(args.name) if name.endswith(".py"))
    for name in files_of(args.name):
        print(f"wrote {folder / name}")
    print(f"next: devsecops plugin check {folder / module}")
    print(f'then: pip install {folder}, and name it in the policy: [plugins] allow = ["{args.name}"]')
    return 0
