"""What scanners of running services have to say before anything is sent: `devsecops dast check`."""

from __future__ import annotations

import argparse
import datetime
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from devsecops.cli.targeting import answers, given, question
from devsecops.engine.scan import options_of
from devsecops.installing import make_ready
from devsecops.policy import Loaded, at_hand, check_scanners, in_ci, load_policy
from devsecops.registry import Registry, discover
from devsecops.remote import Checked
from devsecops.subject import no_tree, open_tree, read_at
from devsecops.tools import ToolMissing


def look(args: argparse.Namespace) -> list[tuple[str, Checked]]:
    """Return what each scanner of running services has to say of what is asked, as `scan` would ask it.

    Raises:
        UsageError, IncompleteError: as `scan` does.
    """
    tree = no_tree(Path.cwd()) if args.path is None else open_tree(Path(args.path), commit=in_ci())
    try:
        loaded = load_policy(
            option=args.policy or os.environ.get("DEVSECOPS_POLICY") or None,
            base=args.base, tree_root=tree.root, ci=in_ci(), read_at=read_at,
        )  # fmt: skip
        policy = loaded.policy
        allow = None if not in_ci() and not loaded.in_a_file else policy.plugins.allow
        registry = discover(allow, policy.plugins.files, at_hand(policy.tool))
        known = {name: spec.options for name, spec in registry.scanners.items()}
        check_scanners(policy, known, loaded.in_force.source, registry.taken)
        today = datetime.datetime.now(datetime.UTC).date().isoformat()
        asked, secrets = question(args, loaded, tree), given(args, loaded)
        return [
            (name, _with_program(told, name, registry, loaded, asked))
            for name, told in answers(registry, loaded, tree, today, asked, secrets)
        ]
    finally:
        tree.close()


def _with_program(
    told: Checked, name: str, registry: Registry, loaded: Loaded, asked: Mapping[str, Any]
) -> Checked:
    """Add whether what the scanner installs is there. Nothing is fetched."""
    spec = registry.scanners[name]
    if not spec.installs or told.errors:
        return told
    try:
        options = {**options_of(spec, loaded.policy), **asked}
        made = make_ready(registry, name, options, offline=True, say=lambda _: None)
    except ToolMissing as missing:
        run = "run " if missing.remedy.startswith("devsecops ") else ""
        error = f"what {name} drives is missing: {missing.message}; {run}{missing.remedy}."
        return msgspec.structs.replace(told, errors=(error,))
    what = f"{made.name} {made.version}".rstrip()
    note = f"{what} is ready ({made.interpreter or made.command})."
    return msgspec.structs.replace(told, notes=(*told.notes, note, *made.notes))
