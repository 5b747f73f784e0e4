"""The same work in another interpreter, whose sets and dictionaries of text have another order.

``python -m devsecops.testing.again`` reads a `Work` from stdin and writes the digest of what came out.
"""

from __future__ import annotations

import os
import subprocess
import sys

import msgspec

from devsecops.canonical import canonical, digest
from devsecops.model import Problem, Value
from devsecops.policy import Policy

_DEADLINE_S = 600.0


class Work(Value, frozen=True, kw_only=True):
    """What to do: scan `files` with a scanner, render the hostile sample in a format, or have it checked."""

    plugin: str
    policy: Policy
    scanner: str | None = None
    files: dict[str, str] = {}
    format: str | None = None
    check: str | None = None
    offline: bool = False


def elsewhere(work: Work) -> str:
    """Return the digest of the work, done in another interpreter; empty when that failed."""
    seed = "2" if os.environ.get("PYTHONHASHSEED") == "1" else "1"
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "devsecops.testing.again"],
            input=msgspec.msgpack.encode(work),
            env={**os.environ, "PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_DEADLINE_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return ""
    return done.stdout.decode("ascii", "replace").strip() if done.returncode == 0 else ""


def here(work: Work) -> str:
    """Do the work and return the digest of what came out."""
    from devsecops.checks import run_checks
    from devsecops.registry import alone, render
    from devsecops.testing.engine import load, run
    from devsecops.testing.sample import sample_report

    loaded = load(work.plugin, policy=work.policy)
    if work.check is not None:
        return digest(canonical(run_checks(alone(loaded.registry, work.check), sample_report())))
    if work.format is None:
        ran = run(loaded, str(work.scanner), work.files, offline=work.offline)
        return digest(canonical(ran.result))
    data = render(loaded.registry, [work.format], sample_report())[work.format]
    return digest(canonical(data) if isinstance(data, Problem) else data)


if __name__ == "__main__":
    print(here(msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Work)))
