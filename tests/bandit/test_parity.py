from pathlib import Path

import pytest

from benchmarks import corpora, parity


@pytest.mark.e2e
@pytest.mark.parametrize("name", ["flask", "requests"])
def test_the_findings_of_a_real_project_are_those_of_bandit_by_hand(
    name: str,
    tools_ready: Path,
    clean_env: dict[str, str],
    devsecops_bin: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DEVSECOPS_CACHE", str(tools_ready))
    monkeypatch.setenv("DEVSECOPS_BIN", str(devsecops_bin))
    tree = corpora.tree(name)
    ours = parity.through_devsecops(tree, tmp_path / "out", clean_env)
    by_hand = parity.by_hand(tree, ours.files, parity.interpreter_of_bandit(), tmp_path / "raw.json")
    assert parity.differences(ours, by_hand) == []
    assert len(ours.files) > 30
    assert ours.findings.total() > 500, "an empty comparison proves nothing"
    python = {path.relative_to(tree).as_posix() for path in tree.rglob("*.py")}
    assert python <= set(ours.files)
