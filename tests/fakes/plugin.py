"""A plugin with one scanner of ``*.fake`` files and one format. The constants say how it misbehaves.

A test copies this file and sets them; as it stands it is honest.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any

from devsecops.api import (
    Canary,
    Context,
    Cover,
    Expect,
    File,
    Finding,
    Parsed,
    RawOutput,
    Reads,
    Region,
    Report,
    Rule,
    RuleRef,
    Spec,
    ToolError,
    ToolRun,
    ToolSpec,
    Unit,
    hookimpl,
    read_json,
)

NAME = "fake"
STYLE = "tool"  # or "scan": in process
FAULT = ""  # "PLACE KIND", such as "parse regex"


RULE = Rule(tool=NAME, id="DANGER", summary="Danger stands here.", help="Take it out.", severity="low")


def answer(place: str, honest: Any) -> Any:
    """Return what is honest, unless FAULT is about this place."""
    where, _, kind = FAULT.partition(" ")
    if where != place:
        return honest
    if kind == "raise":
        raise RuntimeError("the plugin broke")
    if kind == "regex":
        return re.match(r"(a|a)+$", "a" * 80 + "b")
    if kind == "memory":
        held = []
        while True:
            held.append(bytes(64 << 20))
    if kind == "os-exit":
        os._exit(0)
    if kind == "sys-exit":
        sys.exit(0)
    if kind == "none":
        return None
    if kind == "level" and isinstance(honest, Parsed):
        finding: Any = _finding("0.fake", 1)
        return Parsed(
            findings=(type(finding)(**_fields(finding) | {"severity": "hgih"}),), cover=honest.cover
        )
    return {"findings": 7}


def _fields(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__struct_fields__}


def _finding(path: str, line: int) -> Finding:
    return Finding(
        rule=RuleRef(tool=NAME, id="DANGER"),
        kind="sast",
        severity="low",
        message="danger",
        location=File(path=path, region=Region(start_line=line)),
    )


def _scanned(path: str) -> Cover:
    return Cover(unit=Unit(kind="file", id=path), state="scanned")


def _slow(path: str) -> Cover:
    return Cover(unit=Unit(kind="file", id=path), state="failed", why="timeout", note="it did not end")


answer("import", None)


class _Base:
    spec = Spec(
        name=NAME,
        kind="sast",
        reads=Reads(suffixes=(".fake",)),
        unit="file" if STYLE == "tool" else "project",
        tool=ToolSpec(name=NAME, command=str(Path(__file__).with_name("tool"))) if STYLE == "tool" else None,
        controls=(
            Canary(
                label="fake",
                files={"canary.fake": "a line\nDANGER\n"},
                expects=(Expect(rule="DANGER", file="canary.fake", line=2),),
            ),
        ),
        deadline_s=60.0,
        options={"mode": "honest"},
    )


class ByTool(_Base):
    def plan(self, ctx: Context) -> list[ToolRun]:
        assert ctx.tool is not None
        argv = (*ctx.tool.script("tool"), "scan", ctx.options["mode"], *(unit.path for unit in ctx.units))
        return answer("plan", [ToolRun(argv=argv)])  # type: ignore[no-any-return]

    def parse(self, ctx: Context, raw: list[RawOutput]) -> Parsed:
        try:
            report = read_json(raw[0].data)
        except ValueError as error:
            raise ToolError(f"its report is broken: {error}") from error
        honest = Parsed(
            findings=tuple(_finding(found["path"], found["line"]) for found in report["findings"]),
            cover=(*map(_scanned, report["scanned"]), *map(_slow, report["slow"])),
            rules=(RULE,),
            again=tuple(report["slow"]),
        )
        return answer("parse", honest)  # type: ignore[no-any-return]


class InProcess(_Base):
    def scan(self, ctx: Context) -> Parsed:
        findings, cover = [], []
        for unit in ctx.units:
            data = ctx.read(unit.path)
            if data is None:
                raise ToolError(f"{unit.path} cannot be read")
            lines = data.decode("utf-8", "replace").split("\n")
            findings += [_finding(unit.path, n) for n, line in enumerate(lines, 1) if "DANGER" in line]
            cover.append(_scanned(unit.path))
        honest = Parsed(findings=tuple(findings), cover=tuple(cover), rules=(RULE,), version="1")
        return answer("scan", honest)  # type: ignore[no-any-return]


class Words:
    name, media_type, suffix = f"{NAME}-words", "text/plain", ".txt"

    def render(self, report: Report) -> bytes:
        return answer("render", report.verdict.statement.cause.encode())  # type: ignore[no-any-return]


@hookimpl
def devsecops_scanners() -> list[Any]:
    return answer("hook", [ByTool() if STYLE == "tool" else InProcess()])  # type: ignore[no-any-return]


@hookimpl
def devsecops_reporters() -> list[Words]:
    return [Words()]
