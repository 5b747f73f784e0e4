"""The program against a target, with a real ZAP of each version."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.e2e.program import Done, Program

OLD, NEW = "2.11.1", "2.17.0"
EVERY: dict[str, tuple[str, ...]] = {
    OLD: ("seed", "spider", "passive", "active"),
    NEW: ("seed", "spider", "active"),
}
"""The phases that a version put together from artifacts can run."""
AFTER_S = 20.0
"""How long after its budget a run may take to end."""


def write_policy(
    folder: Path,
    version: str,
    rules: Path,
    url: str,
    *,
    phases: Sequence[str] | None = None,
    target: str = "attackable = true\nchange_state = true",
    more: str = "",
) -> Path:
    """Write a policy with one target, named shop, and this ZAP with the tests' rules."""
    policy = folder / f"policy-{version}.toml"
    policy.write_text(
        f"[dast]\nphases = {json.dumps(list(phases or EVERY[version]))}\n{more}\n"
        f'[dast.zap]\nsource = "artifacts"\ncore = "{version}"\nheap_mb = 512\n'
        f'[[dast.addons]]\nfile = "{rules}"\nsha256 = "{sha256(rules.read_bytes()).hexdigest()}"\n'
        f'[dast.targets.shop]\nurl = "{url}"\n{target}\n'
    )
    return policy


@dataclass(slots=True)
class Going:
    """A scan that runs; what it narrates is kept."""

    child: subprocess.Popen[bytes]
    output: Path
    began: float
    said: list[str] = field(default_factory=list)
    _reader: threading.Thread | None = None

    def listen(self) -> None:
        """Keep its narration, in a thread."""
        self._reader = threading.Thread(target=self._listen, daemon=True)
        self._reader.start()

    def _listen(self) -> None:
        assert self.child.stderr is not None
        for line in self.child.stderr:
            self.said.append(line.decode("utf-8", "replace"))

    def hears(self, words: str, within_s: float = 90.0) -> None:
        """Wait until it says something."""
        ends = time.monotonic() + within_s
        while not any(words in line for line in self.said):
            assert time.monotonic() < ends, f"it never said {words!r}: {self.said}"
            assert self.child.poll() is None, f"it ended without {words!r}: {self.said}"
            time.sleep(0.02)

    def java(self) -> int:
        """Return the process id of its ZAP."""
        mark = os.fsencode(self.output.parent)
        for place in Path("/proc").iterdir():
            if place.name.isdigit():
                try:
                    command = (place / "cmdline").read_bytes()
                    environment = (place / "environ").read_bytes()
                except OSError:
                    continue
                if b"-configfile" in command.split(b"\0") and mark in environment + command:
                    return int(place.name)
        raise AssertionError("there is no ZAP")

    def end(self, within_s: float = 150.0) -> Done:
        """Wait for its end."""
        try:
            self.child.wait(within_s)
        except subprocess.TimeoutExpired:
            self.child.send_signal(signal.SIGKILL)
            raise AssertionError(f"it did not end within {within_s} s: {self.said}") from None
        assert self._reader is not None
        assert self.child.stdout is not None
        assert self.child.stderr is not None
        self._reader.join(5)
        with self.child.stdout as out, self.child.stderr:
            said = out.read()
        err = "".join(self.said).encode()
        return Done(self.child.returncode, said, err, time.monotonic() - self.began, self.output)


def start(
    program: Program, policy: Path, url: str, *args: str | Path, env: Mapping[str, str] | None = None
) -> Going:
    """Start a scan of a target."""
    program.temporary.mkdir(exist_ok=True)
    output = program.folder / "out"
    command = [program.binary, "scan", f"--target={url}", "--policy", policy, "--output", output, *args]
    child = subprocess.Popen(
        command,
        cwd=program.folder,
        env={**program.env, "TMPDIR": str(program.temporary), **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    going = Going(child, output, time.monotonic())
    going.listen()
    return going


def scan(program: Program, policy: Path, url: str, *args: str | Path) -> Done:
    """Scan a target and wait."""
    return start(program, policy, url, *args).end()


def result(done: Done) -> dict[str, Any]:
    """Return the scanner's saved result."""
    saved: dict[str, Any] = json.loads((done.output / "results" / "zap.json").read_bytes())
    return saved


def found(done: Done) -> set[tuple[str, str, str, str]]:
    """Return rule, method, template and parameter of all findings."""
    return {
        (
            f["rule"]["id"],
            f["location"]["method"],
            f["location"]["template"],
            f["location"].get("param") or "",
        )
        for f in result(done).get("findings", [])
    }


def ids(done: Done) -> list[str]:
    """Return the ids of all findings."""
    return sorted(f["id"] for f in result(done).get("findings", []))


def places(done: Done) -> list[tuple[tuple[str, str, str], tuple[str, int], tuple[str, int]]]:
    """Return each finding's rule, method and template, its place in the document and that of its handler."""

    def at(file: dict[str, Any]) -> tuple[str, int]:
        return file["path"], file["region"]["start_line"]

    return [
        (
            (f["rule"]["id"], f["location"]["method"], f["location"]["template"]),
            at(f["location"]["at"]),
            at(f["related"][0]),
        )
        for f in result(done)["findings"]
    ]


def unfinished(done: Done, words: str, code: str = "phase-unfinished") -> None:
    """The verdict is no pass, and names ZAP and the cause."""
    assert done.code in (1, 3), done
    assert done.statement["verdict"] != "pass"
    told = [r["message"] for r in done.reasons if r["code"] == code and r.get("scanner") == "zap"]
    assert any(words in message for message in told), (words, done.reasons)
