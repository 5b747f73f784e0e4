"""The formats for CodeBuild and for a pull request, from the installed program."""

from __future__ import annotations

import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.e2e.program import Program, two_plugins, write_policy


@pytest.mark.e2e
@pytest.mark.parametrize(("fail_on", "code"), [("high", 0), ("low", 1)])
def test_junit_and_markdown_of_a_scan_and_of_its_saved_run(
    program: Program, tree: Path, fail_on: str, code: int
) -> None:
    policy = write_policy(
        program.folder, two_plugins(program.folder), more=f"[gate]\nfail_on = '{fail_on}'\nconfidence = 'low'"
    )
    comment = program.folder / "comment.md"
    done = program.scan(tree, "--report", "junit", "--report", f"markdown={comment}", policy=policy)
    assert done.code == code, done
    document = (done.output / "report-junit.xml").read_bytes()
    assert "report-junit.xml" in done.verdict["files"]
    suite = ElementTree.fromstring(document)[0]
    assert (suite.get("failures") == "0") == (code == 0)
    assert suite.findall("testcase")[0].get("name") == done.statement["cause"]
    assert comment.read_text().splitlines()[0] == f"### `{done.statement['cause']}`"
    for name, before in (("junit", document), ("markdown", comment.read_bytes())):
        again = subprocess.run(
            [program.binary, "report", done.output, "--report", name],
            env=dict(program.env),
            cwd=program.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        assert again.returncode == code, again
        assert again.stdout == before
