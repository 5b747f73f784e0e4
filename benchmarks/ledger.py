"""Is every entry of a real tree accounted for? Counted against git itself.

    python benchmarks/ledger.py [NAME ...]

The tree is committed to a repository of its own and scanned as a commit. Each entry of `git ls-tree -r` needs
exactly one row for each scanner that reads it, and exactly one row without a scanner when none does.
"""

from __future__ import annotations

import fnmatch
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from benchmarks.corpora import names, tree  # noqa: E402
from devsecops.paths import to_text  # noqa: E402

MANIFESTS = (
    "requirements*.txt", "*requirements.txt", "requirements*.in", "*requirements.in", "pyproject.toml",
    "Pipfile", "poetry.lock", "uv.lock", "pylock.toml", "pylock.*.toml", "Pipfile.lock", "package.json",
    "package-lock.json", "npm-shrinkwrap.json",
)  # fmt: skip

SEMGREP_ONLY = (".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts", ".dockerfile")
CONTAINERS = ("Dockerfile", "Containerfile")


def commit(place: Path, repository: Path) -> None:
    """Copy a tree and commit all of it."""
    shutil.copytree(place, repository, symlinks=True)
    for words in (
        ("init", "-q"),
        ("add", "-A", "-f"),
        ("-c", "user.name=n", "-c", "user.email=e@x", "commit", "-q", "-m", "all"),
    ):
        subprocess.run(("git", *words), cwd=repository, check=True)


def expected(name: str, data: bytes, executable: bool) -> set[str | None]:
    """Return which scanners read a file, by the contract and not by the product's code."""
    last = name.rpartition("/")[2]
    readers: set[str | None] = set()
    first = data.split(b"\n", 1)[0] if data.startswith(b"#!") and ("." not in last or executable) else b""
    if last.lower().endswith((".py", ".pyw")) or b"python" in first:
        readers |= {"bandit", "semgrep"}
    if last.lower().endswith(SEMGREP_ONLY) or b"node" in first or last.startswith(CONTAINERS):
        readers.add("semgrep")
    inside = name.endswith((".txt", ".in")) and name.split("/")[-2:-1] == ["requirements"]
    if inside or any(fnmatch.fnmatchcase(last, pattern) for pattern in MANIFESTS):
        readers.add("advisories")
    return readers or {None}


def check(repository: Path, program: Path, output: Path, env: Mapping[str, str]) -> Counter[str]:
    """Scan HEAD of the repository and compare its ledger with git's list; return rows by state.

    Raises:
        AssertionError: an entry has no row, a row too many, or one that nothing accounts for.
    """
    done = subprocess.run(
        (program, "scan", repository, "--head", "HEAD", "--output", output, "-q"),
        env=dict(env), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode in (0, 1, 3), done.stderr
    listed = subprocess.run(
        ("git", "ls-tree", "-r", "-z", "HEAD"), cwd=repository, capture_output=True, check=True
    ).stdout
    wanted: dict[tuple[str, str | None], int] = {}
    for line in listed.split(b"\0")[:-1]:
        facts, _, raw = line.partition(b"\t")
        mode = facts.split()[0]
        data = b"" if mode in (b"120000", b"160000") else (repository / os.fsdecode(raw)).read_bytes()
        path = to_text(raw)
        readers = {None} if mode in (b"120000", b"160000") else expected(path, data, mode == b"100755")
        for scanner in readers:
            wanted[path, scanner] = 1
    rows = [json.loads(line) for line in (output / "ledger.jsonl").read_bytes().splitlines()]
    files = [row for row in rows if row["unit"]["kind"] == "file"]
    got = Counter((row["unit"]["id"], row["scanner"]) for row in files)
    assert dict(got) == wanted, sorted(set(got.items()) ^ set(wanted.items()), key=str)[:10]
    assert len({row["unit"]["id"] for row in files}) == listed.count(b"\0")
    return Counter(f"{row['scanner'] or 'no scanner'}: {row['state']}" for row in files)


def main() -> None:
    """Check the trees that are named, or all."""
    program = Path(os.environ.get("DEVSECOPS_BIN", str(Path(sys.executable).parent / "devsecops")))
    for name in sys.argv[1:] or names():
        with tempfile.TemporaryDirectory() as folder:
            commit(tree(name), Path(folder) / "repository")
            states = check(Path(folder) / "repository", program, Path(folder) / "out", os.environ)
        print(f"{name}: {sum(states.values())} rows, every entry accounted for")
        for state, number in sorted(states.items()):
            print(f"  {state} {number}")


if __name__ == "__main__":
    main()
