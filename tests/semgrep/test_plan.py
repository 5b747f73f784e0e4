from pathlib import Path

import pytest

from devsecops.api import ScanUnit, ToolError
from devsecops_semgrep import Semgrep
from devsecops_semgrep.pack import digest, files
from tests.semgrep.samples import FILES, batch


def planned(folder: Path, files: dict[str, bytes]) -> list[tuple[list[str], set[str], list[str]]]:
    """Return the argv, the rules and the files of every process that is planned for some files."""
    for name in ("in", "out"):
        (folder / name).mkdir()
    for name, data in files.items():
        (folder / "in" / name).write_bytes(data)
    units = tuple(ScanUnit(id=name, path=name, size=len(data)) for name, data in files.items())
    runs = Semgrep().plan(batch(root=str(folder / "in"), scratch=str(folder / "out"), units=units))
    out = []
    for run in runs:
        argv = list(run.argv)
        configs = [Path(argv[n + 1]) for n, word in enumerate(argv) if word == "--config"]
        assert all(config.is_file() for config in configs)
        out.append((argv, {config.stem for config in configs}, argv[argv.index("--") + 1 :]))
        assert run.ok_exits == (0,)
        assert run.env == {}
    return out


def test_only_the_files_of_the_batch_and_nothing_of_the_trees_choice(tmp_path: Path) -> None:
    ((argv, rules, given),) = planned(tmp_path, FILES)
    assert argv[:3] == ["/e/bin/python", "-I", "/e/bin/semgrep"]
    # UTF-16 and undeclared bytes would be listed as scanned, or make the report unreadable.
    readable = [name for name in FILES if name not in ("000003.py", "000004.py")]
    probes = [str(tmp_path / "out" / f"probe.{suffix}") for suffix in ("dockerfile", "js", "py")]
    assert given == [*readable, *probes]
    assert {"probe", "py-yaml-unsafe-loader", "js-code-injection", "docker-add-remote"} <= rules
    assert {"--experimental", "--metrics=off", "--disable-version-check", "--disable-nosem"} <= set(argv)
    for option, value in (("--max-target-bytes", "0"), ("--timeout-threshold", "0"), ("--jobs", "1")):
        assert argv[argv.index(option) + 1] == value


def test_files_without_a_word_of_any_rule_are_looked_at_apart(tmp_path: Path) -> None:
    large = b"# nothing\n" * 700_000
    loud, quiet = planned(tmp_path, {"1.py": b"yaml.load(x)\n", "2.py": large, "3.js": b"let a = 1;\n"})
    probes = [str(tmp_path / "out" / f"probe.{suffix}") for suffix in ("js", "py")]
    assert (loud[1], loud[2]) == ({"probe", "py-yaml-unsafe-loader"}, ["1.py", "3.js", *probes])
    assert (quiet[1], quiet[2]) == ({"probe"}, ["2.py", probes[1]])


def test_no_plan_without_a_tool(tmp_path: Path) -> None:
    with pytest.raises(ToolError):
        Semgrep().plan(batch(root=str(tmp_path), tool=None))


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
