"""What became of a process that did not end well, in words."""

from __future__ import annotations

from devsecops.runner import Ended

_WHY = {"deadline": "timeout", "memory": "memory", "output": "output-too-large", "cancelled": "interrupted"}


def story(end: Ended) -> tuple[str, str]:
    """Return (why, one sentence) of a process that did not end well."""
    tail = end.stderr.strip().splitlines()[-1:] or [""]
    said = f": {tail[0][:200]}" if tail[0] else ""
    if end.cause == "not-started":
        return "not-started", f"its tool cannot be started{said}"
    if end.cause == "ended":
        code = end.exit if end.exit is not None else 0
        how = f"by signal {-code}" if code < 0 else f"with exit code {code}"
        return "crashed", f"its tool ended {how}{said}"
    words = {
        "deadline": f"its tool was ended after {end.seconds:.0f} s",
        "memory": f"its tool used {end.peak_mb:.0f} MB of memory",
        "output": "its tool wrote more than it may",
        "cancelled": "its tool was cancelled",
    }
    return _WHY[end.cause], words[end.cause]
