from pathlib import Path

import pytest

from devsecops.api import ToolError
from devsecops_semgrep import Semgrep
from devsecops_semgrep.pack import RULES, digest, files
from tests.semgrep.samples import FILES, FakeContext, lay_out


def test_only_the_files_of_the_batch_and_nothing_of_the_trees_choice(tmp_path: Path) -> None:
    (run,) = Semgrep().plan(FakeContext(root=str(lay_out(tmp_path))))
    argv = list(run.argv)
    assert argv[:3] == ["/e/bin/python", "-I", "/e/bin/semgrep"]
    assert argv[argv.index("--config") + 1] == str(RULES)
    given = argv[argv.index("--") + 1 :]
    # UTF-16 and undeclared bytes would be listed as scanned, or make the report unreadable.
    assert given == [name for name in FILES if name not in ("000003.py", "000004.py")]
    assert {"--experimental", "--metrics=off", "--disable-version-check", "--disable-nosem"} <= set(argv)
    for option, value in (("--max-target-bytes", "0"), ("--timeout-threshold", "0"), ("--jobs", "1")):
        assert argv[argv.index(option) + 1] == value
    assert run.ok_exits == (0,)
    assert run.env == {}


def test_no_plan_without_a_tool(tmp_path: Path) -> None:
    with pytest.raises(ToolError):
        Semgrep().plan(FakeContext(root=str(tmp_path), tool=None))


def test_every_language_has_a_control_for_rules_that_the_pack_holds() -> None:
    controls = Semgrep().spec.controls
    assert isinstance(controls, tuple)
    assert {canary.label for canary in controls} == {"python", "javascript", "typescript", "dockerfile"}
    known = {file.stem for file in files()}
    assert {expect.rule for canary in controls for expect in canary.expects} <= known
    assert Semgrep().spec.rules == digest()


def test_every_kind_of_file_that_it_reads_is_shown_under_a_name_that_semgrep_reads() -> None:
    """The native engine of 1.182.0 passes over ``.mts``, ``Dockerfile.dev`` and scripts without a suffix."""
    reads = Semgrep().spec.reads
    heads = {".py", ".js", ".jsx", ".ts", ".tsx", ".dockerfile"}
    kinds = [*reads.suffixes, *reads.names, *reads.shebangs]
    shown = {kind: reads.shown.get(kind, kind if kind in reads.suffixes else ".py") for kind in kinds}
    assert set(shown.values()) == heads
    assert {kind for kind, suffix in shown.items() if suffix == ".py"} == {".py", ".pyw", "python", "pypy"}
