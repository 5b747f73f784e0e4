"""devsecops plugin: list the plugins."""

from __future__ import annotations

import argparse

SUMMARY = "List the plugins."


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    verbs.add_parser("list", help="what is loaded, listed and rejected, and why")


def run(args: argparse.Namespace) -> int:
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
    for plugin in registry.listed:
        text = (
            f"listed   {plugin.name}  {plugin.distribution} {plugin.version}: runs only when the policy names"
        )
        print(one_line(f'{text} it: [plugins] allow = ["{plugin.name}"]'))
    for rejected in registry.rejected:
        print(one_line(f"rejected {rejected.name}  {rejected.distribution}: {rejected.message}"))
    return 0
