"""500 pins against the embedded index: load and match, median of 15 runs.

    python benchmarks/advisories.py

Half of the pins are versions with advisories, half are names without any. Exit 1 when over the bar.
"""

from __future__ import annotations

import json
import lzma
import statistics
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "plugins")]

BAR_MS = 50.0


def pins() -> list[tuple[str, str]]:
    records = json.loads(lzma.decompress((ROOT / "tests/data/osv-pypi.json.xz").read_bytes()))
    known = {a["name"]: a["versions"][-1] for r in records for a in r["affected"] if a.get("versions")}
    vulnerable = [(name, known[name]) for name in sorted(known)][:250]
    return vulnerable + [(f"{name}-unknown", version) for name, version in vulnerable]


def main() -> int:
    from devsecops_advisories.index import embedded_path, load
    from devsecops_advisories.match import Matcher
    from devsecops_advisories.versions import _pep440

    wanted, times, hits = pins(), [], 0
    load("9999-12-31", embedded_path())
    for _ in range(15):
        _pep440.cache_clear()
        start = time.perf_counter()
        matcher = Matcher(load("9999-12-31", embedded_path()))
        hits = sum(len(matcher.hits("PyPI", name, version)) for name, version in wanted)
        times.append(1000 * (time.perf_counter() - start))
    middle = statistics.median(times)
    print(f"{len(wanted)} pins, {hits} hits: {middle:.1f} ms (median; bar {BAR_MS:.0f} ms)")
    return 0 if middle <= BAR_MS else 1


if __name__ == "__main__":
    raise SystemExit(main())
