"""Each check finds the plugin that breaks what it promises, and none of them an honest one."""

from __future__ import annotations

from pathlib import Path

import pytest

from devsecops.testing import Says, check, fake_tool, faults, scan
from devsecops.testing.bench import Bench
from devsecops.testing.conformance import ALWAYS, AT_WORK, IN_PROCESS, OF_FORMATS, WITH_TOOL
from devsecops.testing.engine import Ran
from devsecops.testing.outputs import mutations
from tests.testing.conftest import Changed, bench, wrong, wrong_format


@pytest.mark.parametrize("style", ["tool", "scan"])
def test_an_honest_plugin_passes_every_check(changed: Changed, style: str) -> None:
    done = check(changed(style), offline=True)
    assert [(one.subject, one.name, one.wrong) for one in done if not one.passed] == []
    own = {"has its tool", *WITH_TOOL} if style == "tool" else set(IN_PROCESS)
    assert {one.name for one in done} == {"loads", *ALWAYS, *AT_WORK, *own, *OF_FORMATS}
    assert all(one.promise for one in done)


READ = "report = read_json(raw[0].data)"
LOOSE = "import json; report = json.loads(raw[0].data)"
DATA = "data = ctx.read(unit.path)"
GIVEN = "def parse(self, ctx: Context, raw: list[RawOutput]) -> Parsed:\n"
UNITS = "[unit.path for unit in ctx.units]"
IN_SCAN = "findings, cover = [], []\n"
FAULTS = {
    "a name for a shell": ("scan", "describes itself", "NAME = 'fake'", "NAME = 'Fake it'", "lower-case"),
    "nothing read": ("scan", "describes itself", 'suffixes=(".fake",)', "", "reads nothing"),
    "a suffix without a dot": (
        "scan",
        "describes itself",
        'suffixes=(".fake",)',
        'suffixes=("fake",)',
        "dot",
    ),
    "no time": ("scan", "describes itself", "deadline_s=60.0", "deadline_s=0.0", "deadline_s is 0"),
    "no canary": ("scan", "describes itself", "controls=(", "controls=() and (", "no control"),
    "a canary of no rule": (
        "scan",
        "describes itself",
        'expects=(Expect(rule="DANGER", file="canary.fake", line=2),)',
        "expects=()",
        "expects nothing",
    ),
    "a canary in no file": (
        "scan",
        "describes itself",
        'file="canary.fake"',
        'file="x.fake"',
        "does not have",
    ),
    "a canary in no line": ("scan", "describes itself", "line=2)", "line=9)", "in line 9"),
    "a canary that is not read": (
        "scan",
        "describes itself",
        "canary.fake",
        "canary.txt",
        "none that the scanner reads",
    ),
    "a canary in another line": ("scan", "finds its canaries", "line=2)", "line=1)", "was not found"),
    "no rule": ("scan", "finds its canaries", "rules=(RULE,), ", "", "not among the rules"),
    "no help": ("scan", "finds its canaries", 'help="Take it out."', 'help=""', "what to do"),
    "a weakness of no form": (
        "scan",
        "finds its canaries",
        'message="danger",',
        'message="danger", weakness="79",',
        "CWE-79",
    ),
    "another kind": (
        "scan",
        "finds its canaries",
        'kind="sast",\n        severity',
        'kind="sca",\n        severity',
        "of kind sca",
    ),
    "no message": ("scan", "finds its canaries", 'message="danger"', 'message=""', "no message"),
    "a score of no scale": (
        "scan",
        "finds its canaries",
        'message="danger"',
        'message="danger", score=11.0',
        "score 11",
    ),
    "a line of no file": (
        "scan",
        "finds its canaries",
        "Region(start_line=line)",
        "Region(start_line=line, end_line=99)",
        "a line that",
    ),
    "a unit left out": (
        "scan",
        "finds its canaries",
        "cover.append(_scanned(unit.path))",
        "cover[:] = cover or [_scanned(unit.path)]",
        "not-reached",
    ),
    "two rows for a unit": (
        "scan",
        "finds its canaries",
        "cover.append(_scanned(unit.path))",
        "cover += [_scanned(unit.path)] * 2",
        "2 rows",
    ),
    "a process": ("scan", "asked twice", DATA, f"os.system('true'); {DATA}", "starts a process"),
    "a file elsewhere": (
        "tool",
        "asked twice",
        GIVEN,
        f"{GIVEN}        Path('/tmp/devsecops-stray').write_text('')\n",
        "outside of its scratch",
    ),
    "the network": (
        "scan",
        "asked twice",
        DATA,
        f"import socket; socket.getaddrinfo('127.0.0.1', 1); {DATA}",
        "uses the network",
    ),
    "two answers": (
        "tool",
        "asked twice",
        GIVEN,
        f"{GIVEN}        global RULE; RULE = Rule(tool=NAME, id='DANGER', summary=RULE.summary + '!')\n",
        "two answers",
    ),
    "a set": (
        "scan",
        "same result",
        'message="danger"',
        'message=" ".join({str(n) * 9 for n in range(40)})',
        "another interpreter",
    ),
    "the folder's name": (
        "scan",
        "same result",
        'if "DANGER" in line',
        'if "DANGER" in line and "/x" not in f"/{unit.path}"',
        "other names",
    ),
    "a file that raises": (
        "scan",
        "strange files",
        'data.decode("utf-8", "replace")',
        "data.decode()",
        "took the whole scan",
    ),
    "a file that is passed over": (
        "scan",
        "strange files",
        "cover.append(_scanned(unit.path))",
        "cover += [_scanned(unit.path)] * bool(data)",
        "0 rows",
    ),
    "a gone file": (
        "scan",
        "file gone",
        "if data is None:",
        "data = data or b''\n            if data is None:",
        "could not be read",
    ),
    "a secret in a rule": (
        "scan",
        "secrets",
        IN_SCAN,
        f"{IN_SCAN}        RULE = Rule(tool=NAME, id='DANGER', help=str([*map(ctx.read, {UNITS})]))\n",
        "rules",
    ),
    "a secret in its version": (
        "scan",
        "secrets",
        'version="1"',
        "version=data.hex() if data else ''",
        "tool",
    ),
    "nothing is read": ("scan", "interrupted", DATA, "data = b''", "reads no file"),
    "loose JSON": ("tool", "output changed", READ, LOOSE, "with NaN"),
    "a rule of any kind": (
        "tool",
        "output changed",
        'found["line"]',
        'int(found["line"] or 1)',
        "[] at findings/",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_check_finds_what_is_wrong(changed: Changed, fault: str, tmp_path: Path) -> None:
    style, name, old, new, words = FAULTS[fault]
    said = wrong(changed(style, (old, new)), name, tmp_path)
    assert any(words in one for one in said), said
    assert wrong(changed(style), name, tmp_path) == []


@pytest.mark.parametrize("name", [*(n for n in WITH_TOOL if n != "output changed"), "interrupted"])
def test_a_fault_of_the_tool_that_is_taken_for_good_is_found(
    changed: Changed, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine does not let it come to that; here it does: every run is honest whatever the tool did."""

    def honest(self: Bench, *given: object, **more: object) -> Ran:
        return self.run(self.samples()[0])

    monkeypatch.setattr(Bench, "run_with", honest)
    monkeypatch.setattr(Bench, "run_without_tool", honest)
    said = wrong(changed("tool"), name, tmp_path)
    assert said
    assert all("complete although" in one for one in said)


def test_a_tool_that_cannot_be_had_fails_every_check_that_needs_it(changed: Changed, tmp_path: Path) -> None:
    plugin = changed("tool")
    plugin.with_name("tool").unlink()
    failed = {one.name: one.wrong for one in check(plugin, offline=True) if not one.passed}
    assert "does not exist" in failed.pop("has its tool")[0]
    assert set(failed) == {*AT_WORK, "output changed", "output of others"} - {"interrupted"}
    assert {words for said in failed.values() for words in said} == {"it could not be tried without its tool"}


def test_a_plugin_that_cannot_be_loaded_fails(changed: Changed) -> None:
    (done,) = check(changed("scan", ('answer("import", None)', "import no_such_module")))
    assert "ModuleNotFoundError" in done.wrong[0]


def test_a_plugin_that_contributes_nothing_fails(tmp_path: Path) -> None:
    plugin = tmp_path / "idle.py"
    plugin.write_text("from devsecops.api import hookimpl\n@hookimpl\ndef devsecops_scanners(): return []\n")
    (done,) = check(plugin)
    assert "contributes nothing" in done.wrong[0]


RENDER = "report.verdict.statement.cause.encode()"
FORMATS = {
    "a name for a shell": ("describes itself", 'f"{NAME}-words"', '"Words of"', "lower-case"),
    "no media type": ("describes itself", '"text/plain"', '"text"', "media type"),
    "no dot": ("describes itself", '".txt"', '"txt"', "needs a dot"),
    "no bytes": ("renders", RENDER, "report.verdict.statement.cause", "not bytes"),
    "nothing": ("renders", RENDER, "b''", "is empty"),
    "an exception": (
        "renders",
        RENDER,
        "report.findings[0].id.encode()",
        "without findings cannot be rendered",
    ),
    "a clock": (
        "renders",
        RENDER,
        "str(__import__('time').time_ns()).encode()",
        "other bytes the second time",
    ),
    "a set": ("renders", RENDER, "' '.join({str(n) * 9 for n in range(40)}).encode()", "another interpreter"),
    "raw text": ("hostile text", RENDER, "report.findings[0].basis.encode()", "lets '\\x1b' through"),
    "markup": ("hostile text", '"text/plain"', '"text/html"', "markup"),
    "no UTF-8": ("hostile text", RENDER, "b'\\xff'", "not UTF-8"),
    "no JSON": ("hostile text", '"text/plain"', '"application/json"', "not JSON"),
    "no XML": ("hostile text", '"text/plain"', '"application/xml"', "not XML"),
    "no cause": ("says the cause", RENDER, "b'fine'", "does not say the cause"),
}


@pytest.mark.parametrize("fault", FORMATS)
def test_a_check_finds_what_is_wrong_with_a_format(changed: Changed, fault: str) -> None:
    name, old, new, words = FORMATS[fault]
    assert wrong_format(changed("scan"), name) == []
    edits = [(old, new)] if fault != "markup" else [(old, new), (RENDER, "b'a <script>x</script>'")]
    said = wrong_format(changed("scan", *edits), name)
    assert any(words in one for one in said), said


@pytest.mark.parametrize(
    ("page", "through"),
    [
        ("a <script>x</script>", True),
        ("```\n<script>\n```\n", False),
        ("a `` <script>`x` `` b", False),
        ("a `x` <script> `y`", True),
        ("```\nx\n```\n[a](javascript:x)", True),
    ],
)
def test_markup_in_code_of_markdown_does_nothing(changed: Changed, page: str, through: bool) -> None:
    plugin = changed("scan", ('"text/plain"', '"text/markdown"'), (RENDER, f"{page!r}.encode()"))
    assert any("markup" in one for one in wrong_format(plugin, "hostile text")) is through


def test_a_canary_whose_name_does_not_count_is_tried_under_one_that_is_read(
    changed: Changed, tmp_path: Path
) -> None:
    plugin = changed("tool", ('suffixes=(".fake",)', 'names=(".ci/jobs/*.fake",)'))
    assert wrong(plugin, "describes itself", tmp_path) == []
    assert wrong(plugin, "finds its canaries", tmp_path) == []
    files, expected = bench(plugin, tmp_path).samples()
    assert set(files) == {"sample-0/canary.fake/.ci/jobs/x.fake"}
    assert [one.path for one in expected] == list(files)


def test_outputs_are_changed_in_every_way_that_counts() -> None:
    honest = b'{"results": [{"name": "000001.py", "line": 3}], "errors": []}\n'
    changed_ = list(mutations(honest, ["000001.py", "000002.py"]))
    assert all(one.data != honest for one in changed_)
    names = [one.name for one in changed_ if one.strict]
    for name in (
        "empty",
        "cut in half",
        "garbage",
        "with NaN",
        "nested without end",
        "a key twice, empty at last",
    ):
        assert name in names
    assert names.count("about a file that it was never given") == 1
    assert any(b"../../etc/900001.py" in one.data for one in changed_)
    assert b'[], "results": []}' in next(one.data for one in changed_ if "at last" in one.name)
    loose = [one.name for one in changed_ if not one.strict]
    assert "7 at results" in loose
    assert "[] at results/0/line" in loose


def test_what_is_no_json_is_cut_and_garbled_all_the_same() -> None:
    names = {one.name for one in mutations(b"000001.py:3: bad\nend\n", ["000001.py"])}
    assert {"empty", "cut in half", "garbage", "about a file that it was never given"} <= names


def test_a_recorded_output_is_repeated_in_another_folder(changed: Changed, tmp_path: Path) -> None:
    """What the suite concludes rests on it: the same words in another run are as good as the tool's."""
    assert list(faults.output(bench(changed("tool"), tmp_path))) == []
    one = bench(changed("tool"), tmp_path)
    _, recorded = one.record(one.samples()[0])
    assert recorded.outputs[0].startswith(b"{")


def test_scan_runs_the_real_engine(changed: Changed, tmp_path: Path) -> None:
    plugin = changed("tool")
    files = {"a.fake": "DANGER\n", "b.fake": "fine\n", "c.txt": "DANGER\n"}
    result = scan(plugin, files)
    assert [(f.rule.id, getattr(f.location, "path", "")) for f in result.findings] == [("DANGER", "a.fake")]
    assert {row.unit.id for row in result.cover} == {"a.fake", "b.fake"}
    assert scan(plugin, files, options={"mode": "liar"}).problems[0].code == "self-test-failed"
    broken = scan(plugin, files, tool=fake_tool(tmp_path / "t", Says(stdout=b"{")))
    assert (broken.status, broken.findings) == ("failed", ())
    assert scan(plugin, files, tool=fake_tool(tmp_path / "h", do="hang"), deadline_s=2).status == "failed"
