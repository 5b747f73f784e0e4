"""The program's own start: CPU of `devsecops --help` against a bare `python -c pass`, taken in turns.

    python benchmarks/speed.py [--rounds 25] [PROGRAM]

PROGRAM is the installed `devsecops` (default: the one beside this Python). Ratios of medians. Exit 1 when
over the bar.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
from pathlib import Path

BAR = 4.0
SHOWN = (["--help"], ["--version"], ["scan", "--help"])
"""The first is held to the bar, the others are told."""


def cpu_seconds(argv: list[str]) -> float:
    """Return the CPU seconds, user and system, of one process that writes to nowhere."""
    nowhere = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in (0, 1, 2)]
    pid = os.posix_spawn(argv[0], argv, {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}, file_actions=nowhere)
    _, status, used = os.wait4(pid, 0)
    if status != 0:
        raise RuntimeError(f"{argv} ended with {os.waitstatus_to_exitcode(status)}")
    return used.ru_utime + used.ru_stime


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("program", nargs="?", default=str(Path(sys.executable).with_name("devsecops")))
    args = parser.parse_args()
    python = str(Path(args.program).with_name("python"))
    runs = {"python -c pass": [python, "-c", "pass"]}
    runs |= {f"devsecops {' '.join(words)}": [python, args.program, *words] for words in SHOWN}
    times: dict[str, list[float]] = {name: [] for name in runs}
    for argv in runs.values():
        cpu_seconds(argv)  # once for the bytecode and the page cache
    for _ in range(args.rounds):
        for name, argv in runs.items():
            times[name].append(cpu_seconds(argv))
    middle = {name: statistics.median(taken) for name, taken in times.items()}
    bare = middle["python -c pass"]
    for name, seconds in middle.items():
        print(f"{name:24} {seconds * 1000:6.1f} ms CPU  {seconds / bare:4.1f} x")
    ratio = middle["devsecops --help"] / bare
    print(f"devsecops --help: {ratio:.1f} x bare Python, bar {BAR:.0f} x")
    return 0 if ratio <= BAR else 1


if __name__ == "__main__":
    sys.exit(main())
