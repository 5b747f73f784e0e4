"""[[tool]]: what is wrong is said in one sentence that names the key; a lock belongs to its policy."""

from __future__ import annotations

import subprocess
import tomllib
from hashlib import sha256
from pathlib import Path

import jsonschema_rs
import msgspec
import pytest

from devsecops.config import read_config
from devsecops.errors import UsageError
from devsecops.policy import Loaded, at_hand, check_scanners, load_policy, parse_policy
from devsecops.policy.file import ToolTable
from devsecops.subject import read_at
from scripts.make_schemas import SCHEMAS, make

DATA = Path(__file__).parent / "data"
LOCK = b"tool==1.0 \\\n    --hash=sha256:" + b"0" * 64 + b"\n"
GOOD = f"""\
[[tool]]
name = "lint"
kind = "sast"
package = "tool==1.0"
lock = "tool.lock"
lock_sha256 = "{sha256(LOCK).hexdigest()}"
args = ["--sarif", "{{files}}"]
reads = {{ suffixes = [".x"] }}

[[tool.canary]]
label = "x"
files = {{ "a.x" = "bad" }}
expects = [{{ rule = "R1", file = "a.x", line = 1 }}]
"""
COMMAND = GOOD.replace('package = "tool==1.0"\nlock = "tool.lock"\n', 'command = "/bin/x"\n')
COMMAND = "\n".join(line for line in COMMAND.splitlines() if not line.startswith("lock_sha256"))


def changed(old: str, new: str, text: str = GOOD) -> str:
    assert old in text
    return text.replace(old, new)


WRONG = {
    "neither": (changed('command = "/bin/x"\n', "", COMMAND), "tool[0].package: lint needs either a package"),
    "both": (changed('kind = "sast"', 'kind = "sast"\ncommand = "/bin/x"'), "tool[0].package"),
    "relative": (changed("/bin/x", "bin/x", COMMAND), "tool[0].command: bin/x is not an absolute path"),
    "lock of a command": (COMMAND.replace("args", "lock = 'l'\nargs"), "tool[0].lock: it belongs to"),
    "no version": (changed("tool==1.0", "tool>=1.0"), "tool[0].package: give NAME==VERSION"),
    "no lock": (changed('lock = "tool.lock"\n', ""), "tool[0].lock: a package needs its lock file"),
    "no digest": (GOOD.replace("lock_sha256", "strips = ['a']#"), "tool[0].lock_sha256"),
    "odd digest": (changed(sha256(LOCK).hexdigest(), "abc"), "tool[0].lock_sha256: expected `str` matching"),
    "a kind": (changed('"sast"', '"style"'), "tool[0].kind: invalid enum value 'style'"),
    "a name": (changed('"lint"', '"Lint it"'), "tool[0].name: expected `str` matching"),
    "twice": (GOOD + GOOD, "tool[1].name: lint is there twice"),
    "no canary": (GOOD.partition("\n[[tool.canary]]")[0], "missing required field `canary`"),
    "nothing expected": (changed("expects = [{", "expects = [] # [{"), "tool[0].canary[0].expects"),
    "expected elsewhere": (changed('file = "a.x"', 'file = "b.x"'), "tool[0].canary[0].expects: b.x is not"),
    "canary outside": (GOOD.replace("a.x", "../a.x"), "tool[0].canary[0].files: ../a.x is not a plain"),
    "no files": (changed(', "{files}"', ""), "tool[0].args: {files} must stand there once"),
    "files inside": (changed('"{files}"', '"-i{files}"'), "tool[0].args: {files} must be an argument"),
    "a placeholder": (changed('"{files}"', '"{files}", "{fiels}"'), "tool[0].args: {fiels} stands for"),
    "no output": (GOOD.replace("args", "output = 'o.sarif'\nargs"), "tool[0].output: name a file and use"),
    "output outside": (
        GOOD.replace("args = [", "output = '../o'\nargs = ['{output}',"),
        "tool[0].output: ../o is not the name of a file",
    ),
    "script and module": (GOOD.replace("args", "script = 'a'\nmodule = 'b'\nargs"), "tool[0].module"),
    "script elsewhere": (GOOD.replace("args", "script = '../x'\nargs"), "tool[0].script: ../x is not"),
    "reads nothing": (changed('{ suffixes = [".x"] }', "{}"), "tool[0].reads: name suffixes, names or"),
    "a suffix": (changed('".x"]', '"x"]'), "tool[0].reads.suffixes[0]: expected `str` matching"),
    "shown as": (changed("suffixes", "shown = { y = '.x' }, suffixes"), "tool[0].reads.shown: y is none"),
    "a key": (changed("args", "arg"), "unknown key tool.arg; the nearest is args"),
    "a key of reads": (changed("suffixes", "suffix"), "key tool.reads.suffix; the nearest is suffixes"),
    "a key below": (changed("rule =", "rules ="), "key tool.canary.expects.rules; the nearest is rule"),
    "an exit": (GOOD.replace("args", "ok_exits = [300]\nargs"), "tool[0].ok_exits"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_one_sentence_that_names_the_key(case: str) -> None:
    text, says = WRONG[case]
    with pytest.raises(UsageError) as error:
        parse_policy(text, "policy.toml")
    assert says in str(error.value)
    assert str(error.value).startswith("policy.toml: ")
    assert "\n" not in str(error.value)


def test_what_is_right_is_an_entry_and_fits_the_schema() -> None:
    validator = jsonschema_rs.validator_for(make(*SCHEMAS["policy-1.json"]))
    for text in (GOOD, COMMAND, (DATA / "tools.toml").read_text()):
        assert parse_policy(text, "p").tool
        assert validator.is_valid(tomllib.loads(text))
    (entry,) = parse_policy(GOOD, "p").tool
    assert (entry.package, entry.version, entry.ok_exits, entry.unit) == ("tool", "1.0", (0, 1), "file")
    assert not validator.is_valid(tomllib.loads(WRONG["no canary"][0]))


def test_a_pattern_that_ends_in_a_suffix_keeps_it_and_shown_goes_before() -> None:
    names = (
        'names = [".github/workflows/*.yml", "*.Dockerfile", "Dockerfile", "Dockerfile.*", ".envrc", "a/.x"]'
    )
    (entry,) = parse_policy(changed('suffixes = [".x"]', names), "p").tool
    assert entry.reads.shown == {".github/workflows/*.yml": ".yml", "*.Dockerfile": ".dockerfile"}
    said = names + ', shown = { Dockerfile = ".docker", "*.Dockerfile" = ".docker" }'
    (entry,) = parse_policy(changed('suffixes = [".x"]', said), "p").tool
    assert entry.reads.shown == {
        ".github/workflows/*.yml": ".yml", "*.Dockerfile": ".docker", "Dockerfile": ".docker",
    }  # fmt: skip


def test_the_tool_in_the_docs_is_the_one_that_the_tests_run() -> None:
    page = (Path(__file__).parents[2] / "docs" / "plugins.md").read_text()
    shown = page.partition("<!-- tools.toml -->\n```toml\n")[2].partition("```")[0]
    (entry,) = parse_policy(shown, "docs").tool
    assert entry == parse_policy((DATA / "tools.toml").read_text(), "tests").tool[0]
    keys = page.partition("| key | what |\n|---|---|\n")[2].partition("\n\n")[0]
    named = {key.strip() for row in keys.splitlines() for key in row.split("|")[1].split(",")}
    assert named == {field.encode_name for field in msgspec.structs.fields(ToolTable)}


def test_a_name_of_another_scanner_is_refused() -> None:
    with pytest.raises(UsageError, match=r"^p: tool\[0\]\.name: there is a scanner lint already\.$"):
        check_scanners(parse_policy(COMMAND, "p"), {"lint": {}}, "p", {"lint"})
    check_scanners(parse_policy(COMMAND, "p"), {"lint": {}}, "p")


def test_the_repository_cannot_name_a_tool() -> None:
    with pytest.raises(UsageError, match=r"tool may only stand in the trusted policy"):
        read_config(COMMAND.encode())


# --- locks ------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DEVSECOPS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def load(folder: Path, option: str) -> Loaded:
    return load_policy(option=option, tree_root=folder / "tree", ci=True, read_at=read_at)


def kept(loaded: Loaded) -> bytes:
    (tool,) = at_hand(loaded.policy.tool)
    return Path(str(tool.lock)).read_bytes()


def test_a_lock_stands_beside_its_policy_or_is_absolute(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    policy = tmp_path / "policy.toml"
    (tmp_path / "tool.lock").write_bytes(LOCK)
    policy.write_text(GOOD)
    assert kept(load(tmp_path, str(policy))) == LOCK
    (tmp_path / "tool.lock").rename(tmp_path / "other.lock")
    policy.write_text(changed('"tool.lock"', f'"{tmp_path}/other.lock"'))
    assert kept(load(tmp_path, str(policy))) == LOCK


def test_the_lock_of_a_revision_is_that_revisions(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / ".devsecops").mkdir(parents=True)
    (tree / ".devsecops" / "policy.toml").write_text(GOOD)
    (tree / ".devsecops" / "tool.lock").write_bytes(LOCK)

    def git(*words: str) -> None:
        who = ("-c", "user.name=t", "-c", "user.email=t@example.com")
        subprocess.run(["git", *who, *words], cwd=tree, check=True, capture_output=True)

    git("init", "-q", "-b", "main")
    git("add", ".")
    git("commit", "-qm", "one")
    (tree / ".devsecops" / "tool.lock").write_bytes(b"evil==6.66\n")
    git("checkout", "-qb", "change")
    git("commit", "-qam", "two")
    assert kept(load(tmp_path, "main:.devsecops/policy.toml")) == LOCK
    with pytest.raises(
        UsageError, match=r"tool\[0\]\.lock_sha256: tool\.lock has the sha256 [0-9a-f]{64}, not"
    ):
        load(tmp_path, "change:.devsecops/policy.toml")


def test_the_policy_has_one_digest_whatever_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "policy.toml").write_text(GOOD)
    (tmp_path / "tool.lock").write_bytes(LOCK)
    one = load(tmp_path, str(tmp_path / "policy.toml"))
    monkeypatch.setenv("DEVSECOPS_CACHE", str(tmp_path / "elsewhere"))
    two = load(tmp_path, str(tmp_path / "policy.toml"))
    assert one.in_force.sha256 == two.in_force.sha256
    assert at_hand(one.policy.tool) == at_hand(two.policy.tool)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (None, "tool[0].lock: tool.lock cannot be read"),
        (LOCK + b"\n", "tool[0].lock_sha256: tool.lock has the sha256 "),
        (b"tool==1.0\n", "not an exact version with sha256 hashes"),
        (LOCK.replace(b"tool==1.0", b"tool==1.1"), "tool.lock pins 1.1 of tool, not 1.0"),
        (LOCK.replace(b"tool==", b"another=="), "tool.lock pins no version of tool, not 1.0"),
        (b"\xff", "cannot be read"),
    ],
)
def test_a_lock_that_is_not_the_one_is_refused(tmp_path: Path, data: bytes | None, says: str) -> None:
    (tmp_path / "tree").mkdir()
    digest = sha256(LOCK if data is None or data.startswith(LOCK) else data).hexdigest()
    (tmp_path / "policy.toml").write_text(changed(sha256(LOCK).hexdigest(), digest))
    if data is not None:
        (tmp_path / "tool.lock").write_bytes(data)
    with pytest.raises(UsageError) as error:
        load(tmp_path, str(tmp_path / "policy.toml"))
    assert says in str(error.value)
    assert "\n" not in str(error.value)


def test_a_damaged_lock_in_the_cache_is_written_anew(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "policy.toml").write_text(GOOD)
    (tmp_path / "tool.lock").write_bytes(LOCK)
    (tool,) = at_hand(load(tmp_path, str(tmp_path / "policy.toml")).policy.tool)
    Path(str(tool.lock)).write_bytes(b"evil==6.66\n")
    assert kept(load(tmp_path, str(tmp_path / "policy.toml"))) == LOCK
