from pathlib import Path

import pytest

from devsecops.errors import UsageError
from devsecops.policy import Loaded, in_ci, load_policy

LOOSE = "[gate]\nfail_on = 'none'\n"


def load(
    root: Path, option: str | None = None, *, ci: bool = False, git: dict[str, bytes] | None = None
) -> Loaded:
    return load_policy(
        option=option, tree_root=root, ci=ci, read_at=lambda _, rev, path: (git or {}).get(f"{rev}:{path}")
    )


def own(root: Path) -> Path:
    (root / ".devsecops").mkdir(parents=True)
    file = root / ".devsecops" / "policy.toml"
    file.write_text(LOOSE)
    return file


def test_in_ci_the_trees_own_policy_is_never_read(tmp_path: Path) -> None:
    own(tmp_path)
    loaded = load(tmp_path, ci=True)
    assert loaded.policy.gate.fail_on == "high"
    assert (loaded.in_force.source, loaded.in_force.trusted, loaded.gate) == ("built-in", True, True)


def test_in_a_shell_it_is_read_and_not_trusted(tmp_path: Path) -> None:
    own(tmp_path)
    loaded = load(tmp_path)
    assert loaded.policy.gate.fail_on == "none"
    assert (loaded.in_force.source, loaded.in_force.trusted, loaded.gate) == (
        ".devsecops/policy.toml", False, False,
    )  # fmt: skip


def test_a_shell_without_a_policy_is_no_gate(tmp_path: Path) -> None:
    loaded = load(tmp_path)
    assert (loaded.in_force.source, loaded.in_force.trusted, loaded.gate) == ("built-in", False, False)


def test_a_file_is_trusted_outside_of_the_tree_only(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    inside = own(tree)
    outside = tmp_path / "policy.toml"
    outside.write_text(LOOSE)
    assert load(tree, str(outside), ci=True).in_force.trusted
    assert not load(tree, str(inside), ci=True).in_force.trusted
    # A link on either side does not change whose word it is.
    (tree / "link.toml").symlink_to(outside)
    (tmp_path / "link.toml").symlink_to(inside)
    assert not load(tree, str(tree / "link.toml"), ci=True).in_force.trusted
    assert not load(tree, str(tmp_path / "link.toml"), ci=True).in_force.trusted


def test_a_revision_is_read_from_git_and_not_from_a_file_of_that_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoof = tmp_path / "origin" / "main:.devsecops"
    spoof.mkdir(parents=True)
    (spoof / "policy.toml").write_text(LOOSE)
    monkeypatch.chdir(tmp_path)
    name = "origin/main:.devsecops/policy.toml"
    strict = load(tmp_path, name, ci=True, git={name: b"[gate]\nfail_on = 'low'\n"})
    assert (strict.policy.gate.fail_on, strict.in_force.source, strict.in_force.trusted) == (
        "low",
        name,
        True,
    )
    absent = load(tmp_path, name, ci=True)
    assert absent.policy.gate.fail_on == "high"
    assert absent.in_force.source == "built-in (origin/main has no .devsecops/policy.toml)"
    assert absent.in_force.trusted


@pytest.mark.parametrize("rev", ["HEAD", "@", "HEAD~1", "HEAD^"])
def test_the_heads_own_revision_is_not_trusted(tmp_path: Path, rev: str) -> None:
    assert not load(tmp_path, f"{rev}:p.toml", ci=True, git={f"{rev}:p.toml": b""}).in_force.trusted


@pytest.mark.parametrize("option", ["missing.toml", ":p.toml", "main:", "."])
def test_a_policy_that_cannot_be_read_is_a_usage_error(tmp_path: Path, option: str) -> None:
    with pytest.raises(UsageError):
        load(tmp_path, option)


def test_the_digest_covers_every_value_in_force(tmp_path: Path) -> None:
    from devsecops.policy import with_fail_on

    loaded = load(tmp_path)
    tightened = loaded.judging_by(with_fail_on(loaded.policy, "low", in_a_file=False))
    assert tightened.in_force.sha256 != loaded.in_force.sha256
    assert tightened.in_force.source == loaded.in_force.source


@pytest.mark.parametrize(
    ("value", "ci"), [("", False), ("0", False), ("false", False), ("true", True), ("x:1", True)]
)
@pytest.mark.parametrize("name", ["CI", "CODEBUILD_BUILD_ID"])
def test_what_is_a_build(name: str, value: str, ci: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    for other in ("CI", "CODEBUILD_BUILD_ID"):
        monkeypatch.delenv(other, raising=False)
    monkeypatch.setenv(name, value)
    assert in_ci() is ci
