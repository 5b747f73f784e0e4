"""What the tests of the project's outside share: a cache of tools, and builds with a program of ours."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.project.codebuild import Build, build, read

StubBuild = Callable[..., Build]
COUNTS = {"high": {"new": 2, "unchanged": 1, "fixed": 7}, "low": {"updated": 1}}
COUNTED = "critical=0 high=3 medium=0 low=1 info=0 unknown=0"
"""How a build exports COUNTS: what is open."""
AGREED = {(0, "pass"), (1, "fail"), (3, "incomplete")}
"""Codes and verdicts that belong together; of all others a build is incomplete."""
ENDINGS = [
    (0, "pass", 0, "pass"),
    (1, "fail", 1, "fail"),
    (2, None, 2, "incomplete"),
    (3, "incomplete", 3, "incomplete"),
    (4, None, 4, "incomplete"),
    # A green code without a verdict, or with another one, is not green.
    (0, None, 3, "incomplete"),
    (0, "fail", 3, "incomplete"),
    (0, "incomplete", 3, "incomplete"),
    (0, '{"statement": {"verdict": "pa', 3, "incomplete"),
    (1, "pass", 3, "incomplete"),
    (1, None, 3, "incomplete"),
    (3, "pass", 3, "incomplete"),
    (3, None, 3, "incomplete"),
    (137, "pass", 137, "incomplete"),
]
"""Code of the program, verdict that it wrote, code of the build, VERDICT that it exports."""


@pytest.fixture
def stub(tmp_path: Path, clean_env: dict[str, str]) -> StubBuild:
    """Runs pre_build and build of a buildspec with a program that writes a verdict and leaves with a code."""

    def run(spec: Path, code: int, verdict: str | None, **project: str) -> Build:
        source, home = tmp_path / "source", tmp_path / "home"
        (source / "devsecops-out").mkdir(parents=True)
        stale = {"statement": {"verdict": "pass", "counts": {}, "cause": "PASS: committed by the head"}}
        (source / "devsecops-out" / "verdict.json").write_text(json.dumps(stale))
        (home / "bin").mkdir(parents=True)
        (home / "bin" / "python").symlink_to(sys.executable)
        text = verdict
        if verdict is not None and not verdict.startswith("{"):
            said = {"verdict": verdict, "counts": COUNTS, "cause": f"{verdict.upper()}: \\ said so"}
            text = json.dumps({"statement": said})
        write = (
            ""
            if text is None
            else f"mkdir devsecops-out; cat >devsecops-out/verdict.json <<'END'\n{text}\nEND\n"
        )
        program = home / "bin" / "devsecops"
        program.write_text(
            '#!/bin/bash\necho "$CI $@" >>"$DEVSECOPS_HOME/called"\n[ "$1" = scan ] || exit 3\n'
            f"{write}exit {code}\n"
        )
        program.chmod(0o755)
        env = clean_env | {"DEVSECOPS_HOME": str(home)} | project
        return build(read(spec), source, tmp_path / "state", env, ("pre_build", "build"))

    return run


def agrees(done: Build, code: int, verdict: str | None, ends: int, exported: str) -> None:
    """The build ends and exports as the program left, and says so last."""
    assert done.phases == {"pre_build": 0, "build": ends}, done.out
    assert done.exported["VERDICT"] == exported
    agreed = (code, verdict) in AGREED
    assert done.exported["COUNTS"] == (COUNTED if agreed else "none")
    last = done.out.splitlines()[-1]
    assert last == f"{exported.upper()}: \\ said so" if agreed else last.startswith("INCOMPLETE: ")


@pytest.fixture
def own_cache(tmp_path: Path, tool_cache: Path) -> Path:
    """A cache with the tools of the other tests, built once, and the advisory data of the release."""
    (tool_cache / "tools").mkdir(exist_ok=True)
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "tools").symlink_to(tool_cache / "tools")
    return tmp_path / "cache"
