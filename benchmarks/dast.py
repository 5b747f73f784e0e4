"""What devsecops adds to ZAP's own work: whole scans beside the same daemon driven by a script.

    python -m benchmarks.dast [--runs 5] [--delay MS] [--cache FOLDER] [--only small|long|first]

Both scan the same service in turns, with a fresh ZAP each time; the time in which it boots counts for
neither. A figure is the median of the paired differences. Ends with 1 when a bar is missed or when one
found what the other did not. The program is $DEVSECOPS_BIN, or the one beside this Python.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from devsecops_zap.daemon import Daemon, free_port
from tests.conftest import clean_environment
from tests.e2e.program import Program
from tests.targets.serving import Handler, of_handler, running
from tests.zap import making
from tests.zap.scanning import NEW, Going, found, start, write_policy
from tests.zap.starting import Starter

URLS = ("/search?q=lamp", "/products?name=lamp", "/files?name=readme.txt", "/go?to=/")
THREADS, STRENGTH = 2, "medium"
MOST_SHARE, MOST_SMALL_S = 0.05, 1.0
WAIT_S = 20.0
HAND = Path(__file__).with_name("dast_by_hand.py")
Found = set[tuple[str, str, str]]


class Bench:
    """The ZAP, the rules and the program of all runs."""

    def __init__(self, folder: Path, cache: Path) -> None:
        self.folder, self.cache = folder, cache
        self.binary = Path(os.environ.get("DEVSECOPS_BIN") or Path(sys.executable).parent / "devsecops")
        os.environ["DEVSECOPS_CACHE"] = str(cache)
        for version in making.VERSIONS:
            making.sync(self.binary, version, cache, folder)
        self.rules = making.compile_rules(cache)
        self.zap = making.made(NEW, cache, self.rules)
        self.number = 0
        self.controls: list[float] = []
        """Seconds that the controls took: a part of our time."""

    def place(self) -> Path:
        """Return a new folder."""
        self.number += 1
        made = self.folder / f"run-{self.number}"
        made.mkdir()
        return made

    def begin(self, target: str, urls: tuple[str, ...], delay_ms: int, *more: str) -> Going:
        """Start a scan by the program."""
        place = self.place()
        program = Program(self.binary, place, clean_environment(place / "home", self.cache))
        policy = write_policy(
            place, NEW, self.rules, target,
            target=f"attackable = true\nurls = {json.dumps(urls)}",
            more=f'preset = "nightly"\nthreads = {THREADS}\ndelay_ms = {delay_ms}\nstrength = "{STRENGTH}"',
        )  # fmt: skip
        return start(program, policy, target, *more)

    def ours(self, target: str, urls: tuple[str, ...], delay_ms: int) -> tuple[float, Found]:
        """Scan by the program; return seconds without the boot, and what was found."""
        going = self.begin(target, urls, delay_ms)
        going.hears("zap: starting ZAP")
        boots = time.monotonic()
        going.hears(f"zap: ZAP {NEW}: ")
        boot = time.monotonic() - boots
        going.hears("zap: control: ")
        controls = time.monotonic()
        going.hears("zap: seed: ")
        self.controls.append(time.monotonic() - controls)
        done = going.end(1_000.0)
        if done.code not in (0, 1):
            raise SystemExit(f"the scan came to no verdict:\n{done}")
        return done.seconds - boot, {(rule, method, param) for rule, method, _, param in found(done)}

    def by_hand(self, target: str, urls: tuple[str, ...], delay_ms: int) -> tuple[float, Found]:
        """Scan by the script."""
        place = self.place()
        with Daemon(self.zap, place / "zap", Starter(place), hosts={}, heap_mb=512) as daemon:
            daemon.ready(time.monotonic() + 90)
            asked = [daemon.url, daemon._key, target, THREADS, delay_ms, STRENGTH, urls]
            began = time.monotonic()
            done = subprocess.run(
                [sys.executable, HAND, json.dumps(asked)], capture_output=True, text=True, check=False
            )
            seconds = time.monotonic() - began
        if done.returncode:
            raise SystemExit(f"the script failed:\n{done.stderr}")
        return seconds, {tuple(one) for one in json.loads(done.stdout)}

    def pairs(self, name: str, urls: tuple[str, ...], delay_ms: int, runs: int) -> tuple[float, float, bool]:
        """Scan in turns; return median difference, the script's median, and whether both found the same."""
        rows: list[tuple[float, float]] = []
        same = True
        for turn in range(runs):
            with target() as origin:
                ways = [self.ours, self.by_hand] if turn % 2 == 0 else [self.by_hand, self.ours]
                took = {way.__name__: way(origin, urls, delay_ms) for way in ways}
            (mine, found_mine), (hand, found_hand) = took["ours"], took["by_hand"]
            same = same and found_mine == found_hand
            rows.append((mine, hand))
            print(f"  {name}: devsecops {mine:.2f} s, script {hand:.2f} s", flush=True)
            if found_mine != found_hand:
                print(f"    found by one only: {sorted(found_mine ^ found_hand)}")
        return statistics.median(a - b for a, b in rows), statistics.median(b for _, b in rows), same

    def first_request(self) -> float:
        """Return the seconds from a deployment that took 20 s to ZAP's first request to the target."""
        seen: list[float] = []

        class Late(Handler):
            def respond(self) -> None:
                if self.path.startswith("/first"):
                    seen.append(time.monotonic())
                self.answer(200, "<html><body>hello</body></html>")

        port = free_port()
        up: list[float] = []

        def deploy() -> None:
            time.sleep(WAIT_S)
            up.append(time.monotonic())
            with running(of_handler(Late, None, port)):
                over.wait()

        over = threading.Event()
        thread = threading.Thread(target=deploy, daemon=True)
        thread.start()
        going = self.begin(f"http://127.0.0.1:{port}", ("/first?x=1",), 0, "--wait=2m")
        going.end(300.0)
        over.set()
        thread.join(5)
        return seen[0] - up[0]


@contextmanager
def target() -> Iterator[str]:
    """Run the service in a process of its own; give its origin."""
    command = [sys.executable, "-m", "tests.targets.vulnerable"]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout is not None
        yield f"http://127.0.0.1:{child.stdout.readline().split()[0]}"
    finally:
        child.kill()
        child.communicate()


def main() -> int:
    """Measure and print; return 1 when a bar is missed."""
    parser = argparse.ArgumentParser(description="What devsecops adds to ZAP's own work.")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument(
        "--delay", type=int, default=1150, help="milliseconds before each request of the long scan"
    )
    parser.add_argument("--cache", type=Path, help="a tool cache to use again")
    parser.add_argument("--only", choices=("small", "long", "first"))
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="devsecops-dast-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        bench = Bench(folder, args.cache.absolute() if args.cache else folder / "cache")
        missed = False
        if args.only in (None, "small"):
            more, alone, same = bench.pairs("small", URLS[:1], 0, args.runs)
            print(f"smallest: script {alone:.1f} s, devsecops {more:+.2f} s; same findings: {same}")
            missed |= more > MOST_SMALL_S or not same
        if args.only in (None, "long"):
            more, alone, same = bench.pairs("long", URLS, args.delay, args.runs)
            print(
                f"long: script {alone:.1f} s, devsecops {more:+.2f} s ({more / alone:+.1%}); "
                f"same findings: {same}"
            )
            missed |= more > MOST_SHARE * alone or not same
        if bench.controls:
            print(f"of it the control: {statistics.median(bench.controls):.2f} s")
        if args.only in (None, "first"):
            print(f"first request after a deployment of {WAIT_S:.0f} s: {bench.first_request():.1f} s")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
