"""From the text of a policy file to the policy, with one sentence for whatever is wrong."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

import devsecops.policy.file as file
import devsecops.policy.model as model
from devsecops.errors import UsageError
from devsecops.model import Kind, Severity
from devsecops.policy.model import Policy
from devsecops.policy.texts import PolicyText, split
from devsecops.policy.tool import entries

T = TypeVar("T")


def nearest(word: str, known: Sequence[str]) -> str:
    """Return a half-sentence that names the nearest known word, or all of them."""
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return f"the nearest is {near[0]}" if near else f"known are {', '.join(sorted(known))}"


def parse_policy(text: str, source: str) -> Policy:
    """Return the policy that `text` describes: a TOML file, or several as `devsecops.policy.texts` has them.

    Raises:
        UsageError: not TOML, an unknown key (the nearest is named), a value of the wrong type, or what one
            file extends is not there.
    """
    return parse_files(split(text, source))


def parse_files(texts: Sequence[PolicyText]) -> Policy:
    """Return the policy of a file and of those that it extends; the first extends nothing.

    Raises:
        UsageError: as `parse_policy`; the message starts with the name of the file that is wrong.
    """
    tables = [read_table(one) for one in texts]
    if "extends" in tables[0]:
        raise UsageError(f"{texts[0].source}: extends: what it extends is not at hand.")
    alone = [_policy_of(table, one.source) for table, one in zip(tables, texts, strict=True)]
    if len(texts) == 1:
        return alone[0]
    merged: dict[str, Any] = {}
    for table in tables:
        merged = laid_over(merged, table)
    return _policy_of(merged, f"{texts[-1].source} with what it extends")


def parse_alone(text: PolicyText) -> Policy:
    """Return what one file says by itself, whatever it extends. Raises UsageError as `parse_policy`."""
    return _policy_of(read_table(text), text.source)


def read_table(text: PolicyText) -> dict[str, Any]:
    """Return the table of one file, its keys known. Raises UsageError as `parse_policy`."""
    data = read_toml(text.text, text.source)
    _check(data, "", text.source)
    return data


def laid_over(below: Mapping[str, Any], above: Mapping[str, Any], place: str = "") -> dict[str, Any]:
    """Return two tables of policies as one: values of `above` win, tables merge, arrays of tables append."""
    out = dict(below)
    for key, value in above.items():
        full = f"{place}.{key}".lstrip(".")
        old = out.get(key)
        if isinstance(old, Mapping) and isinstance(value, Mapping):
            out[key] = laid_over(old, value, full)
        elif isinstance(old, list) and isinstance(value, list) and full in file.TABLES:
            out[key] = [*old, *value]
        else:
            out[key] = value
    return out


def _policy_of(data: Mapping[str, Any], source: str) -> Policy:
    try:
        parsed = msgspec.convert(data, file.PolicyFile)
    except msgspec.ValidationError as error:
        raise UsageError(f"{source}: {_located(error)}") from None
    return _overlay(model.PRESETS[parsed.preset], parsed, data.get("scanners", {}), source)


def read_toml(text: str, source: str) -> dict[str, Any]:
    """Return the table in `text`; UsageError when it is not TOML."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{source} is not valid TOML: {error}.") from None
    except RecursionError:
        raise UsageError(f"{source} is not valid TOML: it is nested too deeply.") from None


def _located(error: msgspec.ValidationError) -> str:
    text, _, place = str(error).partition(" - at `")
    key = place.rstrip("`").removeprefix("$").lstrip(".").replace("[...]", "")
    return f"{key or 'the file'}: {text[:1].lower()}{text[1:]}."


def _check(table: Mapping[str, Any], place: str, source: str) -> None:
    known = msgspec.structs.fields(file.TABLES[place])
    names = [field.encode_name for field in known]
    for key, value in table.items():
        full = f"{place}.{key}".lstrip(".")
        if key not in names:
            raise UsageError(f"{source}: unknown key {full}; {nearest(key, names)}.")
        if full not in file.TABLES:
            continue
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, Mapping):
                _check(item, full, source)


def _or(value: T | UnsetType, default: T) -> T:
    return default if isinstance(value, UnsetType) else value


def _overlay(base: Policy, parsed: file.PolicyFile, scanners: Mapping[str, Any], source: str) -> Policy:
    gate, data, plugins = parsed.gate, parsed.data, parsed.plugins
    coverage = parsed.coverage
    exclude = tuple(
        model.Exclude(paths=item.paths, reason=item.reason) for item in _or(parsed.scope.exclude, ())
    )
    accept = tuple(
        model.Accept(
            paths=item.paths, scanners=item.scanners, reason=item.reason, expires=item.expires.isoformat()
        )
        for item in _or(coverage.accept, ())
    )
    return Policy(
        preset=parsed.preset,
        gate=model.Gate(
            fail_on=_or(gate.fail_on, base.gate.fail_on),
            confidence=_or(gate.confidence, base.gate.confidence),
            unknown=_unknown(base.gate.unknown, gate.unknown, source),
            rule=tuple(_rule(item) for item in gate.rule),
        ),
        scope=model.Scope(exclude=exclude),
        coverage=model.Coverage(
            accept=accept,
            unsupported=_or(coverage.unsupported, base.coverage.unsupported),
            floor=_or(coverage.floor, base.coverage.floor),
        ),
        scanners={name: _scanner(parsed.scanners[name], scanners[name]) for name in sorted(parsed.scanners)},
        data=model.Data(
            max_age_days=_or(data.max_age_days, base.data.max_age_days),
            unpinned=_or(data.unpinned, base.data.unpinned),
        ),
        plugins=model.Plugins(allow=_or(plugins.allow, ()), files=_absolute(_or(plugins.files, ()), source)),
        waivers=_waivers(base.waivers, parsed.waivers),
        baseline=model.Baseline(file=_or(parsed.baseline.file, base.baseline.file)),
        tool=entries(parsed.tool, source),
        dast=parsed.dast,
    )


def _absolute(names: tuple[str, ...], source: str) -> tuple[str, ...]:
    """Return the names; one that is relative would be a file of whatever folder the program is started in."""
    for place, name in enumerate(names):
        if not name.startswith("/"):
            raise UsageError(f"{source}: plugins.files[{place}]: {name} is not an absolute path.")
    return names


def _rule(table: file.RuleTable) -> model.GateRule:
    return model.GateRule(
        name=_or(table.name, ""),
        kind=tuple(sorted(set(table.kind))),
        severity=table.severity,
        confidence=table.confidence,
        state=tuple(sorted(set(table.state))),
        max=table.max,
    )


def _waivers(base: model.Waivers, table: file.WaiversTable) -> model.Waivers:
    return model.Waivers(
        file=_or(table.file, base.file),
        max_days=_or(table.max_days, base.max_days),
        warn_days=_or(table.warn_days, base.warn_days),
        forbid_marks=tuple(sorted(set(_or(table.forbid_marks, base.forbid_marks)))),
    )


def _unknown(base: tuple[Kind, ...], asked: Mapping[Kind, str] | UnsetType, source: str) -> tuple[Kind, ...]:
    kinds = set(base)
    for kind, outcome in _or(asked, {}).items():
        if kind == "secrets" and outcome == "pass":
            raise UsageError(f"{source}: gate.unknown.secrets cannot be pass: a secret always fails.")
        kinds = kinds | {kind} if outcome == "fail" else kinds - {kind}
    return tuple(sorted(kinds))


def _scanner(rules: file.ScannerTable, raw: Mapping[str, Any]) -> model.ScannerRules:
    common = [field.name for field in msgspec.structs.fields(file.ScannerTable)]
    set_ = {name: getattr(rules, name) for name in common if getattr(rules, name) is not UNSET}
    return model.ScannerRules(**set_, options={key: raw[key] for key in sorted(raw) if key not in common})


def check_scanners(
    policy: Policy, known: Mapping[str, Mapping[str, object]], source: str, taken: Collection[str] = ()
) -> None:
    """Check the names under [scanners] and their options against what is registered.

    `known` maps the name of a scanner to the defaults of its own options; `taken` holds the names of tools
    that are those of other scanners. A name that is not known is
    an error unless the policy requires it: then the verdict names it as missing.

    Raises:
        UsageError: an unknown scanner or option, the nearest named; an option of the wrong type; a tool
            with another scanner's name.
    """
    for index, tool in enumerate(policy.tool):
        if tool.name in taken:
            raise UsageError(f"{source}: tool[{index}].name: there is a scanner {tool.name} already.")
    common = [field.name for field in msgspec.structs.fields(file.ScannerTable)]
    for name, rules in policy.scanners.items():
        if name not in known:
            if rules.required == "yes":
                continue
            raise UsageError(f"{source}: unknown scanner {name}; {nearest(name, sorted(known))}.")
        for option, value in rules.options.items():
            if option not in known[name]:
                near = nearest(option, [*known[name], *common])
                raise UsageError(f"{source}: unknown key scanners.{name}.{option}; {near}.")
            if not _same_type(value, known[name][option]):
                kind = type(known[name][option]).__name__
                raise UsageError(f"{source}: scanners.{name}.{option}: expected {kind}.")
    for index, accept in enumerate(policy.coverage.accept):
        for name in accept.scanners:
            if name not in known and name not in policy.scanners:
                near = nearest(name, sorted(known))
                raise UsageError(f"{source}: coverage.accept[{index}]: unknown scanner {name}; {near}.")


def _same_type(value: object, default: object) -> bool:
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(value, bool) and isinstance(default, bool)
    if isinstance(default, tuple | list):
        return isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)
    if isinstance(default, float):
        return isinstance(value, int | float)
    return isinstance(value, type(default))


LEVELS: tuple[Severity, ...] = ("critical", "high", "medium", "low", "info")


def tighter_fail_on(current: model.FailOn, asked: model.FailOn) -> bool:
    """Return whether `asked` fails on everything that `current` fails on."""
    order: tuple[str, ...] = file.orders()["gate.fail_on"]
    return order.index(asked) >= order.index(current)


def with_fail_on(policy: Policy, asked: str, *, in_a_file: bool) -> Policy:
    """Return the policy with ``--fail-on``: it sets the level, or only tightens one that a file set.

    Raises:
        UsageError: not a level, or looser than the policy file.
    """
    order: tuple[str, ...] = file.orders()["gate.fail_on"]
    if asked not in order:
        raise UsageError(f"--fail-on {asked}: not a level; {nearest(asked, order)}.")
    level = msgspec.convert(asked, model.FailOn)
    if in_a_file and not tighter_fail_on(policy.gate.fail_on, level):
        raise UsageError(
            f"--fail-on {asked} is looser than the policy's {policy.gate.fail_on}; change the policy instead."
        )
    return msgspec.structs.replace(policy, gate=msgspec.structs.replace(policy.gate, fail_on=level))
