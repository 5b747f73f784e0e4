from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from devsecops.processes import parse_stat, read_process, table
from devsecops.runner import MARK, Ended, Job, Runner

FAKE = Path(__file__).parent.parent / "fakes" / "tool.py"
Make = Callable[..., Job]


@pytest.fixture
def runner() -> Iterator[Runner]:
    made = Runner(redact=lambda text: text.replace("hunter2", "***"))
    yield made
    made.close()


@pytest.fixture
def job(tmp_path: Path) -> Make:
    def make(
        *arguments: object,
        key: str = "one",
        argv: tuple[str, ...] | None = None,
        deadline_s: float = 60.0,
        memory_mb: int = 1024,
        output_mb: int = 8,
        env: dict[str, str] | None = None,
        cwd: Path = tmp_path,
        secrets: tuple[str, ...] = (),
    ) -> Job:
        return Job(
            key=key,
            argv=argv or (sys.executable, "-I", str(FAKE), *map(str, arguments)),
            cwd=cwd,
            env=env or {},
            stdout=tmp_path / f"{key}.out",
            stderr=tmp_path / f"{key}.err",
            deadline_s=deadline_s,
            memory_mb=memory_mb,
            output_mb=output_mb,
            secrets=secrets,
        )

    return make


def finish(runner: Runner, limit_s: float = 30.0) -> list[Ended]:
    """Wait as the core does: on the descriptor, or until the next look is due."""
    ended: list[Ended] = []
    end = time.monotonic() + limit_s
    while runner.running and time.monotonic() < end:
        select.select([runner.wakeup_fd], [], [], runner.next_poll_s())
        ended += runner.poll()
    assert runner.running == 0, "it did not end in time"
    return ended


def marked(key: str) -> list[int]:
    """Return the live processes that were started for a job."""
    found = []
    for process in table().values():
        try:
            environ = Path(f"/proc/{process.pid}/environ").read_bytes()
        except OSError:
            continue
        if process.alive and f"{MARK}={key}".encode() in environ.split(b"\0"):
            found.append(process.pid)
    return found


def children() -> list[int]:
    return [p.pid for p in table().values() if p.parent == os.getpid()]


def wait_until(true: Callable[[], object], limit_s: float = 10.0) -> None:
    end = time.monotonic() + limit_s
    while not true():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.01)


def test_a_hang_that_ignores_term_ends_with_its_whole_tree(runner: Runner, job: Make) -> None:
    runner.start(job("hang", key="hang-1", deadline_s=0.6))
    began = time.monotonic()
    (ended,) = finish(runner)
    assert (ended.cause, ended.exit) == ("deadline", -signal.SIGKILL)
    assert time.monotonic() - began < 6
    assert "grandchild" in ended.job.stdout.read_text()
    assert marked("hang-1") == []


def test_what_a_tool_leaves_behind_is_ended_before_it_is_reported(runner: Runner, job: Make) -> None:
    runner.start(job("orphan", key="orphan-1"))
    (ended,) = finish(runner)
    assert (ended.cause, ended.exit) == ("ended", 0)
    assert marked("orphan-1") == []


def test_an_orphan_without_a_mark_is_ended_with_the_last_tool(runner: Runner, job: Make) -> None:
    before = set(children())
    runner.start(job("orphan", "clean"))
    finish(runner)
    assert set(children()) <= before


def test_children_that_others_started_are_left_alone(runner: Runner, job: Make) -> None:
    worker = subprocess.Popen(["/bin/sleep", "600"], start_new_session=True)
    helper = subprocess.Popen(["/bin/sleep", "600"])
    runner.protect(worker.pid)
    try:
        runner.start(job("orphan", "clean"))
        finish(runner)
        runner.close()
        assert (worker.poll(), helper.poll()) == (None, None)
    finally:
        worker.kill()
        helper.kill()
        worker.wait()
        helper.wait()


@pytest.mark.parametrize("stream", [1, 2])
def test_output_stops_at_its_cap(runner: Runner, job: Make, stream: int) -> None:
    runner.start(job("flood", 200, stream, output_mb=4))
    (ended,) = finish(runner)
    assert ended.cause == "output"
    assert (ended.job.stdout, ended.job.stderr)[stream - 1].stat().st_size <= 4 << 20


def test_the_memory_of_the_whole_tree_is_watched(runner: Runner, job: Make) -> None:
    runner.start(job("memory", 200, key="memory-1", memory_mb=120))
    (ended,) = finish(runner)
    assert ended.cause == "memory"
    assert ended.peak_mb > 120
    assert marked("memory-1") == []


@pytest.mark.parametrize(("code", "seen"), [(0, 0), (1, 1), (137, -9), (139, -11)])
def test_the_exit_is_told_as_it_was(runner: Runner, job: Make, code: int, seen: int) -> None:
    runner.start(job("exit_with", code))
    (ended,) = finish(runner)
    assert (ended.cause, ended.exit) == ("ended", seen)


def test_what_cannot_be_started_is_told_by_poll(runner: Runner, job: Make, tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.write_text("#!/bin/sh\n")
    empty = tmp_path / "empty"
    empty.touch(mode=0o755)
    link = tmp_path / "linked.out"
    link.symlink_to(tmp_path / "elsewhere")
    runner.start(job(key="missing", argv=(str(tmp_path / "missing"),)))
    runner.start(job(key="plain", argv=(str(plain),)))
    runner.start(job(key="empty", argv=(str(empty),)))
    runner.start(job(key="relative", argv=("sh", "-c", "true")))
    runner.start(job("exit_with", 0, key="nowhere", cwd=tmp_path / "nowhere"))
    runner.start(job("exit_with", 0, key="linked"))
    assert select.select([runner.wakeup_fd], [], [], 0)[0]
    ended = finish(runner)
    keys = ["missing", "plain", "empty", "relative", "nowhere", "linked"]
    assert [e.job.key for e in ended] == keys
    assert {(e.cause, e.exit) for e in ended} == {("not-started", None)}
    assert all(e.stderr for e in ended)
    assert not (tmp_path / "elsewhere").exists()


def test_hundreds_of_quick_tools_leave_no_descriptor_and_no_zombie(runner: Runner, job: Make) -> None:
    descriptors = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    before = set(children())
    done = 0
    for turn in range(50):
        for number in range(4):
            runner.start(job(key=f"{turn}-{number}", argv=("/bin/true",)))
        done += sum(ended.exit == 0 for ended in finish(runner))
    assert done == 200
    assert len(os.listdir("/proc/self/fd")) == descriptors  # noqa: PTH208
    assert set(children()) <= before


def test_a_tool_gets_nothing_of_our_environment(
    runner: Runner, job: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in (
        "AWS_SECRET_ACCESS_KEY",
        "CODEBUILD_BUILD_ID",
        "PYTHONPATH",
        "GIT_DIR",
        "HOME",
        "PIP_INDEX_URL",
    ):
        monkeypatch.setenv(name, "ours")
    argv = ("/usr/bin/env", "-0")
    runner.start(job(argv=argv, env={"HOME": str(tmp_path), "TMPDIR": str(tmp_path)}))
    runner.start(job("environment", key="two"))
    finish(runner)
    seen = dict(pair.split("=", 1) for pair in (tmp_path / "one.out").read_text().rstrip("\0").split("\0"))
    fixed = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC"}
    assert seen == fixed | {"HOME": str(tmp_path), "TMPDIR": str(tmp_path), MARK: "one"}
    two = json.loads((tmp_path / "two.out").read_text())
    assert two["env"]["HOME"] == "/nonexistent"
    assert (two["cwd"], two["stdin"]) == (str(tmp_path), "")


def test_stderr_is_redacted_visible_and_short(runner: Runner, job: Make) -> None:
    runner.start(job("say", "x" * 6000 + "\x1b[2J password hunter2\u202e"))
    (ended,) = finish(runner)
    assert len(ended.stderr) <= 4000
    assert ended.stderr.endswith("\\x1b[2J password ***\\u202e\n")


def test_without_redaction_nothing_of_stderr_is_kept(job: Make) -> None:
    runner = Runner()
    try:
        runner.start(job("say", "hunter2"))
        assert finish(runner)[0].stderr == ""
    finally:
        runner.close()


def test_a_stream_that_the_tool_replaced_is_not_followed(runner: Runner, job: Make, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("what nobody may quote")
    runner.start(job("swap", tmp_path / "one.err", outside))
    (ended,) = finish(runner)
    assert ended.stderr == "the first word\n"


def test_cpu_counts_children_that_were_waited_for(runner: Runner, job: Make) -> None:
    runner.start(job("burn", 0.3))
    (ended,) = finish(runner)
    assert 0.3 <= ended.cpu_seconds < 2


def test_cancel_and_close_end_what_runs(job: Make) -> None:
    handler = signal.getsignal(signal.SIGCHLD)
    runner = Runner(redact=str)
    runner.start(job("sleep", key="cancel-1"))
    runner.cancel("cancel-1")
    (ended,) = finish(runner)
    assert ended.cause == "cancelled"
    runner.start(job("hang", key="close-1"))
    wait_until(lambda: "leader" in (ended.job.stdout.parent / "close-1.out").read_text())
    runner.close()
    runner.close()
    assert marked("close-1") == []
    assert signal.getsignal(signal.SIGCHLD) == handler


def test_sigkill_of_our_own_process_takes_the_tool_with_it(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from devsecops.runner import Job, Runner\n"
        "runner = Runner(redact=str); at = Path(sys.argv[1])\n"
        "runner.start(Job(key='k', argv=(sys.executable, '-I', sys.argv[2], 'sleep'), cwd=at, env={},\n"
        "    stdout=at / 'out', stderr=at / 'err', deadline_s=600, memory_mb=512, output_mb=8))\n"
        "time.sleep(600)\n"
    )
    core = subprocess.Popen([sys.executable, "-c", code, str(tmp_path), str(FAKE)])
    try:
        wait_until(lambda: (tmp_path / "out").exists() and (tmp_path / "out").read_text().endswith("\n"))
        tool = int((tmp_path / "out").read_text())
    finally:
        core.kill()
        core.wait()
    wait_until(lambda: (left := read_process(tool)) is None or not left.alive)


def test_a_process_name_may_hold_spaces_and_parentheses() -> None:
    line = b"42 (a) R (b ) S 7 42 41 0 -1 0 0 0 0 0 0 0 0 0 20 0 3 0 998877 4096 5 0 0\n"
    process = parse_stat(line)
    assert (process.pid, process.state, process.parent, process.group) == (42, "S", 7, 42)
    assert (process.session, process.start, process.threads) == (41, 998877, 3)
    assert process.resident == 5 * os.sysconf("SC_PAGE_SIZE")


def test_a_line_that_is_no_stat_line_is_refused() -> None:
    with pytest.raises(ValueError, match="too few"):
        parse_stat(b"42 (cut) S 7\n")


def test_a_secret_that_it_was_given_is_not_kept(runner: Runner, job: Make) -> None:
    code = "import sys; print('x' * 5000, 'key is plain-word-7, or plain-word.', file=sys.stderr)"
    argv = (sys.executable, "-I", "-c", code)
    runner.start(job(argv=argv, secrets=("plain-word", "plain-word-7", "")))
    (ended,) = finish(runner)
    assert ended.stderr.rstrip().endswith("key is ***, or ***.")
