"""The [[tool]] tables: from what a file says to entries, and what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from devsecops.contract import Canary, Expect, Reads, ToolEntry
from devsecops.errors import UsageError
from devsecops.policy.file import CanaryTable, ReadsTable, ToolTable

FILES, ROOT, OUTPUT = "{files}", "{root}", "{output}"
_PACKAGE = re.compile(r"([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)==([A-Za-z0-9.!+_-]+)")
_PLACEHOLDER = re.compile(r"\{[a-z]+\}")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
_SUFFIX = re.compile(r"(?<=[^/])\.[A-Za-z0-9]+\Z")
_PATH = re.compile(r"(?!.*(?:^|/)\.{1,2}(?:/|$))[A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)*")


def entries(tables: Sequence[ToolTable], source: str) -> tuple[ToolEntry, ...]:
    """Return the entries of a policy file, in its order.

    Raises:
        UsageError: the first thing that is wrong, with the key it stands at.
    """
    out: list[ToolEntry] = []
    for place, table in enumerate(tables):
        try:
            if any(other.name == table.name for other in out):
                raise _Wrong("name", f"{table.name} is there twice")
            out.append(_entry(table))
        except _Wrong as wrong:
            raise UsageError(f"{source}: tool[{place}].{wrong}.") from None
    return tuple(out)


class _Wrong(Exception):  # noqa: N818  # what is wrong, not a mishap
    def __init__(self, key: str, what: str) -> None:
        super().__init__(f"{key}: {what}")


def _entry(table: ToolTable) -> ToolEntry:
    package, version = _origin(table)
    _check_args(table)
    return ToolEntry(
        name=table.name,
        kind=table.kind,
        package=package,
        version=version,
        lock=table.lock,
        lock_sha256=table.lock_sha256 or "",
        command=table.command,
        script=table.script or "",
        module=table.module or "",
        args=table.args,
        output=table.output,
        ok_exits=table.ok_exits,
        env=dict(sorted(table.env.items())),
        unit=table.unit,
        reads=_reads(table.reads),
        strips=table.strips,
        unread=table.unread,
        canary=tuple(_canary(canary, place) for place, canary in enumerate(table.canary)),
    )


def _origin(table: ToolTable) -> tuple[str, str]:
    """Return package and version; both empty for a command."""
    if (table.package is None) == (table.command is None):
        raise _Wrong("package", f"{table.name} needs either a package with its lock, or a command")
    if table.command is not None:
        for key in ("lock", "lock_sha256", "script", "module"):
            if getattr(table, key) is not None:
                raise _Wrong(key, "it belongs to a package, and a command is named")
        if not table.command.startswith("/"):
            raise _Wrong("command", f"{table.command} is not an absolute path")
        return "", ""
    match = _PACKAGE.fullmatch(table.package or "")
    if match is None:
        raise _Wrong("package", f"give NAME==VERSION, such as zizmor==1.32.0, not {table.package}")
    for key in ("lock", "lock_sha256"):
        if getattr(table, key) is None:
            raise _Wrong(key, "a package needs its lock file and the sha256 of that file")
    if table.script is not None and table.module is not None:
        raise _Wrong("module", "name a script or a module, not both")
    for key in ("script", "module"):
        if (word := getattr(table, key)) is not None and not _NAME.fullmatch(word):
            raise _Wrong(key, f"{word} is not the name of one")
    return match[1], match[2]


def _reads(table: ReadsTable) -> Reads:
    words = (*table.suffixes, *table.names, *table.shebangs)
    if not words:
        raise _Wrong("reads", "name suffixes, names or shebangs")
    for word in table.shown:
        if word not in words:
            raise _Wrong("reads.shown", f"{word} is none of its suffixes, names and shebangs")
    # A pattern that ends in a suffix is about files with that suffix.
    own = {name: match[0].lower() for name in table.names if (match := _SUFFIX.search(name))}
    return Reads(
        suffixes=table.suffixes,
        names=table.names,
        shebangs=table.shebangs,
        shown=dict(sorted({**own, **table.shown}.items())),
    )


def _check_args(table: ToolTable) -> None:
    words = "\n".join(table.args)
    for found in _PLACEHOLDER.findall(words):
        if found not in (FILES, ROOT, OUTPUT):
            raise _Wrong("args", f"{found} stands for nothing; known are {FILES}, {OUTPUT}, {ROOT}")
    if words.count(FILES) != table.args.count(FILES):
        raise _Wrong("args", f"{FILES} must be an argument of its own")
    if table.unit == "file" and table.args.count(FILES) != 1:
        raise _Wrong("args", f"{FILES} must stand there once: the files that the tool reads")
    if (table.output == "stdout") == (OUTPUT in words):
        raise _Wrong("output", f"name a file and use {OUTPUT} in args, or do neither: then stdout is read")
    if not _NAME.fullmatch(table.output):
        raise _Wrong("output", f"{table.output} is not the name of a file")


def _canary(table: CanaryTable, place: int) -> Canary:
    for name in table.files:
        if not _PATH.fullmatch(name):
            raise _Wrong(f"canary[{place}].files", f"{name} is not a plain relative path")
    for expect in table.expects:
        if expect.file not in table.files:
            raise _Wrong(f"canary[{place}].expects", f"{expect.file} is not one of its files")
    return Canary(
        label=table.label,
        files=dict(sorted(table.files.items())),
        expects=tuple(Expect(rule=e.rule, file=e.file, line=e.line) for e in table.expects),
    )
