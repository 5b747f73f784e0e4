"""Entries as text: new ones behind what is there, and old ones found again. All else stays byte for byte."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import msgspec

from devsecops.errors import UsageError
from devsecops.findings.alike import MASKED
from devsecops.gate.coverage import toml_text
from devsecops.model import Finding, Package
from devsecops.waivers.file import read_waivers
from devsecops.waivers.finding import lines_of, names_of, says_all
from devsecops.waivers.model import Waiver

FOUND_BY = ("id", "rule", "path", "line", "end_line", "column", "package", "keys", "commit")
"""The keys of an entry that say which finding it means."""
_HEAD = re.compile(r"^[ \t]*\[\[[ \t]*waiver[ \t]*\]\]", re.MULTILINE)
_KEY = re.compile(r"[ \t]*([A-Za-z_]+)[ \t]*=")


def lines_for(finding: Finding, commit: str | None) -> dict[str, str]:
    """Return key -> TOML value of what finds `finding` again.

    Args:
        finding: of a saved run.
        commit: what was judged; None where it was not a commit.

    Raises:
        UsageError: nothing would find it again for sure.
    """
    where, names = finding.location, names_of(finding.keys)
    path, start, end, column = lines_of(where)
    if MASKED in path:
        raise UsageError(f"{finding.id}: its path holds what looks like a secret; rename the file first.")
    if commit is None and not (names and says_all(finding)):
        raise UsageError(
            f"{finding.id}: what it says is redacted, so that only its line in a commit finds it again; "
            "commit, scan, and waive it then."
        )
    values: dict[str, Any] = {
        "id": finding.id,
        "rule": f"{finding.rule.tool}/{finding.rule.id}",
        "path": path,
        "line": start,
        "end_line": end if end > start else 0,
        "column": column,
        "package": where.purl if isinstance(where, Package) else "",
    }
    out = {key: _value(value) for key, value in values.items() if value}
    if names:
        inner = ", ".join(f"{toml_text(key)} = {toml_text(names[key])}" for key in sorted(names))
        out["keys"] = f"{{ {inner} }}"
    if commit is not None:
        out["commit"] = toml_text(commit)
    return out


def _value(value: str | int) -> str:
    return str(value) if isinstance(value, int) else toml_text(value)


def entry(found_by: Mapping[str, str], *, reason: str, owner: str, created: str, expires: str) -> str:
    """Return a whole entry. Days are YYYY-MM-DD."""
    more = {"reason": toml_text(reason), "owner": toml_text(owner), "created": created, "expires": expires}
    return "\n".join(["[[waiver]]", *(f"{key} = {value}" for key, value in {**found_by, **more}.items()), ""])


def appended(data: bytes, text: str, source: str) -> bytes:
    """Return a file of waivers with one more entry, read again to be sure.

    Raises:
        UsageError: what is there cannot be read, or no entry can stand behind it.
    """
    before = read_waivers(data, source)
    gap = b"" if not data else b"\n" if data.endswith(b"\n") else b"\n\n"
    out = data + gap + text.encode("utf-8")
    try:
        after = read_waivers(out, source)
    except UsageError as error:
        raise UsageError(f"No entry can be put behind what is in {source}: {error}") from None
    if len(after) != len(before) + 1:
        raise UsageError(f"No entry can be put behind what is in {source}; write each under [[waiver]].")
    return out


def refreshed(data: bytes, fresh: Mapping[str, Mapping[str, str]], source: str) -> bytes:
    """Return a file of waivers in which some entries mean what they mean by other lines and keys.

    Args:
        data: what the file holds.
        fresh: label of a waiver -> its new values, as `lines_for` gives them.
        source: what the file is called in a sentence.

    Raises:
        UsageError: an entry is written in a way that it cannot be rewritten alone.
    """
    before = read_waivers(data, source)
    text = data.decode("utf-8")
    starts = [match.start() for match in _HEAD.finditer(text)]
    parts = [text[a:b] for a, b in pairwise([*starts, len(text)])]
    _check_parts(parts, before, source)
    done = [
        _rewritten(part, fresh[waiver.label]) if waiver.label in fresh else part
        for part, waiver in zip(parts, before, strict=True)
    ]
    out = (text[: starts[0]] if starts else text) + "".join(done)
    _check(out, before, fresh, source)
    return out.encode("utf-8")


def _check_parts(parts: list[str], before: tuple[Waiver, ...], source: str) -> None:
    """Refuse a file whose entries do not begin where they seem to."""
    try:
        alone = [tomllib.loads(part)["waiver"] for part in parts]
    except (tomllib.TOMLDecodeError, KeyError):
        alone = []
    if [len(one) for one in alone] != [1] * len(before):
        raise UsageError(f"{source}: its entries cannot be told apart; write each under a line [[waiver]].")


def _rewritten(part: str, values: Mapping[str, str]) -> str:
    """Return one entry with new values of `FOUND_BY`; a line that says the same already stays as it is."""
    end = "\r" if "\r\n" in part else ""
    lines, missing, last = [], dict(values), 1
    for line in part.split("\n"):
        key = match[1] if (match := _KEY.match(line)) else ""
        if key in FOUND_BY and key not in values:
            continue
        if key in FOUND_BY:
            new = f"{key} = {missing.pop(key, '')}"
            lines.append(line if _same(line, new) else new + end)
            last = len(lines)
        else:
            lines.append(line)
    lines[last:last] = [f"{key} = {value}{end}" for key, value in missing.items()]
    return "\n".join(lines)


def _same(line: str, new: str) -> bool:
    try:
        return tomllib.loads(line.rstrip("\r")) == tomllib.loads(new)
    except tomllib.TOMLDecodeError:
        return False


def _check(out: str, before: tuple[Waiver, ...], fresh: Mapping[str, Mapping[str, str]], source: str) -> None:
    """Refuse a result in which anything else has changed than was meant to."""
    try:
        after = read_waivers(out.encode("utf-8"), source)
    except UsageError:
        after = ()
    wrong = [one.label for one, new in zip(before, after, strict=False) if not _meant(one, new, fresh)]
    if len(after) != len(before) or wrong:
        raise UsageError(
            f"{source}: {wrong[0] if wrong else 'an entry'} holds a value of several lines or a table of its "
            "own; write each key on one line."
        )


def _meant(old: Waiver, new: Waiver, fresh: Mapping[str, Mapping[str, str]]) -> bool:
    plain: dict[str, Any] = {"label": "", "id": None, "rule": "a/b", "paths": (), "keys": {}, "commit": None}
    plain |= {"line": 0, "end_line": 0, "column": 0, "package": ""}
    if old.label not in fresh:
        return msgspec.structs.replace(old, label="") == msgspec.structs.replace(new, label="")
    values = tomllib.loads("\n".join(f"{key} = {value}" for key, value in fresh[old.label].items()))
    found = {key: getattr(new, key) for key in FOUND_BY if key != "path"} | {"path": new.path}
    same = msgspec.structs.replace(old, **plain) == msgspec.structs.replace(new, **plain)
    return same and {key: value for key, value in found.items() if value} == values
