"""Which rows of the ledger keep a verdict from being a pass, and what to do about them."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Collection, Iterable, Sequence

from devsecops.model import GREEN_STATES, Compared, Cover, Reason, ReasonCode
from devsecops.policy.model import Policy

SHOWN = 20
_VERBS = {"not-reached": "did not reach", "partial": "read only a part of", "unresolved": "could not resolve"}
_WHY = {
    "syntax-error": "syntax error",
    "too-deep": "nested too deeply",
    "no-data": "no advisory data for its ecosystem",
    "unpinned": "no exact version and no lock",
}
_ECOSYSTEMS = {
    "package-lock.json": "npm", "npm-shrinkwrap.json": "npm", "yarn.lock": "npm", "pnpm-lock.yaml": "npm",
    "Cargo.lock": "crates.io", "go.mod": "Go", "go.sum": "Go", "pom.xml": "Maven",
    "Gemfile.lock": "RubyGems", "composer.lock": "Packagist",
}  # fmt: skip
_CODE = (
    ".c", ".cc", ".cpp", ".cs", ".ex", ".go", ".groovy", ".java", ".js", ".jsx", ".kt", ".lua", ".mjs",
    ".php", ".pl", ".ps1", ".py", ".r", ".rb", ".rs", ".scala", ".sh", ".sql", ".swift", ".tf", ".ts", ".tsx",
    ".vue",
)  # fmt: skip
"""Suffixes of code: what `coverage.unsupported` speaks of."""


def number(count: int, noun: str) -> str:
    """Return ``1 file``, ``2,823 files``, ``2 dependencies``."""
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{count:,} {noun if count == 1 else plural}"


def later(day: str, days: int) -> str:
    """Return the UTC day that is `days` after `day`; `day` itself at the end of the calendar."""
    try:
        return (datetime.date.fromisoformat(day) + datetime.timedelta(days=days)).isoformat()
    except (ValueError, OverflowError):
        return day


def toml_text(text: str) -> str:
    """Return `text` as a TOML string that parses back to it."""
    escaped = json.dumps(text, ensure_ascii=True)
    # JSON writes a character beyond the first plane as two surrogates, which TOML refuses.
    return re.sub(
        r"\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})",
        lambda pair: "\\U%08x" % (0x10000 + (int(pair[1], 16) - 0xD800) * 1024 + int(pair[2], 16) - 0xDC00),
        escaped,
    ).replace("\x7f", "\\u007f")


def pattern(path: str) -> str:
    """Return the path pattern that matches `path` alone."""
    return re.sub(r"([*?\[])", r"[\1]", path)


def accept_lines(paths: Sequence[str], scanner: str, today: str, reason: str = "say why") -> str:
    """Return the policy lines that accept a gap for 90 days."""
    shown = ", ".join(toml_text(pattern(path)) for path in paths)
    return (
        "[[coverage.accept]]\n"
        f"paths = [{shown}]\n"
        f"scanners = [{toml_text(scanner)}]\n"
        f"reason = {toml_text(reason)}\n"
        f"expires = {later(today, 90)}"
    )


def blocking(row: Cover) -> bool:
    """Return whether a row keeps the verdict from being a pass; a state that nobody knows does."""
    return row.state not in GREEN_STATES


def as_before(row: Cover) -> bool:
    """Return whether a row is a gap that is on the base as well, in a file that the change did not touch."""
    return row.state == "same-as-base" and row.why != "untouched"


def counted_by_policy(row: Cover, policy: Policy) -> bool:
    """Return whether the policy counts an unresolved dependency instead of blocking on it."""
    return row.state == "unresolved" and row.why == "unpinned" and policy.data.unpinned == "count"


def gap_reasons(ledger: Sequence[Cover], policy: Policy, today: str) -> list[Reason]:
    """Return one reason per scanner, state and cause of a gap, in a fixed order."""
    gaps: dict[tuple[str, str, str], set[str]] = {}
    units: dict[str, set[str]] = {}
    nouns: dict[tuple[str, str, str], set[str]] = {}
    for row in ledger:
        name = row.scanner or ""
        nouns.setdefault((name, row.state, row.why), set()).add(row.unit.kind)
        if row.state != "same-as-base":
            units.setdefault(name, set()).add(row.unit.id)
        if blocking(row) and not counted_by_policy(row, policy):
            gaps.setdefault((name, row.state, row.why), set()).add(row.unit.id)
        elif row.scanner is None and row.state == "unsupported" and _is_code(row, policy):
            gaps.setdefault(("", "unsupported", "no-scanner"), set()).add(row.unit.id)
    return [
        _reason(
            name,
            state,
            why,
            sorted(gaps[name, state, why]),
            len(units[name]),
            noun(nouns.get(key, ())),
            today,
        )
        for key in sorted(gaps)
        for name, state, why in [key]
    ]


def noun(kinds: Collection[str]) -> str:
    """Return what units of these kinds are called in a sentence."""
    for kind, word in (("package", "dependency"), ("operation", "operation"), ("url", "URL")):
        if kind in kinds:
            return word
    return "resource" if "resource" in kinds else "file"


def _is_code(row: Cover, policy: Policy) -> bool:
    return policy.coverage.unsupported == "incomplete" and row.unit.id.lower().endswith(_CODE)


def _reason(name: str, state: str, why: str, ids: list[str], total: int, what: str, today: str) -> Reason:
    code: ReasonCode = "unresolved" if state == "unresolved" else "not-covered"
    paths = list(dict.fromkeys(unit.partition("#")[0] if code == "unresolved" else unit for unit in ids))
    message, rule = _message(name, state, why, ids, paths, number(total, what))
    return Reason(
        code=code,
        scanner=name or None,
        message=message,
        units_total=len(ids),
        units=tuple(ids[:SHOWN]),
        rule=rule,
        remedy=_remedy(name, state, why, paths, today),
    )


def _message(
    name: str, state: str, why: str, ids: list[str], paths: list[str], total: str
) -> tuple[str, str | None]:
    cause = _WHY.get(why, why.replace("-", " "))
    if state == "unresolved" and why == "unpinned":
        return (
            f"{number(len(paths), 'manifest')} {_have(paths)} dependencies without a version",
            "data.unpinned",
        )
    if state == "unsupported":
        return f"no scanner reads {number(len(ids), 'file')} of code", "coverage.unsupported"
    what = f"{_VERBS.get(state, 'could not read')} {len(ids):,} of {total}"
    if len(ids) == 1:
        return f"{what}: {ids[0]}" + (f" ({cause})" if cause else ""), None
    return what + (f" ({cause})" if cause else ""), None


def _have(things: Sequence[str]) -> str:
    return "has" if len(things) == 1 else "have"


def _remedy(name: str, state: str, why: str, paths: list[str], today: str) -> str:
    more = f"\n# and {len(paths) - SHOWN:,} more: devsecops explain coverage -v" if len(paths) > SHOWN else ""
    lines = accept_lines(paths[:SHOWN], name, today) + more
    if state == "unsupported":
        return 'Add a scanner for it, or say in the policy:\n[coverage]\nunsupported = "count"'
    if state != "unresolved":
        return f"Repair it, or accept the gap in the trusted policy:\n{lines}"
    if why == "unpinned":
        return (
            "Commit a lock file beside it (such as uv.lock, poetry.lock or versions with ==), "
            f'or say in the policy:\n[data]\nunpinned = "count"\nor accept these alone:\n{lines}'
        )
    if why == "no-data":
        names = sorted({_ECOSYSTEMS.get(path.rpartition("/")[2], "") for path in paths} - {""})
        flags = "".join(f" --ecosystem {ecosystem}" for ecosystem in names)
        return f"devsecops advisories update{flags}\nor accept the gap in the trusted policy:\n{lines}"
    return f"Name an exact version, or accept the gap in the trusted policy:\n{lines}"


def gap_warnings(
    ledger: Sequence[Cover], policy: Policy, today: str, compared: Compared | None = None
) -> list[Reason]:
    """Return what was let pass by a rule of the policy, and rules that no longer hold.

    Where a change was judged a rule that accepts nothing is not told: what it is for need not be touched.
    """
    out = []
    before = sorted({row.unit.id for row in ledger if as_before(row)})
    if before:
        message = f"{number(len(before), 'gap')} in untouched files, as on the base"
        out.append(_warning("not-covered", message, before, "same-as-base"))
    counted = sorted({row.unit.id for row in ledger if counted_by_policy(row, policy)})
    if counted:
        noun = number(len(counted), "dependency")
        out.append(_warning("unresolved", f"{noun} without a version not judged", counted, "data.unpinned"))
    for index, accept in enumerate(policy.coverage.accept):
        rule = f"coverage.accept[{index}]"
        rows = sorted({row.unit.id for row in ledger if row.state == "accepted" and row.by == rule})
        if accept.expires < today:
            out.append(_warning("waiver-invalid", f"{rule} expired on {accept.expires}", (), rule))
        elif rows:
            message = f"{number(len(rows), 'gap')} accepted until {accept.expires}: {accept.reason}"
            out.append(_warning("not-covered", message, rows, rule))
        elif compared is None or not compared.change:
            out.append(_warning("waiver-invalid", f"{rule} accepts nothing in this tree", (), rule))
    return out


def _warning(code: ReasonCode, message: str, units: Iterable[str], rule: str) -> Reason:
    ids = tuple(units)
    return Reason(code=code, message=message, units_total=len(ids), units=ids[:SHOWN], rule=rule)
