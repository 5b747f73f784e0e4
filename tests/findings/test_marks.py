"""Inline marks: what each covers, and where it has to stand to count."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devsecops.change import Change, FileChange
from devsecops.contract import Parsed, ReadyTool, ScanUnit
from devsecops.engine.task import Task, finish
from devsecops.findings.complete import SourceText
from devsecops.findings.marks import LINE, MARK, NO_REASON, REASON, Marks, mark_kind, marked, trusted_marks
from devsecops.model import File, Finding, Package, Region, Rule, RuleRef
from devsecops.tools import ready
from devsecops_bandit import Bandit
from devsecops_semgrep import Semgrep
from tests.findings.changes import change

BANDIT = """\
import subprocess
eval(a)  # nosec
eval(b)  #nosec
eval(c)  # NOSEC
eval(d)  # nosec B307
eval(e)  # nosec: B307
eval(f)  # nosec B602
eval(g)  # nosec B602, B307
eval(h)  # nosec B602 B307
eval(i)  # nosec because it is fine
eval(j)  # nosec: it is fine
eval(k)  # nosec B999
eval(l)  # nosec eval
eval(m)  # nosec exec_used
eval(n)  # nosec - B307 is fine
eval("# nosec")
eval(
    o)  # nosec
eval(  # nosec
    p)
subprocess.call(q,  # nosec B307
    shell=True)
subprocess.call(r,
    shell=True)  # nosec B602
eval(s)  # noqa # nosec
eval(t)  # noqa, nosec
# nosec
eval(u)
eval(v)  # nosecurity
eval(w)  # nosec#comment B602
eval(x)  # nosec B602 # nosec B307
eval(y)  # nosec random is fine
eval('''
# nosec
''')
eval(z)  # nosec b307
"""
BANDIT_OPEN = {4, 7, 14, 16, 22, 26, 28, 31, 32, 33}
"""What bandit 1.9.4 itself reports of these lines."""
STRICTER = {12, 29, 36}
"""An unknown test, or a word that only begins as a mark does: bandit takes them for a mark without tests."""

SEMGREP = """\
eval(a)  # nosemgrep
eval(b)  # nosemgrep: my-rule
eval(c)  # nosemgrep: other-rule
eval(d)  # nosemgrep: other, my-rule
eval(e)  #nosemgrep
eval(f)  # NOSEMGREP
eval(g)  # nosem
eval(h)  # nosemgrep because it is fine
eval(i)  # nosemgrep:my-rule because
# nosemgrep
eval(j)
x = 1  # nosemgrep
eval(k)
eval("# nosemgrep")
eval(
  l)  # nosemgrep
eval(  # nosemgrep
  m)
# nosemgrep: my-rule

eval(n)
eval(o)  # nosemgrep: pack.my-rule
# nosemgrep: other
eval(p)
# nosemgrep: my-rule - because of this
eval(q)
eval(r)  # nosemgrep:
eval(s)  # nosemgrep:my-rule
"""
SEMGREP_OPEN = {3, 5, 13, 15, 21, 22, 24}
SEMGREP_STRICTER = {14, 27}
"""A mark in a string, and one that announces rules and names none."""


def at(path: str, start: int, end: int | None = None) -> File:
    return File(path=path, region=Region(start_line=start, end_line=end or start))


def found(
    path: str, start: int, end: int | None = None, *, rule: str = "bandit/B307", **more: object
) -> Finding:
    tool, _, name = rule.partition("/")
    return Finding(
        id=f"f{start}",
        rule=RuleRef(tool=tool, id=name),
        kind="sast",
        severity="high",
        message="m",
        location=at(path, start, end),
        **more,  # type: ignore[arg-type]
    )


def mark(line: str, rule: str = "bandit/B602", path: str = "a.py", name: str = "") -> str | None:
    text = f"{line}\n"
    last = text.count("\n")
    return marked(Marks(SourceText(text), path).on(found(path, last, rule=rule), name))


def bandit_regions() -> list[tuple[int, int, str]]:
    """The findings that bandit has in `BANDIT`: first line, last line, rule."""
    several = {17: 18, 19: 20, 33: 35}
    lines = BANDIT.splitlines()
    starts = [n for n, line in enumerate(lines, 1) if line.startswith("eval(")]
    calls = [(22, 22, "B602"), (24, 24, "B602")]  # bandit names the line of the argument
    return sorted([(n, several.get(n, n), "B307") for n in starts] + calls)


def uncovered(text: str, path: str, regions: list[tuple[int, int, str]], tool: str) -> set[int]:
    marks = Marks(SourceText(text), path)
    names = {"B307": "eval"}
    return {
        start
        for start, end, rule in regions
        if marked(marks.on(found(path, start, end, rule=f"{tool}/{rule}"), names.get(rule, ""))) is None
    }


def test_marks_of_bandit_cover_what_they_name() -> None:
    assert uncovered(BANDIT, "a.py", bandit_regions(), "bandit") == BANDIT_OPEN | STRICTER
    assert uncovered("#!/usr/bin/python3\n" + BANDIT, "run", [(34, 36, "B307")], "bandit") == {34}


def semgrep_regions() -> list[tuple[int, int, str]]:
    several = {15: 16, 17: 18}
    lines = SEMGREP.splitlines()
    starts = [n for n, line in enumerate(lines, 1) if line.startswith("eval(")]
    return [(n, several.get(n, n), "my-rule") for n in starts]


def test_marks_of_semgrep_cover_what_they_name() -> None:
    assert uncovered(SEMGREP, "a.py", semgrep_regions(), "semgrep") == SEMGREP_OPEN | SEMGREP_STRICTER
    other = SEMGREP.replace("#", "//")
    assert uncovered(other, "a.js", semgrep_regions(), "semgrep") == SEMGREP_OPEN | SEMGREP_STRICTER


@pytest.mark.parametrize(
    ("line", "path", "said"),
    [
        ("f()  # devsecops: ignore[bandit/B602] we made it", "a.py", "devsecops: ignore[bandit/B602]"),
        ("f()  # devsecops: ignore[B602] we made it", "a.py", "devsecops: ignore[B602]"),
        ("f()  # devsecops:ignore[B1, B602] - ours", "a.py", "devsecops: ignore[B1, B602]"),
        ("# devsecops: ignore[B602] ours\nf()", "a.py", "devsecops: ignore[B602]"),
        ("f();  /* devsecops: ignore[B602] ours */", "a.js", "devsecops: ignore[B602]"),
        ("<!-- devsecops: ignore[B602] ours -->\n<x>", "a.html", "devsecops: ignore[B602]"),
        ("f()  # devsecops: ignore[B603] ours", "a.py", None),
        ("f()  # devsecops: ignore[semgrep/B602] ours", "a.py", None),
        ("f()  # devsecops: ignore ours", "a.py", None),
        ("f()  # devsecops: ignore[B602]", "a.py", None),
        ("f()  /* devsecops: ignore[B602] */", "a.js", None),
        ("f('# devsecops: ignore[B602] ours')", "a.py", None),
        ("f('// devsecops: ignore[B602] ours')", "a.js", None),
        ("g()  # devsecops: ignore[B602] ours\nf()", "a.py", None),
        ("# devsecops: ignore[B602] ours\n\nf()", "a.py", None),
        ('"""\n# devsecops: ignore[B602] ours"""; f()', "a.py", None),
    ],
)
def test_our_own_mark_names_its_rule_and_gives_a_reason(line: str, path: str, said: str | None) -> None:
    assert mark(line, path=path) == (said and f"inline: {said}")


def test_a_mark_of_one_tool_says_nothing_about_another() -> None:
    assert mark("f()  # nosec", rule="semgrep/r") is None
    assert mark("f()  # nosemgrep", rule="bandit/B602") is None
    assert mark("f()  # nosec # nosemgrep", rule="safety/r") is None
    assert mark("f()  # nosec B602 # devsecops: ignore[B602] ours") == "inline: devsecops: ignore[B602]"


def test_the_evidence_says_which_mark_where_and_why() -> None:
    text = "# devsecops: ignore[CVE-1] not reachable\ndjango==1.0\nflask==1  # devsecops: ignore[CVE-1]\n"
    package = Package(purl="pkg:pypi/django@1.0", at=at("requirements.txt", 2))
    one = found("x", 2, rule="advisories/GHSA-1", evidence={"aliases": "CVE-1, CVE-2"})
    said = Marks(SourceText(text), "requirements.txt").on(msgspec.structs.replace(one, location=package))
    assert said.evidence == {
        "aliases": "CVE-1, CVE-2", MARK: "devsecops: ignore[CVE-1]", LINE: "1", REASON: "not reachable",
    }  # fmt: skip
    bare = Marks(SourceText(text), "r.txt").on(found("r.txt", 3, rule="advisories/CVE-1"))
    assert bare.evidence == {NO_REASON: "devsecops: ignore[...] on line 3 gives no reason"}
    assert marked(bare) is None


def test_a_plugin_cannot_say_that_there_is_a_mark() -> None:
    forged = {MARK: "nosec", LINE: "1", "aliases": "CVE-1"}
    task = Task(units=(ScanUnit(id="a.py", path="a.py"),), root="", scratch="", today="2026-01-01")
    for text in ("f()\n", None):
        source = None if text is None else SourceText(text)
        parsed = Parsed(findings=(found("a.py", 1, evidence=forged),))
        (done,) = finish(parsed, task, "bandit", lambda _, s=source: s).findings  # type: ignore[arg-type]
        assert done.evidence == {"aliases": "CVE-1"}


def test_the_border_reads_marks_and_knows_the_names_of_rules() -> None:
    task = Task(units=(ScanUnit(id="a.py", path="1.py"),), root="", scratch="", today="2026-01-01")
    parsed = Parsed(findings=(found("1.py", 1),), rules=(Rule(tool="bandit", id="B307", name="eval"),))
    source = SourceText("eval(x)  # nosec eval\n")
    (done,) = finish(parsed, task, "bandit", lambda _: source).findings  # type: ignore[arg-type]
    assert marked(done) == "inline: nosec eval"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("nosec", "nosec"),
        ("inline: nosec B1", "nosec"),
        ("nosemgrep: a", "nosemgrep"),
        ("nosemgrep", "nosemgrep"),
        ("devsecops: ignore[nosec]", "devsecops"),
    ],
)
def test_the_kind_of_a_mark(text: str, kind: str) -> None:
    assert mark_kind(text) == kind


# --- which marks count --------------------------------------------------------------------------

MARKED = "import a\nx = 1\neval(y)  # nosec\nz = 2\n# nosemgrep\neval(w)\n"


def all_marked(text: str, path: str = "a.py") -> list[Finding]:
    marks = Marks(SourceText(text), path)
    lines = text.splitlines()
    tools = {n: "bandit/B307" if "nosec" in line else "semgrep/r" for n, line in enumerate(lines, 1)}
    return [
        marks.on(found(path, n, rule=tools[n])) for n, line in enumerate(lines, 1) if line.startswith("eval(")
    ]


def trusted(base: str, head: str, path: str = "a.py", forbidden: tuple[str, ...] = ()) -> set[str]:
    between = change({path: base}, {path: head})
    return set(trusted_marks(all_marked(head, path), between, own=False, forbidden=forbidden))


def test_a_mark_counts_where_the_policy_was_read_from() -> None:
    findings = all_marked(MARKED)
    everything = {"f3": "inline: nosec", "f6": "inline: nosemgrep"}
    assert trusted_marks(findings, None, own=True) == everything
    assert trusted_marks(findings, Change(base="b", head="h"), own=False) == everything
    assert trusted_marks(findings, None, own=False) == {}
    assert trusted_marks(findings, None, own=True, forbidden=("nosec",)) == {"f6": "inline: nosemgrep"}
    assert trusted("\n" + MARKED, MARKED) == {"f3", "f6"}
    assert trusted(MARKED, "import b\n" + MARKED) == {"f4", "f7"}


@pytest.mark.parametrize(
    ("base", "left"),
    [
        (MARKED.replace("  # nosec\n", "\n"), {"f6"}),
        (MARKED.replace("# nosec\n", "# nosec B602\n"), {"f6"}),
        (MARKED.replace("# nosemgrep\n", ""), {"f3"}),
        (MARKED.replace("eval(y)", "eval(1)"), {"f6"}),
        (MARKED.replace("eval(w)", "eval(1)"), {"f3"}),
        (MARKED.replace("# nosemgrep\neval", "# nosemgrep\nold()\neval"), {"f3"}),
    ],
)
def test_a_mark_that_the_change_wrote_or_moved_over_code_does_not_count(base: str, left: set[str]) -> None:
    assert trusted(base, MARKED) == left


def test_all_lines_of_a_marked_statement_have_to_be_old() -> None:
    head = "call(  # nosec\n    x,\n    shell=True)\n"
    one = Marks(SourceText(head), "a.py").on(found("a.py", 1, 3))
    for base, counts in (
        (head, True),
        (head.replace("True", "False"), False),
        (head.replace("x", "y"), False),
    ):
        between = change({"a.py": base}, {"a.py": head})
        assert bool(trusted_marks([one], between, own=False)) == counts


def test_a_mark_in_a_file_that_came_or_that_lines_cannot_be_followed_in_does_not_count() -> None:
    findings = all_marked(MARKED)
    new = Change(base="b", head="h", files=(FileChange(base=None, head="a.py"),))
    binary = Change(base="b", head="h", files=(FileChange(base="a.py", head="a.py", text=False),))
    moved = Change(base="b", head="h", files=(FileChange(base="old.py", head="a.py"),))
    assert trusted_marks(findings, new, own=False) == trusted_marks(findings, binary, own=False) == {}
    assert set(trusted_marks(findings, moved, own=False)) == {"f3", "f6"}


def test_a_masked_name_hides_no_new_file() -> None:
    """What is redacted in a path is not the path that the change names."""
    findings = all_marked(MARKED, "[redacted].py")
    assert trusted_marks(findings, Change(base="b", head="h"), own=False) == {}


LINES = st.lists(
    st.sampled_from(["eval(a)", "eval(a)  # nosec", "# nosemgrep", "x = 1", "y = 2", ""]), max_size=12
).map(lambda lines: "".join(f"{line}\n" for line in lines))


@given(LINES, LINES)
def test_what_counts_was_there_word_for_word(base: str, head: str) -> None:
    """Of a mark that counts, its line and the lines of the finding stand together in the base."""
    said = trusted_marks(all_marked(head), change({"a.py": base}, {"a.py": head}), own=False)
    for finding in all_marked(head):
        if finding.id in said:
            line, start = int(finding.evidence[LINE]), int(finding.id[1:])
            block = head.splitlines()[line - 1 : start]
            before = base.splitlines()
            assert any(before[n : n + len(block)] == block for n in range(len(before)))


# --- the tools themselves -----------------------------------------------------------------------


def tool(scanner: Bandit | Semgrep, cache: Path, monkeypatch: pytest.MonkeyPatch) -> ReadyTool:
    monkeypatch.setenv("DEVSECOPS_CACHE", str(cache))
    spec = scanner.spec.tool
    assert spec is not None
    return ready(spec, offline=True, say=pytest.fail)


@pytest.mark.e2e
def test_bandit_itself_reports_what_no_mark_covers(
    tools_ready: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = tool(Bandit(), tools_ready, monkeypatch).python
    assert python is not None
    (tmp_path / "a.py").write_text(BANDIT)
    command = [python, "-I", "-m", "bandit", "-q", "-f", "json", "-t", "B307,B602", "a.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    said = {row["line_number"] for row in json.loads(done.stdout)["results"]}
    assert said == BANDIT_OPEN


@pytest.mark.e2e
def test_semgrep_itself_reports_what_no_mark_covers(
    tools_ready: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    executable = tool(Semgrep(), tools_ready, monkeypatch).script("semgrep")[0]
    rule = "rules:\n  - {id: my-rule, languages: [python], severity: ERROR, message: m, pattern: eval(...)}\n"
    (tmp_path / "r.yaml").write_text(rule)
    (tmp_path / "a.py").write_text(SEMGREP)
    command = [executable, "scan", "--experimental", "--metrics=off", "--disable-version-check", "--json"]
    env = {"PATH": f"{Path(executable).parent}:/usr/bin:/bin", "HOME": str(tmp_path)}
    done = subprocess.run(
        [*command, "--config", "r.yaml", "a.py"], cwd=tmp_path, env=env, capture_output=True, check=False
    )
    said = {row["start"]["line"] for row in json.loads(done.stdout)["results"]}
    assert said == SEMGREP_OPEN
