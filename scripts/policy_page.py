"""The table of all keys in docs/policy.md, from what devsecops/policy/file.py declares."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import inspect

from devsecops.policy.file import TABLES, ScannerTable
from devsecops.policy.model import GATING_KINDS, PRESETS, Preset, ScannerRules

_ELSEWHERE = "tool"
"""Described in plugins.md."""
_TOLD = {
    "extends": "",
    "gate.rule.name": "",
    "gate.unknown": "fail: sca (strict: fail: every kind); pass: the others. A secret always fails.",
    **dict.fromkeys(
        ("scanners.NAME.deadline_s", "scanners.NAME.memory_mb", "scanners.NAME.output_mb"),
        "the scanner's own",
    ),
}
"""Defaults that are no plain value."""


def table() -> str:
    """Return the rows of all keys, with what a preset says where they are not set."""
    places = {place: kind for place, kind in TABLES.items() if place.partition(".")[0] != _ELSEWHERE} | {
        "scanners.NAME": ScannerTable
    }
    lines = ["| key | default | what |", "|---|---|---|"]
    lines += [row for place, kind in places.items() for row in _rows(place, kind)]
    return "\n".join([*lines, ""])


def _rows(place: str, kind: type[msgspec.Struct]) -> Iterator[str]:
    info = inspect.type_info(kind)
    assert isinstance(info, inspect.StructType)
    for field in info.fields:
        key = f"{place}.{field.encode_name}".lstrip(".")
        if key == _ELSEWHERE or key == "scanners" or (key in TABLES and not _is_array(field)):
            continue
        schema = getattr(field.type, "extra_json_schema", None) or {}
        yield f"| `{key}` | {_default(key, field)} | {_cell(schema['description'])} |"


def _cell(text: str) -> str:
    return text.replace("*", "\\*").replace("|", "\\|").replace("\n", " ")


def _is_array(field: inspect.Field) -> bool:
    kind = field.type.type if isinstance(field.type, inspect.Metadata) else field.type
    kinds = kind.types if isinstance(kind, inspect.UnionType) else (kind,)
    return any(isinstance(one, inspect.VarTupleType) for one in kinds)


def _default(key: str, field: inspect.Field) -> str:
    if field.required:
        return "required"
    if key in TABLES:
        return ""
    if isinstance(field.default, str | int | tuple):
        return _shown(field.default)
    if key in _TOLD:
        return _TOLD[key]
    values = {preset: _value(key, preset) for preset in PRESETS}
    default = values["default"]
    others = [f"{preset}: {_shown(values[preset])}" for preset in values if values[preset] != default]
    return _shown(default) + (f" ({', '.join(others)})" if others else "")


def _value(key: str, preset: Preset) -> Any:
    value: Any = ScannerRules() if key.startswith("scanners.") else PRESETS[preset]
    for part in key.removeprefix("scanners.NAME.").split("."):
        value = getattr(value, part, None)
    return value


def _shown(value: Any) -> str:
    if value == GATING_KINDS:
        return "every kind but quality"
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, float):
        return f"{value:g}"
    return "" if value in (None, "") else str(value)
