"""A scanner that breaks on one side of a change: never does a new finding pass for old."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.program import OTHERS_OFF, Program, write_plugin, write_policy
from tests.e2e.pulls import Pull

pytestmark = pytest.mark.e2e

BREAKS = "BREAK\n"
"""The scanner dies of a file that begins so."""
FLAWED = "one\nDANGER here\nthree\n"


@pytest.fixture
def start(program: Program, tmp_path: Path) -> tuple[Program, str]:
    """A policy whose scanner, in process, dies of some files; every finding fails."""
    plugin = write_plugin(tmp_path / "plugins", style="scan")
    text = plugin.read_text()
    honest = "            lines = data.decode"
    assert text.count(honest) == 1
    plugin.write_text(
        text.replace(honest, f"            if data.startswith({BREAKS.encode()!r}): os._exit(7)\n{honest}")
    )
    return program, (
        f"[plugins]\nfiles = ['{plugin}']\n{OTHERS_OFF}"
        "[scanners.fake]\nrequired = 'yes'\n[gate]\nfail_on = 'low'\n"
    )


def test_it_breaks_on_the_base(start: tuple[Program, str]) -> None:
    program, policy = start
    pull = Pull.start(program, {"a.fake": FLAWED, "b.fake": BREAKS}, policy)
    pull.put({"a.fake": "more\n" + FLAWED, "b.fake": "whole again\n"})
    seen = pull.judge()
    assert seen.done.code == 1, seen.done
    assert seen.states == {("DANGER", "a.fake", 3): "new"}


def test_it_breaks_on_the_head(start: tuple[Program, str]) -> None:
    program, policy = start
    pull = Pull.start(program, {"a.fake": FLAWED, "b.fake": "whole\n"}, policy)
    pull.put({"a.fake": "more\n" + FLAWED, "b.fake": BREAKS})
    seen = pull.judge()
    assert seen.done.code == 3, seen.done
    assert seen.done.last_line.startswith(f"INCOMPLETE: change of 2 files since {pull.since}: fake")
    assert set(seen.gone.values()) <= {"not-looked-at"}


def test_it_breaks_on_neither(start: tuple[Program, str]) -> None:
    """So that the others prove something."""
    program, policy = start
    pull = Pull.start(program, {"a.fake": FLAWED, "b.fake": "whole\n"}, policy)
    pull.put({"a.fake": "more\n" + FLAWED, "b.fake": "whole, more\n"})
    seen = pull.judge()
    assert seen.done.code == 0, seen.done
    assert seen.states == {("DANGER", "a.fake", 3): "unchanged"}


@pytest.fixture
def tool(program: Program, tmp_path: Path) -> tuple[Program, str]:
    """A policy whose scanner has a tool that looks at both sides in one process."""
    plugin = write_plugin(tmp_path / "plugins")
    text = plugin.read_text()
    plugin.write_text(text.replace('unit="file"', 'both_sides=True, unit="file"'))
    policy = write_policy(tmp_path, [plugin], deadline_s=14, more="[gate]\nfail_on = 'low'\n")
    return program, policy.read_text()


LETHAL = "KILLS-THE-TOOL\n"


def test_its_tool_dies_of_a_file_of_the_base(tool: tuple[Program, str]) -> None:
    """Only what the head has in that file is new: what was there before is not known."""
    program, policy = tool
    pull = Pull.start(program, {"a.fake": FLAWED, "b.fake": FLAWED + LETHAL, "c.fake": FLAWED}, policy)
    pull.put({"a.fake": "more\n" + FLAWED, "b.fake": FLAWED, "c.fake": "mended\n"})
    seen = pull.judge()
    assert seen.done.code == 1, seen.done
    assert seen.states == {("DANGER", "a.fake", 3): "unchanged", ("DANGER", "b.fake", 2): "new"}
    assert seen.gone == {"c.fake": "fixed"}
    assert seen.done.rows("fake") == dict.fromkeys(["a.fake", "b.fake", "c.fake"], ("scanned", ""))


def test_its_tool_dies_of_a_file_of_the_head(tool: tuple[Program, str]) -> None:
    program, policy = tool
    pull = Pull.start(program, {"a.fake": FLAWED, "b.fake": FLAWED, "c.fake": FLAWED}, policy)
    pull.put({"a.fake": "more\n" + FLAWED, "b.fake": FLAWED + LETHAL, "c.fake": "mended\n"})
    seen = pull.judge()
    assert seen.done.code == 3, seen.done
    assert "b.fake" in seen.done.last_line
    assert seen.states == {("DANGER", "a.fake", 3): "unchanged"}
    assert seen.gone == {"b.fake": "not-looked-at", "c.fake": "fixed"}
    assert seen.done.rows("fake")["b.fake"] == ("failed", "crashed")


def test_its_tool_speaks_of_a_file_that_it_was_not_given(tool: tuple[Program, str]) -> None:
    program, policy = tool
    policy = policy.replace('mode = "honest"', 'mode = "stranger"')
    pull = Pull.start(program, {"a.fake": FLAWED}, policy)
    pull.put({"a.fake": "more\n" + FLAWED})
    seen = pull.judge()
    assert seen.done.code == 3, seen.done
    assert seen.states == {}
    assert seen.done.rows("fake") == {"a.fake": ("not-reached", "scanner-failed")}
