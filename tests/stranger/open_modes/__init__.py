"""Shell scripts that open files to everybody. It starts a tool of its own, open-modes.sh beside it."""

from __future__ import annotations

from pathlib import Path

from devsecops import api

RULE = api.Rule(
    tool="open-modes",
    id="OPEN",
    summary="Files are opened to everybody.",
    help="Give the narrowest mode that works, such as 750.",
    weakness="CWE-732",
    severity="high",
    confidence="high",
)
CANARY = api.Canary(
    label="shell",
    files={"canary.sh": "#!/bin/sh\nset -e\nchmod -R 777 /srv\n"},
    expects=(api.Expect(rule="OPEN", file="canary.sh", line=3),),
)


class OpenModes:
    """Scans the scripts of one batch by one process."""

    spec = api.Spec(
        name="open-modes",
        kind="config",
        reads=api.Reads(suffixes=(".sh",), shebangs=("sh", "bash")),
        tool=api.ToolSpec(name="open-modes", command=str(Path(__file__).with_name("open-modes.sh"))),
        controls=(CANARY,),
    )

    def plan(self, ctx: api.Context) -> list[api.ToolRun]:
        """Return the one process."""
        if ctx.tool is None:
            raise api.ToolError("it needs its tool")
        return [api.ToolRun(argv=(*ctx.tool.script("open-modes.sh"), *(unit.path for unit in ctx.units)))]

    def parse(self, ctx: api.Context, raw: list[api.RawOutput]) -> api.Parsed:
        """Return what it found."""
        given = {unit.path: unit for unit in ctx.units}
        try:
            report = api.read_json(raw[0].data)
            read = [given[name] for name in report["read"]]
            hits = [(given[hit["file"]], int(hit["line"])) for hit in report["hits"]]
        except (ValueError, TypeError, KeyError) as error:
            raise api.ToolError(f"its report is broken: {type(error).__name__}") from error
        return api.Parsed(
            findings=tuple(api.finding_at(unit, line, RULE, kind="config") for unit, line in hits),
            cover=tuple(api.Cover(unit=api.Unit(kind="file", id=unit.id), state="scanned") for unit in read),
            rules=(RULE,),
        )


@api.hookimpl
def devsecops_scanners() -> list[OpenModes]:
    """Return the scanner."""
    return [OpenModes()]
