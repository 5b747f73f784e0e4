"""A running service as a subject: which scanners look at it, what they are asked, and whether they may."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from devsecops.cli.beside import about
from devsecops.engine.scan import options_of
from devsecops.engine.settings import check_settings
from devsecops.errors import UsageError
from devsecops.model import Target
from devsecops.policy import Loaded
from devsecops.registry import Registry
from devsecops.remote import Asked, Checked
from devsecops.subject import Tree

_DURATION = re.compile(r"([1-9]\d{0,5})(s|m|h)")
_SECONDS = {"s": 1, "m": 60, "h": 3600}
_REFERENCE = re.compile(r"(env|file):\S+")


@dataclass(frozen=True, slots=True)
class Aim:
    """What remote scanners are asked; nothing when no target was named."""

    target: Target | None = None
    asks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def remote(registry: Registry) -> list[str]:
    """Return the scanners of running services."""
    return [name for name, spec in sorted(registry.scanners.items()) if spec.unit == "remote"]


def aim(args: argparse.Namespace, registry: Registry, loaded: Loaded, tree: Tree, today: str) -> Aim:
    """Return what the scanners of running services are asked. Nothing is sent to the target.

    Raises:
        UsageError: there is none, or the first thing that one of them finds wrong.
    """
    if args.target is None:
        for option in ("openapi", "active", "budget", "auth", "wait", "expect_version", "zap"):
            if getattr(args, option):
                raise UsageError(f"--{option.replace('_', '-')} is about a target; name it: --target URL.")
        return Aim()
    target: Target | None = None
    notes: list[str] = []
    asked, secrets = question(args, loaded, tree), given(args, loaded)
    for _, told in answers(registry, loaded, tree, today, asked, secrets):
        if told.errors:
            more = f" ({len(told.errors) - 1} more: devsecops dast check)" if len(told.errors) > 1 else ""
            raise UsageError(f"{told.errors[0]}{more}")
        target = target or told.target
        notes += told.notes
    return Aim(target, dict.fromkeys(_names(registry, loaded), asked), secrets, tuple(notes))


def _names(registry: Registry, loaded: Loaded) -> list[str]:
    """Return the scanners of running services that take part. Raises UsageError when there is none."""
    known = remote(registry)
    names = [name for name in known if loaded.policy.required(name) != "off"]
    if not names:
        why = f"the policy switches off {', '.join(known)}" if known else "pip install 'devsecops[zap]'"
        raise UsageError(f"--target: no scanner of running services takes part; {why}.")
    return names


def given(args: argparse.Namespace, loaded: Loaded) -> dict[str, str]:
    """Return the secrets that the policy and the command line name, where they are there."""
    secrets = dict(_secrets(loaded.policy.dast, loaded))
    return secrets | dict(_secrets({"key": args.zap_key}, loaded)) if args.zap_key else secrets


def answers(
    registry: Registry,
    loaded: Loaded,
    tree: Tree,
    today: str,
    asked: Mapping[str, Any],
    secrets: Mapping[str, str],
) -> Iterator[tuple[str, Checked]]:
    """Yield what each scanner of running services has to say. Raises UsageError."""
    for name in _names(registry, loaded):
        options = {**options_of(registry.scanners[name], loaded.policy), **asked}
        yield name, check_settings(registry, name, options, read=tree.read, secrets=secrets, today=today)


def seconds(option: str, text: str | None) -> float | None:
    """Return a duration such as ``90s``, ``10m`` or ``1h`` in seconds. Raises UsageError."""
    if text is None:
        return None
    match = _DURATION.fullmatch(text)
    if match is None:
        raise UsageError(f"{option} {text}: give a number with s, m or h, such as 10m.")
    return float(match[1]) * _SECONDS[match[2]]


def question(args: argparse.Namespace, loaded: Loaded, tree: Tree) -> dict[str, Any]:
    """Return what a scanner of running services is asked, beside the policy. Raises UsageError."""
    return {
        "ask": msgspec.to_builtins(
            Asked(
                target=args.target,
                openapi=_document(args.openapi, tree),
                active=args.active,
                budget_s=seconds("--budget", args.budget),
                auth=args.auth,
                wait_s=seconds("--wait", args.wait),
                expect_version=args.expect_version,
                zap=args.zap,
                zap_key=args.zap_key,
            )
        ),
        "policy": about(loaded),
    }


def _document(name: str | None, tree: Tree) -> dict[str, str] | None:
    """Return the OpenAPI document: its path in the tree where it is in it, and its text."""
    if name is None or name.startswith(("http://", "https://")):
        return None if name is None else {"url": name}
    path = Path(name)
    try:
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        raise UsageError(f"--openapi {name}: {error.strerror or 'it cannot be read'}.") from None
    except UnicodeDecodeError:
        raise UsageError(f"--openapi {name} is not UTF-8 text.") from None
    real, root = path.resolve(), tree.root.resolve()
    return {"path": real.relative_to(root).as_posix() if real.is_relative_to(root) else name, "text": text}


def _secrets(value: Any, loaded: Loaded) -> Iterator[tuple[str, str]]:
    """Yield each secret that a table names by reference, where it is there."""
    if isinstance(value, Mapping):
        for one in value.values():
            yield from _secrets(one, loaded)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _secrets(one, loaded)
    elif isinstance(value, str) and _REFERENCE.fullmatch(value):
        kind, _, name = value.partition(":")
        found = os.environ.get(name) if kind == "env" else _file(name)
        if found:
            yield value, found


def _file(name: str) -> str | None:
    try:
        return Path(name).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        return None
