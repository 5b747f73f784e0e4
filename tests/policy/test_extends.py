"""A policy that extends others: whose word counts, what it costs in trust, and that it ends."""

from __future__ import annotations

import json
import subprocess
import tomllib
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devsecops.errors import UsageError
from devsecops.policy import Loaded, PolicyText, load_policy, parse_policy
from devsecops.policy.texts import join, split
from devsecops.subject import read_at

BASE = """\
preset = "strict"
[gate]
fail_on = "low"
unknown = {sca = "pass", config = "pass"}
[[gate.rule]]
max = 5
[[scope.exclude]]
paths = ["vendor/**"]
reason = "not ours"
[scanners.bandit]
required = "yes"
deadline_s = 9
[plugins]
allow = ["one"]
"""
CHILD = """\
extends = "base.toml"
[gate]
confidence = "high"
unknown = {config = "fail"}
[[gate.rule]]
name = "mine"
[scanners.bandit]
deadline_s = 5
[plugins]
allow = ["two"]
"""


def load(root: Path, option: str | None = None, *, ci: bool = True, base: str | None = None) -> Loaded:
    return load_policy(option=option, tree_root=root, ci=ci, read_at=read_at, base=base)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "tree" / ".devsecops").mkdir(parents=True)
    return tmp_path / "tree"


def written(folder: Path, **texts: str) -> Path:
    """Write ``NAME.toml`` for each text; return the last."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.toml").write_text(text)
    return folder / f"{name}.toml"


def test_values_of_the_extending_file_win_tables_merge_and_arrays_of_tables_append(
    tree: Path, tmp_path: Path
) -> None:
    loaded = load(tree, str(written(tmp_path / "rules", base=BASE, policy=CHILD)))
    policy = loaded.policy
    assert (policy.preset, policy.gate.fail_on, policy.gate.confidence) == ("strict", "low", "high")
    assert "sca" not in policy.gate.unknown
    assert "config" in policy.gate.unknown
    assert [(rule.name, rule.max) for rule in policy.gate.rule] == [("", 5), ("mine", 0)]
    assert [exclude.paths for exclude in policy.scope.exclude] == [("vendor/**",)]
    assert (policy.scanners["bandit"].required, policy.scanners["bandit"].deadline_s) == ("yes", 5)
    assert policy.plugins.allow == ("two",)
    assert loaded.in_force.trusted
    assert loaded.in_force.source == str(tmp_path / "rules" / "policy.toml")


def test_the_digest_covers_what_is_extended_and_the_saved_text_gives_the_same_policy(
    tree: Path, tmp_path: Path
) -> None:
    child = written(tmp_path / "rules", base=BASE, policy=CHILD)
    loaded = load(tree, str(child))
    assert parse_policy(loaded.text, "run.json") == loaded.policy
    assert [text for _, text in loaded.files] == [BASE, CHILD]
    (tmp_path / "rules" / "base.toml").write_text(BASE.replace("max = 5", "max = 6"))
    assert load(tree, str(child)).in_force.sha256 != loaded.in_force.sha256


def test_a_single_file_is_saved_as_it_is(tree: Path, tmp_path: Path) -> None:
    loaded = load(tree, str(written(tmp_path / "rules", policy=BASE)))
    assert loaded.text == BASE
    assert load(tree, None).text == ""


texts = st.text(alphabet=st.sampled_from("a1 #=\n,:\u2028\U0001f600"), max_size=12)
marks = st.sampled_from(
    ["# policy file 1 of 1, 0 characters: x\n\n", "# policy file 2 of 2, 3 characters: x\n"]
)


@settings(deadline=None)
@given(st.lists(st.tuples(texts, st.one_of(texts, marks)), min_size=1, max_size=4))
def test_texts_are_taken_apart_as_they_were_joined(files: list[tuple[str, str]]) -> None:
    joined = join([PolicyText(*file) for file in files])
    assert [text for _, text in split(joined, "p")] == [text for _, text in files]
    assert "\n# policy file" not in joined or len(files) > 1 or files[0][1] != joined


@pytest.mark.parametrize("cut", [1, 30, 80, 200])
def test_a_damaged_text_is_no_policy(cut: int) -> None:
    joined = join([PolicyText("b", BASE), PolicyText("c", CHILD)])
    with pytest.raises(UsageError, match="damaged"):
        parse_policy(joined[:-cut], "run.json")
    with pytest.raises(UsageError, match="damaged"):
        parse_policy(joined + "\n", "run.json")


def test_a_chain_has_eight_files_at_most_and_no_circle(tree: Path, tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    chain = {f"p{n}": f"extends = 'p{n - 1}.toml'" if n else "[gate]\nfail_on = 'low'" for n in range(9)}
    written(rules, **chain)
    assert load(tree, str(rules / "p7.toml")).policy.gate.fail_on == "low"
    with pytest.raises(UsageError, match=r"p1\.toml: extends: more than 8 policies"):
        load(tree, str(rules / "p8.toml"))
    for target in ("a.toml", "../rules/b.toml"):
        written(rules, a="extends = 'b.toml'", b=f"extends = '{target}'")
        with pytest.raises(UsageError, match=r"b\.toml: extends: .* is extended by itself in the end"):
            load(tree, str(rules / "a.toml"))
    (rules / "link.toml").symlink_to("a.toml")
    written(rules, b="extends = 'link.toml'")
    with pytest.raises(UsageError, match="by itself"):
        load(tree, str(rules / "a.toml"))


@pytest.mark.parametrize(
    ("base", "says"),
    [
        ("[gatee]", "base.toml: unknown key gatee"),
        ("[gate]\nfail_on = 'worst'", "base.toml: gate.fail_on"),
        ("[gate]\nunknown = {secrets = 'pass'}", "base.toml: gate.unknown.secrets"),
        ("[[tool]]\nname = 'x'", "base.toml: tool[0]"),
        ("\xff", "base.toml is not UTF-8"),
        ("extends = 7", "base.toml: extends"),
        ("= 1", "base.toml is not valid TOML"),
        (None, "policy.toml: extends: {base} cannot be read"),
    ],
)
def test_an_error_names_the_file_that_it_is_in(
    tree: Path, tmp_path: Path, base: str | None, says: str
) -> None:
    child = written(tmp_path, policy="extends = 'base.toml'\n")
    if base is not None:
        (tmp_path / "base.toml").write_bytes(base.encode("latin-1"))
    with pytest.raises(UsageError) as error:
        load(tree, str(child))
    assert str(error.value).startswith(f"{tmp_path}/{says.format(base=tmp_path / 'base.toml')}")
    assert "\n" not in str(error.value)


def test_what_only_the_whole_is_wrong_about_names_the_whole(tree: Path, tmp_path: Path) -> None:
    tool = (Path(__file__).parents[1] / "sariftools" / "data" / "tools.toml").read_text()
    command = "[[tool]]" + tool.split("[[tool]]")[1]
    for line in [line for line in command.splitlines() if line.startswith(("package", "lock"))]:
        command = command.replace(f"{line}\n", "command = '/bin/x'\n" if line.startswith("package") else "")
    child = written(tmp_path, base=command, policy=f"extends = 'base.toml'\n{command}")
    with pytest.raises(UsageError, match=r"policy\.toml with what it extends: tool\[1\]\.name: .* twice"):
        load(tree, str(child))


# --- whose word it is -------------------------------------------------------------------------------


def test_a_file_of_the_judged_tree_in_the_chain_costs_the_trust(tree: Path, tmp_path: Path) -> None:
    written(tree / ".devsecops", loose="[gate]\nfail_on = 'none'")
    (tmp_path / "link.toml").symlink_to(tree / ".devsecops" / "loose.toml")
    for target in ("tree/.devsecops/loose.toml", str(tree / ".devsecops" / "loose.toml"), "link.toml"):
        loaded = load(tree, str(written(tmp_path, policy=f"extends = '{target}'")))
        assert loaded.policy.gate.fail_on == "none"
        assert (loaded.in_force.trusted, loaded.tree) == (False, "outside")
    written(tmp_path, base="")
    assert load(tree, str(written(tmp_path, policy="extends = 'base.toml'"))).in_force.trusted


def test_a_policy_of_the_judged_tree_reads_nothing_outside_of_it(tree: Path, tmp_path: Path) -> None:
    written(tmp_path, secret="password = 'x'", fine="")
    (tree / "org.toml").write_text("[gate]\nfail_on = 'low'")
    (tree / ".devsecops" / "link.toml").symlink_to(tmp_path / "fine.toml")
    for target in ("../../secret.toml", str(tmp_path / "fine.toml"), "/dev/zero", "link.toml"):
        own = written(tree / ".devsecops", policy=f"extends = '{target}'")
        for option in (None, str(own)):
            with pytest.raises(UsageError, match="is outside of the tree that is judged"):
                load(tree, option, ci=False)
    written(tree / ".devsecops", policy="extends = '../org.toml'")
    assert load(tree, None, ci=False).policy.gate.fail_on == "low"


def test_what_is_no_regular_file_is_not_read(tree: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        load(tree, str(written(tmp_path, policy="extends = '/dev/zero'")))


def test_a_policy_from_outside_runs_no_plugin_of_the_judged_tree(tree: Path, tmp_path: Path) -> None:
    plugin, mine = tree / "plugin.py", tmp_path / "mine.py"
    plugin.write_text("")
    mine.symlink_to(plugin)
    for name in (plugin, mine):
        with pytest.raises(UsageError, match="is in the tree that is judged"):
            load(tree, str(written(tmp_path, policy=f"[plugins]\nfiles = ['{name}']")))
    mine.unlink()
    assert load(tree, str(written(tmp_path, policy=f"[plugins]\nfiles = ['{mine}']"))).policy.plugins.files
    own = load(tree, str(written(tree / ".devsecops", policy=f"[plugins]\nfiles = ['{plugin}']")), ci=False)
    assert not own.in_force.trusted


Git = Callable[..., None]


@pytest.fixture
def git(tree: Path) -> Git:
    def run(*words: str) -> None:
        who = ("-c", "user.name=t", "-c", "user.email=t@example.com")
        subprocess.run(["git", *who, *words], cwd=tree, check=True, capture_output=True)

    run("init", "-q", "-b", "main")
    return run


def committed(git: Git) -> None:
    git("add", "-A")
    git("commit", "-qm", "x", "--allow-empty")


def test_a_revision_extends_what_that_revision_has(tree: Path, tmp_path: Path, git: Git) -> None:
    written(tree / ".devsecops", policy="extends = '../org/base.toml'")
    base = written(tree / "org", base="extends = 'more.toml'", more="[gate]\nfail_on = 'low'")
    committed(git)
    git("checkout", "-qb", "change")
    written(tree / "org", more="[gate]\nfail_on = 'none'")
    base.with_name("base.toml").unlink()
    committed(git)
    loaded = load(tree, "main:.devsecops/policy.toml")
    assert (loaded.policy.gate.fail_on, loaded.in_force.trusted) == ("low", True)
    assert [source for source, _ in loaded.files] == [
        "main:org/more.toml", "main:org/base.toml", "main:.devsecops/policy.toml",
    ]  # fmt: skip
    with pytest.raises(UsageError, match=r"^change:\.devsecops/policy\.toml: extends: change:org/base\.toml"):
        load(tree, "change:.devsecops/policy.toml")


@pytest.mark.parametrize("target", ["/etc/policy.toml", "../../outside.toml", "../..", "a/../../../x"])
def test_a_revision_is_not_left(tree: Path, tmp_path: Path, git: Git, target: str) -> None:
    written(tmp_path, outside="")
    written(tree / ".devsecops", policy=f"extends = '{target}'")
    committed(git)
    with pytest.raises(UsageError, match=r"^main:\.devsecops/policy\.toml: .* is not"):
        load(tree, "main:.devsecops/policy.toml")


def test_the_lock_of_what_is_extended_stands_beside_that(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEVSECOPS_CACHE", str(tmp_path / "cache"))
    lock = b"tool==1.0 \\\n    --hash=sha256:" + b"0" * 64 + b"\n"
    base = f"""[[tool]]
name = "lint"
kind = "sast"
package = "tool==1.0"
lock = "tool.lock"
lock_sha256 = "{sha256(lock).hexdigest()}"
args = ["{{files}}"]
reads = {{ suffixes = [".x"] }}
canary = [{{ label = "x", files = {{ "a.x" = "" }}, expects = [{{ rule = "R", file = "a.x" }}] }}]
"""
    written(tmp_path / "org", base=base)
    child = written(tmp_path / "rules", policy="extends = '../org/base.toml'")
    (tmp_path / "rules" / "tool.lock").write_bytes(lock)
    with pytest.raises(UsageError, match=r"org/base\.toml: tool\[0\]\.lock: tool\.lock cannot be read"):
        load(tree, str(child))
    (tmp_path / "org" / "tool.lock").write_bytes(lock)
    assert load(tree, str(child)).policy.tool[0].lock == "tool.lock"


# --- which tree it was read from, and what stands beside it --------------------------------------------


def test_a_base_is_whose_policy_judges_when_none_is_named(tree: Path, tmp_path: Path, git: Git) -> None:
    written(tree / ".devsecops", policy="[gate]\nfail_on = 'low'", waivers="w = 'main'")
    committed(git)
    git("checkout", "-qb", "change")
    written(tree / ".devsecops", policy="[gate]\nfail_on = 'none'", waivers="w = 'change'", mine="")
    committed(git)
    for ci in (True, False):
        loaded = load(tree, ci=ci, base="main")
        assert loaded.policy.gate.fail_on == "low"
        assert loaded.in_force.source == "main:.devsecops/policy.toml"
        assert (loaded.in_force.trusted, loaded.gate, loaded.tree, loaded.rev) == (
            True,
            True,
            "revision",
            "main",
        )
        assert loaded.beside("waivers.toml") == b"w = 'main'"
        assert loaded.beside("mine.toml") is None
    other = load(tree, str(written(tmp_path, policy="[gate]\nfail_on = 'info'")), base="main")
    assert (other.policy.gate.fail_on, other.tree, other.rev) == ("info", "outside", None)


def test_a_base_without_a_policy_has_the_built_in_one_and_its_own_waivers(tree: Path, git: Git) -> None:
    written(tree / ".devsecops", waivers="w = 'main'")
    committed(git)
    git("checkout", "-qb", "change")
    written(tree / ".devsecops", policy="[gate]\nfail_on = 'none'", waivers="w = 'change'")
    committed(git)
    loaded = load(tree, base="main")
    assert loaded.in_force.source == "built-in (main has no .devsecops/policy.toml)"
    assert (loaded.policy.gate.fail_on, loaded.in_force.trusted) == ("high", True)
    assert (loaded.tree, loaded.rev) == ("revision", "main")
    assert loaded.beside("waivers.toml") == b"w = 'main'"


def test_in_ci_nothing_of_the_judged_tree_is_trusted(tree: Path) -> None:
    written(tree / ".devsecops", policy="", waivers="w = 1")
    loaded = load(tree)
    assert (loaded.tree, loaded.beside("waivers.toml")) == ("none", None)


def test_in_a_shell_the_trees_own_files_count_for_it(tree: Path) -> None:
    written(tree / ".devsecops", waivers="w = 1")
    for _ in range(2):
        loaded = load(tree, ci=False)
        assert (loaded.tree, loaded.rev, loaded.in_force.trusted) == ("own", None, False)
        assert loaded.beside("waivers.toml") == b"w = 1"
        assert loaded.beside("baseline.json") is None
        written(tree / ".devsecops", policy="")


def test_beside_a_file_is_its_own_folder_and_never_the_judged_tree(tree: Path, tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    policy = written(rules, waivers="w = 1", policy="")
    loaded = load(tree, str(policy))
    assert (loaded.tree, loaded.beside("waivers.toml"), loaded.beside("no.toml")) == (
        "outside",
        b"w = 1",
        None,
    )
    (rules / "link.toml").symlink_to(tree / "evil.toml")
    (tree / "evil.toml").write_text("w = 2")
    with pytest.raises(UsageError, match="is in the tree that is judged"):
        loaded.beside("link.toml")
    above = load(tree, str(written(tmp_path, policy="")))
    with pytest.raises(UsageError, match="is in the tree that is judged"):
        above.beside("tree/evil.toml")
    for name in ("/etc/passwd", "../x", "a/../../x"):
        with pytest.raises(UsageError, match="is not beside it"):
            loaded.beside(name)
    inside = load(tree, str(written(tree / ".devsecops", waivers="w = 3", policy="")))
    assert (inside.tree, inside.beside("waivers.toml")) == ("own", b"w = 3")
    (tree / ".devsecops" / "out.toml").symlink_to(policy)
    with pytest.raises(UsageError, match="is outside of the tree that is judged"):
        inside.beside("out.toml")


def test_doctor_says_which_file_a_value_comes_from(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from argparse import Namespace

    from devsecops.cli import doctor

    child = written(tmp_path / "rules", base=BASE, policy=CHILD)
    base = child.with_name("base.toml")
    text = CHILD.replace('allow = ["two"]', "allow = []")
    child.write_text(text)
    assert tomllib.loads(text)["extends"] == "base.toml"
    monkeypatch.chdir(tree)
    assert doctor.run(Namespace(policy=str(child), json=True)) in (0, 3)
    policy = json.loads(capsys.readouterr().out)["policy"]
    origins = {value["key"]: value["origin"] for value in policy["values"]}
    assert origins["gate.fail_on"] == origins["preset"] == str(base)
    assert origins["gate.confidence"] == origins["plugins.allow"] == str(child)
    assert origins["gate.rule"] == origins["gate.unknown"] == f"{base}, {child}"
    assert origins["scanners.bandit.required"] == str(base)
    assert origins["scanners.bandit.deadline_s"] == str(child)
    assert origins["waivers.max_days"] == "preset strict"
