"""Make the facts of the advisories and the embedded index.

    python scripts/build_advisories.py --from all.zip     reads OSV records, writes both files
    python scripts/build_advisories.py                    rebuilds the index from the facts

`all.zip` is OSV's export of PyPI, or a folder with its records.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "plugins")]

FACTS = ROOT / "tests/data/osv-pypi.json.xz"
INDEX = ROOT / "plugins/devsecops_advisories/index.bin"


def index_of(facts: bytes) -> bytes:
    """Return the embedded index for the facts of its records."""
    from devsecops_advisories.build import build_part
    from devsecops_advisories.index import write
    from devsecops_advisories.records import read_facts

    return write({"PyPI": build_part("PyPI", read_facts(facts))})


def main() -> int:
    """Write the files; return 0."""
    parser = argparse.ArgumentParser(description="Make the facts of the advisories and the embedded index.")
    parser.add_argument("--from", dest="source", metavar="ZIP|FOLDER", help="OSV records of PyPI")
    args = parser.parse_args()
    if args.source:
        import time

        from devsecops_advisories.fetch import read_source
        from devsecops_advisories.records import write_facts

        records = read_source(args.source, time.monotonic() + 600)
        FACTS.write_bytes(write_facts(r for r in records if any(a.ecosystem == "PyPI" for a in r.affected)))
    index = index_of(FACTS.read_bytes())
    INDEX.write_bytes(index)
    print(f"{FACTS.name}: {FACTS.stat().st_size:,} bytes; {INDEX.name}: {len(index):,} bytes")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
