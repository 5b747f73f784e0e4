"""A tree written by an attacker: nothing of it runs, nothing of it weakens a scanner, nothing of it leaks."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.e2e.program import Done, Program, two_plugins, write_policy
from tests.findings.secrets import forms, generate
from tests.subject.repos import ENV, ODD_NAMES

pytestmark = pytest.mark.e2e

VULNERABLE = "import subprocess\n\n\ndef run(x):\n    return subprocess.call(x, shell=True){mark}\n"
FOUND = {("B404", 1), ("B602", 5)}
SHADOWED = (
    "sitecustomize", "usercustomize", "bandit", "yaml", "json", "ast", "re", "site", "encodings", "msgspec",
    "pluggy", "packaging", "devsecops", "devsecops_bandit", "devsecops_advisories", "stevedore", "rich",
)  # fmt: skip
WEAKENING = {
    ".bandit": "[bandit]\nskips = B404,B602\nexclude = /,app\nlevel = 3\n",
    "bandit.yaml": "skips: [B404, B602]\n",
    "pyproject.toml": '[tool.bandit]\nskips = ["B404", "B602"]\nexclude_dirs = ["app"]\n',
    "setup.cfg": "[bandit]\nskips = B404,B602\n",
    "app/.bandit": "[bandit]\nexclude = .\n",
}
HIDING = (
    "app/plain.py", "tests/test_it.py", ".github/scripts/x.py", "src/CVS/x.py", "my.toxic/x.py",
    ".hidden/x.py", "xCVSx.py", "vendor/x.py", "build/lib/x.py", "-x.py", "--help.py", "x.min.py", "a b.py",
    "#x.py",
)  # fmt: skip
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


class Attack:
    """A tree, and a mark that is there as soon as anything of the tree ran."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.root = program.folder / "tree"
        self.root.mkdir()
        self.mark = program.folder / "MARK"

    def put(self, name: str | bytes, text: str | bytes, *, run: bool = False) -> Path:
        path = self.root / os.fsdecode(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        path.chmod(0o755 if run else 0o644)
        return path

    def git(self, *args: str) -> None:
        subprocess.run(["git", *args], cwd=self.root, env=ENV, check=True, capture_output=True)

    def commit(self) -> None:
        self.git("init", "-q", "-b", "main")
        self.git("add", "-A", "-f")
        self.git("commit", "-q", "-m", "work")

    def scan(self, *args: str | Path, policy: str = "", env: dict[str, str] | None = None) -> Done:
        """Scan from inside the tree, as a build does."""
        file = write_policy(
            self.program.folder,
            (),
            others="",
            more=f'[data]\nunpinned = "count"\nmax_age_days = 99999\n{policy}',
        )
        done = self.program.scan(
            Path(), "--offline", *args, policy=file, cwd=self.root, env=env,
            output=self.program.folder / "out",
        )  # fmt: skip
        assert not self.mark.exists(), "something of the tree ran"
        assert self.program.left() == []
        assert "Traceback" not in done.err.decode("utf-8", "replace")
        assert "internal error" not in done.err.decode("utf-8", "replace")
        return done


@pytest.fixture
def attack(program: Program, tools_ready: Path) -> Attack:
    return Attack(program)


def _by_file(done: Done) -> dict[str, set[tuple[str, int]]]:
    found: dict[str, set[tuple[str, int]]] = {}
    for rule, path, line in done.findings("bandit"):
        found.setdefault(path, set()).add((rule, line))
    return found


@pytest.mark.parametrize("way", ["folder", "work tree", "commit"])
def test_nothing_runs_and_nothing_weakens(attack: Attack, way: str) -> None:
    run = f"open({str(attack.mark)!r}, 'w')\n"
    for name in SHADOWED:
        attack.put(f"{name}.py", run)
    attack.put("devsecops/__init__.py", run)
    attack.put("plugins/evil.py", run)
    attack.put("evil.pth", f"import os; {run}")
    attack.put("conftest.py", run)
    attack.put("setup.py", run)
    attack.put("requirements.txt", "-e ./evil\nevil @ file:./evil\n")
    for tool in ("git", "python", "python3", "bandit", "uv", "sh", "env"):
        attack.put(f"bin/{tool}", f"#!/bin/sh\ntouch '{attack.mark}'\n", run=True)
    for name, text in WEAKENING.items():
        attack.put(name, text)
    for n, name in enumerate(HIDING):
        attack.put(name, VULNERABLE.format(mark=("", "  # nosec", "  # nosec B602, B404")[n % 3]))
    attack.put("shaped/HEAD", "ref: refs/heads/main\n")
    attack.put("shaped/config", f"[core]\nbare = false\nworktree = ..\nfsmonitor = touch {attack.mark}\n")
    for folder in ("objects", "refs"):
        attack.put(f"shaped/{folder}/x", "")
    if way != "folder":
        attack.commit()
        hook = attack.put("hook", f"#!/bin/sh\ntouch '{attack.mark}'\n", run=True)
        for key in ("core.fsmonitor", "core.sshCommand", "core.pager", "diff.external", "core.hooksPath"):
            attack.git("config", key, str(hook.parent if "Path" in key else hook))
        attack.git("config", "filter.x.clean", str(hook))
        attack.git("config", "filter.x.process", str(hook))
    done = attack.scan(
        *(["--head", "HEAD"] if way == "commit" else []),
        env={"PATH": f"{attack.root}/bin:{os.environ['PATH']}", "PYTHONUSERBASE": str(attack.root)},
    )
    assert done.code == 1, done
    found = _by_file(done)
    assert {name: found.get(name) for name in HIDING} == dict.fromkeys(HIDING, FOUND)
    rows = done.rows("bandit")
    assert {name: rows[name] for name in HIDING} == dict.fromkeys(HIDING, ("scanned", ""))


def test_links_pipes_and_devices(attack: Attack) -> None:
    """What is no regular file is never opened; each is a row of the ledger."""
    secret = attack.program.folder / "outside.py"
    secret.write_text("PLANTED_OUTSIDE = 1\neval(PLANTED_OUTSIDE)\n")
    attack.put("good.py", "x = 1\n")
    (attack.root / "link.py").symlink_to(secret)
    (attack.root / "zero.py").symlink_to("/dev/zero")
    (attack.root / "environment.py").symlink_to("/proc/self/environ")
    (attack.root / "loop.py").symlink_to("loop.py")
    (attack.root / "folder").symlink_to(attack.program.folder)
    os.mkfifo(attack.root / "pipe.py")
    (attack.root / "requirements.txt").symlink_to("/etc/passwd")
    done = attack.scan()
    everything = _everything(done)
    assert b"PLANTED_OUTSIDE" not in everything
    assert b"root:" not in everything
    lines = (done.output / "ledger.jsonl").read_bytes().splitlines()
    states = {row["unit"]["id"]: row["state"] for row in map(json.loads, lines)}
    assert states["good.py"] == "scanned"
    names = ("link.py", "zero.py", "environment.py", "loop.py", "folder", "pipe.py", "requirements.txt")
    assert set(names) <= set(states)
    assert "scanned" not in {states[name] for name in names}
    assert done.code in (0, 3), done


def _everything(done: Done) -> bytes:
    saved = [path.read_bytes() for path in sorted(done.output.rglob("*")) if path.is_file()]
    names = [os.fsencode(path) for path in done.output.rglob("*")]
    return b"\n".join([*saved, *names, done.out, done.err])


@pytest.mark.parametrize("way", ["commit", "work tree"])
def test_no_secret_gets_out(attack: Attack, seed: int, way: str) -> None:
    """Planted in code that is reported, in code that is broken, in names, comments, branch and remote."""
    print(f"DEVSECOPS_TEST_SEED={seed}")
    secrets = generate(seed)
    for n, secret in enumerate(secrets):
        # Each line is between two that bandit reports, so that its snippets show what stands around it.
        body = f"import subprocess\n{secret.python_line}\nsubprocess.call(x, shell=True)\n"
        attack.put(f"app/m{n}.py", body)
        attack.put(f"broken/m{n}.py", f"{secret.python_line}\ndef broken(:\n")
        attack.put(f"one{n}.fake", f"DANGER {secret.python_line}\n{secret.python_line}\nDANGER\n")
        attack.put(f"pins{n}/requirements.txt", f"# {secret.python_line}\nflask=={n}\n")
    known = [
        s for s in secrets if re.fullmatch(r"[\w-]+", s.value) and s.kind in ("github", "aws-key", "slack")
    ]
    assert known
    for secret in known:
        attack.put(f"names/{secret.value}.py", "eval(x)\n")
        attack.put(f"names/{secret.value}/requirements.txt", "jinja2==2.4.1\nflask\n")
    attack.commit()
    attack.git("checkout", "-q", "-b", f"feature/{known[0].value}")
    attack.git("remote", "add", "origin", f"https://user:{known[0].value}@git.example.org/repo.git")
    plugins = two_plugins(attack.program.folder)
    file = write_policy(attack.program.folder, plugins, others="", mode="shout")
    done = attack.program.scan(
        Path(), "--offline", "-v", "--report", "fake-words",
        *(["--head", "HEAD"] if way == "commit" else []),
        policy=file, cwd=attack.root, output=attack.program.folder / "out",
    )  # fmt: skip
    assert done.code == 1, done
    assert {rule for rule, _, _ in done.findings("bandit")} >= {"B602", "B307"}
    everything = _everything(done) + _cache(attack.program)
    # The lines with secrets are shown, without the secrets.
    assert b"eu-west-1" in everything
    assert b"names/" in everything
    leaked = [(s.kind, form) for s in secrets for form in forms(s.value) if form.encode() in everything]
    assert leaked == []


def _cache(program: Program) -> bytes:
    """Return what the run left in its home and its temporary folder."""
    places = [program.temporary, Path(program.env["HOME"])]
    return b"\n".join(p.read_bytes() for place in places for p in place.rglob("*") if p.is_file())


def test_odd_names_and_texts_break_no_format(attack: Attack) -> None:
    evil = "\x1b[31m\u202e<img src=x onerror=alert(1)>]]>|`@team`\x07\x9b"
    for n, raw in enumerate(ODD_NAMES):
        name = raw if raw.endswith(b".py") else raw + b".py"
        attack.put(name, f"eval(x)  # {evil}\nassert x, '{n} {evil}'\n")
    attack.put(f"{evil.replace('/', '')}.py", "eval(x)\n")
    attack.put("requirements.txt", f"jinja2==2.4.1  # {evil}\n{evil}\nflask\n")
    attack.commit()
    for output in ("text", "json", "sarif"):
        done = attack.scan("-v", "--report", f"{output}=-")
        assert done.code == 1, done
        text = done.out.decode("utf-8")
        assert CONTROL.findall(text) == []
        assert CONTROL.findall(done.err.decode("utf-8")) == []
        if output != "text":
            json.loads(text)
    for path in sorted(done.output.rglob("*.json*")):
        for line in path.read_bytes().splitlines() if path.suffix == ".jsonl" else [path.read_bytes()]:
            json.loads(line)
    assert CONTROL.findall((done.output / "results.sarif").read_text()) == []
    assert "\n" not in done.statement["cause"]
    files = {path for rule, path, _ in done.findings("bandit") if rule == "B307"}
    assert len(files) == len(ODD_NAMES) + 1
