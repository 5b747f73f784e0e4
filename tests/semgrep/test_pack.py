"""The pack: every rule says what a reader needs, and does what its targets say, alone on each line."""

import json
import re
import shutil
import subprocess
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest
import yaml

from devsecops.tools import ready
from devsecops_semgrep import Semgrep
from devsecops_semgrep.pack import files

TARGETS = Path(__file__).with_name("rules")
LANGUAGES = {"python": (".py",), "javascript": (".js", ".jsx", ".ts", ".tsx"), "dockerfile": (".dockerfile",)}
PREFIXES = {"python": "py-", "javascript": "js-", "dockerfile": "docker-"}
_MARK = re.compile(r"^\s*(?:#|//|\{?/\*)\s*(ruleid|ok):\s*([\w\-, ]+?)\s*(?:\*/\}?)?\s*$")


def rules() -> dict[str, dict[str, Any]]:
    found = {}
    for file in files():
        (rule,) = yaml.safe_load(file.read_text())["rules"]
        assert rule["id"] == file.stem
        found[file.stem] = rule | {"folder": file.parent.name}
    return found


RULES = rules()


def targets(rule: str) -> list[Path]:
    return sorted(TARGETS.joinpath(RULES[rule]["folder"]).glob(f"{rule}.*"))


def marks(file: Path) -> dict[str, list[int]]:
    """Return the numbers of the lines that follow a mark, by mark."""
    found: dict[str, list[int]] = {"ruleid": [], "ok": []}
    for number, line in enumerate(file.read_text().splitlines(), 1):
        if match := _MARK.match(line):
            found[match[1]].append(number + 1)
    return found


_KEYS = {
    "id", "languages", "severity", "message", "metadata", "mode", "options", "paths", "pattern", "patterns",
    "pattern-either", "pattern-not", "pattern-inside", "pattern-not-inside", "pattern-regex",
    "pattern-not-regex", "metavariable-regex", "metavariable-pattern", "metavariable-comparison",
    "metavariable-analysis", "focus-metavariable", "metavariable", "regex", "comparison", "language",
    "pattern-sources", "pattern-sinks", "pattern-sanitizers", "pattern-propagators", "by-side-effect",
    "exact", "control", "label", "requires", "from", "to", "at-exit", "strip", "base", "analyzer",
}  # fmt: skip


def unknown_keys(part: Any) -> set[str]:
    if isinstance(part, list):
        return set().union(*map(unknown_keys, part))
    if not isinstance(part, dict):
        return set()
    inner = [value for key, value in part.items() if key not in ("metadata", "options", "folder")]
    return (set(part) - _KEYS - {"folder"}).union(*map(unknown_keys, inner))


def test_the_pack_is_as_wide_as_it_says() -> None:
    count = Counter(rule["folder"] for rule in RULES.values())
    assert count["python"] >= 50
    assert count["javascript"] >= 25
    assert count["dockerfile"] >= 5
    assert len(RULES) >= 80
    assert len({rule["metadata"]["cwe"] for rule in RULES.values()}) >= 35


@pytest.mark.parametrize("name", RULES)
def test_a_rule_says_what_a_reader_needs(name: str) -> None:
    rule = RULES[name]
    metadata = rule["metadata"]
    assert name.startswith(PREFIXES[rule["folder"]])
    assert re.fullmatch(r"[a-z0-9-]+", name), "semgrep puts a path with dots in front of it"
    assert rule["languages"] == [rule["folder"]], "one language a rule"
    assert rule["severity"] in ("ERROR", "WARNING", "INFO")
    assert re.fullmatch(r"CWE-\d+", metadata["cwe"])
    assert re.fullmatch(r"A(0[1-9]|10):20(21|25)", metadata["owasp"])
    assert {metadata["impact"], metadata["likelihood"]} <= {"HIGH", "MEDIUM", "LOW"}
    assert metadata["confidence"] in ("high", "medium", "low")
    assert unknown_keys(rule) == set(), "semgrep 1.182.0 passes over a key that it does not know"
    wrong, _, remedy = rule["message"].partition("\nFix: ")
    assert len(wrong) > 40
    assert len(remedy.strip()) > 20
    assert remedy.strip().endswith(".")


@pytest.mark.parametrize("name", RULES)
def test_a_rule_has_enough_targets_of_both_kinds(name: str) -> None:
    here = targets(name)
    assert here
    assert {file.suffix for file in here} <= set(LANGUAGES[RULES[name]["folder"]])
    found = [marks(file) for file in here]
    assert sum(len(marked["ruleid"]) for marked in found) >= 3
    assert sum(len(marked["ok"]) for marked in found) >= 3


def test_every_target_belongs_to_a_rule() -> None:
    assert {file.name.partition(".")[0] for file in TARGETS.rglob("*.*")} == set(RULES)


@pytest.fixture(scope="module")
def engine(tools_ready: Path) -> list[str]:
    spec = Semgrep().spec.tool
    assert spec is not None
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DEVSECOPS_CACHE", str(tools_ready))
        tool = ready(spec, offline=True, say=pytest.fail)
    assert tool.python
    return [tool.python, "-I", *tool.script("semgrep")]


@pytest.fixture(scope="module")
def together(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All rules beside their targets, as semgrep wants them for a test."""
    folder = tmp_path_factory.mktemp("pack")
    for source in (*files(), *TARGETS.rglob("*.*")):
        # ``semgrep test`` would read a target in the language of its rule: TypeScript is for the scan alone.
        place = folder / ("typescript" if source.suffix.startswith(".ts") else source.parent.name)
        place.mkdir(exist_ok=True)
        shutil.copy(source, place)
    return folder


def run(words: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    env = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": "/nonexistent"}
    return subprocess.run(words, cwd=folder, env=env, capture_output=True, text=True, check=False)


@pytest.mark.e2e
def test_every_rule_does_what_its_targets_say(engine: list[str], together: Path) -> None:
    """One call for the whole folder; a rule without a target, or with a wrong one, fails it."""
    done = run([*engine, "test", "--experimental", "--json", "."], together)
    assert done.returncode == 0, done.stderr[-4000:]
    report = json.loads(done.stdout)
    passed = {
        check.rpartition(".")[2]
        for result in report["results"].values()
        for check, said in result["checks"].items()
        if said["passed"]
    }
    assert passed == set(RULES)
    assert report["config_missing_tests"] == []


@pytest.mark.e2e
def test_every_flaw_is_found_by_its_rule_alone_and_no_look_alike(engine: list[str], together: Path) -> None:
    given = sorted(
        str(file.relative_to(together)) for file in together.rglob("*.*") if file.suffix != ".yaml"
    )
    words = [*engine, "scan", "--experimental", "--metrics=off", "--disable-version-check", "--json"]
    done = run([*words, "--disable-nosem", "--no-git-ignore", "--config", ".", "--", *given], together)
    assert done.returncode == 0, done.stderr[-4000:]
    assert "unknown rule option" not in done.stderr
    report = json.loads(done.stdout)
    assert report["errors"] == []
    fired = defaultdict(set)
    for result in report["results"]:
        fired[result["path"], result["start"]["line"]].add(result["check_id"].rpartition(".")[2])
    wrong = []
    for name in given:
        rule, marked = Path(name).name.partition(".")[0], marks(together / name)
        wrong += [f"{name}:{n} {fired[name, n]}" for n in marked["ruleid"] if fired[name, n] != {rule}]
        wrong += [f"{name}:{n} is found" for n in marked["ok"] if rule in fired[name, n]]
    assert wrong == []
