"""From the ``[dast]`` table to its values; the first thing that is wrong is named with its line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar, get_args, get_origin

import msgspec
from msgspec import UNSET, UnsetType

from devsecops_zap.config.checks import check
from devsecops_zap.config.errors import ConfigError, nearest
from devsecops_zap.config.lines import key_lines
from devsecops_zap.config.logins import Login
from devsecops_zap.config.sources import Addon, ZapSource
from devsecops_zap.config.values import PRESETS, Dast, DastTable, Effort, Phase, TargetTable

T = TypeVar("T")
_UNITS = {"s": 1.0, "m": 60.0, "h": 3_600.0}
_SECRETS = ("key", "username", "password", "value", "client_id", "client_secret")
_REMEDIES = {
    **dict.fromkeys(_SECRETS, "write env:NAME or file:PATH: a secret never stands in a policy"),
    **dict.fromkeys(("seed", "spider", "passive", "active"), 'write a time such as "90s", "10m" or "1h"'),
    "sha256": "write the 64 lower-case hexadecimal digits of the file's SHA-256",
    "pointer": "write a JSON pointer such as /build/commit",
    "token": "write a JSON pointer such as /access_token",
    "header": "write the name of a header",
    "headers": "write names and values of headers, as printable ASCII",
    "path": "write a path that begins with a slash",
}
_TYPES = {"str": "text in quotes", "int": "a number", "bool": "true or false", "array": "a list in [ ]",
          "object": "a table"}  # fmt: skip


def read_dast(table: Mapping[str, Any], *, text: str = "", source: str = "the policy") -> Dast:
    """Return the ``[dast]`` table of a policy, checked.

    Args:
        table: what stands under ``dast``, as tomllib read it.
        text: the text of the whole policy file, for the lines.
        source: its name, for the messages.

    Raises:
        ConfigError: the first thing that is wrong.
    """
    lines = key_lines(text)
    reader = _Reader(lines, source)
    targets = reader.each(table, "targets", TargetTable)
    auth = reader.each(table, "auth", Login)
    addons = tuple(
        reader.one(item, f"addons[{index}]", Addon) for index, item in enumerate(_list(table.get("addons")))
    )
    zap = reader.one(table["zap"], "zap", ZapSource) if "zap" in table else None
    rest = reader.one(
        {**table, "targets": {}, "auth": {}, "addons": [], "zap": {"source": "package"}}, "", DastTable
    )
    dast = Dast(
        targets=targets,
        auth=auth,
        zap=rest.zap if zap is None else zap,
        addons=addons,
        effort=_effort(rest),
        technologies=rest.technologies,
        forbidden=rest.forbidden,
        plan=rest.plan,
        packaged_rules=rest.packaged_rules,
        source=source,
        lines=lines,
    )
    check(dast, table)
    return dast


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _effort(table: DastTable) -> Effort:
    base = PRESETS[table.preset]
    budgets: dict[Phase, float] = dict(base.budgets)
    for phase in budgets:
        value: str | UnsetType = getattr(table.budgets, phase)
        if not isinstance(value, UnsetType):
            budgets[phase] = float(value[:-1]) * _UNITS[value[-1]]
    names = ("phases", "strength", "threads", "rule_minutes", "requests")
    set_ = {name: value for name in names if (value := getattr(table, name)) is not UNSET}
    return msgspec.structs.replace(base, **set_, delay_ms=table.delay_ms, budgets=budgets)


class _Reader:
    def __init__(self, lines: Mapping[str, int], source: str) -> None:
        self.lines, self.source = lines, source

    def error(self, key: str, what: str, remedy: str) -> ConfigError:
        full = known = f"dast.{key}".rstrip(".")
        while known and known not in self.lines:
            known = known.rpartition(".")[0] if not known.endswith("]") else known.rpartition("[")[0]
        return ConfigError(self.source, self.lines.get(known, 1), full, what, remedy)

    def each(self, table: Mapping[str, Any], name: str, type_: Any) -> dict[str, Any]:
        found = table.get(name, {})
        if not isinstance(found, Mapping):
            raise self.error(name, "a table is needed", f"write [dast.{name}.NAME]")
        return {alias: self.one(value, f"{name}.{alias}", type_) for alias, value in found.items()}

    def one(self, value: object, place: str, type_: Any) -> Any:
        """Convert one table. The names of dicts are not in msgspec's errors: give none that holds tables."""
        if isinstance(value, Mapping):
            self._known(value, place, type_)
        try:
            return msgspec.convert(value, type_)
        except msgspec.ValidationError as error:
            raise self._located(str(error), value, place, type_) from None

    def _known(self, value: Mapping[str, Any], place: str, type_: Any) -> None:
        chosen = _member(value, type_)
        if chosen is None:
            return
        names = [field.encode_name for field in msgspec.structs.fields(chosen)]
        tag = chosen.__struct_config__.tag_field
        for key in value:
            if key not in names and key != tag:
                full = f"{place}.{key}".lstrip(".")
                raise self.error(full, "unknown key", nearest(key, [*names, *([tag] if tag else [])]))
        for field in msgspec.structs.fields(chosen):
            inner, struct = value.get(field.encode_name), _struct_in(field.type)
            if isinstance(inner, Mapping) and struct is not None:
                self._known(inner, f"{place}.{field.encode_name}".lstrip("."), struct)

    def _located(self, message: str, value: object, place: str, type_: Any) -> ConfigError:
        text, _, path = message.partition(" - at `")
        inner = path.rstrip("`").removeprefix("key in ").removeprefix("$").replace("[...]", "").lstrip(".")
        key = f"{place}.{inner}".strip(".")
        leaf = re.sub(r"\[\d+\]$", "", inner.rpartition(".")[2]) or place.rpartition(".")[2]
        missing = re.search(r"missing required field `([^`]+)`", text)
        if missing:
            return self.error(key, f"{missing[1]} is missing", f"add {missing[1]} = ...")
        word = re.search(r"Invalid (?:enum )?value '([^']*)'", text)
        if word:
            return self.error(key, f"{word[1]!r} is not known", nearest(word[1], _words(inner, value, type_)))
        kind = re.match(r"Expected `(\w+)[^`]*`( [<>]=? \d+)?", text)
        remedy = f"write {_TYPES.get(kind[1], kind[1])}{kind[2] or ''}" if kind else "correct it"
        what = f"{text[:1].lower()}{text[1:]}".replace("`", "")
        if "matching" in text:
            what = "not of the form that is needed"
        return self.error(key, what, _REMEDIES.get(leaf, remedy))


def _member(value: Mapping[str, Any], type_: Any) -> Any:
    """Return the struct that a table is of: itself, or the member of a union by its tag; None: no tag."""
    members = get_args(type_) or (type_,)
    if len(members) == 1:
        return members[0]
    config = members[0].__struct_config__
    by_tag = {member.__struct_config__.tag: member for member in members}
    return by_tag.get(value.get(config.tag_field, ""))


def _struct_in(type_: Any) -> Any:
    """Return the struct in a field's type that has no tag; None when there is none."""
    if isinstance(type_, type) and issubclass(type_, msgspec.Struct):
        return type_ if type_.__struct_config__.tag is None else None
    if get_origin(type_) is dict:
        return None
    return next((found for part in get_args(type_) if (found := _struct_in(part)) is not None), None)


def _words(inner: str, value: object, type_: Any) -> list[str]:
    """Return the words that a key may have: the tags of a union, or the literals of a field."""
    members = get_args(type_)
    if members and inner in ("", members[0].__struct_config__.tag_field):
        return [str(member.__struct_config__.tag) for member in members]
    chosen = _member(value, type_) if isinstance(value, Mapping) else None
    name = re.sub(r"\[\d+\]$", "", inner)
    for field in msgspec.structs.fields(chosen) if chosen is not None else ():
        if field.encode_name == name:
            return sorted(_literals(field.type))
    return []


def _literals(type_: Any) -> set[str]:
    parts = get_args(type_)
    return {p for p in parts if isinstance(p, str)} | {w for p in parts if get_args(p) for w in _literals(p)}
