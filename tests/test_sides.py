"""Both sides of a change in one course: each gets what it would get alone, whatever the tool does."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from msgspec.structs import replace

from devsecops.contract import Parsed, ToolError
from devsecops.engine.scan import Setting, Side, scan, together
from devsecops.engine.sides import split
from devsecops.model import Cover, File, Finding, Region, Rule, RuleRef, ScanResult, Source, Unit
from devsecops.policy import Policy, ScannerRules
from devsecops.registry import discover
from devsecops.subject import Tree
from devsecops.subject.ledger import assign
from devsecops.testing.engine import Held
from tests.e2e.program import write_plugin

HEAD = {
    "same.fake": "one\nDANGER\n",
    "moved.fake": "more\none\nDANGER\n",
    "mended.fake": "one\n",
    "new.fake": "DANGER\nDANGER\n",
    "000003.fake": "a name like those in the batch: DANGER\n",
}
BASE = {
    "same.fake": "one\nDANGER\n",
    "moved.fake": "one\nDANGER\n",
    "mended.fake": "one\nDANGER\nDANGER\n",
    "gone.fake": "DANGER\n",
    "000003.fake": "harmless\n",
}
Files = Mapping[str, str | None]


class Engine:
    """The engine, and a scanner that writes down each start of its tool, or in process each look."""

    def __init__(self, folder: Path, mode: str = "honest", *, style: str = "tool", **changed: str) -> None:
        self._folder = folder
        self._log = folder / "starts"
        self.took = 0
        """How many sides of the last scan say how long it took."""
        note = f"open({str(self._log)!r}, 'a').write('x')"
        plugin = write_plugin(folder, style=style)
        text = plugin.read_text()
        ours = {
            'unit="file"': 'both_sides=True, unit="file"',
            "findings, cover =": f"{note}; findings, cover =",
        }
        for old, new in (ours | changed).items():
            assert old in text
            text = text.replace(old, new)
        plugin.write_text(text)
        tool = folder / "tool"
        first, rest = tool.read_text().split("\n", 1)
        tool.write_text(f"{first}\n{note}\n{rest}")
        self._setting = Setting(
            registry=discover((), [str(plugin)]),
            policy=Policy(scanners={"fake": ScannerRules(deadline_s=14, options={"mode": mode})}),
            today="2026-01-01",
            offline=True,
            say=lambda _: None,
            stopped=lambda: False,
        )

    @property
    def starts(self) -> int:
        """How many processes of the tool there were; counting starts anew."""
        count = len(self._log.read_text())
        self._log.unlink()
        return count

    def __call__(self, *trees: Files) -> list[ScanResult]:
        """Scan the trees together; return the result of each."""
        sides = [self._side(files) for files in trees]
        scanned = scan(sides, self._setting)
        took = [one for one in scanned if one.seconds]
        total = sum(one.seconds["fake"] for one in took)
        assert together(scanned).seconds == pytest.approx({"fake": total} if took else {})
        self.took = len(took)
        return [result for one in scanned for result in one.results]

    def _side(self, files: Files) -> Side:
        held = Held(files)
        tree = Tree(
            part=Source(tree="dir:0"),
            root=self._folder / "tree",
            in_git=False,
            listed=held.listed(),
            content=held,
        )
        return Side(tree, assign(tree, [self._setting.registry.scanners["fake"]]).units)


def test_one_process_looks_at_both(tmp_path: Path) -> None:
    engine = Engine(tmp_path)
    head, base = engine(HEAD, BASE)
    assert (engine.starts, engine.took) == (1, 1)
    assert [head, base] == engine(HEAD) + engine(BASE)
    assert engine.starts == 2
    assert places(head) == {("same.fake", 2), ("moved.fake", 3), ("new.fake", 1), ("new.fake", 2),
                            ("000003.fake", 1)}  # fmt: skip
    assert places(base) == {("same.fake", 2), ("moved.fake", 2), ("mended.fake", 2), ("mended.fake", 3),
                            ("gone.fake", 1)}  # fmt: skip
    assert head.status == base.status == "complete"
    assert rows(head) == dict.fromkeys(HEAD, "scanned")
    assert rows(base) == dict.fromkeys(BASE, "scanned")


def test_a_side_without_files_takes_no_part(tmp_path: Path) -> None:
    head, base = Engine(tmp_path)(HEAD, {"a.txt": "DANGER\n"})
    assert (head.status, base.status) == ("complete", "not-applicable")


def test_another_scanner_looks_at_each_alone(tmp_path: Path) -> None:
    engine = Engine(tmp_path, **{"both_sides=True": "both_sides=False"})
    assert places(engine(HEAD, BASE)[0]) == places(Engine(tmp_path / "other")(HEAD)[0])
    assert (engine.starts, engine.took) == (2, 2)


@pytest.mark.parametrize("mode", ["liar", "stranger", "exit137", "silent", "truncated", "nothing"])
def test_a_tool_that_does_not_work_works_for_neither(tmp_path: Path, mode: str) -> None:
    engine = Engine(tmp_path, mode)
    head, base = engine(HEAD, BASE)
    assert [head, base] == engine(HEAD) + engine(BASE)
    assert head.status == base.status == ("partial" if mode == "nothing" else "failed")
    assert head.cover == base.cover == ()


@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize("word", ["KILLS-THE-TOOL", "GARBLES-THE-REPORT", "HANGS-THE-TOOL"])
def test_a_file_that_ends_the_tool_is_one_file_of_one_side(tmp_path: Path, word: str, side: int) -> None:
    trees = [HEAD, BASE]
    trees[side] = {**trees[side], "moved.fake": f"DANGER\n{word}\n"}
    results = Engine(tmp_path)(*trees)
    whole, hurt = results[1 - side], results[side]
    assert whole.status == "complete"
    assert [whole] == Engine(tmp_path / "other")(trees[1 - side])
    assert hurt.status == "partial"
    assert rows(hurt) == {name: "failed" if name == "moved.fake" else "scanned" for name in trees[side]}
    assert "moved.fake" not in {path for path, _ in places(hurt)}
    assert len(places(hurt)) == len(places(Engine(tmp_path / "third")([HEAD, BASE][side])[0])) - 1


def test_a_file_that_was_cut_short_is_looked_at_again_alone(tmp_path: Path) -> None:
    base = {**BASE, "moved.fake": "DANGER\nSLOW-AMONG-OTHERS\n", "gone.fake": "DANGER\nSLOW-ALWAYS\n"}
    engine = Engine(tmp_path)
    theirs, ours = engine(HEAD, base)
    assert engine.starts == 3
    assert [theirs, ours] == engine(HEAD) + engine(base)
    assert theirs.status == "complete"
    assert ("moved.fake", 1) in places(ours)
    assert rows(ours) == {**dict.fromkeys(base, "scanned"), "gone.fake": "failed"}


def test_a_file_that_is_gone_is_missing_from_its_side_only(tmp_path: Path) -> None:
    head, base = Engine(tmp_path)(HEAD, {**BASE, "same.fake": None})
    assert head.status == "complete"
    assert {row.unit.id: row.why for row in base.cover if row.state != "scanned"} == {
        "same.fake": "changed-while-reading"
    }


@pytest.mark.parametrize(
    "slip",
    [
        {'_finding(found["path"]': '_finding({u.path: u.id for u in ctx.units}[found["path"]]'},
        {"report = read_json(": "ctx.read('same.fake'); report = read_json("},
    ],
    ids=["by-id", "reads"],
)
def test_a_scanner_that_does_not_keep_its_word_is_not_believed(tmp_path: Path, slip: dict[str, str]) -> None:
    """One that names files by an id that two may have, or that reads a tree where there are two."""
    head, base = ({name: files[name] for name in ("same.fake", "moved.fake")} for files in (HEAD, BASE))
    for result in Engine(tmp_path, **slip)(head, base):
        assert result.status in ("partial", "failed")
        assert result.findings == ()


BESIDE = {
    "            lines = data.decode": "            data += ctx.read('beside') or b''; lines = data.decode"
}


def test_in_process_one_look_is_enough_where_nothing_differs(tmp_path: Path) -> None:
    engine = Engine(tmp_path, style="scan", **BESIDE)
    head = {**BASE, "beside": "DANGER\n", "other": "1\n"}
    base = {**head, "other": "2\n"}
    results = engine(head, base)
    assert (engine.starts, engine.took) == (1, 1)
    assert results == engine(head) + engine(base)
    assert results[0].status == "complete"
    assert len(places(results[1])) == 2 * len(BASE) - 1 + 1


@pytest.mark.parametrize("theirs", ["none\n", None])
def test_in_process_another_look_is_taken_where_it_read_what_differs(
    tmp_path: Path, theirs: str | None
) -> None:
    """A file of no scanner, changed or gone."""
    engine = Engine(tmp_path, style="scan", **BESIDE)
    head = {**BASE, "beside": "DANGER\n"}
    base = {**BASE} if theirs is None else {**BASE, "beside": theirs}
    results = engine(head, base)
    assert (engine.starts, engine.took) == (2, 1)
    assert results == engine(head) + engine(base)
    assert places(results[0]) != places(results[1])


def test_in_process_other_files_are_looked_at_each_alone(tmp_path: Path) -> None:
    engine = Engine(tmp_path, style="scan")
    results = engine(HEAD, BASE)
    assert (engine.starts, engine.took) == (2, 2)
    assert results == engine(HEAD) + engine(BASE)


@pytest.mark.parametrize("fault", ["raise", "os-exit", "none"])
def test_in_process_what_breaks_breaks_for_both(tmp_path: Path, fault: str) -> None:
    engine = Engine(tmp_path, style="scan", **{"FAULT = ''": f"FAULT = 'scan {fault}'"})
    results = engine(BASE, dict(BASE))
    assert [result.status for result in results] == ["failed", "failed"]
    assert results == engine(BASE) * 2


def test_what_is_told_apart() -> None:
    """Rules of the other side's findings and places in its files are left out, what is of neither is not."""

    def finding(path: str, rule: str, related: str) -> Finding:
        where = File(path=path, region=Region(start_line=1))
        return Finding(
            rule=RuleRef(tool="t", id=rule), kind="sast", severity="low", message="m", location=where,
            related=(replace(where, path=related),),
        )  # fmt: skip

    def rule(name: str) -> Rule:
        return Rule(tool="t", id=name, summary="s", severity="low")

    findings = (
        finding("1", "both", "1"), finding("2", "both", "1"), finding("2", "base", "2"),
        finding("c", "canary", "c"), finding("2", "canary", "c"),
    )  # fmt: skip
    cover = (
        Cover(unit=Unit(kind="file", id="1"), state="scanned"),
        Cover(unit=Unit(kind="package", id="2#flask"), state="scanned"),
    )
    parsed = Parsed(
        findings=findings,
        cover=cover,
        rules=tuple(map(rule, ("both", "base", "canary", "unused"))),
        notes=("n",),
        again=("2",),
    )

    def side_of(path: str) -> int | None:
        if path not in ("1", "2", "c"):
            raise ToolError(path)
        return {"1": 0, "2": 1}.get(path)

    head, base = split(parsed, 2, side_of)
    assert head.findings == (findings[0], findings[3])
    assert base.findings == (replace(findings[1], related=()), *findings[2:])
    assert [[rule.id for rule in one.rules] for one in (head, base)] == [
        ["both", "canary", "unused"], ["both", "base", "canary", "unused"],
    ]  # fmt: skip
    assert (head.cover, base.cover) == (cover[:1], cover[1:])
    assert (head.again, base.again) == ((), ("2",))
    assert head.notes == base.notes == ("n",)
    with pytest.raises(ToolError):
        split(replace(parsed, again=("3",)), 2, side_of)


def places(result: ScanResult) -> set[tuple[str, int]]:
    return {
        (finding.location.path, finding.location.region.start_line)
        for finding in result.findings
        if isinstance(finding.location, File) and finding.location.region is not None
    }


def rows(result: ScanResult) -> dict[str, str]:
    return {row.unit.id: row.state for row in result.cover}
