"""A tool that misbehaves: ``tool.py MODE [ARGUMENT...]``. Standard library only; needs nothing around it."""

import json
import os
import signal
import sys
import time


def hang() -> None:
    """Ignore TERM, and leave a child in a session of its own that holds stdout and ignores it too."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            print("grandchild", os.getpid(), flush=True)
            time.sleep(600)
        os._exit(0)
    print("leader", os.getpid(), flush=True)
    time.sleep(600)


def orphan(clean: str = "") -> None:
    """End at once and leave an orphan in a session of its own; with ``clean`` one without a mark."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            if clean:
                os.execve("/bin/sleep", ["sleep", "600"], {})
            time.sleep(600)
        os._exit(0)
    os.wait()


def flood(megabytes: str, stream: str = "1") -> None:
    """Write without end in sight."""
    block = b"x" * (1 << 20)
    for _ in range(int(megabytes)):
        os.write(int(stream), block)


def memory(megabytes: str) -> None:
    """Hold resident memory, in a child."""
    if os.fork() == 0:
        held = bytearray(int(megabytes) << 20)
        held[:: 1 << 12] = b"x" * len(held[:: 1 << 12])
        time.sleep(600)
    os.wait()


def environment() -> None:
    print(json.dumps({"env": dict(os.environ), "cwd": os.getcwd(), "stdin": sys.stdin.read()}))  # noqa: PTH109


def exit_with(code: str) -> None:
    if int(code) > 128:
        os.kill(os.getpid(), int(code) - 128)
    sys.exit(int(code))


def burn(seconds: str) -> None:
    """Use CPU in a child that is waited for."""
    if os.fork() == 0:
        while time.process_time() < float(seconds):
            pass
        os._exit(0)
    os.wait()


def say(text: str) -> None:
    print(text, file=sys.stderr)


def swap(path: str, target: str) -> None:
    """Put a link in the place of a stream's file."""
    print("the first word", file=sys.stderr, flush=True)
    os.unlink(path)  # noqa: PTH108
    os.symlink(target, path)  # noqa: PTH211


def sleep() -> None:
    print(os.getpid(), flush=True)
    time.sleep(600)


if __name__ == "__main__":
    {f.__name__: f for f in (hang, orphan, flood, memory, environment, exit_with, burn, say, swap, sleep)}[
        sys.argv[1]
    ](*sys.argv[2:])
