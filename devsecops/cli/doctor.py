"""devsecops doctor: tools, plugins, data and the policy in force, and where each value comes from."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from devsecops.contract import Installed
    from devsecops.model import Data
    from devsecops.policy import Loaded, Policy, PolicyText
    from devsecops.registry import Registry
    from devsecops.tools import ToolMissing

SUMMARY = "Show tools, plugins, data and the policy in force."


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("--json", action="store_true", help="the same as JSON")
    parser.add_argument("--policy", metavar="FILE|REV:PATH", help="the trusted policy, as for scan")
    parser.epilog = "exit: 0; 2 usage or configuration; 3 a required tool is missing or a plugin is rejected"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a scan of the working folder would be judged by. `tightened` names the keys that its
    devsecops.toml made stricter; `policy` is the result.
    """

    root: Path
    loaded: Loaded
    policy: Policy
    tightened: frozenset[str]
    registry: Registry


def surroundings(option: str | None) -> Surroundings:
    """Return what `scan` would find here. Raises UsageError or IncompleteError as `scan` does."""
    import os
    from pathlib import Path

    from devsecops.config import read_config, tighten
    from devsecops.policy import at_hand, check_scanners, in_ci, load_policy
    from devsecops.registry import discover
    from devsecops.subject import open_tree, read_at

    ci = in_ci()
    tree = open_tree(Path(), commit=ci)
    try:
        loaded = load_policy(
            option=option or os.environ.get("DEVSECOPS_POLICY") or None,
            tree_root=tree.root,
            ci=ci,
            read_at=read_at,
        )
        policy = tighten(loaded.policy, read_config(tree.read("devsecops.toml")))
    finally:
        tree.close()
    before = dict(values_of(loaded.policy))
    tightened = frozenset(key for key, value in values_of(policy) if before.get(key) != value)
    allow = None if not ci and not loaded.in_a_file else policy.plugins.allow
    registry = discover(allow, policy.plugins.files, at_hand(policy.tool))
    known = {name: spec.options for name, spec in registry.scanners.items()}
    check_scanners(policy, known, loaded.in_force.source, registry.taken)
    return Surroundings(
        tree.root, loaded, policy.switching_off(registry.off_by_default()), tightened, registry
    )


def run(args: argparse.Namespace) -> int:
    """Look, show, and return 0 or 3."""
    import json

    around = surroundings(args.policy)
    seen: dict[str, Any] = {
        "schema": "devsecops.doctor/1",
        "tools": list(tools(around)),
        "plugins": list(plugins(around.registry)),
        "data": list(data(around.registry)),
        "policy": policy_of(around),
    }
    if args.json:
        print(json.dumps(seen, indent=2, sort_keys=True))
    else:
        _show(seen)
    lost = any(tool["required"] and not tool["ready"] for tool in seen["tools"])
    return 3 if lost or around.registry.rejected else 0


def wanted(around: Surroundings, scanner: str) -> bool:
    """Return whether a scan of here would use it; one of running services when the policy lists some."""
    used = around.registry.scanners[scanner].unit != "remote" or bool(around.policy.dast)
    return used and around.policy.required(scanner) != "off"


def installed(
    around: Surroundings, scanner: str, *, offline: bool, say: Callable[[str], None]
) -> Installed | ToolMissing:
    """Return what a scanner installs itself (`Spec.installs`), or why it is missing."""
    from devsecops.cli.beside import about
    from devsecops.engine.scan import options_of
    from devsecops.installing import make_ready
    from devsecops.tools import ToolMissing

    options = options_of(around.registry.scanners[scanner], around.policy) | {"policy": about(around.loaded)}
    try:
        return make_ready(around.registry, scanner, options, offline=offline, say=say, exclude=around.root)
    except ToolMissing as missing:
        return missing


def tools(around: Surroundings) -> Iterator[dict[str, Any]]:
    """Yield each scanner's tools: ready, with what they are, or missing, with why. Builds nothing."""
    from devsecops.tools import ToolMissing, ready

    for name, spec in sorted(around.registry.scanners.items()):
        required = wanted(around, name)
        if spec.installs:
            row: dict[str, Any] = {"scanner": name, "name": name, "required": required}
            got = installed(around, name, offline=True, say=_nothing)
            if isinstance(got, ToolMissing):
                yield row | {"ready": False, "message": got.message, "remedy": got.remedy}
            else:
                facts = {"version": got.version, "lock": got.lock, "interpreter": got.interpreter or None}
                yield (
                    row
                    | {"name": got.name, "ready": True, "command": got.command, **facts}
                    | {"notes": list(got.notes)}
                )
        if spec.tool is None:
            continue
        row = {"scanner": name, "name": spec.tool.name, "required": required}
        try:
            tool = ready(spec.tool, offline=True, say=_nothing, exclude=around.root)
        except ToolMissing as missing:
            yield row | {"ready": False, "message": missing.message, "remedy": missing.remedy}
        else:
            facts = {"version": tool.version, "lock": tool.lock, "interpreter": tool.interpreter}
            yield row | {"ready": True, "command": tool.command, **facts}


def plugins(registry: Registry) -> Iterator[dict[str, Any]]:
    """Yield the plugins: loaded with what they gave, listed only, or rejected with the reason."""
    gave: dict[str, dict[str, Any]] = {}
    things = [
        *sorted(registry.owner.items()),
        *((f"check:{n}", p) for n, p in sorted(registry.checks.items())),
    ]
    for key, owner in things:
        base = {"name": owner.name, "distribution": owner.distribution, "version": owner.version}
        empty: dict[str, Any] = {"state": "loaded", "scanners": [], "formats": [], "checks": []}
        row = gave.setdefault(owner.target, base | empty)
        kind, colon, name = key.partition(":")
        row[f"{kind}s" if colon else "scanners"].append(name if colon else kind)
    yield from gave.values()
    for found in registry.listed:
        base = {"name": found.name, "distribution": found.distribution, "version": found.version}
        yield base | {"state": "listed", "message": "it runs only when the policy names it"}
    for no in registry.rejected:
        yield {"name": no.name, "distribution": no.distribution, "state": "rejected", "message": no.message}


def data(registry: Registry) -> Iterator[dict[str, Any]]:
    """Yield what data scanners judge by: its day and digest, or what is wrong with it."""
    from devsecops.registry import data_of

    for name in sorted(name for name, spec in registry.scanners.items() if spec.data):
        try:
            yield {"scanner": name, **_data(data_of(registry, name))}
        except ValueError as error:
            yield {"scanner": name, **_data(str(error))}


def _data(answer: Data | str | None) -> dict[str, Any]:
    if answer is None:
        return {"date": None, "digest": None, "message": "there is none that can be read"}
    if isinstance(answer, str):
        return {"date": None, "digest": None, "message": answer}
    return {"date": answer.date, "digest": answer.digest}


def policy_of(around: Surroundings) -> dict[str, Any]:
    """Return the policy in force, each value with its origin."""
    in_force = around.loaded.in_force
    written = _written(around.loaded.files)
    before = dict(values_of(around.loaded.policy))
    values = []
    for key, value in values_of(around.policy):
        if key in around.tightened:
            origin = "devsecops.toml"
        elif sources := _sources(key, written):
            origin = ", ".join(sources)
        elif key not in before:
            origin = "the scanner's default"
        else:
            origin = f"preset {around.policy.preset}"
        values.append({"key": key, "value": value, "origin": origin})
    return {
        "name": in_force.name,
        "source": in_force.source,
        "trusted": in_force.trusted,
        "sha256": in_force.sha256,
        "values": values,
    }


def _written(files: Sequence[PolicyText]) -> list[tuple[str, str]]:
    """Return (key, file) for every key that a file of the policy sets and that counts, in their order."""
    import tomllib

    from devsecops.policy.file import TABLES

    out: list[tuple[str, str]] = []
    for source, text in files:
        for key in _keys(tomllib.loads(text)):
            # Arrays of tables append; of other keys the last file has the word.
            out = [one for one in out if one[0] != key or key in TABLES]
            out.append((key, source))
    return out


def _sources(key: str, written: Sequence[tuple[str, str]]) -> list[str]:
    """Return the files that a value comes from: those that set it, else those that set a part of it."""
    near = [source for one, source in written if key.startswith(f"{one}.") or one.startswith(f"{key}.")]
    return list(dict.fromkeys([source for one, source in written if one == key] or near))


def values_of(policy: Policy) -> Iterator[tuple[str, Any]]:
    """Yield every value of a policy under the key that a policy file writes it with."""
    import msgspec

    def walk(table: dict[str, Any], at: str) -> Iterator[tuple[str, Any]]:
        for name, value in table.items():
            key = at if at.startswith("scanners.") and name == "options" else f"{at}.{name}".lstrip(".")
            if isinstance(value, dict):
                yield from walk(value, key)
            elif value is not None:
                yield key, value

    yield from walk(msgspec.to_builtins(policy), "")


def _keys(table: dict[str, Any], at: str = "") -> Iterator[str]:
    for name, value in table.items():
        key = f"{at}.{name}".lstrip(".")
        if isinstance(value, dict) and value:
            yield from _keys(value, key)
        else:
            yield key


def _nothing(text: str) -> None:
    """Say nothing: doctor builds nothing."""


def _show(seen: dict[str, Any]) -> None:
    import json

    from devsecops.encode import one_line

    print("Tools")
    for tool in seen["tools"]:
        need = "" if tool["required"] else " (switched off)"
        if tool["ready"]:
            lock = f", lock {tool['lock'][:12]}" if tool["lock"] else ""
            what = f"{tool['version']} ready ({tool['interpreter'] or tool['command']}{lock})"
        else:
            what = f"MISSING: {tool['message']}; {tool['remedy']}"
        print(one_line(f"  {tool['scanner']}: {tool['name']} {what}{need}"))
        for note in tool.get("notes", []):
            print(one_line(f"    {note}"))
    print("Plugins")
    for plugin in seen["plugins"]:
        names = [name for kind in ("scanners", "formats", "checks") for name in plugin.get(kind, [])]
        gave = ", ".join(names) or plugin.get("message", "")
        who = f"{plugin['distribution']} {plugin.get('version', '')}".strip()
        print(one_line(f"  {plugin['name']} ({who}) {plugin['state']}: {gave}"))
    print("Data")
    for row in seen["data"]:
        what = f"{row['date']}, sha256 {row['digest'][:12]}" if row["digest"] else f"NONE: {row['message']}"
        print(one_line(f"  {row['scanner']}: {what}"))
    policy = seen["policy"]
    trust = "trusted" if policy["trusted"] else "not trusted"
    print(
        one_line(f"Policy {policy['name']} from {policy['source']} ({trust}, sha256 {policy['sha256'][:12]})")
    )
    for value in policy["values"]:
        print(one_line(f"  {value['key']} = {json.dumps(value['value'])}  ({value['origin']})"))
