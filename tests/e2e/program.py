"""The installed program in a process of its own, with scanners that may misbehave, and what it leaves."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FAKES = Path(__file__).parent.parent / "fakes"
FILES = {
    "one.fake": "nothing here\n",
    "two.fake": "first\nDANGER here\n",
    "deep/three.fake": "nothing\n",
    "deep/four.fake": "DANGER\nDANGER\n",
    "README.md": "# a tree\n",
}
"""A small tree in which an honest scanner finds three things, none of them grave."""
FAKE_FILES = sorted(name for name in FILES if name.endswith(".fake"))
FOUND = [("DANGER", "deep/four.fake", 1), ("DANGER", "deep/four.fake", 2), ("DANGER", "two.fake", 2)]
OTHERS_OFF = "".join(f'[scanners.{name}]\nrequired = "off"\n' for name in ("bandit", "advisories", "semgrep"))


@dataclass(frozen=True, slots=True, repr=False)
class Done:
    """A run that ended."""

    code: int
    out: bytes
    err: bytes
    seconds: float
    output: Path

    @property
    def last_line(self) -> str:
        return self.out.decode("utf-8", "replace").rstrip("\n").rpartition("\n")[2]

    @property
    def verdict(self) -> dict[str, Any]:
        data: dict[str, Any] = json.loads((self.output / "verdict.json").read_bytes())
        return data

    @property
    def statement(self) -> dict[str, Any]:
        found: dict[str, Any] = self.verdict["statement"]
        return found

    @property
    def reasons(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.statement["reasons"]
        return found

    def rows(self, scanner: str) -> dict[str, tuple[str, str]]:
        """Return unit -> (state, why) of the ledger."""
        lines = (self.output / "ledger.jsonl").read_bytes().splitlines()
        rows = [row for row in map(json.loads, lines) if row.get("scanner") == scanner]
        found = {row["unit"]["id"]: (row["state"], row.get("why", "")) for row in rows}
        assert len(found) == len(rows), "a unit has two rows"
        return found

    def findings(self, scanner: str) -> list[tuple[str, str, int]]:
        """Return (rule, path, line) of the scanner's saved result."""
        result = json.loads((self.output / "results" / f"{scanner}.json").read_bytes())
        return [
            (f["rule"]["id"], f["location"]["path"], f["location"]["region"]["start_line"])
            for f in result.get("findings", [])
        ]

    def __repr__(self) -> str:
        return f"exit {self.code} after {self.seconds:.1f} s\n{self.out.decode()}\n{self.err.decode()}"


@dataclass(frozen=True, slots=True)
class Program:
    """Runs the program. Everything it touches is under `folder`, whose name is in all its processes."""

    binary: Path
    folder: Path
    env: Mapping[str, str]

    def scan(
        self,
        tree: Path,
        *args: str | Path,
        policy: Path | None = None,
        output: Path | None = None,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        prepare: Callable[[], None] | None = None,
        limit_s: float = 120.0,
    ) -> Done:
        """Scan and wait. A run that takes longer than `limit_s` is killed and fails the test."""
        output = output or self.folder / "out"
        began = time.monotonic()
        child = self.start(
            tree, *args, policy=policy, output=output, cwd=cwd, env=env, prepare=prepare, pipes=True
        )
        try:
            out, err = child.communicate(timeout=limit_s)
        except subprocess.TimeoutExpired:
            child.kill()
            self.end_left()
            out, err = child.communicate()
            words = err.decode(errors="replace")
            raise AssertionError(f"it did not end within {limit_s} s: {words}") from None
        return Done(child.returncode, out, err, time.monotonic() - began, output)

    def start(
        self,
        tree: Path,
        *args: str | Path,
        output: Path,
        policy: Path | None = None,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        prepare: Callable[[], None] | None = None,
        pipes: bool = False,
    ) -> subprocess.Popen[bytes]:
        """Start a scan."""
        named: list[str | Path] = ["--policy", policy] if policy else []
        self.temporary.mkdir(exist_ok=True)
        return subprocess.Popen(
            [self.binary, "scan", tree, "--output", output, *named, *args],
            cwd=cwd or self.folder,
            env={**self.env, "TMPDIR": str(self.temporary), **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if pipes else subprocess.DEVNULL,
            stderr=subprocess.PIPE if pipes else subprocess.DEVNULL,
            preexec_fn=prepare,
        )

    @property
    def temporary(self) -> Path:
        """Where the program has its temporary files."""
        return self.folder / "tmp"

    def left(self, wait_s: float = 0.0) -> list[str]:
        """Return the command lines of processes that are left of any run, after `wait_s` at most."""
        end = time.monotonic() + wait_s
        while (found := _processes(os.fsencode(self.folder))) and time.monotonic() < end:
            time.sleep(0.02)
        return found

    def end_left(self) -> None:
        """Kill what `left` sees."""
        for line in self.left():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(line.partition(":")[0]), signal.SIGKILL)


def _processes(mark: bytes) -> list[str]:
    found = []
    for place in Path("/proc").iterdir():
        if not place.name.isdigit() or int(place.name) == os.getpid():
            continue
        with contextlib.suppress(OSError):
            stat = (place / "stat").read_bytes()
            if stat[stat.rindex(b")") + 2 :][:1] in b"ZX":
                continue
            texts = [(place / "environ").read_bytes(), (place / "cmdline").read_bytes()]
            texts.append(os.fsencode((place / "cwd").readlink()))
            if any(mark in text for text in texts):
                words = texts[1].replace(b"\0", b" ").decode(errors="replace")
                found.append(f"{place.name}: {words[:200]}")
    return found


def write_plugin(folder: Path, name: str = "fake", *, style: str = "tool", fault: str = "") -> Path:
    """Write a plugin into `folder`, and the tool of it; return the plugin's file."""
    folder.mkdir(parents=True, exist_ok=True)
    text = (FAKES / "plugin.py").read_text()
    for constant, value in (("NAME", name), ("STYLE", style), ("FAULT", fault)):
        lines = [line for line in text.splitlines() if line.startswith(f"{constant} = ")]
        assert len(lines) == 1
        text = text.replace(lines[0], f"{constant} = {value!r}")
    path = folder / f"{name}.py"
    path.write_text(text)
    tool = folder / "tool"
    tool.write_text(f"#!{sys.executable} -I\n" + (FAKES / "tool.py").read_text())
    tool.chmod(0o755)
    return path


def write_policy(
    folder: Path,
    plugins: Sequence[Path],
    *,
    mode: str = "honest",
    deadline_s: float = 4.0,
    more: str = "",
    fake: str = "",
    others: str = OTHERS_OFF,
) -> Path:
    """Write a policy that requires the scanner of every plugin file; `mode` is for the one named fake."""
    text = f"[plugins]\nfiles = {json.dumps([str(path) for path in plugins])}\n{others}{more}\n"
    for path in plugins:
        text += f'[scanners.{path.stem}]\nrequired = "yes"\n'
        if path.stem == "fake":
            text += f"deadline_s = {deadline_s}\nmode = {json.dumps(mode)}\n{fake}\n"
    folder.mkdir(parents=True, exist_ok=True)
    policy = folder / "policy.toml"
    policy.write_text(text)
    return policy


def write_tree(folder: Path, files: Mapping[str, str]) -> Path:
    """Write a new tree with these files."""
    if folder.exists():
        shutil.rmtree(folder)
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def two_plugins(folder: Path, *, style: str = "tool", fault: str = "") -> list[Path]:
    """Write the plugin whose scanner is named fake, and an honest one beside it, named second."""
    plugins = folder / "plugins"
    return [write_plugin(plugins, style=style, fault=fault), write_plugin(plugins, "second", style="scan")]


def check_named(done: Done, code: str, words: str) -> None:
    """The verdict is incomplete, names the scanner and the cause, and the last line says so too."""
    assert done.code == 3, done
    assert done.statement["verdict"] == "incomplete"
    named = [r for r in done.reasons if r["code"] == code and r.get("scanner") == "fake"]
    assert any(words in reason["message"] for reason in named), done.reasons
    assert done.last_line == done.statement["cause"]
    assert "fake" in done.last_line
    assert done.last_line.startswith("INCOMPLETE: ")


def check_second(done: Done) -> None:
    """The other scanner is not harmed."""
    assert done.findings("second") == FOUND
    assert set(done.rows("second")) == set(FAKE_FILES)
    (summary,) = [s for s in done.statement["scanners"] if s["name"] == "second"]
    assert summary["status"] == "complete"
    assert summary["control"]["found"] is True
