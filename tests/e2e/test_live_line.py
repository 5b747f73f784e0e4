"""The line that a scan of a service rewrites in place: on a real pseudo-terminal, and what is left of it."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import textwrap
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.program import OTHERS_OFF, Program

COLUMNS = 60
PROBE = """
import time
from devsecops.api import *

class Probe:
    spec = Spec(name="probe", kind="dast", reads=Reads(), unit="remote", controls=Attested(label="probe"),
                deadline_s=20.0)

    def check(self, ctx):
        return Checked()

    def scan(self, ctx):
{body}
        return Parsed(attested=True, version="1",
                      cover=(Cover(unit=Unit(kind="url", id="GET /"), state="scanned"),))

@hookimpl
def devsecops_scanners():
    return [Probe()]
"""
WORK = """
for step in range(8):
    ctx.doing(Doing(what="spider", seen=f"{step} URLs\\x1b[2J\\u202e", left_s=8.0 - step))
    time.sleep(0.15)
    if step == 3:
        ctx.progress("something to stay")
ctx.doing(Doing(what="active " + "\\u6f22" * 300, seen="x", left_s=1.0))
time.sleep(0.15)
"""
WAIT = """
while not ctx.cancelled():
    ctx.doing(Doing(what="spider", seen="9 URLs", left_s=9.0))
    time.sleep(0.05)
"""


class Screen:
    """What a terminal shows of what is written to it. It knows what we use only."""

    def __init__(self) -> None:
        self.rows, self.at = [""], 0
        self.rewritten: list[str] = []

    def take(self, text: str) -> None:
        for part in re.findall(r"\x1b\[K|\r|\n|[^\x1b\r\n]+|\x1b", text):
            row = self.rows[-1]
            if part == "\r":
                self.at = 0
            elif part == "\n":
                self.rows.append("")
            elif part == "\x1b[K":
                if row:
                    self.rewritten.append(row)
                self.rows[-1] = row[: self.at]
            else:
                assert part != "\x1b", "an escape that the core does not write"
                self.rows[-1] = row[: self.at] + part + row[self.at + len(part) :]
                self.at += len(part)


def arguments(program: Program, body: str) -> list[str | Path]:
    plugin = program.folder / "probe.py"
    plugin.write_text(PROBE.replace("{body}", textwrap.indent(body.strip(), " " * 8)))
    policy = program.folder / "policy.toml"
    off = OTHERS_OFF + '[scanners.zap]\nrequired = "off"\n[scanners.safety]\nrequired = "off"\n'
    policy.write_text(f'[plugins]\nfiles = ["{plugin}"]\n{off}[dast.targets.x]\nurl = "http://127.0.0.1:9"\n')
    program.temporary.mkdir(exist_ok=True)
    out = program.folder / "out"
    return [program.binary, "scan", "--target=http://127.0.0.1:9", "--policy", policy, "--output", out]


@contextmanager
def on_terminal(
    program: Program, body: str, *more: str, env: Mapping[str, str] | None = None
) -> Iterator[tuple[subprocess.Popen[bytes], Screen]]:
    """Run the program with a terminal for all that it says; the screen fills while it runs."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, COLUMNS, 0, 0))
    screen = Screen()

    def read() -> None:
        while True:
            try:
                data = os.read(ours, 65_536)
            except OSError:  # all of the other side is closed
                return
            if not data:
                return
            screen.take(data.decode())

    around = {
        **program.env,
        "TERM": "xterm",
        "NO_COLOR": "1",
        "TMPDIR": str(program.temporary),
        **(env or {}),
    }
    command = [*arguments(program, body), *more]
    child = subprocess.Popen(
        command, cwd=program.folder, env=around, stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        yield child, screen
        child.wait(30)
    finally:
        child.kill()
        child.wait()
        reader.join(5)
        os.close(ours)


def test_it_is_rewritten_and_nothing_of_it_is_left(program: Program) -> None:
    with on_terminal(program, WORK) as (child, screen):
        pass
    rows = "\n".join(screen.rows)
    assert child.returncode == 0, rows
    live = [row for row in screen.rewritten if "spider" in row]
    assert len(live) > 5
    assert any(row.endswith("2 URLs\\x1b[2J\\u202e, 6 s left") for row in live), live
    wide = [len(row) + row.count("\u6f22") for row in screen.rewritten]
    assert COLUMNS - 10 < max(wide) < COLUMNS, "it fills the terminal and does not wrap"
    assert "spider" not in rows
    assert "active" not in rows
    assert "probe: something to stay" in screen.rows, "another line does not tear it"
    assert rows.rstrip().splitlines()[-1].startswith("PASS"), rows
    saved = [file.read_bytes() for file in (program.folder / "out").rglob("*") if file.is_file()]
    assert not any(b"spider" in data for data in saved)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_is_wiped_when_the_run_is_ended(program: Program, number: signal.Signals) -> None:
    with on_terminal(program, WAIT) as (child, screen):
        ends = time.monotonic() + 20
        while not any("spider" in row for row in screen.rewritten):
            assert time.monotonic() < ends, screen.rows
            time.sleep(0.02)
        child.send_signal(number)
    rows = "\n".join(screen.rows)
    assert child.returncode == 3
    assert "spider" not in rows
    assert rows.rstrip().splitlines()[-1].startswith("INCOMPLETE"), rows


def test_it_is_wiped_when_its_scanner_dies(program: Program) -> None:
    dies = 'ctx.doing(Doing(what="spider", left_s=9.0))\ntime.sleep(0.3)\nimport os\nos._exit(0)'
    with on_terminal(program, dies) as (child, screen):
        pass
    assert child.returncode == 3
    assert any("spider" in row for row in screen.rewritten)
    assert "spider" not in "\n".join(screen.rows)


@pytest.mark.parametrize(
    ("env", "more", "said"),
    [
        ({"TERM": "dumb"}, (), True),
        ({"CODEBUILD_BUILD_ID": "b:1"}, (), True),
        ({}, ("--quiet",), False),
    ],
    ids=["dumb", "ci", "quiet"],
)
def test_where_it_is_not_rewritten(
    program: Program, env: dict[str, str], more: tuple[str, ...], said: bool
) -> None:
    short = (
        'ctx.doing(Doing(what="spider", left_s=9.0))\n' * 30 + 'ctx.doing(Doing(what="active", left_s=3.0))'
    )
    with on_terminal(program, short, *more, env=env) as (child, screen):
        pass
    assert screen.rewritten == []
    lines = [row for row in screen.rows if row.startswith("probe: ")]
    assert lines == (["probe: spider: 9 s left", "probe: active: 3 s left"] if said else []), screen.rows
    assert child.returncode in (0, 3)
